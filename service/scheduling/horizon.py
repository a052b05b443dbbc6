"""Keeps the index of occasions reckoned for the days that may soon be asked for.

A new day costs what falls on it: each rule knows its first date beyond the horizon, and only those whose date
comes into it are reckoned again.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from service.domain.event import Event
from service.domain.occasion import next_after, returns
from service.store import events as event_store
from service.store import occasions as occasion_store
from service.store import private_events
from service.store.dialect import Store, Tx

DAYS_AHEAD = 400
_DAYS_BEHIND = 2  # a local day may lag a day behind UTC
_EVENTS_AT_ONCE = 500


async def reckon(store: Store, now: datetime) -> int:
    """See to it that the index covers the days around `now`; gives how many occasions were reckoned."""
    return await cover(store, now.date() - timedelta(days=_DAYS_BEHIND), now.date() + timedelta(days=DAYS_AHEAD))


async def cover(store: Store, first: date, last: date) -> int:
    """See to it that the index covers a window; gives how many occasions were reckoned."""
    async with store.read() as tx:
        known = await occasion_store.horizon_of(tx)
    if known is not None and known[0] <= first and last <= known[1]:
        return 0
    async with store.write() as tx:
        known = await occasion_store.horizon_of(tx)
        if known is None:
            return await _begin(tx, first, last)
        count = await _grow_back(tx, first, known[0]) if first < known[0] else 0
        count += await _grow(tx, known[1], last) if known[1] < last else 0
        await occasion_store.set_horizon(tx, min(first, known[0]), max(last, known[1]))
        count += await (private_events.reckon_all(tx) if first < known[0] else private_events.grow(tx, last))
        return count


async def rebuild(store: Store, now: datetime, seen: Callable[[int, int], None] | None = None) -> int:
    """Drop the index and reckon it anew; gives how many occasions there are.

    `seen` is told, after each event, how many are done and how many there are.
    """
    async with store.write() as tx:
        await occasion_store.forget_all(tx)
        first, last = now.date() - timedelta(days=_DAYS_BEHIND), now.date() + timedelta(days=DAYS_AHEAD)
        return await _begin(tx, first, last, seen)


async def _begin(tx: Tx, first: date, last: date, seen: Callable[[int, int], None] | None = None) -> int:
    count = done = 0
    events_in_all = await event_store.count(tx) if seen else 0
    async for kept in event_store.all_events(tx):
        done += 1
        if seen:
            seen(done, events_in_all)
        count += await occasion_store.add(tx, kept.event.id, returns(kept.event, first, last))
        await occasion_store.set_next(tx, kept.event.id, _next(kept.event, None, last))
    await occasion_store.set_horizon(tx, first, last)
    await private_events.reckon_all(tx)
    return count


async def _grow_back(tx: Tx, first: date, known_first: date) -> int:
    """Reckon earlier days for every event: somebody tries a day long ago."""
    count = 0
    async for kept in event_store.all_events(tx):
        before = returns(kept.event, first, known_first - timedelta(days=1))
        count += await occasion_store.add(tx, kept.event.id, before)
    return count


async def _grow(tx: Tx, known_last: date, last: date) -> int:
    """Reckon later days, for the rules that have something there."""
    count = 0
    falling = await occasion_store.falling(tx, last)
    ids = sorted(falling)
    for start in range(0, len(ids), _EVENTS_AT_ONCE):
        page = await event_store.events_named(tx, ids[start : start + _EVENTS_AT_ONCE])
        for id_, kept in page.items():
            found = returns(kept.event, known_last + timedelta(days=1), last)
            count += await occasion_store.add(tx, id_, [one for one in found if one[0] in falling[id_]])
            await occasion_store.set_next(tx, id_, _next(kept.event, falling[id_], last))
    return count


def _next(event: Event, only: set[str] | None, last: date) -> dict[str, date | None]:
    """Give the first date of rules of an event after a day."""
    return {rule.id: next_after(event, rule, last) for rule in event.rules if only is None or rule.id in only}
