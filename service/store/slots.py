"""Slots and their runs: which there are, which days each has run, who waits to be planned anew."""

from datetime import date, datetime

from sqlalchemy import func, select, update

from service.domain.slot import Slot
from service.domain.subscription import Status
from service.store.dialect import Tx, insert_or_ignore
from service.store.tables import slot_runs, subscribers


async def in_use(tx: Tx) -> list[Slot]:
    """Give the slots that somebody is in."""
    active = select(subscribers.c.zone, subscribers.c.hour).where(subscribers.c.status == Status.ACTIVE).distinct()
    return [Slot(zone, hour) for zone, hour in (await tx.execute(active))]


async def with_movers(tx: Tx) -> set[Slot]:
    """Give the slots that somebody has joined, or changed in, since the slot last ran."""
    moved = select(subscribers.c.zone, subscribers.c.hour).where(subscribers.c.moved).distinct()
    return {Slot(zone, hour) for zone, hour in (await tx.execute(moved))}


async def settle_movers(tx: Tx, slot: Slot) -> None:
    """Take everybody in a slot as planned."""
    own = (subscribers.c.zone == slot.zone) & (subscribers.c.hour == slot.hour) & subscribers.c.moved
    await tx.execute(update(subscribers).where(own).values(moved=False))


async def ran_on(tx: Tx, day_from: date) -> set[tuple[Slot, date]]:
    """Give each slot and day, from a day on, that has been run."""
    ran = (slot_runs.c.day >= day_from) & (slot_runs.c.state == "run")
    runs = select(slot_runs.c.zone, slot_runs.c.hour, slot_runs.c.day).where(ran)
    return {(Slot(zone, hour), day) for zone, hour, day in (await tx.execute(runs))}


async def last_runs(tx: Tx, before: date) -> dict[Slot, date]:
    """Give for each slot the last day before a day on which it ran or was missed."""
    runs = (
        select(slot_runs.c.zone, slot_runs.c.hour, func.max(slot_runs.c.day))
        .where(slot_runs.c.day < before)
        .group_by(slot_runs.c.zone, slot_runs.c.hour)
    )
    return {Slot(zone, hour): day for zone, hour, day in (await tx.execute(runs))}


async def begin_run(tx: Tx, slot: Slot, day: date, now: datetime, *, missed: bool = False) -> bool:
    """Record the run of a slot on a day; False if somebody else has.

    A day that was recorded as missed is run after all if its moment comes again: by a clock that was wrong and
    is put right, or by a round that is tried as if it were then.
    """
    row = {
        "zone": slot.zone,
        "hour": slot.hour,
        "day": day,
        "state": "missed" if missed else "run",
        "notices": 0,
        "ran_at": now,
    }
    if (await tx.execute(insert_or_ignore(tx, slot_runs).values(row))).rowcount:
        return True
    own = (slot_runs.c.zone == slot.zone) & (slot_runs.c.hour == slot.hour) & (slot_runs.c.day == day)
    again = update(slot_runs).where(own, slot_runs.c.state == "missed").values(state="run", ran_at=now)
    return not missed and bool((await tx.execute(again)).rowcount)


async def count_notices(tx: Tx, slot: Slot, day: date, notices: int) -> None:
    """Add to the number of notices that a run has made."""
    own = (slot_runs.c.zone == slot.zone) & (slot_runs.c.hour == slot.hour) & (slot_runs.c.day == day)
    await tx.execute(update(slot_runs).where(own).values(notices=slot_runs.c.notices + notices))
