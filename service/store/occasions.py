"""The index of occasions for the days of the horizon: derived, may be dropped and rebuilt."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, delete, select

from service.domain.event import Tone
from service.domain.occasion import Moved, Occasion
from service.store.dialect import Tx, insert_or_ignore, insert_or_update
from service.store.tables import events, horizon, occasions


@dataclass(frozen=True, slots=True)
class Listed:
    """An occasion in the index, with what of its event is needed to plan."""

    event: str
    version: str
    collection: str
    tone: Tone
    rule: str
    occasion: Occasion


async def horizon_of(tx: Tx) -> tuple[date, date] | None:
    """Give the first and last day that the index covers; None before the first reckoning."""
    row = (await tx.execute(select(horizon.c.first_day, horizon.c.last_day))).first()
    return (row.first_day, row.last_day) if row else None


async def set_horizon(tx: Tx, first_day: date, last_day: date) -> None:
    """Record which days the index covers."""
    row = {"id": 1, "first_day": first_day, "last_day": last_day}
    await tx.execute(insert_or_update(tx, horizon, row, ("id",)))


async def add(tx: Tx, event: str, found: Iterable[tuple[str, Occasion]]) -> int:
    """Add the occasions of an event, each with the id of its rule; those already listed stay."""
    rows = [
        {
            "on_day": occasion.on,
            "event_id": event,
            "rule_id": rule,
            "number": occasion.number,
            "day": occasion.day,
            "days": occasion.days,
            "begins_on": occasion.begins_on,
            "reason": occasion.reason,
            "provisional": occasion.provisional,
        }
        for rule, occasion in found
    ]
    if rows:
        await tx.execute(insert_or_ignore(tx, occasions), rows)
    return len(rows)


async def forget(tx: Tx, event: str) -> None:
    """Drop the occasions of an event, before they are reckoned anew."""
    await tx.execute(delete(occasions).where(occasions.c.event_id == event))


async def forget_all(tx: Tx) -> None:
    """Drop the whole index and its horizon."""
    await tx.execute(delete(occasions))
    await tx.execute(delete(horizon))


async def between(tx: Tx, first_day: date, last_day: date) -> list[Listed]:
    """Give what falls from the first to the last day, both included, in order."""
    wanted = _listed().where(occasions.c.on_day.between(first_day, last_day))
    return [_read(row) for row in (await tx.execute(wanted)).all()]


async def following(tx: Tx, day: date, most: int) -> list[Listed]:
    """Give what comes next, from a day on, at most so many."""
    wanted = _listed().where(occasions.c.on_day >= day).limit(most)
    return [_read(row) for row in (await tx.execute(wanted)).all()]


def _listed() -> Select[Any]:
    return (
        select(occasions, events.c.version, events.c.collection_id, events.c.tone)
        .join_from(occasions, events, events.c.id == occasions.c.event_id)
        .order_by(occasions.c.on_day, events.c.position, occasions.c.event_id, occasions.c.rule_id)
    )


def _read(row: Row[Any]) -> Listed:
    reason = Moved(row.reason) if row.reason else None
    occasion = Occasion(row.on_day, row.number, row.day, row.days, row.begins_on, reason, row.provisional)
    return Listed(row.event_id, row.version, row.collection_id, Tone(row.tone), row.rule_id, occasion)
