"""What ticks when. APScheduler is the alarm clock and nothing more: what must survive is in the store.

Authority for the options: `stack.md`, section 7. Its default would drop a tick that is a second late.
"""

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
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        for tick in ticks:
            trigger = CronTrigger.from_crontab(tick.when, timezone=UTC)
            at_once = datetime.now(UTC)
            self._scheduler.add_job(tick.what, trigger, id=tick.name, next_run_time=at_once)
        self._scheduler.add_listener(_tell, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)

    def start(self) -> None:
        """Begin to tick, in the running event loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more; what runs at this moment is waited for by whoever runs it."""
        self._scheduler.shutdown(wait=False)


def _tell(event: JobEvent) -> None:
    problem = repr(event.exception) if event.code == EVENT_JOB_ERROR else None
    log.warning("tick_went_wrong", tick=event.job_id, code=event.code, problem=problem)
