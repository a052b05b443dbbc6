"""Work: a hint that something waits in the tables, so that another process may look at once.

The tables themselves say what is due, and every process looks into them anyway; a hint that is lost, comes
twice or comes late costs time and nothing else.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from service.domain.slot import Slot

SHARDS = 8


class Task(StrEnum):
    """What is to be done."""

    PLAN = "plan"  # the notices of a slot on a day
    RENDER = "render"  # an edition
    DRAIN = "drain"  # the notices that are due


@dataclass(frozen=True, slots=True, order=True)
class Work:
    """What is to be done, and of what: a slot and day, an edition's id (or "", whatever waits), a shard."""

    task: Task
    of: str = ""

    @classmethod
    def plan(cls, slot: Slot, day: date) -> Self:
        """Name the planning of a slot on a local day."""
        return cls(Task.PLAN, f"{slot.zone} {slot.hour} {day.isoformat()}")

    @property
    def slot_day(self) -> tuple[Slot, date]:
        """The slot and the local day of a work of planning."""
        zone, hour, day = self.of.split()
        return Slot(zone, hour), date.fromisoformat(day)


# A shard is how many are called, not a share of the notices: whoever comes takes what is due, by claims.
DRAINS = tuple(Work(Task.DRAIN, str(shard)) for shard in range(SHARDS))
EVERY_EDITION = Work(Task.RENDER)
