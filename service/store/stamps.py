"""Which versions of which events there are: what must be known to tell whether anything has changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from service.store.dialect import Tx
from service.store.tables import collections, events


@dataclass(frozen=True, slots=True)
class Stamp:
    """An event's id, the version of its record, and when that was written."""

    event: str
    version: str
    written_at: datetime


async def of_targets(tx: Tx, targets: Iterable[str]) -> list[Stamp]:
    """Give the events of targets (`collection:ID`, `event:ID`), each once, in the order of their collections."""
    named: dict[str, set[str]] = {"collection": set(), "event": set()}
    for target in targets:
        kind, _, id_ = target.partition(":")
        named.setdefault(kind, set()).add(id_)
    wanted = (
        select(events.c.id, events.c.version, events.c.updated_at)
        .join_from(events, collections, collections.c.id == events.c.collection_id)
        .where(or_(events.c.collection_id.in_(sorted(named["collection"])), events.c.id.in_(sorted(named["event"]))))
        .order_by(collections.c.position, events.c.position, events.c.id)
    )
    return [Stamp(*row) for row in (await tx.execute(wanted)).all()]
