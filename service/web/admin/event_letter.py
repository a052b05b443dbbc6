"""The letter that an event will make, as its editor has it just now; at an address of its own, with no power."""

from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from service.domain.errors import InvalidError, NotFoundError
from service.domain.event import Event, Tone
from service.domain.notice import Kind
from service.mail.reading import read
from service.rendering import proof
from service.rendering.proof import Proof, Wanted
from service.web.admin import editing as edit
from service.web.admin.access import editor_of
from service.web.admin.editing import NEW
from service.web.pages import pages_of, site_of

_POLICY: Final = f"{proof.POLICY}; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
_HEADERS: Final = {"Content-Security-Policy": _POLICY, "Cross-Origin-Opener-Policy": "unsafe-none"}


async def shown(request: Request) -> Response:
    """Show the letter of an event on its next day."""
    return await _shown(request, request.path_params["id"])


async def shown_new(request: Request) -> Response:
    """Show the letter of an event that is not recorded yet."""
    return await _shown(request, NEW)


async def _shown(request: Request, key: str) -> Response:
    site, editor = site_of(request), editor_of(request)
    async with site.store.read() as tx:
        editing = await edit.opened(tx, editor, key)
    if editing is None:
        raise NotFoundError
    language = pages_of(request).language(request, editor.language)
    made = edit.made(editing)
    if made.event is None:
        return _said(language.text("The letter is shown here as soon as nothing is missing in the record."))
    asked = request.query_params.get("language", "")
    code = asked if asked in site.languages.codes else language.code
    try:
        found = await site.prove(_wanted(made.event, editing.collection, code), {})
    except InvalidError:
        return _said(language.text("No day is kept for this event in the coming years, so there is no letter."))
    if found.words is None:
        return _said(language.text("No letter can be made of it: {why}", why="; ".join(map(str, found.findings))))
    return _letter(found, as_text=request.query_params.get("form") == "text")


def _wanted(event: Event, collection: str, code: str) -> Wanted:
    kind = Kind.NOTICE_FESTIVE if event.tone is Tone.FESTIVE else Kind.NOTICE
    return Wanted(kind, code, event.id, record=event, collection=collection)


def _letter(found: Proof, *, as_text: bool) -> Response:
    """Give the letter as it is read back out of its bytes: what arrives."""
    opened = read(found.content)
    if as_text:
        return PlainTextResponse(f"{opened.subject}\n\n{opened.text}", headers=_HEADERS)
    return Response(opened.html, headers=_HEADERS, media_type="text/html; charset=utf-8")


def _said(words: str) -> Response:
    return PlainTextResponse(words, headers=_HEADERS)
