"""The index of occasions for the days of the horizon: derived, may be dropped and rebuilt."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, and_, delete, exists, false, or_, select, update

from service.domain.approval import Approval, Leave, Verdict
from service.domain.event import Tone
from service.domain.notice import InDoubt
from service.domain.occasion import Occasion
from service.store.dialect import Tx, insert_or_ignore, insert_or_update
from service.store.editing_tables import approvals, pauses
from service.store.tables import collections, events, horizon, occasions, rules


@dataclass(frozen=True, slots=True)
class Listed:
    """An occasion in the index, with what of its event is needed to plan."""

    event: str
    version: str
    collection: str
    tone: Tone
    rule: str
    occasion: Occasion
    in_doubt: InDoubt
    leave: Leave = field(default_factory=Leave)


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


async def set_next(tx: Tx, event: str, next_on: Mapping[str, date | None]) -> None:
    """Record for each rule of an event, by its id, the first date beyond the horizon."""
    for rule, on in next_on.items():
        own = (rules.c.event_id == event) & (rules.c.id == rule)
        await tx.execute(update(rules).where(own).values(next_on=on))


async def falling(tx: Tx, last_day: date) -> dict[str, set[str]]:
    """Give the rules, by event, whose first date beyond the horizon comes into it if it is moved to a day."""
    found: dict[str, set[str]] = {}
    near = select(rules.c.event_id, rules.c.id).where(rules.c.next_on <= last_day).order_by(rules.c.event_id)
    for event, rule in await tx.execute(near):
        found.setdefault(event, set()).add(rule)
    return found


async def forget(tx: Tx, event: str) -> None:
    """Drop the occasions of an event, before they are reckoned anew."""
    await tx.execute(delete(occasions).where(occasions.c.event_id == event))


async def forget_all(tx: Tx) -> None:
    """Drop the whole index and its horizon."""
    await tx.execute(delete(occasions))
    await tx.execute(delete(horizon))


async def between(tx: Tx, first_day: date, last_day: date) -> list[Listed]:
    """Give what falls from the first to the last day, both included, in order."""
    wanted = listed().where(occasions.c.on_day.between(first_day, last_day))
    return [read(row) for row in (await tx.execute(wanted)).all()]


async def within(tx: Tx, windows: Iterable[tuple[date, date]]) -> list[Listed]:
    """Give what falls into any of the windows, both their ends included, in order."""
    spans = [occasions.c.on_day.between(first, last) for first, last in windows]
    return [read(row) for row in (await tx.execute(listed().where(or_(false(), *spans)))).all()]


async def of_targets(tx: Tx, targets: Iterable[str], first_day: date, last_day: date, most: int) -> list[Listed]:
    """Give what falls of these collections and events from the first to the last day, in order, at most so many."""
    named: dict[str, list[str]] = {"collection": [], "event": []}
    for target in targets:
        kind, _, id_ = target.partition(":")
        named.setdefault(kind, []).append(id_)
    own = or_(events.c.id.in_(named["event"]), events.c.collection_id.in_(named["collection"]))
    wanted = listed().where(own, occasions.c.on_day.between(first_day, last_day)).limit(most)
    return [read(row) for row in (await tx.execute(wanted)).all()]


async def returning(tx: Tx, day: date) -> frozenset[str]:
    """Give the events that have a coming day, from a day on: in the index, or beyond its horizon."""
    near = select(occasions.c.event_id).where(occasions.c.on_day >= day)
    far = select(rules.c.event_id).where(rules.c.next_on.is_not(None))
    return frozenset((await tx.execute(near.union(far))).scalars())


async def following(tx: Tx, day: date, most: int, collection: str | None = None) -> list[Listed]:
    """Give what comes next, of a collection or of all, from a day on, at most so many."""
    wanted = listed().where(occasions.c.on_day >= day).limit(most)
    if collection is not None:
        wanted = wanted.where(events.c.collection_id == collection)
    return [read(row) for row in (await tx.execute(wanted)).all()]


def listed() -> Select[Any]:
    """Read occasions with what of their event, its collection, and the editors' verdicts is needed to plan."""
    asked = {name: collections.c.document[name].as_string().label(name) for name in ("in_doubt", "approval")}
    judged = and_(approvals.c.event_id == occasions.c.event_id, approvals.c.on_day == occasions.c.on_day)
    targets = ("event:" + events.c.id, "collection:" + events.c.collection_id)
    paused = exists().where(pauses.c.target.in_(targets)).label("paused")
    verdict = (approvals.c.verdict, approvals.c.version.label("approved"), paused)
    return (
        select(occasions, events.c.version, events.c.collection_id, events.c.tone, *asked.values(), *verdict)
        .join_from(occasions, events, events.c.id == occasions.c.event_id)
        .join(collections, collections.c.id == events.c.collection_id)
        .outerjoin(approvals, judged)
        .order_by(occasions.c.on_day, events.c.position, occasions.c.event_id, occasions.c.rule_id)
    )


def read(row: Row[Any]) -> Listed:
    """Read an occasion from a row of `listed`."""
    occasion = Occasion(row.on_day, row.number, row.day, row.days, row.begins_on, row.reason or None, row.provisional)
    tone, in_doubt = Tone(row.tone), InDoubt(row.in_doubt or InDoubt.RESEND)
    verdict = Verdict(row.verdict) if row.verdict else None
    leave = Leave(Approval(row.approval or Approval.NONE), verdict, row.approved or "", bool(row.paused))
    return Listed(row.event_id, row.version, row.collection_id, tone, row.rule_id, occasion, in_doubt, leave)
