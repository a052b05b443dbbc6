"""What stands before every page: where a change may come from, how much may be sent, what a browser may do.

Readers have no cookies, so a page of somebody else has no power of its own here; it is refused all the same. Editors
have one, and what changes something in their room must say where it comes from.
A browser says where a request comes from in `Sec-Fetch-Site` (only over HTTPS and on this machine), an
older one in `Origin`. Referrer-Policy is `same-origin`, not `no-referrer`: links with tokens are told to
nobody else by both, but under `no-referrer` a browser writes `Origin: null` on our own forms, and plain
HTTP could not be checked at all (Fetch, "append a request Origin header").
"""

import asyncio
import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.observability import log
from service.web.given import Site

LARGEST_BODY_BYTES = 64 * 1024
SLOWEST_BYTES_A_SECOND = 4 * 1024  # of a body, beside the time that every one has
ONE_CLICK_PATH = "/leave/"  # its view looks at the body and asks `from_here` itself (RFC 8058)

_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_OWN_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _OWN_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), interest-cohort=(), microphone=(), payment=()",
    "Cache-Control": "no-store",
}
_PRIVATE = (
    *("/confirm/", "/manage", "/address/", "/download/", "/invitation/", "/leave/", "/calendar/"),
    *("/outbox", "/subscribe", "/status/", "/admin", "/api/", "/hooks/"),
)
Refusal = Callable[[Request, int], Response]
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")


class Guard:
    """The outermost layer: checks a request, puts the headers on every answer, and keeps errors in."""

    def __init__(self, app: ASGIApp, site: Site, refusal: Refusal, room: Callable[[Request, Site], int | None]) -> None:
        """Take `refusal`, which answers what is refused, and `room`, which says how long a body may be."""
        self._app = app
        self._site = site
        self._refusal = refusal
        self._room = room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        guarded = _Guarded(request, send)
        try:
            largest = self._room(request, self._site) or LARGEST_BODY_BYTES
            self._check(request, largest)
            patience = self._site.body_seconds + largest / SLOWEST_BYTES_A_SECOND
            await self._app(scope, _limited(receive, largest, patience), guarded)
        except HTTPException as refusal:
            if not guarded.started:
                response = self._refusal(request, refusal.status_code)
                await response(scope, receive, guarded)
        except Exception as error:  # noqa: BLE001  (the last place at which a reader can still be answered)
            _tell(scope, error)
            if not guarded.started:
                await self._refusal(request, 500)(scope, receive, guarded)

    def _check(self, request: Request, largest: int) -> None:
        length = request.headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            raise HTTPException(400)
        if int(length[:18]) > largest:
            raise HTTPException(413)
        if "\0" in request.scope["path"]:
            raise HTTPException(404)  # no address of ours has it, and PostgreSQL takes it in no text
        if b"%00" in request.scope["query_string"]:
            raise HTTPException(400)
        exempt = request.url.path.startswith(ONE_CLICK_PATH) and request.method == "POST"
        if request.method not in _SAFE and not exempt and not from_here(request, self._site):
            raise HTTPException(403)
        if request.method not in _SAFE and is_of_the_room(request) and not _says_from_where(request):
            raise HTTPException(403)


class _Guarded:
    """Sends an answer with the headers that every one has; `started` once it has begun."""

    def __init__(self, request: Request, send: Send) -> None:
        self._request = request
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(raw=message["headers"])
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            if self._request.url.path.startswith(_PRIVATE):
                headers["X-Robots-Tag"] = "noindex"
            if message["status"] in {408, 413}:
                headers["Connection"] = "close"  # the rest of the body is not waited for
            message["headers"] = headers.raw
        await self._send(message)


def from_here(request: Request, site: Site) -> bool:
    """Say whether a request that changes something comes from a page of ours, or from no page at all."""
    fetch_site = request.headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    if origin is None:
        return True
    same_host = urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()
    return origin.lower() == site.origin or (origin != "null" and same_host)


def is_of_the_room(request: Request) -> bool:
    """Say whether a request is for the editors' room, where there are cookies."""
    return request.url.path == "/admin" or request.url.path.startswith("/admin/")


def _says_from_where(request: Request) -> bool:
    """Say whether a browser tells where a request comes from, as every one does that may hold an editor's cookie."""
    return "sec-fetch-site" in request.headers or "origin" in request.headers


def on_this_machine(request: Request, site: Site) -> bool:
    """Say whether a request comes straight from this machine, under a name of ours.

    A proxy on this machine shows itself by what it adds. A name that a foreign page had turned to this
    machine (DNS rebinding) stands in Host.
    """
    client = request.client.host if request.client else ""
    if not _is_loopback(client) or any(name in request.headers for name in _FORWARDED):
        return False
    host = (urlsplit(f"//{request.headers.get('host', '')}").hostname or "").lower()
    return host in {"localhost", site.host} or _is_loopback(host)


def _is_loopback(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return (mapped or ip).is_loopback


def _limited(receive: Receive, largest: int, patience: float) -> Receive:
    """Give the body up to its limit, whatever length was announced, and for so many seconds."""
    total, until = 0, asyncio.get_running_loop().time() + patience
    more = True

    async def receive_limited() -> Message:
        nonlocal total, more
        if not more:
            return await receive()  # it waits for the end of the connection, which may be long
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408) from None
        more = bool(message.get("more_body"))
        total += len(message.get("body", b""))
        if total > largest:
            raise HTTPException(413)
        return message

    return receive_limited


def _tell(scope: Scope, error: Exception) -> None:
    """Log where it happened, without the error's words: they may name an address."""
    steps = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        steps.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    page = getattr(scope.get("endpoint"), "__name__", "")
    log.error("page_failed", page=page, error=type(error).__name__, where=steps[-4:])
