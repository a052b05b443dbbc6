"""A further day for many events: it costs what falls on it, not what is kept."""

import asyncio
from datetime import date, timedelta
from pathlib import Path

from service.domain.documents import write_event
from service.domain.occasion import next_after
from service.scheduling import horizon
from service.store import events, occasions, schema
from service.store.dialect import Store
from service.store.tables import events as event_table
from service.store.tables import rules as rule_table
from tests.benchmarks.harness import Report, Run, stopwatch
from tests.builders import a_collection, an_event, at

LAST = date(2026, 12, 31)
_NOW = at("2026-01-01T00:00")
_DAYS = 5
_FALLING = 30  # events on each of the first days, whatever the number of events


def measure(folder: Path, *, large: bool) -> Report:
    """Extend the horizon by single days on which as much falls, with few events and with a hundred thousand."""
    report = Report()
    few, many = (asyncio.run(_measured(folder / f"{count}.db", count)) for count in (1_000, 100_000))
    report.facts.append(
        f"horizon: a further day brought {many.count // _DAYS} occasions; with 100,000 events it took"
        f" {many.seconds / few.seconds:.2f} times as long as with 1,000 ({many.cpu / _DAYS * 1000:.0f} ms of processor)"
    )
    return report


async def _measured(path: Path, many: int) -> Run:
    store = Store(f"sqlite+aiosqlite:///{path}")
    await schema.upgrade(store)
    await _fill(store, many)
    with stopwatch() as watch:
        found = [await horizon.cover(store, LAST, LAST + timedelta(days=step)) for step in range(1, _DAYS + 1)]
    await store.close()
    return watch.run(sum(found))


async def _fill(store: Store, many: int) -> None:
    """Put events into a store whose horizon is reckoned up to a day."""
    days = [date(1988, 1, 1) + timedelta(days=step) for step in range(_DAYS)] * _FALLING
    days += [date(1988, 2, 1) + timedelta(days=number % 300) for number in range(many - len(days))]
    rule = an_event().rules[0]
    nexts = {day: next_after(an_event(first_day=day.isoformat()), rule, LAST) for day in set(days)}
    made = list(enumerate(days))
    async with store.write() as tx:
        await events.save_collection(tx, a_collection(), _NOW)
        for start in range(0, many, 5_000):
            page = made[start : start + 5_000]
            await tx.execute(event_table.insert(), [_event_row(number, day) for number, day in page])
            await tx.execute(rule_table.insert(), [_rule_row(number, nexts[day]) for number, day in page])
        await occasions.set_horizon(tx, LAST, LAST)


def _event_row(number: int, day: date) -> dict[str, object]:
    document = {key: value for key, value in _DOCUMENT.items() if key != "rules"}
    return {
        "id": f"event-{number}",
        "collection_id": "wars",
        "position": number,
        "tone": "solemn",
        "version": "v",
        "document": document | {"id": f"event-{number}", "first_day": day.isoformat()},
        "updated_at": _NOW,
    }


def _rule_row(number: int, next_on: date | None) -> dict[str, object]:
    document = _DOCUMENT["rules"][0]
    return {"event_id": f"event-{number}", "id": "yearly", "position": 0, "document": document, "next_on": next_on}


_DOCUMENT = write_event(an_event())
