"""Collections and events: the records as they were written, and who belongs where."""

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, select, update

from service.domain.approval import APPROVE_DAYS, Approval
from service.domain.documents import read_event, write_event
from service.domain.event import Collection, Event, Words
from service.domain.notice import InDoubt
from service.store import links
from service.store.dialect import Tx, insert_or_update
from service.store.tables import collections, events, rules


@dataclass(frozen=True, slots=True)
class Kept:
    """An event as it is kept: with its collection, the version of its record, and when that was written."""

    event: Event
    collection: str
    version: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Shelf:
    """A collection without its events."""

    id: str
    title: Words
    description: Words
    events: int
    in_doubt: InDoubt
    approval: Approval = Approval.NONE
    approve_days: int = APPROVE_DAYS


async def save_collection(tx: Tx, collection: Collection, now: datetime) -> None:
    """Write a collection's own words, without its events; a new one is put behind the others."""
    known = select(collections.c.position).where(collections.c.id == collection.id)
    position = (await tx.execute(known)).scalar()
    if position is None:
        position = (await tx.execute(select(func.coalesce(func.max(collections.c.position) + 1, 0)))).scalar_one()
    document = {
        "title": dict(collection.title),
        "description": dict(collection.description),
        "in_doubt": collection.in_doubt.value,
        "approval": collection.approval.value,
        "approve_days": collection.approve_days,
    }
    row = {"id": collection.id, "position": position, "document": document, "updated_at": now}
    await tx.execute(insert_or_update(tx, collections, row, ("id",)))


async def save_event(tx: Tx, event: Event, collection: str, position: int, now: datetime) -> bool:
    """Write an event with its rules; False if it is already kept as it is."""
    version = version_of(event)
    known = select(events.c.version, events.c.collection_id, events.c.position).where(events.c.id == event.id)
    if (await tx.execute(known)).first() == (version, collection, position):
        return False
    document = write_event(event)
    own_rules = document.pop("rules")
    row = {
        "id": event.id,
        "collection_id": collection,
        "position": position,
        "tone": event.tone,
        "version": version,
        "document": document,
        "updated_at": now,
    }
    await tx.execute(insert_or_update(tx, events, row, ("id",)))
    await links.save(tx, event)
    await tx.execute(delete(rules).where(rules.c.event_id == event.id))
    if own_rules:
        rows = [
            {"event_id": event.id, "id": rule.id, "position": place, "document": written}
            for place, (rule, written) in enumerate(zip(event.rules, own_rules, strict=True))
        ]
        await tx.execute(rules.insert(), rows)
    return True


async def last_position(tx: Tx, collection: str) -> int:
    """Give the position of the last event of a collection, -1 if it has none."""
    last = select(func.max(events.c.position)).where(events.c.collection_id == collection)
    found = (await tx.execute(last)).scalar()
    return -1 if found is None else int(found)


async def position_of(tx: Tx, id_: str) -> int | None:
    """Give the position of an event in its collection, None if there is no such event."""
    return (await tx.execute(select(events.c.position).where(events.c.id == id_))).scalar()


async def reorder(tx: Tx, collection: str, ids: Sequence[str]) -> None:
    """Put the events of a collection into an order."""
    for position, id_ in enumerate(ids):
        own = update(events).where(events.c.id == id_, events.c.collection_id == collection)
        await tx.execute(own.values(position=position))


async def remove(tx: Tx, id_: str) -> bool:
    """Remove an event with its rules and occasions; False if there is none of that id."""
    return bool((await tx.execute(delete(events).where(events.c.id == id_))).rowcount)


def version_of(event: Event) -> str:
    """Give the digest of a record: equal records, equal digest."""
    written = json.dumps(write_event(event), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


async def shelves(tx: Tx) -> list[Shelf]:
    """Give every collection in its order, with the number of its events."""
    counted = (
        select(collections.c.id, collections.c.document, func.count(events.c.id))
        .select_from(collections.outerjoin(events, events.c.collection_id == collections.c.id))
        .group_by(collections.c.id)
        .order_by(collections.c.position)
    )
    return [shelf_of(id_, document, count) for id_, document, count in (await tx.execute(counted))]


def shelf_of(id_: str, document: Mapping[str, Any], count: int) -> Shelf:
    """Read a collection of its row, with the number of its events."""
    return Shelf(
        id_,
        document["title"],
        document["description"],
        count,
        InDoubt(document.get("in_doubt", "resend")),
        Approval(document.get("approval", "none")),
        document.get("approve_days", APPROVE_DAYS),
    )


async def asking(tx: Tx) -> dict[str, tuple[Approval, int]]:
    """Give for each collection what it asks of editors, and how many days ahead; without counting its events."""
    found = await tx.execute(select(collections.c.id, collections.c.document))
    return {
        id_: (Approval(document.get("approval", "none")), document.get("approve_days", APPROVE_DAYS))
        for id_, document in found.all()
    }


async def events_named(tx: Tx, ids: Iterable[str]) -> dict[str, Kept]:
    """Give the events of these ids; one that is not kept is left out."""
    return {kept.event.id: kept async for kept in _kept(tx, events.c.id.in_(sorted(set(ids))))}


async def event_named(tx: Tx, id_: str) -> Kept | None:
    """Give one event, None if there is none of that id."""
    return (await events_named(tx, [id_])).get(id_)


async def events_in(tx: Tx, collection: str) -> list[Kept]:
    """Give the events of a collection in their order."""
    return [kept async for kept in _kept(tx, events.c.collection_id == collection)]


async def ids_of(tx: Tx, collection: str, start: int, most: int) -> list[str]:
    """Give the ids of so many events of a collection in their order, from one on, which is counted from 0."""
    page = select(events.c.id).where(events.c.collection_id == collection).order_by(events.c.position, events.c.id)
    return list((await tx.execute(page.offset(start).limit(most))).scalars())


async def all_events(tx: Tx) -> AsyncIterator[Kept]:
    """Stream every event."""
    async for kept in _kept(tx, events.c.id.is_not(None)):
        yield kept


async def count(tx: Tx) -> int:
    """Count the events."""
    return int((await tx.execute(select(func.count()).select_from(events))).scalar_one())


async def titles(tx: Tx, ids: Iterable[str] | None = None) -> dict[str, Words]:
    """Give the titles of events by id: of these, or of all."""
    wanted = select(events.c.id, events.c.document["title"])
    if ids is not None:
        wanted = wanted.where(events.c.id.in_(sorted(set(ids))))
    return dict((await tx.execute(wanted.order_by(events.c.position))).all())


async def offered(tx: Tx) -> list[tuple[str, str, Words]]:
    """Give what can be waited for: each event that has a rule, as id, collection and title, in order."""
    wanted = select(events.c.id, events.c.collection_id, events.c.document["title"])
    ruled = wanted.where(events.c.id.in_(select(rules.c.event_id))).order_by(events.c.position, events.c.id)
    return [(id_, collection, title) for id_, collection, title in (await tx.execute(ruled)).all()]


async def targets(tx: Tx) -> frozenset[str]:
    """Give everything that can be subscribed to, as `collection:ID` and `event:ID`."""
    own = [f"event:{id_}" for id_ in (await tx.execute(select(events.c.id))).scalars()]
    own += [f"collection:{id_}" for id_ in (await tx.execute(select(collections.c.id))).scalars()]
    return frozenset(own)


async def target_titles(tx: Tx, targets: Sequence[str]) -> dict[str, Words]:
    """Give the titles of what can be subscribed to (`collection:ID`, `event:ID`); unknown ones are left out."""
    named = {"collection": [], "event": []}  # type: dict[str, list[str]]
    for target in targets:
        kind, _, id_ = target.partition(":")
        named.setdefault(kind, []).append(id_)
    found: dict[str, Words] = {f"event:{id_}": title for id_, title in (await titles(tx, named["event"])).items()}
    wanted = select(collections.c.id, collections.c.document["title"]).where(collections.c.id.in_(named["collection"]))
    found.update({f"collection:{id_}": title for id_, title in (await tx.execute(wanted))})
    return found


async def _kept(tx: Tx, condition: Any) -> AsyncIterator[Kept]:
    """Read events with their rules, in two statements for each hundred."""
    found = (await tx.execute(select(events).where(condition).order_by(events.c.position, events.c.id))).all()
    for start in range(0, len(found), 100):
        page = found[start : start + 100]
        own = select(rules).where(rules.c.event_id.in_([row.id for row in page])).order_by(rules.c.position)
        documents: dict[str, list[Any]] = {row.id: [] for row in page}
        for rule in (await tx.execute(own)).all():
            documents[rule.event_id].append(rule.document)
        for row in page:
            yield _read(row, documents[row.id])


def _read(row: Row[Any], own_rules: list[Any]) -> Kept:
    event = read_event({**row.document, "rules": own_rules})
    return Kept(event, row.collection_id, row.version, row.updated_at)


def collection_of(shelf: Shelf, kept: Iterable[Kept]) -> Collection:
    """Put a collection together again, for an export."""
    told = tuple(one.event for one in kept)
    own = (shelf.in_doubt, shelf.approval, shelf.approve_days)
    return Collection(shelf.id, shelf.title, shelf.description, told, *own)
