"""A record, readers and a planner, with the clock in the test's hand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import yaml
from sqlalchemy import select

from service.actions import collections
from service.domain.documents import write_collection
from service.domain.event import Event
from service.domain.subscription import Status, Wish
from service.scheduling import horizon
from service.scheduling.planner import Planned, Planner
from service.store import events, subscribers, subscriptions
from service.store.dialect import Store
from service.store.tables import editions, notices, slot_runs
from tests.builders import a_collection, a_habit, an_event, at

LONG_AGO = at("2010-01-01T00:00")


@dataclass
class PlanningDesk:
    """Readers of one event, by default the war of 27 September, and what is planned for them."""

    store: Store
    planner: Planner = field(init=False)

    def __post_init__(self) -> None:
        self.planner = Planner(self.store)

    async def record(self, *recorded: Event) -> None:
        """Keep events, as an import would; what has changed is told."""
        async with self.store.write() as tx:
            await events.save_collection(tx, a_collection(*recorded), LONG_AGO)
            for place, event in enumerate(recorded or (an_event(),)):
                await events.save_event(tx, event, "wars", place, LONG_AGO)

    async def reader(self, name: str = "anna", event: str = "war", **habit: object) -> str:
        """Keep an active reader of an event."""
        async with self.store.write() as tx:
            arrival = subscribers.Arrival(f"{name}@example.org", a_habit(**habit), Status.ACTIVE, "import", LONG_AGO)
            id_ = await subscribers.add(tx, arrival, LONG_AGO)
            await subscriptions.add(tx, id_, [Wish(event=event)], LONG_AGO, LONG_AGO)
        return id_

    async def plan(self, now: datetime) -> Planned:
        """Do the clock's part of a round as if it were then."""
        await horizon.cover(self.store, now.date() - timedelta(days=5), now.date() + timedelta(days=5))
        return await self.planner.plan(now)

    async def hourly(self, first: str, last: str, step: timedelta = timedelta(minutes=15)) -> None:
        """Plan every quarter of an hour."""
        now = at(first)
        while now <= at(last):
            await self.plan(now)
            now += step

    async def made(self, *columns: str) -> list[tuple[object, ...]]:
        """Give these columns of every notice."""
        wanted = [notices.c[name] for name in columns]
        async with self.store.read() as tx:
            return sorted(tuple(row) for row in await tx.execute(select(*wanted)))

    async def told(self) -> set[tuple[str, str]]:
        """Give state and event of every notice that was not dropped."""
        joined = select(notices.c.state, editions.c.dues).join_from(
            notices, editions, editions.c.id == notices.c.edition_id
        )
        async with self.store.read() as tx:
            rows = (await tx.execute(joined.where(notices.c.state != "dropped"))).all()
        return {(state, event) for state, dues in rows for event, *_ in dues}

    async def runs(self) -> Sequence[tuple[date, str]]:
        """Give day and state of every run."""
        async with self.store.read() as tx:
            found = await tx.execute(select(slot_runs.c.day, slot_runs.c.state).order_by(slot_runs.c.day))
            return [(day, state) for day, state in found]


async def change(desk: PlanningDesk, *recorded: Event, now: datetime, folder: Path) -> None:
    """Import the record as it is now, by the action that people use."""
    file = folder / "wars.yaml"
    file.write_text(yaml.safe_dump(write_collection(a_collection(*recorded)), allow_unicode=True))
    async with desk.store.write() as tx:
        await collections.import_files(tx, [file], now)
