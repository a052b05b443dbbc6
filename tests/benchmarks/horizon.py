"""A new day for 100,000 events, beside reckoning the whole horizon: it costs what falls on it, not what is kept."""

import asyncio
from datetime import date, timedelta
from pathlib import Path

from service.domain.event import Event
from service.scheduling import horizon
from service.store import events, schema
from service.store.dialect import Store
from tests.benchmarks.harness import Report, Run, stopwatch
from tests.builders import a_collection, an_event, at

FIRST = date(2026, 1, 1)
_NOW = at("2026-01-01T00:00")
_DAYS = 5


def measure(folder: Path, *, large: bool) -> Report:
    """Extend the horizon by single days with ten thousand events and, in a long run, a hundred thousand."""
    report = Report()
    for many in (10_000, 100_000) if large else (10_000,):
        whole, day = asyncio.run(_measured(folder / f"{many}.db", many))
        share = day.seconds / _DAYS / whole.seconds
        report.facts.append(
            f"horizon: {many:,} events, {whole.count:,} occasions in 400 days; a further day brought"
            f" {day.count // _DAYS:,} occasions and took {share:.3%} of the time of the whole"
        )
    return report


async def _measured(path: Path, many: int) -> tuple[Run, Run]:
    store = Store(f"sqlite+aiosqlite:///{path}")
    await schema.ensure(store)
    async with store.write() as tx:
        await events.save_collection(tx, a_collection(), _NOW)
        for number in range(many):
            await events.save_event(tx, _event(number), "wars", number, _NOW)
    with stopwatch() as watch:
        count = await horizon.cover(store, FIRST, FIRST + timedelta(days=400))
    whole = watch.run(count)
    with stopwatch() as watch:
        found = [await horizon.cover(store, FIRST, FIRST + timedelta(days=400 + step)) for step in range(1, _DAYS + 1)]
    await store.close()
    return whole, watch.run(sum(found))


def _event(number: int) -> Event:
    day = date(1900, 1, 1) + timedelta(days=number % 40_000)
    return an_event(id=f"event-{number}", first_day=day.isoformat())
