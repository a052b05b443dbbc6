"""Collections: the list, the form of one with the order of its events, and its export."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from service.actions import collections, records
from service.domain.approval import Approval
from service.domain.differences import Change, differences
from service.domain.documents import DocumentError, Finding, read_collection, write_collection
from service.domain.editor import Role
from service.domain.errors import ConflictError, NotFoundError
from service.domain.event import Collection
from service.domain.naming import id_of
from service.domain.notice import InDoubt
from service.domain.plain_text import refuse_odd_characters
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.recount import text_in
from service.store import events
from service.store.dialect import Tx
from service.web.admin.access import editor_of, show
from service.web.admin.change_words import told
from service.web.admin.event_form import speeches
from service.web.forms import form_of, text
from service.web.pages import pages_of, site_of

LONGEST_FIELD_BYTES = 20_000
_IN_DOUBT = {
    InDoubt.RESEND: message("One further copy of the same letter is sent"),
    InDoubt.HOLD: message("None is sent, and it is listed as held"),
}
_APPROVAL = {
    Approval.NONE: message("Letters leave without being asked for"),
    Approval.HOLD: message("Letters wait for an approval, and expire without it"),
    Approval.SEND: message("Letters leave, and the editors are told that nobody approved"),
}
_SAID = {
    "saved": message("The collection is saved."),
    "newer": message("Somebody changed the collection in the meantime. What you typed is below; look at theirs first."),
}
_FORMS = {"yaml": ("application/yaml", collections.export), "csv": ("text/csv", collections.export_table)}


async def listed(request: Request) -> Response:
    """Show every collection."""
    site, editor = site_of(request), editor_of(request)
    language = pages_of(request).language(request, editor.language)
    async with site.store.read() as tx:
        shelves = await events.shelves(tx)
    shown = {
        "shelves": [(shelf, text_in(shelf.title, language), text_in(shelf.description, language)) for shelf in shelves],
        "may_write": editor.role >= Role.EDITOR,
    }
    return show(request, "admin/collections.html", shown)


async def opened_new(request: Request) -> Response:
    """Show the form of a new collection."""
    return await _form(request, None, {}, {})


async def opened(request: Request) -> Response:
    """Show the form of a collection."""
    return await _form(request, request.path_params["id"], {}, {})


async def saved_new(request: Request) -> Response:
    """Save a new collection."""
    return await _save(request, None)


async def saved(request: Request) -> Response:
    """Save a collection."""
    return await _save(request, request.path_params["id"])


async def exported(request: Request) -> Response:
    """Give a collection as a file."""
    site = site_of(request)
    if request.path_params["form"] not in _FORMS:
        raise NotFoundError
    media_type, write = _FORMS[request.path_params["form"]]
    id_ = request.path_params["id"]
    async with site.store.read() as tx:
        content = await write(tx, [id_])
    plain = "".join(one if one.isascii() and (one.isalnum() or one in "-_.") else "-" for one in id_)
    named = f'attachment; filename="{plain}.{request.path_params["form"]}"'
    return Response(content.encode(), headers={"Content-Disposition": named}, media_type=f"{media_type}; charset=utf-8")


async def _save(request: Request, known: str | None) -> Response:
    site, pages, editor = site_of(request), pages_of(request), editor_of(request)
    form = await form_of(request, fields=5000, longest=LONGEST_FIELD_BYTES)
    sent = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    title = next((sent[name] for name in sorted(sent) if name.startswith("title.") and sent[name]), "")
    id_ = known or sent.get("id", "") or id_of(title, "")
    moved = sent.get("action", "save")
    order = _order(sent, moved)
    try:
        collection = _read(id_, sent)
    except DocumentError as error:
        return await _form(request, known, sent, _errors(error))
    try:
        async with site.store.write() as tx:
            based_on = sent.get("based_on", "") if known else ""
            why = text(form, "why")[:500]
            await records.save_collection(tx, editor, collection, order or None, based_on, why, site.clock())
    except DocumentError as error:
        return await _form(request, known, sent, _errors(error))
    except ConflictError:
        language = pages.language(request, editor.language)
        words = "there is a collection of this id already" if known is None else language.text(_SAID["newer"])
        return await _form(request, known, sent, {"id" if known is None else "title.en": words}, mine=collection)
    return pages.go(request, f"/admin/collections/{id_}", said="saved")


def _read(id_: str, sent: Mapping[str, str]) -> Collection:
    document: dict[str, Any] = {"id": id_, "title": {}, "description": {}, "events": []}
    for name, value in sent.items():
        top, _, code = name.partition(".")
        if top in {"title", "description"} and code and value:
            document[top][code] = " ".join(value.replace("\r\n", "\n").split("\n"))
    document |= {name: sent[name] for name in ("in_doubt", "approval", "approve_days") if sent.get(name)}
    document |= {name: document[name] or {"": ""} for name in ("title", "description")}
    refuse_odd_characters(document)
    for name in ("title", "description"):
        if not any(document[name].values()):
            raise DocumentError((Finding((name, "en"), "this is required"),))
    return read_collection(document)


def _order(sent: Mapping[str, str], moved: str) -> list[str]:
    """Give the events in the order of the places that were typed, and what a button moved one step up."""
    placed = []
    for number, (name, value) in enumerate((n, v) for n, v in sent.items() if n.startswith("place.")):
        place = int(value) if value.isdecimal() and len(value) < 6 else number + 1
        placed.append((place, number, name.removeprefix("place.")))
    order = [id_ for _, _, id_ in sorted(placed)]
    if moved.startswith("raise:") and (id_ := moved.removeprefix("raise:")) in order[1:]:
        place = order.index(id_)
        order[place - 1], order[place] = order[place], order[place - 1]
    return order


def _errors(error: DocumentError) -> dict[str, str]:
    return {".".join(map(str, finding.place)): finding.message for finding in error.findings}


async def _form(
    request: Request,
    known: str | None,
    sent: Mapping[str, str],
    errors: Mapping[str, str],
    *,
    mine: Collection | None = None,
) -> Response:
    """Show the form; `mine` is what somebody else's change kept from being saved, shown beside theirs."""
    site, editor = site_of(request), editor_of(request)
    language = pages_of(request).language(request, editor.language)
    async with site.store.read() as tx:
        shelf = await _shelf(tx, known) if known else None
        kept = await events.events_in(tx, known) if known else []
        version = await records.collection_version(tx, known) if known else ""
    typed = dict(sent) or _typed(shelf)
    words = [shelf.title, shelf.description] if shelf else []
    shown = {
        "id": known,
        "title": text_in(shelf.title, language).text if shelf else language.text("A new collection"),
        "typed": defaultdict(str, typed),
        "unlike": told(_unlike(shelf, mine), language, site.languages) if shelf and mine else [],
        "based_on": version,
        "errors": errors,
        "speeches": speeches(site.languages, language, words),
        "in_doubt": _choices(_IN_DOUBT, language),
        "approval": _choices(_APPROVAL, language),
        "events": [(one.event.id, text_in(one.event.title, language)) for one in kept],
        "said": _said(request, language),
        "may_write": editor.role >= Role.EDITOR,
    }
    status = 409 if mine else 400 if errors else 200
    return show(request, "admin/collection.html", shown, status=status)


def _unlike(shelf: events.Shelf, mine: Collection) -> tuple[Change, ...]:
    theirs = write_collection(events.collection_of(shelf, ()))
    return differences(theirs, write_collection(mine))


def _typed(shelf: events.Shelf | None) -> dict[str, str]:
    if shelf is None:
        return {}
    found = {f"title.{code}": words for code, words in shelf.title.items()}
    found |= {f"description.{code}": words for code, words in shelf.description.items()}
    return found | {
        "in_doubt": shelf.in_doubt,
        "approval": shelf.approval,
        "approve_days": str(shelf.approve_days),
    }


async def _shelf(tx: Tx, id_: str) -> events.Shelf:
    for shelf in await events.shelves(tx):
        if shelf.id == id_:
            return shelf
    raise NotFoundError


def _choices(words: Mapping[Any, str], language: Language) -> list[tuple[str, str]]:
    return [(str(value), language.text(said)) for value, said in words.items()]


def _said(request: Request, language: Language) -> str:
    words = _SAID.get(request.query_params.get("said", ""))
    return language.text(words) if words else ""
