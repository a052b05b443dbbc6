"""The list of events, with filters for what is missing: a translation, a coming day, somebody who waits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from service.domain.editor import Role
from service.domain.event import Event
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.reckoned import original_words
from service.rendering.recount import text_in
from service.rendering.views import Text
from service.store import event_drafts, events, listing, versions
from service.store.events import Kept, Shelf
from service.web.admin.access import editor_of, show
from service.web.admin.editing import NEW
from service.web.given import Site
from service.web.pages import own_name, pages_of, site_of

_A_PAGE = 100
_WITHDRAWN = 50
_LACKS = {
    "": message("Whatever they have"),
    "translation": message("Without a translation"),
    "day": message("Without a coming day"),
    "subscribers": message("Without subscribers"),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """An event in the list, with what it lacks."""

    id: str
    title: Text
    collection: str
    when: str
    next: date | None
    lacking: tuple[str, ...]
    waited_for: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    collection: str
    text: str
    lack: str
    page: int


async def listed(request: Request) -> Response:
    """Show the events that are asked for, the editor's drafts, and what was withdrawn."""
    site, editor = site_of(request), editor_of(request)
    language = pages_of(request).language(request, editor.language)
    asked = _asked(request)
    async with site.store.read() as tx:
        shelves = await events.shelves(tx)
        days = await listing.coming_days(tx, site.clock().date())
        wanted = await listing.waited_for(tx)
        kept = [one async for one in events.all_events(tx)]
        drafts = await event_drafts.drafts_of(tx, editor.id)
        gone = await versions.withdrawn(tx, _WITHDRAWN)
    order = {shelf.id: place for place, shelf in enumerate(shelves)}
    kept.sort(key=lambda one: order.get(one.collection, len(order)))
    lines = [_line(one, site, language, days, wanted) for one in kept if _is_asked(one, asked)]
    found = [line for line in lines if _lacks(line, asked.lack)]
    start = (asked.page - 1) * _A_PAGE
    shown = {
        "events": found[start : start + _A_PAGE],
        "count": len(found),
        "asked": asked,
        "has_more": len(found) > start + _A_PAGE,
        "shelves": [(shelf.id, text_in(shelf.title, language)) for shelf in shelves],
        "lacks": [(value, language.text(words)) for value, words in _LACKS.items()],
        "drafts": _drafts(drafts, kept, shelves, language),
        "gone": gone if not asked.lack and not asked.text and asked.page == 1 else [],
        "may_write": editor.role >= Role.EDITOR,
    }
    return show(request, "admin/events.html", shown)


def _asked(request: Request) -> _Asked:
    query = request.query_params
    page = query.get("page", "1")
    lack = query.get("lack", "")
    return _Asked(
        query.get("collection", "")[:64],
        query.get("text", "").strip()[:200],
        lack if lack in _LACKS else "",
        int(page) if page.isdecimal() and 0 < len(page) < 5 and int(page) else 1,
    )


def _is_asked(one: Kept, asked: _Asked) -> bool:
    if asked.collection and one.collection != asked.collection:
        return False
    sought = asked.text.casefold()
    event = one.event
    return not sought or any(
        sought in text.casefold() for text in (event.id, *event.title.values(), *event.summary.values())
    )


def _line(one: Kept, site: Site, language: Language, days: dict[str, date], wanted: frozenset[str]) -> Listed:
    event = one.event
    lacking = [code for code in site.languages.codes if not (event.title.get(code) and event.summary.get(code))]
    return Listed(
        event.id,
        text_in(event.title, language),
        one.collection,
        _when(event, language),
        days.get(event.id),
        tuple(own_name(site, code) for code in lacking),
        event.id in wanted,
    )


def _when(event: Event, language: Language) -> str:
    if event.calendar == "gregorian":
        return language.span(event.first, event.last)
    return original_words(event.calendar, event.first, event.last, language, after_sunset=event.after_sunset)


def _lacks(line: Listed, lack: str) -> bool:
    match lack:
        case "translation":
            return bool(line.lacking)
        case "day":
            return line.next is None
        case "subscribers":
            return not line.waited_for
        case _:
            return True


def _drafts(
    drafts: Iterable[event_drafts.Draft], kept: Iterable[Kept], shelves: Iterable[Shelf], language: Language
) -> list[dict[str, Any]]:
    """Give an editor's own drafts, each with its title and the address of its form."""
    titles = {one.event.id: one.event.title for one in kept}
    known = {shelf.id for shelf in shelves}
    found = []
    for draft in drafts:
        new = draft.event == NEW
        if (new and draft.collection not in known) or (draft.event.startswith("*") and not new):
            continue
        address = f"/admin/collections/{draft.collection}/new" if new else f"/admin/events/{draft.event}"
        title = language.text("A new event") if new else language.pick(titles.get(draft.event, {}))[0] or draft.event
        found.append({"address": address, "title": title, "at": draft.updated_at})
    return found
