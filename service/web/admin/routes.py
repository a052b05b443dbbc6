"""The editors' room by address: one line a page, with the least role that may ask for it."""

from starlette.requests import Request
from starlette.routing import Match, Route

from service.domain.editor import Role
from service.web.admin import entering, proving
from service.web.admin.access import ENTER, Seat, cookie_name
from service.web.admin.doors import SECOND
from service.web.admin.proving import PROVE
from service.web.admin.templates_routes import SEATS as TEMPLATES
from service.web.given import Site

_OPEN: tuple[Seat, ...] = (
    Seat(ENTER, entering.shown, None),
    Seat(ENTER, entering.entered, None, "POST", most_bytes=2 * 1024 * 1024),
    Seat(SECOND, entering.second_shown, None),
    Seat(SECOND, entering.second_given, None, "POST", most_bytes=2 * 1024 * 1024),
    Seat("/admin/enter/passkey", entering.passkey_given, None, "POST", most_bytes=2 * 1024 * 1024),
    Seat("/admin/leave", entering.left, None, "POST"),
    Seat(PROVE, proving.asked, Role.VIEWER, before_factor=True),
    Seat(PROVE, proving.given, Role.VIEWER, "POST", before_factor=True),
)

SEATS: tuple[Seat, ...] = (*_OPEN, *TEMPLATES)


def routes() -> list[Route]:
    """Give the routes of the room, each guarded."""
    return [seat.route() for seat in SEATS]


def most_bytes(request: Request, site: Site) -> int | None:
    """Say how long a body may be that comes to the room with a session's cookie; None for any other request."""
    if not request.url.path.startswith("/admin/") or not request.cookies.get(cookie_name(site)):
        return None
    found = [seat.most_bytes for seat, route in _ROUTES if route.matches(request.scope)[0] is Match.FULL]
    return found[0] if found else None


_ROUTES = [(seat, seat.route()) for seat in SEATS if seat.method == "POST"]
