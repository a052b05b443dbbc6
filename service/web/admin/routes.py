"""The editors' room by address: one line a page, with the least role that may ask for it."""

from starlette.requests import Request
from starlette.routing import Match, Route

from service.domain.editor import Role
from service.web.admin import done, entering, invited, own_factors, people, proving, tokens, you
from service.web.admin.access import ENTER, FACTORS, Seat, cookie_name
from service.web.admin.done import AUDIT
from service.web.admin.doors import SECOND
from service.web.admin.due_seats import DUE_SEATS
from service.web.admin.own_factors import AUTHENTICATOR, PASSKEYS
from service.web.admin.people import EDITORS
from service.web.admin.proving import PROVE
from service.web.admin.records_routes import SEATS as RECORDS
from service.web.admin.templates_routes import SEATS as TEMPLATES
from service.web.admin.tokens import TOKENS
from service.web.admin.you import YOU
from service.web.given import Site

_OPEN: tuple[Seat, ...] = (
    Seat(ENTER, entering.shown, None),
    Seat(ENTER, entering.entered, None, "POST", most_bytes=2 * 1024 * 1024),
    Seat(SECOND, entering.second_shown, None),
    Seat(SECOND, entering.second_given, None, "POST", most_bytes=2 * 1024 * 1024),
    Seat("/admin/enter/passkey", entering.passkey_given, None, "POST", most_bytes=2 * 1024 * 1024),
    Seat("/admin/leave", entering.left, None, "POST"),
    Seat("/admin/link/{token}", invited.shown, None),
    Seat("/admin/link/{token}", invited.taken, None, "POST"),
    Seat(PROVE, proving.asked, Role.VIEWER, before_factor=True),
    Seat(PROVE, proving.given, Role.VIEWER, "POST", before_factor=True),
)

_YOURS: tuple[Seat, ...] = (
    Seat(YOU, you.shown, Role.VIEWER, before_factor=True),
    Seat(YOU, you.saved, Role.VIEWER, "POST", before_factor=True),
    Seat("/admin/you/password", you.password_changed, Role.VIEWER, "POST", before_factor=True),
    Seat("/admin/you/sessions", you.session_ended, Role.VIEWER, "POST", before_factor=True),
    Seat(FACTORS, own_factors.shown, Role.VIEWER, before_factor=True),
    Seat(AUTHENTICATOR, own_factors.authenticator_set_up, Role.VIEWER, "POST", fresh=True, before_factor=True),
    Seat(f"{AUTHENTICATOR}/remove", own_factors.authenticator_removed, Role.VIEWER, "POST", fresh=True),
    Seat(PASSKEYS, own_factors.passkey_added, Role.VIEWER, "POST", fresh=True, before_factor=True),
    Seat(f"{PASSKEYS}/remove", own_factors.passkey_removed, Role.VIEWER, "POST", fresh=True),
    Seat("/admin/you/codes", own_factors.codes_renewed, Role.VIEWER, "POST", fresh=True),
)

_OWNERS: tuple[Seat, ...] = (
    Seat(EDITORS, people.shown, Role.OWNER),
    Seat(EDITORS, people.invited, Role.OWNER, "POST", fresh=True),
    Seat(f"{EDITORS}/{{id}}", people.changed, Role.OWNER, "POST", fresh=True),
    Seat(TOKENS, tokens.shown, Role.OWNER),
    Seat(TOKENS, tokens.made, Role.OWNER, "POST", fresh=True),
    Seat(f"{TOKENS}/{{id}}", tokens.ended, Role.OWNER, "POST"),
    Seat(AUDIT, done.shown, Role.OWNER),
    Seat(f"{AUDIT}/export", done.exported, Role.OWNER),
)

SEATS: tuple[Seat, ...] = (*_OPEN, *_YOURS, *DUE_SEATS, *RECORDS, *TEMPLATES, *_OWNERS)


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
