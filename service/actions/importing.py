"""Bringing files of events into the record: tried first, row by row, and then all of it or nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.actions import records
from service.actions.event_files import Entry, Reading, Refused
from service.domain.differences import Change, differences
from service.domain.documents import DocumentError, Place, write_collection, write_event
from service.domain.editor import Editor
from service.domain.errors import ImportRefusedError
from service.domain.plain_text import odd_characters
from service.store import audit, events, revisions
from service.store.dialect import Tx
from service.store.versions import Saving


class Fate(StrEnum):
    """What would become of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file and its fate; `like` names an event that is already recorded and seems to be the same."""

    where: str
    name: str
    fate: Fate
    changes: tuple[Change, ...] = ()
    why: str = ""
    like: str = ""
    collection: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changed."""

    collections: int
    events: int
    changed: int


async def tried(tx: Tx, reading: Reading) -> list[Row]:
    """Give the fate of every row, as the record is now."""
    kept = {one.event.id: one async for one in events.all_events(tx)}
    shelves = {shelf.id: shelf for shelf in await events.shelves(tx)}
    alike = {(one.event.first_day, title): id_ for id_, one in kept.items() for title in one.event.title.values()}
    rows: list[Row] = []
    for where, collection in reading.collections:
        shelf = shelves.get(collection.id)
        before = write_collection(events.collection_of(shelf, ())) if shelf else None
        rows.append(_row(where, collection.id, before, write_collection(collection), collection=True))
    for entry in reading.entries:
        own = kept.get(entry.event.id)
        before = write_event(own.event) | {"collection": own.collection} if own else None
        after = write_event(entry.event) | {"collection": entry.collection}
        like = "" if own else _alike(entry, alike)
        rows.append(_row(entry.where, entry.event.id, before, after, like=like))
    refused = [*reading.refused, *_twice(reading), *_unheld(reading, set(shelves)), *_unlinked(reading, set(kept))]
    rows += [Row(one.where, one.name, Fate.REFUSED, why=one.why) for one in refused]
    rows += [Row(one.where, one.name, Fate.LEFT_OUT, why=one.why) for one in reading.left_out]
    return rows


async def bring_in(
    tx: Tx,
    by: Editor | str,
    reading: Reading,
    why: str,
    now: datetime,
    seen: Callable[[int, int], None] | None = None,
) -> Imported:
    """Bring everything in, or raise ImportRefusedError with every finding by file and line.

    `seen` is told, after each event, how many are done and how many there are.
    """
    shelves, known = {shelf.id for shelf in await events.shelves(tx)}, set(await events.titles(tx))
    refused = [*reading.refused, *_twice(reading), *_unheld(reading, shelves), *_unlinked(reading, known)]
    if refused:
        raise ImportRefusedError(tuple(map(str, refused)))
    for _, collection in reading.collections:
        await records.save_collection(tx, by, collection, None, None, why, now)
    changed: dict[str, list[str]] = {}
    for done, entry in enumerate(reading.entries, 1):
        if seen:
            seen(done, len(reading.entries))
        saved = await records.bring(tx, entry.collection, entry.event, entry.position, Saving(by, why, now))
        if saved.changed:
            changed.setdefault(entry.collection, []).append(entry.event.id)
    for collection_id, ids in changed.items():
        await audit.note(tx, by, "imported", f"collection {collection_id}", now, {"why": why, "events": ids})
    ids_changed = {id_ for ids in changed.values() for id_ in ids}
    if ids_changed:
        await revisions.supersede(tx, ids_changed, now)
    return Imported(len(reading.collections), len(reading.entries), len(ids_changed))


def _row(where: str, name: str, before: object, after: object, *, like: str = "", collection: bool = False) -> Row:
    changes = differences(before, after) if before is not None else ()
    fate = Fate.NEW if before is None else Fate.CHANGED if changes else Fate.UNCHANGED
    return Row(where, name, fate, changes, like=like, collection=collection)


def _alike(entry: Entry, alike: dict[tuple[str, str], str]) -> str:
    event = entry.event
    return next(
        (alike[event.first_day, title] for title in event.title.values() if (event.first_day, title) in alike), ""
    )


def _twice(reading: Reading) -> Iterable[Refused]:
    """Find ids that stand for two things."""
    seen: dict[str, str] = {}
    named = [(f"collection {one.id}", where) for where, one in reading.collections]
    named += [(f"event {entry.event.id}", entry.place("id")) for entry in reading.entries]
    for name, where in named:
        if name in seen:
            yield Refused(where, "", f"{name} is already at {seen[name]}")
        seen.setdefault(name, where)


def _unheld(reading: Reading, shelves: set[str]) -> Iterable[Refused]:
    """Find what the tables cannot hold, and collections that are not there."""
    known = shelves | {collection.id for _, collection in reading.collections}
    for where, collection in reading.collections:
        yield from _wrong_ids(where, [(collection.id, ("id",))])
    for entry in reading.entries:
        yield from _wrong_ids(entry.place("id"), records.ids_of(entry.event))
        for finding in odd_characters(write_event(entry.event), lines=True):
            yield Refused(entry.place(*finding.place), entry.event.id, str(finding))
        if entry.collection not in known:
            yield Refused(entry.where, entry.event.id, f"there is no collection {entry.collection!r}")


def _wrong_ids(where: str, ids: Iterable[tuple[str, Place]]) -> Iterable[Refused]:
    for id_, place in ids:
        try:
            records.check_id(id_, *place)
        except DocumentError as error:
            yield from (Refused(where, "", str(finding)) for finding in error.findings)


def _unlinked(reading: Reading, known: set[str]) -> Iterable[Refused]:
    """Find links to events that are recorded nowhere."""
    all_known = known | {entry.event.id for entry in reading.entries}
    for entry in reading.entries:
        for place, link in enumerate(entry.event.links):
            if link.event not in all_known:
                where = entry.place("links", place, "event")
                yield Refused(where, "", f"there is no event {link.event!r}")
