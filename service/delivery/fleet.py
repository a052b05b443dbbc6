"""The fleet: any number of processes on any number of machines, woken by jobs of procrastinate in PostgreSQL.

A job is a hint (`domain/work.py`) and coarse: a slot to plan, an edition to render, a call to drain what is due;
never a notice. It is deferred in the transaction of what it speaks of. Right or wrong does not depend on it:
whatever becomes of its tables, every post looks into ours each five seconds, and the clock plans by itself what
nobody has planned. procrastinate leads the queue; this module is its one owner.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import DeleteJobCondition, Job, Status

from service.delivery.editions import Press
from service.delivery.engine import InlineEngine
from service.delivery.sender import Sender
from service.domain.slot import Slot
from service.domain.work import EVERY_EDITION, Task, Work
from service.observability import log
from service.store import hints
from service.store.dialect import Store, Tx

Do = Callable[[Work], Awaitable[object]]
PlanSlot = Callable[[Slot, date, datetime], Awaitable[object]]
POLL_SECONDS = 5.0
_TOGETHER = (("drain",), ("plan", "render"))  # an hour of draining must not keep an edition from being rendered
_OPTIONS: dict[str, Any] = {
    "concurrency": 1,
    "delete_jobs": DeleteJobCondition.ALWAYS,
    "install_signal_handlers": False,  # `app.stop_on_signals` tells everybody
}


@dataclass(frozen=True, slots=True)
class Rhythm:
    """In seconds: how often a process looks into our tables, looks for jobs, and shows that it lives, or is dead.

    It looks for jobs although NOTIFY wakes it: procrastinate forgets a wake-up that comes while it looks, and behind
    a pooler that shares sessions none comes.
    """

    poll: float = POLL_SECONDS
    jobs: float = 1.0
    heartbeat: float = 5.0
    dead_after: float = 15.0


class Jobs:
    """procrastinate's side of it: how works become jobs, and how jobs are found and done."""

    def __init__(self, url: str, rhythm: Rhythm | None = None) -> None:
        """Take the database's URL. Nothing is opened yet."""
        self.rhythm = rhythm or Rhythm()
        connector = PsycopgConnector(
            conninfo=url.replace("postgresql+psycopg://", "postgresql://", 1),
            min_size=1,
            max_size=3,
            kwargs={"prepare_threshold": None},  # behind a pooler, the next session does not know the statement
        )
        self._app = App(connector=connector)
        logging.getLogger("procrastinate").setLevel(logging.WARNING)  # it tells of every job, in its own form

    def engine(
        self, press: Press, sender: Sender, plan_slot: "PlanSlot", beside: Sequence[Sender] = ()
    ) -> "FleetEngine":
        """Make the post of a process that takes these jobs."""
        return FleetEngine(self, press, sender, plan_slot, beside)

    async def ready(self, store: Store) -> None:
        """Make its tables, or make them anew if another release made them."""
        if await hints.ensure(store, self._app.schema_manager.get_schema()):
            log.info("jobs_tables_made")

    async def announce(self, tx: Tx, works: Iterable[Work]) -> None:
        """Defer a job for each work with the transaction: if it rolls back, there is none. Comes last in it.

        A work that already waits is not deferred again. Nothing that goes wrong here harms the transaction. All
        take the same order, so that no two transactions wait for each other's keys.
        """
        jobs = [_job(work) for work in sorted(set(works))]
        if jobs and not await self._defer(tx, jobs) and len(jobs) > 1:
            for job in jobs:
                await self._defer(tx, [job])

    async def take(self, doing: Mapping[Task, Do]) -> None:
        """Do jobs until cancelled; then finish the one in hand. Ends by itself, or raises, if anything breaks."""
        for task in doing:
            if task.value not in self._app.tasks:
                self._app.task(name=task.value, queue=task.value)(_doer(task, doing[task]))
        working: list[asyncio.Task[None]] = []
        try:
            await self._app.open_async()
            working += [asyncio.create_task(self._work(queues)) for queues in _TOGETHER]
            working.append(asyncio.create_task(self._sweep()))
            await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in working:
                one.cancel()
            ended = await asyncio.gather(*working, return_exceptions=True)
            await self._app.close_async()  # also after an opening that failed: it would be taken for open
        for problem in ended:
            if isinstance(problem, Exception):
                raise problem

    async def _work(self, queues: Sequence[str]) -> None:
        await self._app.run_worker_async(
            queues=list(queues),  # a tuple would become a row of SQL
            name="-".join(queues),
            fetch_job_polling_interval=self.rhythm.jobs,
            update_heartbeat_interval=self.rhythm.heartbeat,
            stalled_worker_timeout=self.rhythm.dead_after,
            **_OPTIONS,
        )

    async def _sweep(self) -> None:
        """Give the jobs of dead workers to others, which procrastinate leaves to its users.

        Not a job itself: that could stall as well.
        """
        manager = self._app.job_manager
        while True:
            for job in await manager.get_stalled_jobs(seconds_since_heartbeat=self.rhythm.dead_after):
                await self._retry(job)
            await manager.prune_stalled_workers(self.rhythm.dead_after)
            await asyncio.sleep(self.rhythm.heartbeat)

    async def _retry(self, job: Job) -> None:
        manager = self._app.job_manager
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # its like waits already
            with suppress(ConnectorException):
                await manager.finish_job(job, Status.FAILED, delete_job=True)
        except ConnectorException:
            log.info("job_not_retried", job=job.call_string)  # another process was faster
        else:
            log.warning("job_retried", job=job.call_string)

    async def _defer(self, tx: Tx, jobs: list[Job]) -> bool:
        """Insert jobs behind a savepoint, which a key that is there already does not survive."""
        connection = (await tx.get_raw_connection()).driver_connection
        try:
            async with tx.begin_nested():
                await self._app.job_manager.batch_defer_jobs_async(jobs, connection=connection)
        except AlreadyEnqueued:
            return False
        except ConnectorException as error:
            log.warning("work_not_announced", problem=repr(error.__cause__ or error))
        return True


class FleetEngine:
    """The post of one process among many: does the jobs that it gets, and looks for itself besides."""

    def __init__(
        self, jobs: Jobs, press: Press, sender: Sender, plan_slot: PlanSlot, beside: Sequence[Sender] = ()
    ) -> None:
        """Take the jobs, what renders, what sends, what plans a slot, and what sends beside the mail."""
        self._jobs = jobs
        self._press = press
        self._sender = sender
        self._post = InlineEngine(press, sender, jobs.rhythm.poll, beside)
        self._plan_slot = plan_slot
        self._doing: dict[Task, Do] = {Task.PLAN: self._plan, Task.RENDER: self._render, Task.DRAIN: self._drain}
        self._offered: frozenset[Work] = frozenset()
        self._telling: asyncio.Task[None] | None = None
        self._is_untold = False

    async def ready(self) -> None:
        """Make the tables of jobs."""
        await self._jobs.ready(self._press.store)

    def wake(self) -> None:
        """Render and send now, here or elsewhere."""
        self._post.wake()
        self._is_untold = True
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())

    async def share(self, works: Iterable[Work]) -> list[Work]:
        """Offer works to other processes; gives those that were offered the last time and still are not done."""
        asked = frozenset(works)
        here = sorted(asked & self._offered)
        self._offered = asked
        async with self._press.store.write() as tx:
            await self._jobs.announce(tx, asked - frozenset(here))
        return here

    async def run(self, stopping: asyncio.Event) -> None:
        """Play the post until `stopping` is set, then finish what is in flight."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._post.run(stopping))
            group.create_task(self._take_jobs(stopping))

    async def _take_jobs(self, stopping: asyncio.Event) -> None:
        """Do jobs; whatever breaks there is begun anew, and meanwhile the post looks for itself."""
        told = asyncio.create_task(stopping.wait())
        while not stopping.is_set():
            taking = asyncio.create_task(self._jobs.take(self._doing))
            await asyncio.wait({taking, told}, return_when=asyncio.FIRST_COMPLETED)
            taking.cancel()
            (ended,) = await asyncio.gather(taking, return_exceptions=True)
            if not stopping.is_set():
                log.warning("jobs_interrupted", problem=repr(ended))
                await asyncio.wait({told}, timeout=self._jobs.rhythm.poll)
        await told

    async def _plan(self, work: Work) -> None:
        done = await self._plan_slot(*work.slot_day, self._sender.clock())
        log.info("slot_planned_by_a_job", of=work.of, done=repr(done))

    async def _render(self, work: Work) -> None:
        if work.of:
            await self._press.render(work.of, self._sender.clock())
        else:
            await self._post.rendering.once()

    async def _drain(self, _work: Work) -> None:
        self._post.wake_beside()
        await self._post.draining.once()

    async def _tell(self) -> None:
        while self._is_untold:
            self._is_untold = False
            try:
                async with self._press.store.write() as tx:
                    await self._jobs.announce(tx, [EVERY_EDITION])
            except Exception:  # noqa: BLE001  (a hint: the others look every five seconds)
                log.exception("work_not_announced")


def _job(work: Work) -> Job:
    key = f"{work.task}-{work.of}"
    name = work.task.value
    return Job(queue=name, lock=None, queueing_lock=key, task_name=name, task_kwargs={"of": work.of})


def _doer(task: Task, do: Do) -> Callable[[str], Awaitable[None]]:
    async def done(of: str) -> None:
        try:
            await do(Work(task, of))
        except Exception:  # noqa: BLE001  (a hint: what it spoke of is still in the tables, and will be found)
            log.exception("job_failed", task=task.value, of=of)

    return done
