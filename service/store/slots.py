"""Slots and their runs: which there are, which days each has run, who waits to be planned anew.

Nothing here reads all subscribers or all runs: a minute in which nothing is due costs what there are slots.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import CTE, Date, Select, and_, bindparam, func, select, update

from service.domain.slot import Slot
from service.domain.subscription import Status
from service.store.audience import Page, has_moved, in_slot
from service.store.dialect import Tx, insert_or_ignore
from service.store.tables import slot_runs, subscribers
from service.store.templates import version_in_use


class RunState(StrEnum):
    """Where the run of a slot on a day stands."""

    RUNNING = "running"  # planned up to its cursor
    RUN = "run"
    MISSED = "missed"  # nobody was there, or not to its end


@dataclass(frozen=True, slots=True)
class Run:
    """A slot's run on a day; `cursor` is the id of the last reader planned for, "" before the first.

    `words` is the version of the templates that it began with, "" if it has not begun.
    """

    slot: Slot
    day: date
    state: RunState
    cursor: str
    words: str = ""


async def standing(tx: Tx, before: date) -> dict[Slot, Run | None]:
    """Give every slot that somebody is in, with its last run before a day."""
    found = await tx.execute(_standing(), {"before": before})
    return {Slot(row.zone, row.hour): _run(row) if row.day else None for row in found}


async def with_movers(tx: Tx) -> set[Slot]:
    """Give the slots that somebody has joined, or changed in, since the slot last ran."""
    return {Slot(zone, hour) for zone, hour in await tx.execute(_with_movers())}


async def settle_movers(tx: Tx, page: Page) -> None:
    """Take everybody on a page as planned."""
    own = and_(subscribers.c.zone == page.slot.zone, subscribers.c.hour == page.slot.hour, has_moved(subscribers))
    await tx.execute(update(subscribers).where(own, page.holds(subscribers.c.id)).values(moved=False))


async def end_of_page(tx: Tx, page: Page, readers: int) -> str | None:
    """Give the id of the last of so many readers behind a page's beginning; None if there are no more than they."""
    own = and_(in_slot(page.slot), subscribers.c.id > page.after)
    if page.movers_only:
        own = and_(own, has_moved(subscribers))
    last = select(subscribers.c.id).where(own).order_by(subscribers.c.id).offset(readers - 1).limit(1)
    return (await tx.execute(last)).scalar()


async def run_of(tx: Tx, slot: Slot, day: date) -> Run | None:
    """Give the run of a slot on a day."""
    row = (await tx.execute(select(slot_runs).where(_own(slot, day)))).first()
    return _run(row) if row else None


async def unfinished(tx: Tx) -> list[Run]:
    """Give the runs that were begun and not ended, the oldest first."""
    begun = select(slot_runs).where(slot_runs.c.state == RunState.RUNNING).order_by(slot_runs.c.day)
    return [_run(row) for row in (await tx.execute(begun)).all()]


async def begin_run(tx: Tx, slot: Slot, day: date, now: datetime, *, missed: bool = False) -> Run | None:
    """Record that the run of a slot on a day begins, or was missed; None if somebody else has.

    A day that was recorded as missed is run after all if its moment comes again: by a clock that was wrong and
    is put right, or by a round that is tried as if it were then.
    """
    state = RunState.MISSED if missed else RunState.RUNNING
    words = await version_in_use(tx)
    row = {
        "zone": slot.zone,
        "hour": slot.hour,
        "day": day,
        "state": state,
        "cursor": "",
        "notices": 0,
        "ran_at": now,
        "template_version": None if missed else words,
    }
    if (await tx.execute(insert_or_ignore(tx, slot_runs).values(row))).rowcount:
        return Run(slot, day, state, "", words)
    again = update(slot_runs).where(_own(slot, day), slot_runs.c.state == RunState.MISSED)
    begun = {
        "cursor": func.coalesce(slot_runs.c.cursor, ""),
        "template_version": func.coalesce(slot_runs.c.template_version, words),
    }
    again = again.values(state=RunState.RUNNING, ran_at=now, **begun)
    if missed or not (await tx.execute(again)).rowcount:
        return None
    return await run_of(tx, slot, day)


async def advance(tx: Tx, run: Run, upto: str | None) -> bool:
    """Move the cursor of a run, to its end if there is no `upto`; False if somebody else has moved it."""
    ended = {"state": RunState.RUN, "cursor": None} if upto is None else {"cursor": upto}
    read = and_(_own(run.slot, run.day), slot_runs.c.state == RunState.RUNNING, slot_runs.c.cursor == run.cursor)
    return bool((await tx.execute(update(slot_runs).where(read).values(ended))).rowcount)


async def cut_short(tx: Tx, run: Run) -> bool:
    """Record that the readers behind the cursor of a run were missed; False if somebody else has moved it."""
    read = and_(_own(run.slot, run.day), slot_runs.c.state == RunState.RUNNING, slot_runs.c.cursor == run.cursor)
    return bool((await tx.execute(update(slot_runs).where(read).values(state=RunState.MISSED))).rowcount)


async def count_notices(tx: Tx, slot: Slot, day: date, notices: int) -> None:
    """Add to the number of notices that a run has made."""
    await tx.execute(update(slot_runs).where(_own(slot, day)).values(notices=slot_runs.c.notices + notices))


@cache
def _standing() -> Select[Any]:
    used = _used(lambda readers: readers.c.status == Status.ACTIVE)
    own = and_(slot_runs.c.zone == subscribers.c.zone, slot_runs.c.hour == subscribers.c.hour)
    earlier = slot_runs.alias("earlier")
    day = select(func.max(earlier.c.day)).where(
        earlier.c.zone == subscribers.c.zone,
        earlier.c.hour == subscribers.c.hour,
        earlier.c.day < bindparam("before", type_=Date),
    )
    run = (slot_runs.c.day, slot_runs.c.state, slot_runs.c.cursor, slot_runs.c.template_version)
    return (
        select(subscribers.c.zone, subscribers.c.hour, *run)
        .join_from(used, subscribers, subscribers.c.id == used.c.id)
        .outerjoin(slot_runs, and_(own, slot_runs.c.day == day.correlate(subscribers).scalar_subquery()))
    )


@cache
def _with_movers() -> Select[Any]:
    used = _used(has_moved)
    return select(subscribers.c.zone, subscribers.c.hour).join_from(used, subscribers, subscribers.c.id == used.c.id)


def _used(condition: Callable[[Any], Any]) -> CTE:
    """Give the id of one subscriber for each slot of those for whom a condition holds.

    In steps through an index, from each slot to the next hour of its zone or else to the next zone: it never looks
    at more than one subscriber of a slot.
    """
    here, there = subscribers.alias("here"), subscribers.alias("there")
    next_hour = _first(condition, there, there.c.hour).where(there.c.zone == here.c.zone, there.c.hour > here.c.hour)
    next_zone = _first(condition, there, there.c.zone, there.c.hour).where(there.c.zone > here.c.zone)
    steps = [step.correlate(here).scalar_subquery() for step in (next_hour, next_zone)]
    first = select(_first(condition, there, there.c.zone, there.c.hour).scalar_subquery().label("id"))
    used = first.cte("used", recursive=True)
    return used.union_all(select(func.coalesce(*steps)).join_from(used, here, here.c.id == used.c.id))


def _first(condition: Callable[[Any], Any], readers: Any, *order: Any) -> Select[Any]:
    return select(readers.c.id).where(condition(readers)).order_by(*order).limit(1)


def _own(slot: Slot, day: date) -> Any:
    return and_(slot_runs.c.zone == slot.zone, slot_runs.c.hour == slot.hour, slot_runs.c.day == day)


def _run(row: Any) -> Run:
    return Run(Slot(row.zone, row.hour), row.day, RunState(row.state), row.cursor or "", row.template_version or "")
