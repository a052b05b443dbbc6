"""Who may enter which page of the editors' room: the session's cookie, and the role that a page needs.

A page that does what cannot be undone sits on a `fresh` seat: whoever has not shown for ten minutes who they are is
asked to, and then their form goes on as it was. A page that decides for itself asks `needs_proof`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from service.domain.editor import Role
from service.store import audit
from service.store.sessions import Session
from service.web.admin import kept
from service.web.admin.doors import ENTER, at_the_door
from service.web.admin.holder import cookie_name, editor_of, keep, let_go, session_of, show
from service.web.admin.proving import PROVE, asks, needs_proof, renewed, tried
from service.web.pages import pages_of, site_of

__all__ = [
    "ENTER",
    "FACTORS",
    "ROOM_BYTES",
    "Page",
    "Seat",
    "cookie_name",
    "editor_of",
    "keep",
    "let_go",
    "needs_proof",
    "session_of",
    "show",
]

Page = Callable[[Request], Awaitable[Response]]
ROOM_BYTES = 1024 * 1024  # what a form may bring that comes with a session's cookie
FACTORS = "/admin/you/second"


@dataclass(frozen=True, slots=True)
class Seat:
    """An address of the room: which page answers, and the least role that may ask; None for everybody.

    `fresh`: only to who showed within ten minutes who they are. `most_bytes`: how long a body may be, if it is to be
    longer than a megabyte. `before_factor`: also to who has yet to set up the second factor that their role needs.
    """

    path: str
    page: Page
    role: Role | None
    method: str = "GET"
    fresh: bool = False
    most_bytes: int = ROOM_BYTES
    before_factor: bool = False

    def route(self) -> Route:
        """Give the route, guarded."""
        guarded = self.page if self.role is None else _guarded(self, self.role)
        return Route(self.path, guarded, methods=[self.method], name=f"{self.method} {self.path}")


def _guarded(seat: Seat, role: Role) -> Page:
    """Let a page answer only to a whole session of at least a role; a refusal stands in the audit (case 114)."""

    async def answer(request: Request) -> Response:
        session = await session_of(request)
        if session is None or not session.complete:
            return await at_the_door(request)
        request.state.session = session
        if session.editor.role < role:
            return await _refused(request, session, role)
        if session.editor.needs_factor and not seat.before_factor:
            return pages_of(request).go(request, FACTORS)
        if seat.fresh and needs_proof(request):
            return await _proved_first(request, session, seat.page)
        return await seat.page(request)

    answer.__name__ = getattr(seat.page, "__name__", "page")
    return answer


async def _refused(request: Request, session: Session, role: Role) -> Response:
    site = site_of(request)
    async with site.store.write() as tx:
        subject = f"{request.method} {request.url.path}"[:400]
        await audit.note(tx, session.editor, "refused", subject, site.clock(), {"needs": role.code})
    return show(request, "admin/refused.html", {"needs": role}, status=403)


async def _proved_first(request: Request, session: Session, page: Page) -> Response:
    """Ask who it is before a page answers; a form goes on by itself with the proof, as it was."""
    if request.method in {"GET", "HEAD"}:
        where = f"{PROVE}?{kept.encoded([('next', kept.address_of(request))]).decode()}"
        return RedirectResponse(kept.written_out(site_of(request), where), 303)
    form = await kept.room_form(request)
    if not kept.PROOF & set(form.keys()):
        return await asks(request, session, await kept.kept_of(request))
    error = await tried(request, session, form)
    if error:
        return await asks(request, session, await kept.kept_of(request), error=error, status=422)
    await form.close()
    secret, fresh = await renewed(request, session)
    going_on = kept.sent_again(request, form)
    going_on.state.session = fresh
    response = await page(going_on)
    keep(response, site_of(request), secret)
    return response
