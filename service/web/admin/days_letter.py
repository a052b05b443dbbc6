"""The letter of an event on a day as it will leave, in a language; its HTML is answered from an address of its own."""

from datetime import date
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.domain.errors import InvalidError, NotFoundError
from service.domain.event import Tone
from service.domain.notice import Kind
from service.rendering.proof import POLICY, Proof, Wanted
from service.rendering.recount import text_in
from service.store import events
from service.store.events import Kept
from service.web.admin.days import day_of
from service.web.admin.holder import editor_of, show
from service.web.pages import own_name, pages_of, site_of

_KINDS = {Tone.SOLEMN: Kind.NOTICE, Tone.FESTIVE: Kind.NOTICE_FESTIVE}
_SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


async def shown(request: Request) -> Response:
    """Show the letter: as it looks, and as text; or why there is none."""
    site, editor, day = site_of(request), editor_of(request), day_of(request)
    kept, code = await _event(request), _code(request)
    language = pages_of(request).language(request, editor.language)
    proof, problem = await _proof(request, kept, day, code)
    page: dict[str, Any] = {
        "on": day,
        "event": kept.event.id,
        "title": text_in(kept.event.title, language),
        "code": code,
        "codes": [(one, own_name(site, one)) for one in site.languages.codes],
        "words": proof.words if proof else None,
        "findings": [str(finding) for finding in proof.findings] if proof else [problem],
        "sandbox": _SANDBOX,
    }
    response = show(request, "admin/day_letter.html", page)
    response.headers["Content-Security-Policy"] = _PAGE_POLICY
    return response


async def as_html(request: Request) -> Response:
    """Give the HTML of the letter alone, without any power."""
    kept = await _event(request)
    proof, _ = await _proof(request, kept, day_of(request), _code(request))
    if proof is None or proof.words is None:
        raise HTTPException(404)
    headers = {
        "Content-Security-Policy": f"{POLICY}; frame-ancestors 'self'",
        "Cross-Origin-Opener-Policy": "unsafe-none",  # it has no origin of its own, so it may not ask for more
    }
    return Response(proof.words.html, headers=headers, media_type="text/html; charset=utf-8")


async def _event(request: Request) -> Kept:
    async with site_of(request).store.read() as tx:
        kept = await events.event_named(tx, request.path_params["event"])
    if kept is None:
        raise NotFoundError
    return kept


def _code(request: Request) -> str:
    codes, wanted = site_of(request).languages.codes, request.query_params.get("in", "")
    return wanted if wanted in codes else codes[0]


async def _proof(request: Request, kept: Kept, day: date, code: str) -> tuple[Proof | None, str]:
    wanted = Wanted(_KINDS[kept.event.tone], code, kept.event.id, day)
    try:
        return await site_of(request).prove(wanted, {}), ""
    except InvalidError as error:
        return None, str(error)
