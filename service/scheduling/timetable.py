"""What ticks when. APScheduler is the alarm clock and nothing more: what must survive is in the store.

Authority for the options: `stack.md`, section 7. Its default would drop a tick that is a second late.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from service.observability import log


@dataclass(frozen=True, slots=True)
class Tick:
    """One line of the timetable: a name, when (cron fields, UTC) and what."""

    name: str
    when: str
    what: Callable[[], Awaitable[object]]


class Timetable:
    """A running clock: each line ticks at once, and then when its time comes."""

    def __init__(self, ticks: list[Tick]) -> None:
        """Take the lines of the timetable; nothing ticks before `start`."""
        self._running: set[asyncio.Future[object]] = set()
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        for tick in ticks:
            trigger = CronTrigger.from_crontab(tick.when, timezone=UTC)
            at_once = datetime.now(UTC)
            self._scheduler.add_job(self._run, trigger, args=[tick], id=tick.name, next_run_time=at_once)
        self._scheduler.add_listener(_tell, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)

    def start(self) -> None:
        """Begin to tick, in the running event loop."""
        self._scheduler.start()

    async def stop(self) -> None:
        """Tick no more, and wait for what runs at this moment: APScheduler itself would cancel it."""
        self._scheduler.pause()
        while self._running:
            await asyncio.wait(self._running)
        self._scheduler.shutdown(wait=False)

    async def _run(self, tick: Tick) -> None:
        task = asyncio.ensure_future(tick.what())
        self._running.add(task)
        try:
            await task
        finally:
            self._running.discard(task)


def _tell(event: JobEvent) -> None:
    problem = repr(event.exception) if event.code == EVENT_JOB_ERROR else None
    log.warning("tick_went_wrong", tick=event.job_id, code=event.code, problem=problem)
