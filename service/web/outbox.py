"""The local mailbox: letters that went to a folder, read on this machine and from nowhere else."""

from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.mail.reading import Filed, letter, letters
from service.web.pages import pages_of, site_of
from service.web.security import on_this_machine

_VIEWS = ("html", "text", "headers")
_MOST = 200
_SANDBOX = "allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# A preview in `srcdoc` would inherit the page's policy, and look broken: it has an address and a policy of its own.
_LETTER_POLICY = (
    f"sandbox {_SANDBOX}; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "form-action 'none'; frame-ancestors 'self'"
)


async def mailbox(request: Request) -> Response:
    """Show the letters, the newest first."""
    found = await run_in_threadpool(letters, _folder(request), _MOST)
    return pages_of(request).page(request, "outbox.html", {"letters": found, "most": _MOST})


async def opened(request: Request) -> Response:
    """Show one letter: as it looks, as text, or with its headers."""
    filed = await _filed(request)
    view = request.query_params.get("view", "html")
    if view not in _VIEWS:
        view = "html"
    shown = {"filed": filed, "view": view, "views": _VIEWS, "sandbox": _SANDBOX}
    response = pages_of(request).page(request, "letter.html", shown)
    response.headers["Content-Security-Policy"] = _PAGE_POLICY
    return response


async def as_html(request: Request) -> Response:
    """Give the HTML of a letter alone, without any power; its links open in the whole window."""
    filed = await _filed(request)
    html = filed.opened.html
    head = html.lower().find("<head")
    end = html.find(">", head) + 1 if head >= 0 else 0
    based = f'{html[:end]}<base target="_top">{html[end:]}'
    headers = {"Content-Security-Policy": _LETTER_POLICY, "Cross-Origin-Opener-Policy": "unsafe-none"}
    return Response(based, headers=headers, media_type="text/html; charset=utf-8")


def _folder(request: Request) -> Path:
    """Give the folder; for anybody who is not on this machine there is none."""
    site = site_of(request)
    if site.outbox is None or not on_this_machine(request, site):
        raise HTTPException(404)
    return site.outbox


async def _filed(request: Request) -> Filed:
    filed = await run_in_threadpool(letter, _folder(request), request.path_params["id"])
    if filed is None:
        raise HTTPException(404)
    return filed
