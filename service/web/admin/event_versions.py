"""The versions of an event: who saved each, when and why; the difference between any two; the way back."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions import records
from service.domain.differences import Change, differences
from service.domain.documents import DocumentError
from service.domain.editor import Role
from service.domain.errors import ConflictError, NotFoundError
from service.rendering.locales import Language
from service.rendering.messages import message
from service.store import audit, versions
from service.store.dialect import Tx
from service.store.versions import Version
from service.web.admin.access import editor_of, show
from service.web.admin.change_words import told
from service.web.forms import form_of, text
from service.web.pages import pages_of, site_of

_SAID = {
    "unfit": message(
        "That version cannot come back: something in it is refused today. What differs shows what it says."
    ),
    "returned": message("The event is as it was in that version, which is now the newest."),
    "withdrawn": message("The event is withdrawn. Its versions stay, and any of them can be returned to."),
    "newer": message(
        "Somebody saved a newer version in the meantime, so nothing was changed. Please look at it first."
    ),
}


async def listed(request: Request) -> Response:
    """Show the versions, and the difference between two of them: the newest two, if none are asked for."""
    site, editor = site_of(request), editor_of(request)
    language = pages_of(request).language(request, editor.language)
    id_ = request.path_params["id"]
    async with site.store.read() as tx:
        standing = await records.standing(tx, id_)
        if not standing.number:
            raise NotFoundError
        kept = await _history(tx, standing, id_)
        numbers = [one.number for one in kept]
        newest = numbers[0]
        first = _number(request, "from", max(newest - 1, 1))
        last = _number(request, "to", newest)
        if first not in numbers or last not in numbers:
            raise NotFoundError
        changes = await _between(tx, id_, first, last)
    shown = {
        "id": id_,
        "title": language.pick(standing.kept.event.title)[0] if standing.kept else id_,
        "said": _said(request, language),
        "versions": kept,
        "standing": standing,
        "first": first,
        "last": last,
        "changes": told(changes, language, site.languages),
        "may_write": editor.role >= Role.EDITOR,
    }
    return show(request, "admin/event_versions.html", shown)


async def changed(request: Request) -> Response:
    """Go back to a version, or withdraw the event."""
    site, pages, editor = site_of(request), pages_of(request), editor_of(request)
    id_ = request.path_params["id"]
    form = await form_of(request)
    action, why = text(form, "action"), text(form, "why")[:500]
    based_on, number = text(form, "based_on"), text(form, "number") or "0"
    if not (based_on.isdecimal() and number.isdecimal()) or len(based_on) > 9 or len(number) > 9:
        raise HTTPException(400)
    language = pages.language(request, editor.language)
    try:
        async with site.store.write() as tx:
            if action == "return":
                why = why or language.text("Back to version {number}.", number=number)
                await records.return_to(tx, editor, id_, int(number), int(based_on), why, site.clock())
            elif action == "withdraw":
                await records.withdraw(tx, editor, id_, int(based_on), why, site.clock())
            else:
                raise HTTPException(400)
    except ConflictError:
        return pages.go(request, f"/admin/events/{id_}/versions", said="newer")
    except DocumentError:  # it was written before something in it came to be refused
        return pages.go(request, f"/admin/events/{id_}/versions", said="unfit")
    site.wake()
    said = "returned" if action == "return" else "withdrawn"
    return pages.go(request, f"/admin/events/{id_}/versions", said=said)


async def _history(tx: Tx, standing: records.Standing, id_: str) -> list[Version]:
    """Give the versions; of an event that is older than versions are, the one that it is."""
    kept = await records.history(tx, id_)
    if kept or standing.kept is None:
        return kept
    shelf, now = standing.kept.collection, standing.kept.updated_at
    return [Version(id_, 1, shelf, audit.PROGRAM, "", now, withdrawn=False)]


async def _between(tx: Tx, id_: str, first: int, last: int) -> tuple[Change, ...]:
    return differences(await _document(tx, id_, first), await _document(tx, id_, last)) if first != last else ()


async def _document(tx: Tx, id_: str, number: int) -> dict[str, Any] | None:
    document = await versions.record_of(tx, id_, number)
    if document is None:
        return None
    found = [one.collection for one in await versions.history(tx, id_) if one.number == number]
    return dict(document) | {"collection": found[0]}


def _number(request: Request, name: str, otherwise: int) -> int:
    given = request.query_params.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 10 else otherwise


def _said(request: Request, language: Language) -> str:
    words = _SAID.get(request.query_params.get("said", ""))
    return language.text(words) if words else ""
