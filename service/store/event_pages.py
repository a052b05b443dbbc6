"""Pages of the record in the order of keys, each from behind the last one that was told: none is missed or repeated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select, tuple_

from service.store.dialect import Tx
from service.store.editing_tables import event_versions
from service.store.events import Kept, Shelf, events_named, shelf_of
from service.store.occasions import Listed, listed, read
from service.store.tables import collections, events, occasions


@dataclass(frozen=True, slots=True)
class ShelfKept:
    """A collection, and when its own words were written last."""

    shelf: Shelf
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which occasions are wanted: days, both included, and perhaps of one collection or event."""

    first: date
    last: date
    collection: str | None = None
    event: str | None = None


async def page(tx: Tx, collection: str | None, after: str, most: int) -> list[Kept]:
    """Give events with ids behind one, of a collection or of all."""
    wanted = select(events.c.id).where(events.c.id > after).order_by(events.c.id).limit(most)
    if collection is not None:
        wanted = wanted.where(events.c.collection_id == collection)
    ids = list((await tx.execute(wanted)).scalars())
    kept = await events_named(tx, ids)
    return [kept[id_] for id_ in ids]


async def numbers(tx: Tx, ids: Sequence[str]) -> dict[str, int]:
    """Give the number of the newest version of each event; 1 of one that is older than versions are."""
    newest = select(event_versions.c.event_id, func.max(event_versions.c.number).label("number"))
    found = await tx.execute(newest.where(event_versions.c.event_id.in_(ids)).group_by(event_versions.c.event_id))
    return dict.fromkeys(ids, 1) | {row.event_id: row.number for row in found.all()}


async def shelf_page(tx: Tx, after: str, most: int, only: str | None = None) -> list[ShelfKept]:
    """Give collections with ids behind one, or the one of an id."""
    counted = (
        select(
            collections.c.id, collections.c.document, collections.c.updated_at, func.count(events.c.id).label("held")
        )
        .select_from(collections.outerjoin(events, events.c.collection_id == collections.c.id))
        .where(collections.c.id > after if only is None else collections.c.id == only)
        .group_by(collections.c.id)
        .order_by(collections.c.id)
        .limit(most)
    )
    rows = (await tx.execute(counted)).all()
    return [ShelfKept(shelf_of(row.id, row.document, row.held), row.updated_at) for row in rows]


async def occasion_page(tx: Tx, wanted: Wanted, after: tuple[date, str, str, int] | None, most: int) -> list[Listed]:
    """Give occasions in the order of their days, from behind one that is named by day, event, rule and number."""
    key = (occasions.c.on_day, occasions.c.event_id, occasions.c.rule_id, occasions.c.number)
    own: Any = occasions.c.on_day.between(wanted.first, wanted.last)
    if wanted.collection is not None:
        own = and_(own, events.c.collection_id == wanted.collection)
    if wanted.event is not None:
        own = and_(own, occasions.c.event_id == wanted.event)
    if after is not None:
        own = and_(own, occasions.c.on_day >= after[0], tuple_(*key) > after)
    page_ = listed().where(own).order_by(None).order_by(*key).limit(most)
    return [read(row) for row in (await tx.execute(page_)).all()]
