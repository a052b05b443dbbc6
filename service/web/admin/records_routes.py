"""The addresses of events and collections in the editors' room."""

from service.domain.editor import Role
from service.web.admin import collections_pages, event_letter, event_pages, event_versions, events_list, imports
from service.web.admin.access import Seat

_MOST = 2 * 1024 * 1024  # a record in every language, a file of events

SEATS: tuple[Seat, ...] = (
    Seat("/admin/events", events_list.listed, Role.VIEWER),
    Seat("/admin/events/{id}", event_pages.opened, Role.VIEWER),
    Seat("/admin/events/{id}", event_pages.typed, Role.EDITOR, "POST", most_bytes=_MOST),
    Seat("/admin/events/{id}/look", event_pages.looked_at, Role.EDITOR, "POST", most_bytes=_MOST),
    Seat("/admin/events/{id}/letter", event_letter.shown, Role.VIEWER),
    Seat("/admin/events/{id}/versions", event_versions.listed, Role.VIEWER),
    Seat("/admin/events/{id}/versions", event_versions.changed, Role.EDITOR, "POST"),
    Seat("/admin/collections", collections_pages.listed, Role.VIEWER),
    Seat("/admin/new-collection", collections_pages.opened_new, Role.EDITOR),
    Seat("/admin/new-collection", collections_pages.saved_new, Role.EDITOR, "POST"),
    Seat("/admin/collections/{id}", collections_pages.opened, Role.VIEWER),
    Seat("/admin/collections/{id}", collections_pages.saved, Role.EDITOR, "POST"),
    Seat("/admin/collections/{id}/new", event_pages.opened_new, Role.EDITOR),
    Seat("/admin/collections/{id}/new", event_pages.typed_new, Role.EDITOR, "POST", most_bytes=_MOST),
    Seat("/admin/collections/{id}/new/look", event_pages.looked_at_new, Role.EDITOR, "POST", most_bytes=_MOST),
    Seat("/admin/collections/{id}/new/letter", event_letter.shown_new, Role.EDITOR),
    Seat("/admin/collections/{id}/export.{form}", collections_pages.exported, Role.VIEWER),
    Seat("/admin/import", imports.opened, Role.EDITOR),
    Seat("/admin/import", imports.sent, Role.EDITOR, "POST", most_bytes=_MOST),
)
