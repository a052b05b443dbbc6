"""The watch over the clock: a wall clock that is turned makes nobody's letter early, and none come twice.

The wall clock is compared with one that nobody turns, the seconds since this machine was started, suspended
times among them. Authority: `faults.md`, cases 47 to 49 and I12.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.observability import log
from service.store import installation
from service.store.dialect import Store

TOLERANCE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Look:
    """What both clocks showed at one moment: the time of day, and the seconds since the machine was started."""

    wall: datetime
    boot_seconds: float


def jumped(before: Look, now: Look) -> timedelta:
    """Give by how much the wall clock was turned between two looks."""
    return now.wall - before.wall - timedelta(seconds=now.boot_seconds - before.boot_seconds)


def agree(before: Look, now: Look) -> bool:
    """Say whether both clocks went on alike between two looks."""
    return abs(jumped(before, now)) <= TOLERANCE


@dataclass(slots=True)
class Watch:
    """Looks at both clocks before each round, and keeps the time of each look in the store."""

    store: Store
    clock: Callable[[], datetime]
    boot_clock: Callable[[], float]
    _last: Look | None = field(default=None, init=False)

    async def look(self) -> datetime | None:
        """Give the time to plan for; None after a jump, until two looks in a row agree."""
        now = Look(self.clock(), self.boot_clock())
        async with self.store.write() as tx:
            known = await installation.state(tx)
            before = self._last or _earlier(known.ticked_at if known else None, now)
            await installation.ticked(tx, now.wall)
        self._last = now
        if agree(before, now):
            return now.wall
        seconds = round(jumped(before, now).total_seconds())
        log.warning("clock_jumped", seconds=seconds, before=before.wall.isoformat(), now=now.wall.isoformat())
        return None


def _earlier(ticked_at: datetime | None, now: Look) -> Look:
    """Give what a process that has just begun may believe of the look before it: time has passed, unknown how much.

    A look that lies in the future is one that a clock contradicts, this one or the one before.
    """
    if ticked_at is None or ticked_at <= now.wall:
        return now
    return Look(ticked_at, now.boot_seconds)
