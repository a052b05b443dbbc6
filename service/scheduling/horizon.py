"""Keeps the index of occasions reckoned for the days that may soon be asked for."""

from datetime import date, datetime, timedelta

from service.domain.occasion import returns
from service.store import events as event_store
from service.store import occasions as occasion_store
from service.store.dialect import Store, Tx

DAYS_AHEAD = 400
_DAYS_BEHIND = 2  # a local day may lag a day behind UTC
_ENOUGH_AHEAD = 120  # the longest lead and the longest window, with room


async def reckon(store: Store, now: datetime) -> int:
    """See to it that the index covers the time around `now`; gives how many occasions were reckoned."""
    first, last = now.date() - timedelta(days=_DAYS_BEHIND), now.date() + timedelta(days=_ENOUGH_AHEAD)
    async with store.read() as tx:
        known = await occasion_store.horizon_of(tx)
    if known is not None and known[0] <= first and last <= known[1]:
        return 0
    async with store.write() as tx:
        known = await occasion_store.horizon_of(tx)
        return await _extend(tx, known, first, now.date() + timedelta(days=DAYS_AHEAD))


async def cover(store: Store, first: date, last: date) -> None:
    """See to it that the index covers a window."""
    async with store.write() as tx:
        known = await occasion_store.horizon_of(tx)
        if known is None or first < known[0] or known[1] < last:
            await _extend(tx, known, first, last)


async def rebuild(store: Store, now: datetime) -> int:
    """Drop the index and reckon it anew; gives how many occasions there are."""
    async with store.write() as tx:
        await occasion_store.forget_all(tx)
        first = now.date() - timedelta(days=_DAYS_BEHIND)
        return await _extend(tx, None, first, now.date() + timedelta(days=DAYS_AHEAD))


async def _extend(tx: Tx, known: tuple[date, date] | None, first: date, last: date) -> int:
    """Reckon the days that are missing, so that what is known grows without a gap."""
    if known is None:
        missing = [(first, last)]
    else:
        missing = [(first, known[0] - timedelta(days=1)), (known[1] + timedelta(days=1), last)]
        first, last = min(first, known[0]), max(last, known[1])
    count = 0
    for start, end in missing:
        if start <= end:
            async for kept in event_store.all_events(tx):
                count += await occasion_store.add(tx, kept.event.id, returns(kept.event, start, end))
    await occasion_store.set_horizon(tx, first, last)
    return count
