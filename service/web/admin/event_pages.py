"""The form of an event: opened, typed into, looked at, saved. What was typed is kept as a draft at every step."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from service.actions import records
from service.domain.documents import DocumentError
from service.domain.editor import Role
from service.domain.errors import ConflictError, NotFoundError
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.rules_in_words import rule_words
from service.store import event_drafts, events
from service.store.dialect import Tx
from service.web.admin import editing as edit
from service.web.admin.access import editor_of, show
from service.web.admin.change_words import place_words, told
from service.web.admin.editing import NEW, Editing
from service.web.admin.event_fields import numbers, tidy
from service.web.admin.event_form import Ground, group, section, speeches
from service.web.admin.event_spec import GROUPS, SECTIONS
from service.web.forms import form_of
from service.web.given import Site
from service.web.pages import pages_of, site_of
from service.web.seen import next_of

MOST_FIELDS = 6000
LONGEST_FIELD_BYTES = 1_000_000  # as it is sent: six bytes for a letter of most scripts
_NEXT = 10
_OURS = frozenset({"action", "why", "based_on", "collection", "tried"})
_SAID = {
    "saved": message("The event is saved. Its days are reckoned, and letters that told of it otherwise are stopped."),
    "dropped": message("Your draft is dropped; this is the event as it is kept."),
    "returned": message("The event is as it was in that version, which is now the newest."),
    "gone": message("The event is withdrawn. Its versions stay, and any of them can be returned to."),
}


async def opened(request: Request) -> Response:
    """Show the form of an event, with the editor's draft in it if there is one."""
    site, editor = site_of(request), editor_of(request)
    key = request.path_params["id"]
    async with site.store.read() as tx:
        editing = await edit.opened(tx, editor, key)
        if editing is None:
            if (await records.standing(tx, key)).number:
                return pages_of(request).go(request, f"/admin/events/{key}/versions")
            raise NotFoundError
        return await _page(request, tx, editing)


async def opened_new(request: Request) -> Response:
    """Show the form of an event that is not recorded yet."""
    site, editor = site_of(request), editor_of(request)
    async with site.store.read() as tx:
        editing = await edit.opened(tx, editor, NEW, request.path_params["id"])
        assert editing is not None  # noqa: S101  (a new event can always be opened)
        return await _page(request, tx, editing)


async def typed(request: Request) -> Response:
    """Do what a button of the form asks; everything that was typed is kept before."""
    return await _typed(request, request.path_params["id"])


async def typed_new(request: Request) -> Response:
    """Do the same for an event that is not recorded yet."""
    return await _typed(request, NEW)


async def looked_at(request: Request) -> Response:
    """Answer what is typed with its days and what is missing: a part of the page, for the script that asks for it."""
    return await _looked_at(request, request.path_params["id"])


async def looked_at_new(request: Request) -> Response:
    """Answer the same for an event that is not recorded yet."""
    return await _looked_at(request, NEW)


async def _looked_at(request: Request, key: str) -> Response:
    site, editor = site_of(request), editor_of(request)
    editing, _ = await _read(request, key)
    async with site.store.write() as tx:
        kept = await event_drafts.draft_of(tx, editor.id, key)
        if kept is not None or editing.based_on == editing.standing.number:  # else it comes late, after it was saved
            await edit.keep(tx, editor, editing, site.clock())
    language = pages_of(request).language(request, editor.language)
    return show(request, "admin/_event_look.html", look(editing, language, site))


async def _typed(request: Request, key: str) -> Response:
    site, pages, editor = site_of(request), pages_of(request), editor_of(request)
    editing, action = await _read(request, key)
    async with site.store.write() as tx:
        if action == "drop":
            await event_drafts.drop_draft(tx, editor.id, key)
            return pages.go(request, _path(editing), said="dropped")
        place = ""
        if action == "rebase":
            editing = edit.rebased(editing)
        elif action == "save":
            editing = replace(editing, was_tried=True)
        else:
            editing, place = _changed(editing, action)
        await edit.keep(tx, editor, editing, site.clock())
    if action == "save":
        saved = await _save(request, editing)
        if saved is not None:
            return pages.go(request, f"/admin/events/{saved}", said="saved")
    answer = pages.go(request, _path(editing))
    answer.headers["location"] += f"#{place}" if place else "#look" if action == "look" else ""
    return answer


async def _read(request: Request, key: str) -> tuple[Editing, str]:
    """Read the form that was sent, and which button sent it."""
    site = site_of(request)
    form = await form_of(request, fields=MOST_FIELDS, longest=LONGEST_FIELD_BYTES)
    sent = {name: value for name, value in form.items() if isinstance(value, str)}
    based_on = sent.get("based_on", "")
    if not based_on.isdecimal() or len(based_on) > 9:
        raise HTTPException(400)
    async with site.store.read() as tx:
        standing = records.Standing(0, None) if key == NEW else await records.standing(tx, key)
        known = {shelf.id for shelf in await events.shelves(tx)}
    if key != NEW and not standing.number:
        raise NotFoundError
    collection = sent.get("collection", "")
    if collection not in known:
        raise HTTPException(400)
    fields = tidy({name: value for name, value in sent.items() if name not in _OURS})
    tried = sent.get("tried") == "yes"
    editing = Editing(key, collection, fields, int(based_on), standing, None, tried, sent.get("why", "").strip()[:500])
    return editing, sent.get("action", "look")


def _changed(editing: Editing, action: str) -> tuple[Editing, str]:
    """Add, take out or move a part; gives the place of the form to go to."""
    verb, _, rest = action.partition(":")
    name, _, number = rest.partition(":")
    fields = editing.fields
    own = numbers(fields, name) if name in GROUPS else []
    place = int(number[:6]) if number.isdecimal() else len(own)
    match verb:
        case _ if name not in GROUPS:
            return editing, ""
        case "add":
            return replace(editing, fields=edit.with_another(fields, name, len(own))), f"{name}.{len(own)}"
        case "remove":
            return replace(editing, fields=edit.without(fields, name, place)), name
        case "raise":
            return replace(editing, fields=edit.raised(fields, name, place)), f"{name}.{max(place - 1, 0)}"
        case "newer" if name == "figures" and place in own:
            fields, newer = edit.with_newer(fields, place)
            return replace(editing, fields=fields), f"figures.{newer}"
        case _:
            return editing, f"{name}.{place}"


async def _save(request: Request, editing: Editing) -> str | None:
    """Save the event and give its id; None if something is wrong with it, which the draft will show."""
    site, editor = site_of(request), editor_of(request)
    made = edit.made(editing)
    if made.event is None:
        return None
    event = made.event
    try:
        async with site.store.write() as tx:
            await records.save(tx, editor, editing.collection, event, editing.based_on, editing.why, site.clock())
            await event_drafts.drop_draft(tx, editor.id, editing.key)
    except (ConflictError, DocumentError):
        return None
    site.wake()
    return event.id


async def _page(request: Request, tx: Tx, editing: Editing) -> Response:
    site, editor = site_of(request), editor_of(request)
    language = pages_of(request).language(request, editor.language)
    errors = await _errors(tx, editing) if editing.was_tried else {}
    ground = await _ground(tx, site, language, editing, errors)
    kept = editing.standing.kept
    since = await edit.since_last_time(tx, kept.event, site.clock().date()) if kept else None
    shown = {
        "editing": editing,
        "said": _said(request, language),
        "title": _title(editing, language),
        "address": _path(editing),
        "speeches": [one for one in ground.speeches if one.code in site.languages.codes],
        "collections": ground.collections,
        "sections": {name: section(ground, editing.fields, name) for name in SECTIONS},
        "groups": {name: group(ground, editing.fields, name) for name in GROUPS},
        "errors": _listed_errors(errors, language, site),
        "may_write": editor.role >= Role.EDITOR,
        "unlike": told(edit.unlike(editing), language, site.languages) if editing.is_behind else [],
        "since": since,
        "since_changes": told(since.changes, language, site.languages) if since else [],
        **look(editing, language, site),
    }
    return show(request, "admin/event.html", shown)


async def _errors(tx: Tx, editing: Editing) -> dict[str, tuple[str, ...]]:
    """Give what keeps a form from being saved, by field."""
    made = edit.made(editing)
    if made.event is None:
        return made.errors
    try:
        await records.check_links(tx, made.event)
    except DocumentError as error:
        return {".".join(map(str, one.place)): (one.message,) for one in error.findings}
    if editing.is_new and (await records.standing(tx, made.event.id)).number:
        return {"id": (f"there is an event {made.event.id!r} already, or it was withdrawn; please choose another id",)}
    return {}


async def _ground(
    tx: Tx, site: Site, language: Language, editing: Editing, errors: Mapping[str, tuple[str, ...]]
) -> Ground:
    kept = editing.standing.kept
    words = [kept.event.title, kept.event.summary, kept.event.narrative] if kept else []
    shelves = await events.shelves(tx)
    others = await edit.event_choices(tx, editing.key)
    return Ground(
        language,
        speeches(site.languages, language, words),
        tuple((shelf.id, language.pick(shelf.title)[0]) for shelf in shelves),
        tuple((id_, language.pick(title)[0] or id_) for id_, title in others),
        errors,
    )


def look(editing: Editing, language: Language, site: Site) -> dict[str, Any]:
    """Give what comes of what is typed: the rules in words, the next days with their reasons, what is missing."""
    event = edit.dated(editing)
    findings = edit.made(editing).findings
    return {
        "rules": [rule_words(event, rule, language) for rule in event.rules] if event else [],
        "coming": next_of(event, language, site.clock().date(), _NEXT) if event else [],
        "is_dated": event is not None,
        "missing": [] if editing.was_tried else _listed_errors(_by_field(findings), language, site),
    }


def _by_field(findings: tuple[tuple[str, str], ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for field, words in findings:
        found[field] = (*found.get(field, ()), words)
    return found


def _listed_errors(errors: Mapping[str, tuple[str, ...]], language: Language, site: Site) -> list[tuple[str, str, str]]:
    """Give each error with its field, in words, and the place of the page to go to."""
    found = []
    for field, several in errors.items():
        steps = tuple(int(step) if step.isdecimal() else step for step in field.split("."))
        found += [(field, place_words(steps, language, site.languages), words) for words in several]
    return found


def _title(editing: Editing, language: Language) -> str:
    kept = editing.standing.kept
    if kept is not None:
        return language.pick(kept.event.title)[0] or kept.event.id
    return language.text("A new event") if editing.is_new else language.text("An event that was withdrawn")


def _said(request: Request, language: Language) -> str:
    words = _SAID.get(request.query_params.get("said", ""))
    return language.text(words) if words else ""


def _path(editing: Editing) -> str:
    return f"/admin/collections/{editing.collection}/new" if editing.is_new else f"/admin/events/{editing.key}"
