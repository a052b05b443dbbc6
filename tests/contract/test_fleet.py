"""Jobs are hints in the transaction of what they speak of: there or not with it, and never its ruin.

On PostgreSQL only: procrastinate keeps its queue there and nowhere else, and with SQLite the start is refused.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from procrastinate.exceptions import ConnectorException
from sqlalchemy import func, select, text
from sqlalchemy import table as table_named

from service.delivery.fleet import Jobs, Rhythm
from service.domain.errors import StoreError
from service.domain.work import DRAINS, Task, Work
from service.store import hints, migrating, schema
from service.store.dialect import Store

QUICK = Rhythm(poll=0.2, jobs=0.2, heartbeat=0.2, dead_after=1.0)
PATIENCE_SECONDS = 30.0


@pytest.fixture
async def fleet(postgresql_url: str) -> AsyncIterator[tuple[Store, Jobs]]:
    """A store with all tables, and the jobs beside it."""
    store, jobs = Store(postgresql_url), Jobs(postgresql_url, QUICK)
    await schema.upgrade(store)
    await jobs.ready(store)
    yield store, jobs
    await store.close()


async def waiting(store: Store) -> list[str]:
    """The keys of the jobs that wait."""
    async with store.read() as tx:
        found = await tx.execute(text("SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id"))
        return list(found.scalars())


class Doing:
    """What the jobs of a test do: they are noted, and wait for the test where it says so."""

    def __init__(self) -> None:
        self.done: list[Work] = []
        self.began = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()
        self._more = asyncio.Condition()

    async def __call__(self, work: Work) -> None:
        self.began.set()
        await self.go_on.wait()
        async with self._more:
            self.done.append(work)
            self._more.notify_all()

    async def has_done(self, *works: Work) -> None:
        """Wait until these were done."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._more:
            await self._more.wait_for(lambda: set(works) <= set(self.done))


@asynccontextmanager
async def taking(jobs: Jobs, doing: Doing) -> AsyncIterator["asyncio.Task[None]"]:
    """Have a process take jobs for as long as the block lasts."""
    task = asyncio.create_task(jobs.take(dict.fromkeys(Task, doing)))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_jobs_of_a_transaction_that_commits_are_there(fleet: tuple[Store, Jobs]) -> None:
    store, jobs = fleet
    async with store.write() as tx:
        await jobs.announce(tx, [Work(Task.RENDER, "e1"), *DRAINS])
        assert await waiting(store) == [], "nobody sees them before the commit"
    assert await waiting(store) == [*(f"drain-{shard}" for shard in range(8)), "render-e1"]


async def test_jobs_of_a_transaction_that_rolls_back_are_not_there(fleet: tuple[Store, Jobs]) -> None:
    store, jobs = fleet
    async with store.write() as tx:
        await tx.execute(text("CREATE TABLE ours (id int)"))
        await jobs.announce(tx, DRAINS)
        await tx.rollback()
    assert await waiting(store) == []


async def test_a_job_is_deferred_with_the_transaction_even_as_its_first_statement(fleet: tuple[Store, Jobs]) -> None:
    """The driver's own way to make a savepoint would commit here, as nothing has begun the transaction yet."""
    store, jobs = fleet
    async with store.write() as tx:
        await jobs.announce(tx, [Work(Task.RENDER, "e1")])
        await tx.rollback()
    assert await waiting(store) == []


async def test_work_that_waits_already_is_not_deferred_again_and_the_transaction_lives(
    fleet: tuple[Store, Jobs],
) -> None:
    store, jobs = fleet
    for _ in range(2):
        async with store.write() as tx:
            await jobs.announce(tx, [Work(Task.RENDER, "e1")])
    async with store.write() as tx:
        await tx.execute(text("CREATE TABLE ours (id int)"))
        await jobs.announce(tx, [Work(Task.RENDER, "e1"), Work(Task.RENDER, "e2")])
        await tx.execute(text("INSERT INTO ours VALUES (1)"))
    async with store.read() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM ours"))).scalar_one() == 1
    assert await waiting(store) == ["render-e1", "render-e2"]


async def test_many_transactions_that_announce_the_same_at_once_all_commit(fleet: tuple[Store, Jobs]) -> None:
    store, jobs = fleet
    async with store.write() as tx:
        await tx.execute(text("CREATE TABLE ours (id int)"))

    async def writing(number: int) -> None:
        async with store.write() as tx:
            await tx.execute(text("INSERT INTO ours VALUES (:number)"), {"number": number})
            await jobs.announce(tx, [Work(Task.RENDER, str(number % 3)), *reversed(DRAINS)])

    await asyncio.gather(*(writing(number) for number in range(20)))
    async with store.read() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM ours"))).scalar_one() == 20
    assert sorted(await waiting(store)) == sorted(
        [*(f"drain-{shard}" for shard in range(8)), "render-0", "render-1", "render-2"]
    )


async def test_data_commits_though_there_are_no_tables_of_jobs(postgresql_url: str) -> None:
    store, jobs = Store(postgresql_url), Jobs(postgresql_url, QUICK)
    async with store.write() as tx:
        await tx.execute(text("CREATE TABLE ours (id int)"))
        await jobs.announce(tx, DRAINS)
        await tx.execute(text("INSERT INTO ours VALUES (1)"))
    async with store.read() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM ours"))).scalar_one() == 1
    await store.close()


async def test_jobs_are_done_once_and_leave_nothing_behind(fleet: tuple[Store, Jobs]) -> None:
    store, jobs = fleet
    doing = Doing()
    async with taking(jobs, doing):
        async with store.write() as tx:
            await jobs.announce(tx, [Work(Task.RENDER, "e1"), Work(Task.PLAN, "x"), DRAINS[0]])
        await doing.has_done(Work(Task.RENDER, "e1"), Work(Task.PLAN, "x"), DRAINS[0])
    assert len(doing.done) == 3
    async with store.read() as tx:
        for table in ("jobs", "events", "workers"):
            left = select(func.count()).select_from(table_named(f"procrastinate_{table}"))
            assert (await tx.execute(left)).scalar_one() == 0


async def test_stopping_finishes_the_job_in_hand_and_leaves_the_others(fleet: tuple[Store, Jobs]) -> None:
    store, jobs = fleet
    doing = Doing()
    doing.go_on.clear()
    async with store.write() as tx:
        await jobs.announce(tx, DRAINS[:2])
    async with taking(jobs, doing) as task:
        await asyncio.wait_for(doing.began.wait(), PATIENCE_SECONDS)
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=0.2)
        assert not done, "the job in hand is waited for"
        doing.go_on.set()
    assert doing.done == [DRAINS[0]]
    assert await waiting(store) == ["drain-1"]


async def test_a_job_that_fails_is_told_and_does_not_end_the_process(fleet: tuple[Store, Jobs]) -> None:
    store, jobs = fleet

    class Failing(Doing):
        async def __call__(self, work: Work) -> None:
            await super().__call__(work)
            if work.of == "bad":
                raise RuntimeError

    doing = Failing()
    async with taking(jobs, doing):
        async with store.write() as tx:
            await jobs.announce(tx, [Work(Task.RENDER, "bad"), Work(Task.RENDER, "good")])
        await doing.has_done(Work(Task.RENDER, "good"))
    assert await waiting(store) == []


async def test_the_job_of_a_dead_worker_is_given_to_another(fleet: tuple[Store, Jobs]) -> None:
    store, jobs = fleet
    await a_dead_workers_job(store, jobs, DRAINS[0])
    doing = Doing()
    async with taking(jobs, doing):
        await doing.has_done(DRAINS[0])


async def test_the_job_of_a_dead_worker_whose_like_waits_already_is_dropped(fleet: tuple[Store, Jobs]) -> None:
    """To give it back as it is would break the rule that a work waits once, and end the sweeper."""
    store, jobs = fleet
    await a_dead_workers_job(store, jobs, DRAINS[0])
    async with store.write() as tx:
        await jobs.announce(tx, [DRAINS[0]])
    doing = Doing()
    async with taking(jobs, doing) as task:
        await doing.has_done(DRAINS[0])
        await nothing_left(store)
        assert not task.done()


async def test_a_process_whose_tables_are_wiped_says_so_and_takes_jobs_when_begun_anew(
    fleet: tuple[Store, Jobs],
) -> None:
    store, jobs = fleet
    doing = Doing()
    async with taking(jobs, doing) as task:
        async with store.write() as tx:
            await jobs.announce(tx, [DRAINS[0]])
        await doing.has_done(DRAINS[0])
        await wipe(store)
        async with store.write() as tx:
            await jobs.announce(tx, [DRAINS[1]])
        await asyncio.wait({task}, timeout=PATIENCE_SECONDS)
        assert isinstance(task.exception(), ConnectorException), "no worker is registered as it"
    async with taking(jobs, doing):
        await doing.has_done(DRAINS[1])


async def test_the_tables_are_made_once_and_made_anew_for_another_release(postgresql_url: str) -> None:
    store, jobs = Store(postgresql_url), Jobs(postgresql_url, QUICK)
    await schema.upgrade(store)
    script = "CREATE TABLE procrastinate_jobs (id int); CREATE TYPE procrastinate_mood AS ENUM ('100%'); "
    script += "CREATE FUNCTION procrastinate_f(a procrastinate_mood) RETURNS int LANGUAGE sql AS 'SELECT 1'"
    assert await hints.ensure(store, script)
    assert not await hints.ensure(store, script)
    await jobs.ready(store)
    async with store.write() as tx:
        await jobs.announce(tx, DRAINS)
    await jobs.ready(store)
    assert len(await waiting(store)) == 8, "the same release keeps what there is"
    assert await migrating.differences(store) == []
    await store.close()


async def test_processes_that_start_together_make_the_tables_of_jobs_once(postgresql_url: str) -> None:
    stores = [Store(postgresql_url) for _ in range(4)]
    script = "CREATE TABLE procrastinate_jobs (id int)"
    made = await asyncio.gather(*(hints.ensure(store, script) for store in stores))
    assert sorted(made) == [False, False, False, True]
    for store in stores:
        await store.close()


async def test_sqlite_is_refused(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    with pytest.raises(StoreError, match="PostgreSQL"):
        await hints.ensure(store, "")
    await store.close()


async def a_dead_workers_job(store: Store, jobs: Jobs, work: Work) -> None:
    """Leave a job as a process does that was killed a minute ago while it did it."""
    async with store.write() as tx:
        await jobs.announce(tx, [work])
        await tx.execute(
            text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')")
        )
        await tx.execute(
            text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = w.id FROM procrastinate_workers w")
        )


async def nothing_left(store: Store) -> None:
    """Wait until there is no job in any state."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            async with store.read() as tx:
                if not (await tx.execute(text("SELECT count(*) FROM procrastinate_jobs"))).scalar_one():
                    return
            await asyncio.sleep(0.02)


async def wipe(store: Store) -> None:
    """Empty every table of procrastinate."""
    async with store.write() as tx:
        await tx.execute(text("TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_events CASCADE"))
