"""The fleet: real processes share the work through jobs, and lose nothing when the jobs are lost.

On PostgreSQL only: procrastinate keeps its queue there and nowhere else, and a fleet is machines around one server.
"""

import asyncio
import re
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from service.delivery.fleet import Jobs
from service.domain.subscription import Status, Wish
from service.domain.work import DRAINS
from service.store import events, migrating, schema, subscribers, subscriptions
from service.store.dialect import Store
from service.store.tables import notices
from tests.builders import a_collection, a_habit, an_event
from tests.faults import stock
from tests.faults.crew import all_done, until
from tests.faults.oracle import judge
from tests.faults.script import Rule, Stage
from tests.faults.wire import Journal, Wire
from tests.journeys.program import Program

PATIENCE_SECONDS = 60.0


@dataclass
class Fleet:
    """Machines around one database that send to one relay."""

    program: Program
    store: Store
    wire: Wire
    jobs: Jobs
    members: list[Process] = field(default_factory=list)

    async def join(self, roles: str = "post") -> Process:
        """Start a process, and wait until it says that it runs."""
        self.program.folder.mkdir(parents=True, exist_ok=True)
        with self.errors.open("ab") as errors:
            process = await self.program.start("run", "--roles", roles, stderr=errors)
        self.members.append(process)
        assert process.stdout is not None
        greeting = await asyncio.wait_for(process.stdout.readline(), PATIENCE_SECONDS)
        assert b"is running" in greeting, self.errors.read_text()
        return process

    async def leave(self) -> list[int]:
        """Tell all to end, and give the statuses."""
        living = [process for process in self.members if process.returncode is None]
        for process in living:
            process.send_signal(signal.SIGTERM)
        return [await asyncio.wait_for(process.wait(), PATIENCE_SECONDS) for process in living]

    @property
    def errors(self) -> Path:
        """Where the processes log."""
        return self.program.folder / "errors.log"

    async def call(self, most: int = 10_000) -> None:
        """Have so many fall due and announce it, in one transaction, as the press does."""
        now = datetime.now(UTC)
        async with self.store.write() as tx:
            some = select(notices.c.id).where(notices.c.due_at > now).limit(most).scalar_subquery()
            await tx.execute(notices.update().where(notices.c.id.in_(some)).values(due_at=now))
            await self.jobs.announce(tx, DRAINS)

    async def counted(self, query: str) -> int:
        """Give the number that a query gives."""
        async with self.store.read() as tx:
            return int((await tx.execute(text(query))).scalar_one())


@asynccontextmanager
async def fleet_on(url: str, folder: Path) -> AsyncIterator[Fleet]:
    """Make all tables and a relay, and nobody at work yet; at the end nobody is left."""
    async with AsyncExitStack() as stack:
        wire = await stack.enter_async_context(Wire(Journal(folder / "journal")))
        settings = {"DATABASE_URL": url, "ENGINE": "procrastinate", "SMTP_URL": wire.url}
        store = Store(url)
        stack.push_async_callback(store.close)
        await schema.upgrade(store)
        jobs = Jobs(url)
        await jobs.ready(store)
        fleet = Fleet(Program(folder / "home", settings), store, wire, jobs)
        try:
            yield fleet
        finally:
            for process in fleet.members:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()


@pytest.fixture
async def fleet(postgresql_url: str, tmp_path: Path) -> AsyncIterator[Fleet]:
    """A fleet of nobody yet, on a new database."""
    async with fleet_on(postgresql_url, tmp_path) as fleet:
        yield fleet


@asynccontextmanager
async def wiping(fleet: Fleet) -> AsyncIterator[list[int]]:
    """Empty the tables of procrastinate again and again for as long as the block lasts; gives what was in them."""
    found: list[int] = []

    async def wipe() -> None:
        while True:
            async with fleet.store.write() as tx:
                await tx.execute(text("LOCK procrastinate_jobs IN ACCESS EXCLUSIVE MODE"))
                found.append((await tx.execute(text("SELECT count(*) FROM procrastinate_jobs"))).scalar_one())
                await tx.execute(
                    text(
                        "TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_events,"
                        " procrastinate_periodic_defers CASCADE"
                    )
                )
            await asyncio.sleep(0.2)

    task = asyncio.create_task(wipe())
    try:
        yield found
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("members", [2, 3])
async def test_processes_share_the_work_and_each_reader_gets_one_letter(fleet: Fleet, members: int) -> None:
    await stock.fill(fleet.store, 400)
    await hold_back(fleet)
    all_there = asyncio.Event()
    fleet.wire.script.add(Rule(Stage.DOT, until=all_there))
    for _ in range(members):
        await fleet.join()
    await fleet.call()

    async def all_have_begun() -> bool:
        return await fleet.counted("SELECT count(DISTINCT owner) FROM notices WHERE owner IS NOT NULL") == members

    await until(all_have_begun, PATIENCE_SECONDS)
    all_there.set()
    await all_done(fleet.store)
    assert set(await fleet.leave()) == {0}
    verdict = await judge(fleet.store, fleet.wire.journal.read())
    assert (verdict.faults, verdict.extras, verdict.accepted) == ({}, 0, 400)


async def test_tables_of_jobs_wiped_in_mid_run_lose_nothing_and_double_nothing(fleet: Fleet) -> None:
    """Not of notices that are ready alone: from the clock's tick to the last letter, all the while."""
    readers = await a_day_to_remember(fleet.store, 300)
    fleet.wire.script.add(Rule(Stage.DOT, seconds=0.05))
    async with wiping(fleet) as found:
        for roles in ("post", "post", "clock"):
            await fleet.join(roles)
        await until(lambda: all_planned(fleet, readers))  # a lost plan comes again with the clock's next tick
        await all_done(fleet.store)
    assert set(await fleet.leave()) == {0}
    verdict = await judge(fleet.store, fleet.wire.journal.read())
    assert (verdict.faults, verdict.extras, verdict.accepted) == ({}, 0, readers)
    assert len(found) > 5
    assert any(found), "there were jobs to lose"


async def test_a_fleet_goes_from_the_clocks_tick_to_every_mailbox(fleet: Fleet) -> None:
    readers = await a_day_to_remember(fleet.store, 60)
    for roles in ("post", "post", "clock"):
        await fleet.join(roles)
    await until(lambda: all_planned(fleet, readers), PATIENCE_SECONDS)
    await all_done(fleet.store)
    assert fleet.errors.read_text().count("slot_planned_by_a_job") == 2, "the clock gave both slots to the posts"
    assert set(await fleet.leave()) == {0}
    verdict = await judge(fleet.store, fleet.wire.journal.read())
    assert (verdict.faults, verdict.extras, verdict.accepted) == ({}, 0, readers)


async def test_case_041_a_fleet_behind_a_pooler_of_transactions(pooler_url: str, tmp_path: Path) -> None:
    """No LISTEN is relied on: there is none that comes through, and whoever waits for one looks by itself."""
    async with fleet_on(pooler_url, tmp_path) as fleet:
        readers = await a_day_to_remember(fleet.store, 60)
        for roles in ("post", "post", "clock"):
            await fleet.join(roles)
        await until(lambda: all_planned(fleet, readers), PATIENCE_SECONDS)
        await all_done(fleet.store)
        assert set(await fleet.leave()) == {0}
        verdict = await judge(fleet.store, fleet.wire.journal.read())
    assert (verdict.faults, verdict.extras, verdict.accepted) == ({}, 0, readers)


async def test_the_job_of_a_killed_process_is_retried_and_all_letters_arrive(fleet: Fleet) -> None:
    await stock.fill(fleet.store, 100)
    await hold_back(fleet)
    never = asyncio.Event()
    fleet.wire.script.add(Rule(Stage.DATA, until=never))
    first = await fleet.join()
    await fleet.call()
    await fleet.wire.reached(Stage.DATA)

    async def is_doing() -> bool:  # a moment later, where it looked by itself at the same time
        return await fleet.counted("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'") == 1

    await until(is_doing, PATIENCE_SECONDS)
    first.kill()
    await first.wait()
    fleet.wire.script.clear()
    async with fleet.store.write() as tx:
        await tx.execute(text("DELETE FROM procrastinate_jobs WHERE status = 'todo'"))
    await fleet.join()
    await all_done(fleet.store)

    async def no_job_is_left() -> bool:
        return not await fleet.counted("SELECT count(*) FROM procrastinate_jobs")

    await until(no_job_is_left, PATIENCE_SECONDS)
    assert "job_retried" in fleet.errors.read_text()
    assert await fleet.leave() == [0]
    verdict = await judge(fleet.store, fleet.wire.journal.read())
    assert (verdict.faults, verdict.accepted) == ({}, 100)
    assert verdict.extras == 0, "it died before any content was sent"


async def test_a_signal_in_the_middle_of_a_job_ends_the_process_with_status_0_and_leaves_the_rest(
    fleet: Fleet,
) -> None:
    await stock.fill(fleet.store, 200)
    answered = asyncio.Event()
    fleet.wire.script.add(Rule(Stage.DOT, until=answered))
    member = await fleet.join()
    await fleet.wire.reached(Stage.DOT)
    member.send_signal(signal.SIGTERM)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(member.wait(), 0.5)
    answered.set()
    assert await asyncio.wait_for(member.wait(), PATIENCE_SECONDS) == 0
    copies = fleet.wire.journal.read()
    states = await fleet.counted("SELECT count(*) FROM notices WHERE state = 'accepted'")
    assert 0 < len(copies) == states < 200
    assert await fleet.counted("SELECT count(*) FROM notices WHERE state NOT IN ('accepted', 'ready')") == 0
    assert await fleet.counted("SELECT count(*) FROM procrastinate_workers") == 0, "it took its leave"


async def test_a_new_letter_leaves_at_once_though_no_poll_is_due(fleet: Fleet) -> None:
    """The job wakes the post, which looks by itself only each five seconds."""
    await stock.fill(fleet.store, 3)
    await hold_back(fleet)
    await fleet.join()
    waits = []
    for number in range(3):
        loop = asyncio.get_running_loop()
        began = loop.time()
        await fleet.call(1)
        await fleet.wire.reached(Stage.DOT, number + 1)
        waits.append(loop.time() - began)
    assert min(waits) < 2.0


async def test_a_fleet_on_sqlite_does_not_start(tmp_path: Path) -> None:
    ended = await Program(tmp_path, {"ENGINE": "procrastinate"}).ends("run", "--roles", "post")
    assert (ended.status, ended.out) == (1, "")
    assert re.search("REMEMBRANCER_ENGINE: .*PostgreSQL.*inline", ended.err)
    assert "Traceback" not in ended.err


async def test_upgrading_makes_the_tables_of_jobs(postgresql_url: str, tmp_path: Path) -> None:
    program = Program(tmp_path, {"DATABASE_URL": postgresql_url, "ENGINE": "procrastinate"})
    for _ in range(2):
        assert "at version" in (await program.does("db", "upgrade")).out
    store = Store(postgresql_url)
    async with store.read() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM procrastinate_jobs"))).scalar_one() == 0
    assert await migrating.differences(store) == []
    await store.close()


async def hold_back(fleet: Fleet) -> None:
    """Have the notices fall due later: nobody takes them before they are called."""
    later = datetime.now(UTC) + timedelta(hours=1)
    async with fleet.store.write() as tx:
        await tx.execute(notices.update().values(due_at=later))


async def a_day_to_remember(store: Store, readers: int) -> int:
    """Record something that happened on this day of the year, and readers in three slots whose hour has come."""
    now = datetime.now(UTC)
    event = an_event(first_day=now.date().replace(year=now.year - 4).isoformat())
    async with store.write() as tx:
        await events.save_collection(tx, a_collection(event), now)
        await events.save_event(tx, event, "wars", 0, now)
        habits = [
            a_habit(zone="UTC", hour=hour, language=language)
            for hour in ("00:00", "00:01")
            for language in ("en", "hy")
        ]
        arrived = [
            subscribers.Arrival(f"reader{n}@example.org", habits[n % len(habits)], Status.ACTIVE, "import", now)
            for n in range(readers)
        ]
        ids = await subscribers.add_many(tx, [subscribers.arrival_row(one, now) for one in arrived])
        wish = Wish(collection="wars")
        await subscriptions.add_many(tx, [subscriptions.wish_row(id_, wish, now, now) for id_ in ids.values()])
    return readers


async def all_planned(fleet: Fleet, readers: int) -> bool:
    """Say whether each reader has a notice."""
    return await fleet.counted("SELECT count(*) FROM notices") == readers
