"""Importing through a page: a file is tried first, with the fate of every row, and then brought in whole or not at all.

What was tried is kept as a draft of its editor's, so that the page can be looked at again, and so that one click
brings in exactly what was shown.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions import collections, importing
from service.actions.event_files import MOST_BYTES, Reading, Refused
from service.actions.importing import Fate, Row
from service.domain.errors import ImportRefusedError
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.recount import text_in
from service.store import event_drafts, events
from service.store.dialect import Tx
from service.store.event_drafts import Draft
from service.web.admin.access import editor_of, show
from service.web.admin.change_words import place_words, told
from service.web.forms import form_of, text
from service.web.given import Site
from service.web.pages import own_name, pages_of, site_of

KEY = "*import"  # under which the file that is tried is kept; no event's id can be this
_SHOWN = 500
_FATES = {
    Fate.REFUSED: message("Refused"),
    Fate.NEW: message("New"),
    Fate.CHANGED: message("Changed"),
    Fate.LEFT_OUT: message("Left out"),
    Fate.UNCHANGED: message("Unchanged"),
}
_SAID = {
    "done": message("Everything in the file is brought in."),
    "moved": message("The record has changed since the file was tried, so nothing was brought in. Please look again."),
    "none": message("Please choose a file."),
    "large": message("The file is too large for this page. `remembrancer import` takes files of any size."),
    "dropped": message("The file is put aside. Nothing was changed."),
}


async def opened(request: Request) -> Response:
    """Show what would become of the file that was tried last, or ask for one."""
    site, editor = site_of(request), editor_of(request)
    language = pages_of(request).language(request, editor.language)
    async with site.store.read() as tx:
        draft = await event_drafts.draft_of(tx, editor.id, KEY)
        shelves = await events.shelves(tx)
        rows = await importing.tried(tx, await _reading(tx, draft)) if draft else []
    counts = {fate: sum(row.fate is fate for row in rows) for fate in _FATES}
    ordered = sorted(rows, key=lambda row: list(_FATES).index(row.fate))
    shown = {
        "said": _said(request, language),
        "file": draft.fields["name"] if draft else "",
        "rows": [_row(row, language, site) for row in ordered[:_SHOWN]],
        "hidden": max(len(rows) - _SHOWN, 0),
        "counts": [(language.text(words), counts[fate]) for fate, words in _FATES.items() if counts[fate]],
        "can_bring": bool(rows) and not counts[Fate.REFUSED] and bool(counts[Fate.NEW] + counts[Fate.CHANGED]),
        "is_refused": bool(counts[Fate.REFUSED]),
        "digest": _digest(rows),
        "shelves": [(shelf.id, text_in(shelf.title, language)) for shelf in shelves],
        "speeches": [(code, own_name(site, code)) for code in site.languages.codes],
    }
    return show(request, "admin/import.html", shown)


async def sent(request: Request) -> Response:
    """Keep a file and show its fate; bring it in; or put it aside."""
    form = await form_of(request, files=1, longest=2000)
    try:
        said = await _done(request, form)
    finally:
        await form.close()
    return pages_of(request).go(request, "/admin/import", **({"said": said} if said else {}))


async def _done(request: Request, form: FormData) -> str:
    """Do what the button says; gives what is to be said of it."""
    match text(form, "action"):
        case "try":
            return await _keep(request, form.get("file"), text(form, "collection"), text(form, "language"))
        case "bring":
            return await _bring(request, text(form, "digest"))
        case "drop":
            site, editor = site_of(request), editor_of(request)
            async with site.store.write() as tx:
                await event_drafts.drop_draft(tx, editor.id, KEY)
            return "dropped"
        case _:
            raise HTTPException(400)


async def _keep(request: Request, file: Any, collection: str, language: str) -> str:
    site, editor = site_of(request), editor_of(request)
    if not isinstance(file, UploadFile) or not file.filename:
        return "none"
    content = await file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        return "large"
    name = "".join(one for one in file.filename.replace("\\", "/").rpartition("/")[2] if one.isprintable())[:120]
    kept = {"name": name or "file", "language": language if language in site.languages.codes else "en"}
    try:
        kept["text"] = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        kept |= {"text": "", "wrong": f"this is not UTF-8: {error.reason} at byte {error.start}"}
    if "\0" in kept["text"]:
        kept |= {"text": "", "wrong": "this is no text: it has characters with the number 0"}
    async with site.store.write() as tx:
        await event_drafts.save_draft(tx, editor.id, Draft(KEY, collection[:64], kept, 0, site.clock()))
    return ""


async def _bring(request: Request, digest: str) -> str:
    site, editor = site_of(request), editor_of(request)
    async with site.store.read() as tx:
        draft = await event_drafts.draft_of(tx, editor.id, KEY)
    if draft is None:
        return "none"
    try:
        async with site.store.write() as tx:
            reading = await _reading(tx, draft)
            if _digest(await importing.tried(tx, reading)) != digest:
                return "moved"
            why = f"Imported from {draft.fields['name']}."
            await importing.bring_in(tx, editor, reading, why, site.clock())
            await event_drafts.drop_draft(tx, editor.id, KEY)
    except ImportRefusedError:
        return "moved"
    site.wake()
    return "done"


async def _reading(tx: Tx, draft: Draft) -> Reading:
    """Read the file that is kept."""
    kept: Mapping[str, Any] = draft.fields
    if kept.get("wrong"):
        return Reading(refused=(Refused(kept["name"], "", kept["wrong"]),))
    content = str(kept["text"]).encode("utf-8", "surrogatepass")
    known = await collections.documents(tx)
    return collections.read(kept["name"], content, draft.collection, known, kept["language"])


def _row(row: Row, language: Language, site: Site) -> dict[str, Any]:
    return {
        "where": row.where,
        "name": row.name,
        "address": f"/admin/{'collections' if row.collection else 'events'}/{row.name}",
        "fate": language.text(_FATES[row.fate]),
        "is_wrong": row.fate is Fate.REFUSED,
        "is_kept": row.fate in {Fate.CHANGED, Fate.UNCHANGED},
        "is_collection": row.collection,
        "why": row.why,
        "like": row.like,
        "changes": told(row.changes, language, site.languages) if len(row.changes) <= 60 else [],
        "parts": sorted({place_words(one.place, language, site.languages) for one in row.changes}),
    }


def _digest(rows: list[Row]) -> str:
    """Name what was shown: an import brings in that, or says that it is no longer the same."""
    return hashlib.sha256(repr(rows).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _said(request: Request, language: Language) -> str:
    words = _SAID.get(request.query_params.get("said", ""))
    return language.text(words) if words else ""
