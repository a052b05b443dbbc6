"""Whose a request is: the cookie that holds a session's secret, the session, and the page made for its editor."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from service.actions.entering import Caller
from service.domain.editor import Editor
from service.store import sessions
from service.store.sessions import Session
from service.web.given import Site
from service.web.networks import network_of
from service.web.pages import pages_of, site_of

_BROWSER_SECONDS = 180 * 24 * 3600


def cookie_name(site: Site) -> str:
    """Give the cookie's name: bound to the host and to TLS (RFC 6265bis, 4.1.3.2) wherever the pages have TLS."""
    return "__Host-editor" if _secure(site) else "editor"


def browser_cookie_name(site: Site) -> str:
    """Give the name of the cookie by which a browser is known in which somebody signed in before."""
    return "__Host-editors-browser" if _secure(site) else "editors-browser"


def keep(response: Response, site: Site, secret: str) -> None:
    """Have the browser keep a session's secret until it is closed."""
    response.set_cookie(cookie_name(site), secret, path="/", secure=_secure(site), httponly=True, samesite="lax")


def keep_browser(response: Response, site: Site, known: str) -> None:
    """Have the browser keep by what it is known."""
    name, age = browser_cookie_name(site), _BROWSER_SECONDS
    response.set_cookie(name, known, max_age=age, path="/", secure=_secure(site), httponly=True, samesite="lax")


def let_go(response: Response, site: Site) -> None:
    """Have the browser forget the session's secret."""
    response.delete_cookie(cookie_name(site), path="/", secure=_secure(site), httponly=True, samesite="lax")


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


def caller_of(request: Request) -> Caller:
    """Give from where a request comes."""
    return Caller(network_of(request), request.headers.get("user-agent", "").replace("\0", ""))


def editor_of(request: Request) -> Editor:
    """Give the editor for whom a guarded page answers."""
    editor: Editor = request.state.session.editor
    return editor


def show(request: Request, name: str, shown: Mapping[str, Any], *, status: int = 200) -> Response:
    """Give a page of the room to whom it is for: in their language, with `editor` and, if nothing else, no `said`."""
    editor = editor_of(request)
    shown = {"editor": editor, "said": "", **shown}
    return pages_of(request).page(request, name, shown, status=status, speaks=editor.language)


def _secure(site: Site) -> bool:
    return site.origin.startswith("https:")
