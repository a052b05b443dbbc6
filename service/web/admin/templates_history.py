"""What a piece said before: its versions, two of them side by side, the way back, and the letters made of each."""

import re
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from service.actions import templates as actions
from service.domain.editor import Role
from service.domain.errors import InvalidError, NotFoundError
from service.domain.letter import Mark, Words
from service.rendering.difference import rows
from service.rendering.emulation import without_links_out
from service.rendering.messages import message
from service.store import editions, template_uses
from service.store.dialect import Tx
from service.web.admin.access import editor_of, show
from service.web.admin.templates_form import form_of
from service.web.admin.templates_names import KINDS, named, path_of
from service.web.admin.templates_page import with_editor
from service.web.admin.templates_preview import POLICY
from service.web.admin.templates_proofs import proofs_of
from service.web.pages import pages_of, site_of

DRAFT: Final = "draft"
_MOST = 200
_MARKS = re.compile("|".join(Mark))  # each reader's own values
_RETURN = message("Back to version {n}")
_RETURN_SHIPPED = message("Back to what ships")


async def history(request: Request) -> Response:
    """Show every version of a piece: who, when, why, and how many editions were made of it."""
    return await _history(request, {}, status=200)


async def returned(request: Request) -> Response:
    """Have an earlier version in use again, as a version of its own."""
    name, form = actions.checked_name(request.path_params["name"]), await form_of(request)
    site, editor = site_of(request), editor_of(request)
    number = _number(form.get("number"))
    if number is None:
        raise NotFoundError
    try:
        async with site.store.write() as tx:
            before = (await actions.piece(tx, name)).number
            new = await actions.return_to(tx, editor, name, number, str(form.get("why", "")), site.clock())
    except InvalidError as error:
        return await _history(request, {f"why-{number}": str(error)}, status=422)
    proofs_of(request).forget()
    done = "returned" if new != before else "same"
    return pages_of(request).go(request, path_of(name), done=done)


async def compared(request: Request) -> Response:
    """Show two versions side by side, or a version and the editor's draft."""
    name = actions.checked_name(request.path_params["name"])
    editor = editor_of(request)
    language = pages_of(request).language(request, editor.language)
    async with site_of(request).store.read() as tx:
        piece = await actions.piece(tx, name)
        versions = await actions.history(tx, name)
        draft = await actions.draft_of(tx, editor, name) if editor.role >= Role.EDITOR else None
        numbers = [version.number for version in versions]
        before = _chosen(request, "before", numbers[1] if len(numbers) > 1 else numbers[0])
        after = _chosen(request, "after", DRAFT if draft else piece.number)
        texts = [await _text(tx, name, side, draft.text if draft else None) for side in (before, after)]
    sides = [str(version.number) for version in versions]
    page: dict[str, Any] = {
        "piece": piece,
        "named": named(name, language),
        "versions": versions,
        "sides": [DRAFT, *sides] if draft else sides,
        "before": str(before),
        "after": str(after),
        "rows": rows(texts[0], texts[1]),
        "texts": texts,
    }
    return with_editor(request, "admin/templates_compare.html", page)


async def used(request: Request) -> Response:
    """Show which editions were made of a version."""
    name = actions.checked_name(request.path_params["name"])
    number = _number(request.query_params.get("number"))
    language = pages_of(request).language(request, editor_of(request).language)
    async with site_of(request).store.read() as tx:
        piece = await actions.piece(tx, name)
        found = await template_uses.editions_of(tx, name, piece.number if number is None else number, _MOST)
    page = {
        "piece": piece,
        "named": named(name, language),
        "number": piece.number if number is None else number,
        "editions": found,
        "kinds": {kind: language.text(words) for kind, words in KINDS.items()},
        "most": _MOST,
    }
    return show(request, "admin/templates_used.html", page)


async def again(request: Request) -> Response:
    """Show an edition, made once more of the version that it names."""
    id_ = request.path_params["id"]
    site = site_of(request)
    async with site.store.read() as tx:
        edition = await editions.named(tx, id_)
    if edition is None or edition.words is None:
        raise NotFoundError
    words = await _made_again(request, id_)
    is_same = words is not None and words == edition.words
    page = {"edition": edition, "is_made": words is not None, "is_same": is_same}
    response = show(request, "admin/templates_edition.html", page)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; frame-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return response


async def sent_alone(request: Request) -> Response:
    """Give the HTML of an edition as it was kept, without any power."""
    async with site_of(request).store.read() as tx:
        edition = await editions.named(tx, request.path_params["id"])
    return _alone(edition.words if edition else None)


async def again_alone(request: Request) -> Response:
    """Give the HTML of an edition made once more, without any power."""
    return _alone(await _made_again(request, request.path_params["id"]))


async def _made_again(request: Request, id_: str) -> Words | None:
    """Give what an edition says, made once more; None if its templates are not kept, or say nothing any more."""
    try:
        return (await site_of(request).print_again(id_)).words
    except NotFoundError:
        return None


def _alone(words: Words | None) -> Response:
    if words is None:
        raise NotFoundError
    html = without_links_out(_MARKS.sub("#", words.html))
    headers = {"Content-Security-Policy": POLICY, "Cross-Origin-Opener-Policy": "unsafe-none"}
    return Response(html, headers=headers, media_type="text/html; charset=utf-8")


async def _history(request: Request, errors: dict[str, str], *, status: int) -> Response:
    name = actions.checked_name(request.path_params["name"])
    editor = editor_of(request)
    language = pages_of(request).language(request, editor.language)
    async with site_of(request).store.read() as tx:
        piece = await actions.piece(tx, name)
        versions = await actions.history(tx, name)
        counts = await template_uses.counted(tx, name)
    page = {
        "piece": piece,
        "named": named(name, language),
        "versions": versions,
        "counts": counts,
        "errors": errors,
        "reasons": {
            version.number: language.text(_RETURN, n=version.number)
            if version.number
            else language.text(_RETURN_SHIPPED)
            for version in versions
        },
        "may_publish": editor.role >= Role.APPROVER,
    }
    return show(request, "admin/templates_history.html", page, status=status)


async def _text(tx: Tx, name: str, side: int | str, draft: str | None) -> str:
    if isinstance(side, int):
        return await actions.text_of(tx, name, side)
    if draft is None:
        raise NotFoundError
    return draft


def _chosen(request: Request, side: str, otherwise: int | str) -> int | str:
    asked = request.query_params.get(side)
    number = _number(asked)
    return DRAFT if asked == DRAFT else otherwise if number is None else number


def _number(written: object) -> int | None:
    digits = isinstance(written, str) and written.isascii() and written.isdigit()
    return int(str(written)[:9]) if digits else None
