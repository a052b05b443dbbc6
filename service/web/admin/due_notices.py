"""One notice with everything that became of it; of its reader's address, what is behind the @."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from service.actions import posting
from service.domain.editor import Role
from service.domain.errors import InvalidError, NotFoundError
from service.domain.notice import State
from service.domain.standing import without_addresses
from service.rendering.messages import message
from service.rendering.standing_words import known_words, moment
from service.store import status
from service.web.admin.holder import editor_of, show
from service.web.admin.kept import room_form
from service.web.forms import text
from service.web.pages import pages_of, site_of

NOTICES = "/admin/notices"
_RELEASED = message("The letter is on its way again.")


async def shown(request: Request) -> Response:
    """Show a notice."""
    return await _page(request)


async def released(request: Request) -> Response:
    """Let a notice go on that is held or set aside."""
    site, editor = site_of(request), editor_of(request)
    form = await room_form(request)
    id_ = request.path_params["id"]
    try:
        async with site.store.write() as tx:
            await posting.release_for(tx, editor, id_, text(form, "why"), site.clock())
    except InvalidError as error:
        return await _page(request, errors={"why": str(error)})
    site.wake()
    return pages_of(request).go(request, f"{NOTICES}/{id_}", done="1")


async def _page(request: Request, *, errors: dict[str, str] | None = None) -> Response:
    site, editor = site_of(request), editor_of(request)
    language = pages_of(request).language(request, editor.language)
    async with site.store.read() as tx:
        found = await status.history(tx, request.path_params["id"])
    if found is None:
        raise NotFoundError
    is_aside = found.line.state in {State.HELD, State.QUARANTINE} and not found.edition.stopped_at
    page: dict[str, Any] = {
        "found": found,
        "may_release": editor.role >= Role.APPROVER and is_aside and found.expires_at > site.clock(),
        "moment": lambda at: moment(at, language),
        "known": lambda said: known_words(said, language),
        "hidden": without_addresses,
        "errors": errors or {},
        "said": language.text(_RELEASED) if request.query_params.get("done") and not errors else "",
    }
    return show(request, "admin/notice.html", page, status=422 if errors else 200)
