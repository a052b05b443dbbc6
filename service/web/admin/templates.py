"""The pieces that letters are made of: the list of them, and the page on which one is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from service.actions import templates as actions
from service.actions.templates import Piece
from service.domain.editor import Role
from service.domain.errors import InvalidError
from service.domain.templates import LOCALES
from service.rendering.catalogue import language_code
from service.rendering.locales import Language
from service.rendering.messages import message
from service.web.admin.access import editor_of, show
from service.web.admin.templates_form import Typed, chosen_in, form_of, typed_of
from service.web.admin.templates_guide import guide
from service.web.admin.templates_names import Named, named, path_of, url_of
from service.web.admin.templates_page import DONE, days_of, shown_piece
from service.web.pages import pages_of, site_of

_CODE_WRONG = message("This is not the code of a language. It looks like fr, or pt-BR.")


@dataclass(frozen=True, slots=True)
class Row:
    """A piece in the list."""

    piece: Piece
    named: Named
    url: str
    is_draft: bool


async def listed(request: Request) -> Response:
    """Show every piece: where it stands, who changed it and when, and what of it is a draft of whoever looks."""
    return await _list(request, "", {})


async def added(request: Request) -> Response:
    """Go to the page of a language that has no translations yet."""
    form = await form_of(request)
    typed = str(form.get("code", "")).strip()
    try:
        code = language_code(typed)
    except InvalidError:
        words = pages_of(request).language(request, editor_of(request).language).text(_CODE_WRONG)
        return await _list(request, typed, {"code": words})
    return pages_of(request).go(request, f"/admin/templates/translate/{code}")


async def edited(request: Request) -> Response:
    """Show a piece with what the editor has written of it, beside the letter that it makes."""
    name = actions.checked_name(request.path_params["name"])
    if name.startswith(LOCALES):
        return pages_of(request).go(request, path_of(name))
    editor = editor_of(request)
    async with site_of(request).store.read() as tx:
        piece = await actions.piece(tx, name)
        draft = await actions.draft_of(tx, editor, name) if editor.role >= Role.EDITOR else None
    typed = Typed(draft.text, draft.based_on, kept_at=draft.updated_at) if draft else Typed(piece.text, piece.number)
    choices = await chosen_in(request, request.query_params, name)
    return await shown_piece(request, piece, typed, choices)


async def saved(request: Request) -> Response:
    """Keep what was written as the editor's own draft, whatever is wrong with it."""
    name, form = actions.checked_name(request.path_params["name"]), await form_of(request)
    site, editor, typed = site_of(request), editor_of(request), typed_of(form)
    async with site.store.write() as tx:
        await actions.save_draft(tx, editor, name, typed.text, typed.based_on, site.clock())
    if "application/json" in request.headers.get("accept", ""):  # the script keeps it without leaving the page
        language = pages_of(request).language(request, editor.language)
        return JSONResponse({"told": language.text(DONE["saved"])})
    choices = await chosen_in(request, form, name)
    return pages_of(request).go(request, path_of(name), done="saved", **choices.query)


async def dropped(request: Request) -> Response:
    """Forget the editor's draft."""
    name = actions.checked_name(request.path_params["name"])
    site = site_of(request)
    async with site.store.write() as tx:
        await actions.drop_draft(tx, editor_of(request), name)
    return pages_of(request).go(request, path_of(name), done="dropped")


async def checked(request: Request) -> Response:
    """Show the page again with what is wrong with the text, for those who have no script."""
    name, form = actions.checked_name(request.path_params["name"]), await form_of(request)
    async with site_of(request).store.read() as tx:
        piece = await actions.piece(tx, name)
    choices = await chosen_in(request, form, name)
    return await shown_piece(request, piece, typed_of(form), choices, thorough=True)


async def guided(request: Request) -> Response:
    """Give what a template may use, in words, for the script that completes what is typed."""
    async with site_of(request).store.read() as tx:
        templates = await actions.in_use(tx)
    language = pages_of(request).language(request, editor_of(request).language)
    told = guide(templates.pieces)
    for group in ("filters", "tags", "also"):
        told[group] = [{**one, "says": language.text(one["says"])} for one in told[group]]
    return JSONResponse(told, headers={"Cache-Control": "private, max-age=60"})


async def days(request: Request) -> Response:
    """Give the next days of an event, for the script that has just been told which event."""
    site, editor = site_of(request), editor_of(request)
    language = pages_of(request).language(request, editor.language)
    choices = await chosen_in(request, request.query_params, "")
    async with site.store.read() as tx:
        found = await days_of(tx, choices, language, site.clock().date())
    return JSONResponse([{"value": one.value, "text": one.text} for one in found])


async def _list(request: Request, typed: str, errors: Mapping[str, str]) -> Response:
    site, editor = site_of(request), editor_of(request)
    language = pages_of(request).language(request, editor.language)
    async with site.store.read() as tx:
        pieces = await actions.pieces(tx)
        drafts = await actions.drafted(tx, editor)
    known = {piece.name for piece in pieces}
    shown = {
        "groups": _grouped(request, pieces, frozenset(drafts), language),
        "begun": [name for name in drafts if name not in known],
        "code": typed,
        "errors": dict(errors),
        "may_write": editor.role >= Role.EDITOR,
        "said": language.text(DONE[request.query_params["done"]]) if request.query_params.get("done") in DONE else "",
    }
    return show(request, "admin/templates.html", shown, status=422 if errors else 200)


def _grouped(
    request: Request, pieces: Iterable[Piece], drafts: frozenset[str], language: Language
) -> list[tuple[str, list[Row]]]:
    """Give the pieces by letter, in the order in which readers meet them."""
    rows = [
        Row(piece, named(piece.name, language), url_of(request, piece.name), piece.name in drafts) for piece in pieces
    ]
    rows.sort(key=lambda row: (row.named.place, row.named.words))
    return [(group, list(members)) for group, members in groupby(rows, key=lambda row: row.named.group)]
