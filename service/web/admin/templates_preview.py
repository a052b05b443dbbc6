"""How a text will look as a letter: served from an address of its own, with a policy of its own and no power.

The text comes with the request and is kept nowhere. The letter is the one that would leave: made by the same steps,
and read back out of its bytes. In `srcdoc` it would inherit the page's policy and look broken (`stack.md`, B.2), so it
has an address; it may run nothing and fetch nothing (`faults.md`, case 91), and its links lead nowhere.
"""

from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.actions import templates as actions
from service.domain.editor import Role
from service.domain.errors import InvalidError, NotFoundError, TooManyRequestsError
from service.domain.templates import LOCALES
from service.mail.reading import read
from service.rendering import proof
from service.rendering.catalogue import with_translations
from service.rendering.emulation import emulated, without_links_out
from service.rendering.messages import message
from service.rendering.proof import Proof
from service.web.admin.access import editor_of
from service.web.admin.templates_findings import Found, found_in, of_the_text, samples_checked
from service.web.admin.templates_form import VIEWS, Choices, chosen_in, form_of, typed_of
from service.web.admin.templates_names import code_of
from service.web.admin.templates_proofs import MOST_IN_A_MINUTE, proofs_of
from service.web.pages import pages_of, site_of

POLICY: Final = f"{proof.POLICY}; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
TOO_MANY: Final = message(
    "You have asked for more previews than {n} in a minute. Please wait a little; nothing that you typed is lost."
)
NO_LETTER: Final = message("With this text there is no letter.")
_FACTS: Final = message(
    "{letter, number} bytes, of HTML {html, number}, of text {text, number}; made in {made, number} ms"
)
CUT_OFF_BYTES: Final = 102_000  # where Gmail ends a letter
_HEADERS: Final = {"Content-Security-Policy": POLICY, "Cross-Origin-Opener-Policy": "unsafe-none"}


async def kept(request: Request) -> Response:
    """Show a piece as the editor has it: their draft, or what is in use."""
    name = actions.checked_name(request.path_params["name"])
    editor = editor_of(request)
    async with site_of(request).store.read() as tx:
        templates = await actions.in_use(tx)
        draft = await actions.draft_of(tx, editor, name) if editor.role >= Role.EDITOR else None
    choices = await chosen_in(request, request.query_params, name)
    text = draft.text if draft else templates.pieces.get(name)
    if text is None and name.startswith(LOCALES):
        text = with_translations("", code_of(name), {})  # a language that nobody has begun to translate
    if text is None:
        raise NotFoundError
    return await _shown(request, choices, {name: text})


async def typed(request: Request) -> Response:
    """Show a piece as it stands in the form."""
    name, form = actions.checked_name(request.path_params["name"]), await form_of(request)
    choices = await chosen_in(request, form, name)
    return await _shown(request, choices, _drafts(name, form))


async def findings(request: Request) -> Response:
    """Tell what is wrong with the text in the form, and what there is to know of its letter, for the page's script."""
    name, form = actions.checked_name(request.path_params["name"]), await form_of(request)
    editor = editor_of(request)
    language = pages_of(request).language(request, editor.language)
    choices = await chosen_in(request, form, name)
    drafts = _drafts(name, form)
    try:
        if form.get("all"):
            found = await samples_checked(request, name, drafts[name])
            return JSONResponse({"found": [one.as_json() for one in found], "all": True})
        proof = await proofs_of(request).of(editor.id, choices.wanted, drafts)
    except TooManyRequestsError:
        refusal = {"told": language.text(TOO_MANY, n=MOST_IN_A_MINUTE), "found": []}
        return JSONResponse(refusal, 429, {"Retry-After": "5"})
    except (InvalidError, NotFoundError) as error:
        found = await of_the_text(request, name, drafts[name])
        return JSONResponse({"told": str(error), "found": [one.as_json() for one in found]})
    found = await found_in(request, name, drafts[name], [proof])
    facts = _facts(proof)
    sizes = {**facts["sizes"], "made": facts["milliseconds"]}
    told = language.text(_FACTS, **sizes) if proof.words else language.text(NO_LETTER)
    return JSONResponse({"found": [one.as_json() for one in found], "facts": told, **facts})


async def _shown(request: Request, choices: Choices, drafts: dict[str, str]) -> Response:
    editor = editor_of(request)
    language = pages_of(request).language(request, editor.language)
    try:
        proof = await proofs_of(request).of(editor.id, choices.wanted, drafts)
    except TooManyRequestsError:
        return _told(request, choices, language.text(TOO_MANY, n=MOST_IN_A_MINUTE), status=429)
    except (InvalidError, NotFoundError) as error:
        return _told(request, choices, str(error))
    if proof.words is None:
        (name,) = drafts
        return _told(request, choices, language.text(NO_LETTER), await found_in(request, name, drafts[name], [proof]))
    opened = read(proof.content)
    if choices.view == "html":
        html = without_links_out(emulated(opened.html, dark=choices.look == "dark"))
        return Response(html, headers=_HEADERS, media_type="text/html; charset=utf-8")
    shown = {"opened": opened, "facts": _facts(proof), "limit": CUT_OFF_BYTES, "view_name": VIEWS[choices.view]}
    return _page(request, choices, shown)


def _told(
    request: Request, choices: Choices, words: str, found: tuple[Found, ...] = (), *, status: int = 200
) -> Response:
    return _page(request, choices, {"told": words, "found": found}, status)


def _page(request: Request, choices: Choices, shown: dict[str, Any], status: int = 200) -> Response:
    """Give what is no letter itself, in a page that stands alone in the frame."""
    blank: dict[str, Any] = {"told": "", "found": (), "opened": None, "facts": None, "view_name": "", "limit": 0}
    page = {**blank, "choices": choices, **shown}
    speaks = editor_of(request).language
    response = pages_of(request).page(request, "admin/templates_shown.html", page, status=status, speaks=speaks)
    response.headers.update(_HEADERS)
    return response


def _drafts(name: str, form: FormData) -> dict[str, str]:
    return {name: actions.checked_text(typed_of(form).text)}


def _facts(proof: Proof) -> dict[str, Any]:
    """Give a letter's sizes in bytes, and how long it took."""
    if proof.words is None:
        return {"subject": "", "milliseconds": round(proof.milliseconds), "sizes": {}, "lines": 0}
    text = proof.words.text
    sizes = {"html": len(proof.words.html.encode()), "text": len(text.encode()), "letter": len(proof.content)}
    return {
        "subject": proof.words.subject,
        "milliseconds": round(proof.milliseconds),
        "sizes": sizes,
        "lines": text.count("\n"),  # by which the page guesses how tall the letter is: it cannot look into it
    }
