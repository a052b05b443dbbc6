"""The templates' addresses: which page answers, and the least role that may ask."""

from service.domain.editor import Role
from service.web.admin import (
    templates,
    templates_history,
    templates_preview,
    templates_publish,
    templates_translations,
)
from service.web.admin.access import Seat

_AT = "/admin/templates"
_LOOK, _WRITE, _PUBLISH = Role.VIEWER, Role.EDITOR, Role.APPROVER

SEATS: tuple[Seat, ...] = (
    Seat(_AT, templates.listed, _LOOK),
    Seat(f"{_AT}/guide", templates.guided, _LOOK),
    Seat(f"{_AT}/days", templates.days, _LOOK),
    Seat(f"{_AT}/languages", templates.added, _WRITE, "POST"),
    Seat(f"{_AT}/translate/{{code}}", templates_translations.translated, _LOOK),
    Seat(f"{_AT}/translate/{{code}}", templates_translations.kept, _WRITE, "POST"),
    Seat(f"{_AT}/translate/{{code}}/publish", templates_translations.published, _PUBLISH, "POST"),
    Seat(f"{_AT}/edition/{{id}}", templates_history.again, _LOOK),
    Seat(f"{_AT}/edition/{{id}}/sent", templates_history.sent_alone, _LOOK),
    Seat(f"{_AT}/edition/{{id}}/again", templates_history.again_alone, _LOOK),
    Seat(f"{_AT}/edit/{{name:path}}", templates.edited, _LOOK),
    Seat(f"{_AT}/history/{{name:path}}", templates_history.history, _LOOK),
    Seat(f"{_AT}/compare/{{name:path}}", templates_history.compared, _LOOK),
    Seat(f"{_AT}/used/{{name:path}}", templates_history.used, _LOOK),
    Seat(f"{_AT}/preview/{{name:path}}", templates_preview.kept, _LOOK),
    Seat(f"{_AT}/preview/{{name:path}}", templates_preview.typed, _WRITE, "POST"),
    Seat(f"{_AT}/findings/{{name:path}}", templates_preview.findings, _WRITE, "POST"),
    Seat(f"{_AT}/check/{{name:path}}", templates.checked, _WRITE, "POST"),
    Seat(f"{_AT}/save/{{name:path}}", templates.saved, _WRITE, "POST"),
    Seat(f"{_AT}/drop/{{name:path}}", templates.dropped, _WRITE, "POST"),
    Seat(f"{_AT}/try/{{name:path}}", templates_publish.tried, _WRITE, "POST"),
    Seat(f"{_AT}/publish/{{name:path}}", templates_publish.published, _PUBLISH, "POST"),
    Seat(f"{_AT}/return/{{name:path}}", templates_history.returned, _PUBLISH, "POST"),
)
