"""Recording: an event or a collection is saved, withdrawn, or taken back to an earlier version.

Whoever does it, in the browser or by a command, it is one transaction: the record, its version, the occasions that
follow from it, the editions that told of it otherwise and are stopped, and the entry in the audit.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from service.domain.documents import DocumentError, Finding, Place, read_event, write_collection, write_event
from service.domain.editor import Editor
from service.domain.errors import ConflictError, NotFoundError
from service.domain.event import Collection, Event
from service.domain.occasion import next_after, returns
from service.store import audit, events, occasions, revisions, versions
from service.store.dialect import Tx, one_at_a_time
from service.store.event_drafts import drop_draft
from service.store.versions import Saving, Version

_SECTION = "records"  # saved one after the other, so that a number that was read still holds
_BEFORE = "As it was before versions were kept."


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an event's record stands: the number of its newest version (0: there never was one), and the record."""

    number: int
    kept: events.Kept | None


async def standing(tx: Tx, event: str) -> Standing:
    """Give where a record stands. One that was kept before versions were has number 1."""
    kept = await events.event_named(tx, event)
    return Standing(await versions.newest_number(tx, event) or int(kept is not None), kept)


async def save(
    tx: Tx,
    by: Editor | str,
    collection: str,
    event: Event,
    based_on: int | None,
    why: str,
    now: datetime,
) -> int:
    """Save an event and give the number of its version; what is already kept as it is gets no new one.

    `based_on` is the number of the version that was changed, 0 for a new event, None for whatever it is now.
    Raise ConflictError if somebody saved a newer one, DocumentError if a link leads nowhere or an id is too long,
    NotFoundError if there is no such collection.
    """
    if collection not in {shelf.id for shelf in await events.shelves(tx)}:
        raise NotFoundError(f"There is no collection {collection!r}.")
    await check_links(tx, event)
    saved = await bring(tx, collection, event, None, Saving(by, why, now), based_on)
    if saved.changed:
        await revisions.supersede(tx, {event.id}, now)
        told = {"version": saved.number, "collection": collection, "why": why}
        await audit.note(tx, by, "changed" if saved.number > 1 else "recorded", f"event {event.id}", now, told)
    if isinstance(by, Editor):
        await drop_draft(tx, by.id, event.id)
    return saved.number


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a record: the number of its version, and whether anything is new."""

    number: int
    changed: bool


async def bring(
    tx: Tx, collection: str, event: Event, position: int | None, saving: Saving, based_on: int | None = None
) -> Saved:
    """Write an event with its version and occasions; who calls it stops the editions that told of it, and notes it."""
    for id_, place in ids_of(event):
        check_id(id_, *place)
    await one_at_a_time(tx, _SECTION)
    before = await standing(tx, event.id)
    if based_on is not None and based_on != before.number:
        raise ConflictError(before.number)
    if position is None:
        position = await _position(tx, event.id, collection, before.kept)
    if not await events.save_event(tx, event, collection, position, saving.now):
        return Saved(before.number, changed=False)
    await _reckon(tx, event)
    document = write_event(event)
    moved = before.kept is None or before.kept.collection != collection
    if not moved and before.kept is not None and write_event(before.kept.event) == document:
        return Saved(before.number, changed=True)  # it only stands elsewhere in its collection
    await _keep_former(tx, before, saving.now)
    number = await versions.add(tx, event.id, collection, document, saving)
    return Saved(number, changed=True)


async def withdraw(tx: Tx, by: Editor | str, event: str, based_on: int | None, why: str, now: datetime) -> int:
    """Take an event out; its versions stay, and what was to tell of it and has not started is taken back.

    Raise NotFoundError if it is not there, ConflictError if somebody saved a newer version.
    """
    await one_at_a_time(tx, _SECTION)
    before = await standing(tx, event)
    if before.kept is None:
        raise NotFoundError(f"There is no event {event!r}.")
    if based_on is not None and based_on != before.number:
        raise ConflictError(before.number)
    await _keep_former(tx, before, now)
    await events.remove(tx, event)
    await revisions.supersede(tx, {event}, now)
    number = await versions.add(tx, event, before.kept.collection, None, Saving(by, why, now))
    await audit.note(tx, by, "withdrew", f"event {event}", now, {"version": number, "why": why})
    if isinstance(by, Editor):
        await drop_draft(tx, by.id, event)
    return number


async def history(tx: Tx, event: str) -> list[Version]:
    """Give the versions of an event, the newest first; one without any has none to show yet."""
    return await versions.history(tx, event)


async def version_of(tx: Tx, event: str, number: int) -> Event:
    """Give an event as it was in a version; raise NotFoundError if there is none, or it was withdrawn by it."""
    document = await versions.record_of(tx, event, number)
    if document is None:
        kept = await events.event_named(tx, event)
        if number == 1 and kept is not None and not await versions.newest_number(tx, event):
            return kept.event
        raise NotFoundError
    return read_event(document)


async def return_to(
    tx: Tx, by: Editor | str, event: str, number: int, based_on: int | None, why: str, now: datetime
) -> int:
    """Save an event as it was in an earlier version, in the collection in which it was; gives the new number."""
    former = await version_of(tx, event, number)
    found = [one for one in await versions.history(tx, event) if one.number == number]
    kept = await events.event_named(tx, event)
    collection = found[0].collection if found else kept.collection if kept else ""
    return await save(tx, by, collection, former, based_on, why, now)


async def save_collection(
    tx: Tx,
    by: Editor | str,
    collection: Collection,
    order: Sequence[str] | None,
    based_on: str | None,
    why: str,
    now: datetime,
) -> None:
    """Save a collection's own words and the order of its events (None: as it is); a new one stands behind the others.

    `based_on` is what `collection_version` gave when it was read, "" for a new one, None for whatever it is now.
    Raise ConflictError if it was changed since.
    """
    check_id(collection.id, "id")
    await one_at_a_time(tx, _SECTION)
    before = await _collection_document(tx, collection.id)
    if based_on is not None and based_on != _digest(before):
        raise ConflictError(0)
    await events.save_collection(tx, collection, now)
    if order is not None:
        known = [kept.event.id for kept in await events.events_in(tx, collection.id)]
        places = {id_: place for place, id_ in enumerate(order)}
        await events.reorder(tx, collection.id, sorted(known, key=lambda id_: places.get(id_, len(places))))
    after = await _collection_document(tx, collection.id)
    if after != before:
        told = {"before": before, "after": after, "why": why}
        await audit.note(tx, by, "changed" if before else "recorded", f"collection {collection.id}", now, told)


async def collection_version(tx: Tx, id_: str) -> str:
    """Give what names a collection as it is now, with the order of its events; "" if there is none."""
    return _digest(await _collection_document(tx, id_))


async def check_links(tx: Tx, event: Event) -> None:
    """Raise DocumentError for links to events that are recorded nowhere."""
    known = {event.id, *await events.titles(tx, [link.event for link in event.links])}
    findings = [
        Finding(("links", place, "event"), f"there is no event {link.event!r}")
        for place, link in enumerate(event.links)
        if link.event not in known
    ]
    if findings:
        raise DocumentError(tuple(findings))


LONGEST_ID = 64


def ids_of(event: Event) -> list[tuple[str, Place]]:
    """Give the ids of an event that the tables hold, each with its place."""
    return [(event.id, ("id",)), *((rule.id, ("rules", place, "id")) for place, rule in enumerate(event.rules))]


def check_id(id_: str, *place: str | int) -> None:
    """Raise DocumentError for an id that is empty, too long, or cannot stand in an address."""
    if not 1 <= len(id_) <= LONGEST_ID or not id_.isprintable() or any(mark in id_ for mark in "/?# \\"):
        message = f"an id has 1 to {LONGEST_ID} letters, digits and hyphens, without spaces and slashes"
        raise DocumentError((Finding(tuple(place), message),))


async def _position(tx: Tx, event: str, collection: str, kept: events.Kept | None) -> int:
    """Give the place that an event keeps, or the one behind the others of a collection that it is new in."""
    own = await events.position_of(tx, event) if kept is not None and kept.collection == collection else None
    return await events.last_position(tx, collection) + 1 if own is None else own


async def _reckon(tx: Tx, event: Event) -> None:
    """Reckon an event's occasions anew, in the days that the index covers."""
    await occasions.forget(tx, event.id)
    horizon = await occasions.horizon_of(tx)
    if horizon is not None:
        await occasions.add(tx, event.id, returns(event, *horizon))
        await occasions.set_next(tx, event.id, {rule.id: next_after(event, rule, horizon[1]) for rule in event.rules})


async def _keep_former(tx: Tx, before: Standing, now: datetime) -> None:
    """Keep a record that is older than versions are as the first of them, before it is changed."""
    kept = before.kept
    if kept is not None and not await versions.newest_number(tx, kept.event.id):
        saving = Saving(audit.PROGRAM, _BEFORE, now)
        await versions.add(tx, kept.event.id, kept.collection, write_event(kept.event), saving)


async def _collection_document(tx: Tx, id_: str) -> Mapping[str, Any]:
    for shelf in await events.shelves(tx):
        if shelf.id == id_:
            document = write_collection(replace(events.collection_of(shelf, ()), events=()))
            return document | {"events": [kept.event.id for kept in await events.events_in(tx, id_)]}
    return {}


def _digest(document: Mapping[str, Any]) -> str:
    """Name a document by what it holds; "" for none."""
    if not document:
        return ""
    written = json.dumps(document, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:16]
