"""The texts of letters and pages in one language: what is said, where, and how it is said there."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from service.actions import templates as actions
from service.actions.templates import Draft, Piece
from service.domain.editor import Role
from service.domain.errors import InvalidError, NotFoundError
from service.domain.templates import LOCALES, Templates
from service.rendering.catalogue import Entry, direction_of, entries, language_code, with_translations, wrong_with
from service.rendering.messages import places_in_letters, places_on_pages
from service.store.dialect import Tx
from service.web.admin.access import editor_of, show
from service.web.admin.templates_findings import Found
from service.web.admin.templates_form import Typed, chosen_in, form_of
from service.web.admin.templates_names import named
from service.web.admin.templates_page import DONE, choosable
from service.web.admin.templates_publish import publish_text
from service.web.pages import pages_of, site_of

AT_ONCE: Final = 40
SHOWN: Final = ("letters", "untranslated", "pages", "all")
_CODE: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which messages are wanted, and which page of them."""

    shown: str
    words: str
    page: int

    @property
    def query(self) -> dict[str, str]:
        """The same as the parts of an address."""
        return {"shown": self.shown, "words": self.words, "page": str(self.page)}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A language's catalogue as an editor has it: their draft, what is in use, or nothing yet."""

    name: str
    code: str
    text: str
    based_on: int
    draft: Draft | None
    piece: Piece | None


async def translated(request: Request) -> Response:
    """Show the messages of a language with their translations."""
    async with site_of(request).store.read() as tx:
        catalogue = await catalogue_of(tx, request)
        templates = await actions.in_use(tx)
    return await shown_catalogue(request, catalogue, templates, _asked(request.query_params), {})


async def kept(request: Request) -> Response:
    """Keep the translations of one page as a draft of the whole catalogue; nothing is lost, whatever is wrong."""
    form, site, editor = await form_of(request), site_of(request), editor_of(request)
    changes = _changes(form)
    asked = _asked(form)
    async with site.store.write() as tx:
        catalogue = await catalogue_of(tx, request)
        text = with_translations(catalogue.text, catalogue.code, changes)
        if text != catalogue.text:
            await actions.save_draft(tx, editor, catalogue.name, text, catalogue.based_on, site.clock())
        templates = await actions.in_use(tx)
    wrong = {message: told for message, words in changes.items() if (told := wrong_with(message, words))}
    if wrong:
        async with site.store.read() as tx:
            catalogue = await catalogue_of(tx, request)
        return await shown_catalogue(request, catalogue, templates, asked, wrong)
    return pages_of(request).go(request, f"/admin/templates/translate/{catalogue.code}", done="saved", **asked.query)


async def published(request: Request) -> Response:
    """Publish the editor's draft of a catalogue, as any other piece."""
    form, site, _editor = await form_of(request), site_of(request), editor_of(request)
    async with site.store.read() as tx:
        catalogue = await catalogue_of(tx, request)
        templates = await actions.in_use(tx)
    typed = Typed(catalogue.text, catalogue.based_on, str(form.get("why") or "").strip())
    asked, choices = _asked(form), await chosen_in(request, form, catalogue.name)

    async def again(errors: Mapping[str, str], found: tuple[Found, ...]) -> Response:
        return await shown_catalogue(
            request, catalogue, templates, asked, {}, errors=errors, found=found, why=typed.why
        )

    return await publish_text(request, catalogue.name, typed, choices, again)


async def catalogue_of(tx: Tx, request: Request) -> Catalogue:
    """Give the catalogue that an address names; raise NotFoundError for what is no language."""
    try:
        code = language_code(request.path_params["code"])
    except InvalidError:
        raise NotFoundError from None
    name = f"{LOCALES}{code}.po"
    editor = editor_of(request)
    draft = await actions.draft_of(tx, editor, name) if editor.role >= Role.EDITOR else None
    try:
        piece = await actions.piece(tx, name)
    except NotFoundError:
        piece = None
    number = piece.number if piece else 0
    text = draft.text if draft else piece.text if piece else with_translations("", code, {})
    return Catalogue(name, code, text, draft.based_on if draft else number, draft, piece)


async def shown_catalogue(
    request: Request,
    catalogue: Catalogue,
    templates: Templates,
    asked: Asked,
    wrong: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    found: tuple[Found, ...] = (),
    why: str = "",
) -> Response:
    """Give the page of a catalogue: one page of its messages, and how much of it is there."""
    site, editor = site_of(request), editor_of(request)
    language = pages_of(request).language(request, editor.language)
    said = await asyncio.to_thread(places, site.templates, templates.pieces)
    listed = entries(catalogue.text, catalogue.code, said)
    chosen = [entry for entry in listed if _is_wanted(entry, asked)]
    most = max(1, -(-len(chosen) // AT_ONCE))
    page = min(asked.page, most)
    choices = await chosen_in(request, request.query_params, catalogue.name)
    done = request.query_params.get("done", "")
    shown: dict[str, Any] = {
        "catalogue": catalogue,
        "named": named(catalogue.name, language),
        "direction": direction_of(catalogue.code),
        "entries": list(enumerate(chosen[(page - 1) * AT_ONCE : page * AT_ONCE])),
        "asked": Asked(asked.shown, asked.words, page),
        "pages": most,
        "counts": _counts(listed),
        "errors": dict(errors or {}),
        "found": found,
        "why": why,
        "wrong": wrong,
        "choices": choices,
        "said": language.text(DONE[done]) if done in DONE and not (wrong or errors) else "",
        "may_write": editor.role >= Role.EDITOR,
        "may_publish": editor.role >= Role.APPROVER,
        **await choosable(request, catalogue.name, choices, language),
    }
    response = show(request, "admin/templates_translations.html", shown, status=422 if wrong or errors else 200)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; frame-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return response


def places(templates: Path, pieces: Mapping[str, str]) -> dict[str, list[str]]:
    """Give every message that letters, pages and the program say, each with where; letters come first."""
    in_letters, elsewhere = places_in_letters(pieces), _elsewhere(templates)
    return {
        message: [*sorted(in_letters.get(message, ())), *sorted(elsewhere.get(message, ()))]
        for message in {**in_letters, **elsewhere}
    }


@cache
def _elsewhere(templates: Path) -> dict[str, set[str]]:
    """Give what does not change while the program runs."""
    return places_on_pages(templates, _CODE)


def _counts(found: list[Entry]) -> dict[str, int]:
    letters = [entry for entry in found if entry.in_letters]
    return {
        "all": len(found),
        "letters": len(letters),
        "pages": len(found) - len(letters),
        "untranslated": sum(1 for entry in found if not entry.translation),
        "open_letters": sum(1 for entry in letters if not entry.translation),
    }


def _is_wanted(entry: Entry, asked: Asked) -> bool:
    words = asked.words.casefold()
    if words and words not in entry.message.casefold() and words not in entry.translation.casefold():
        return False
    match asked.shown:
        case "untranslated":
            return not entry.translation
        case "letters":
            return entry.in_letters
        case "pages":
            return not entry.in_letters
        case _:
            return True


def _asked(given: Any) -> Asked:
    shown, words, page = (str(given.get(name) or "") for name in ("shown", "words", "page"))
    number = int(page[:4]) if page.isascii() and page.isdigit() else 1
    return Asked(shown if shown in SHOWN else "letters", words.strip()[:100], max(number, 1))


def _changes(form: FormData) -> dict[str, str]:
    """Give the translations of a form by message."""
    changes = {}
    for number in range(AT_ONCE):
        message, translation = form.get(f"message-{number}"), form.get(f"translation-{number}")
        if isinstance(message, str) and isinstance(translation, str) and message:
            changes[_plain(message)] = _plain(translation).strip()
    return changes


def _plain(written: str) -> str:
    return written.replace("\r\n", "\n").replace("\r", "\n")
