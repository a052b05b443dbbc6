"""What a round of planning finds to do for each slot."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from service.domain.slot import Slot
from service.store import slots
from service.store.dialect import Tx
from service.store.slots import Run, RunState


@dataclass(frozen=True, slots=True)
class Errand:
    """What is still to be done for a slot: a run to go on with, or the readers who moved, for days already run."""

    slot: Slot
    days: tuple[date, ...]
    run: Run | None = None
    first: bool = True


async def errands_of(tx: Tx, standing: Mapping[Slot, Run | None], now: datetime) -> list[Errand]:
    """Find what is due: runs to take up again or to begin, and days that have run for readers who moved since."""
    movers = await slots.with_movers(tx)
    runs = [run for run in await slots.unfinished(tx) if run.slot.due_at(run.day) <= now]
    ran: dict[Slot, tuple[date, ...]] = {}
    for slot, last in standing.items():
        for day in slot.days_due(now):
            run = last if last is None or last.day <= day else await slots.run_of(tx, slot, day)
            if run is None or run.day < day or run.state is RunState.MISSED:
                runs.append(Run(slot, day, RunState.MISSED, ""))
            elif run.state is RunState.RUN and slot in movers:
                ran[slot] = (*ran.get(slot, ()), day)
    return [
        *(Errand(slot, days) for slot, days in ran.items()),
        *(Errand(run.slot, (run.day,), run) for run in runs),
    ]
