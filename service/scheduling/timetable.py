"""What ticks when. APScheduler is the alarm clock and nothing more: what must survive is in the store.

Authority for the options: `stack.md`, section 7. Its default would drop a tick that is a second late.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from service.observability import log
from service.tracing import span


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of the timetable: a name, how often, and what."""

    name: str
    every: timedelta
    what: Callable[[], Awaitable[object]]


class Timetable:
    """A running clock: each line ticks at once, and then when its time comes."""

    def __init__(self, ticks: list[Tick]) -> None:
        """Take the lines of the timetable; nothing ticks before `start`."""
        self._ticks = ticks
        self._running: set[asyncio.Future[object]] = set()
        self._ticked_at = 0.0
        self._scheduler = self._made()
        self._supervising: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to tick, in the running event loop."""
        self._scheduler.start()
        self._supervising = asyncio.create_task(self._supervise())

    async def stop(self) -> None:
        """Tick no more, and wait for what runs at this moment: APScheduler itself would cancel it."""
        if self._supervising is not None:
            self._supervising.cancel()
        self._scheduler.pause()
        while self._running:
            await asyncio.wait(self._running)
        self._scheduler.shutdown(wait=False)

    def _made(self) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        for tick in self._ticks:
            trigger, at_once = IntervalTrigger(seconds=int(tick.every.total_seconds()), timezone=UTC), datetime.now(UTC)
            scheduler.add_job(self._run, trigger, args=[tick], id=tick.name, next_run_time=at_once)
        scheduler.add_listener(_tell, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        return scheduler

    async def _supervise(self) -> None:
        """Begin anew with a clock that has stopped: an interval thrice missed, and nothing that runs (case 69)."""
        loop, longest = asyncio.get_running_loop(), max(tick.every.total_seconds() for tick in self._ticks)
        self._ticked_at = loop.time()
        while True:
            await asyncio.sleep(longest)
            if not self._running and loop.time() - self._ticked_at > 3 * longest:
                log.error("clock_stopped", seconds=round(loop.time() - self._ticked_at))
                if self._scheduler.running:
                    self._scheduler.shutdown(wait=False)
                self._scheduler = self._made()
                self._scheduler.start()

    async def _run(self, tick: Tick) -> None:
        self._ticked_at = asyncio.get_running_loop().time()
        with span("tick", of=tick.name):
            task = asyncio.ensure_future(tick.what())
            self._running.add(task)
            try:
                await task
            finally:
                self._running.discard(task)


def _tell(event: JobEvent) -> None:
    problem = repr(event.exception) if event.code == EVENT_JOB_ERROR else None
    log.warning("tick_went_wrong", tick=event.job_id, code=event.code, problem=problem)
