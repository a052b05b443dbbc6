"""Who may enter which page of the editors' room: the session's cookie, and the role that a page needs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.domain.editor import Editor, Role
from service.store import audit, sessions
from service.store.sessions import Session
from service.web.given import Site
from service.web.pages import pages_of, site_of

Page = Callable[[Request], Awaitable[Response]]
ENTER = "/admin/enter"


@dataclass(frozen=True, slots=True)
class Seat:
    """An address of the room: which page answers, and the least role that may ask; None for everybody."""

    path: str
    page: Page
    role: Role | None
    method: str = "GET"

    def route(self) -> Route:
        """Give the route, guarded."""
        guarded = self.page if self.role is None else _guarded(self.page, self.role)
        return Route(self.path, guarded, methods=[self.method], name=f"{self.method} {self.path}")


def cookie_name(site: Site) -> str:
    """Give the cookie's name: bound to the host and to TLS (RFC 6265bis, 4.1.3.2) wherever the pages have TLS."""
    return "__Host-editor" if site.origin.startswith("https:") else "editor"


def keep(response: Response, site: Site, secret: str) -> None:
    """Have the browser keep a session's secret until it is closed."""
    secure = site.origin.startswith("https:")
    response.set_cookie(cookie_name(site), secret, path="/", secure=secure, httponly=True, samesite="lax")


def let_go(response: Response, site: Site) -> None:
    """Have the browser forget the session's secret."""
    secure = site.origin.startswith("https:")
    response.delete_cookie(cookie_name(site), path="/", secure=secure, httponly=True, samesite="lax")


async def session_of(request: Request) -> Session | None:
    """Give the session that a request belongs to, whether or not every factor was shown yet."""
    site = site_of(request)
    secret = request.cookies.get(cookie_name(site), "")
    if not secret:
        return None
    now = site.clock()
    async with site.store.read() as tx:
        session = await sessions.of(tx, secret, now)
    if session is not None and sessions.is_to_be_noted(session, now):
        async with site.store.write() as tx:
            await sessions.seen(tx, session, now)
    return session


def editor_of(request: Request) -> Editor:
    """Give the editor for whom a guarded page answers."""
    editor: Editor = request.state.session.editor
    return editor


def show(request: Request, name: str, shown: Mapping[str, Any], *, status: int = 200) -> Response:
    """Give a page of the room to whom it is for: in their language, with `editor` and, if nothing else, no `said`."""
    editor = editor_of(request)
    return pages_of(request).page(
        request, name, {"editor": editor, "said": "", **shown}, status=status, speaks=editor.language
    )


def _guarded(page: Page, role: Role) -> Page:
    """Let a page answer only to a whole session of at least a role; a refusal stands in the audit (case 114)."""

    async def answer(request: Request) -> Response:
        site, pages = site_of(request), pages_of(request)
        session = await session_of(request)
        if session is None or not session.complete:
            return pages.go(request, ENTER, next=request.url.path if request.method == "GET" else "")
        if session.editor.role < role:
            async with site.store.write() as tx:
                subject = f"{request.method} {request.url.path}"[:400]
                await audit.note(tx, session.editor, "refused", subject, site.clock(), {"needs": role.code})
            raise HTTPException(403)
        request.state.session = session
        return await page(request)

    answer.__name__ = getattr(page, "__name__", "page")
    return answer
