"""Finds the days that went by while nobody was there: a slot did not run, and somebody would have had a letter."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from service.domain.lines import Line, Windows, windows_of
from service.domain.slot import Slot
from service.domain.subscription import Rhythm
from service.store import planning
from service.store.audience import Audience, Page, rhythms
from service.store.dialect import Tx
from service.store.private_planning import private_within
from service.store.said import said_within
from service.store.slots import Run

_MOST_DAYS = 400


async def days_unmanned(tx: Tx, standing: Mapping[Slot, Run | None], now: datetime) -> list[tuple[Slot, date]]:
    """Give the days after each slot's last run that are over, and on which somebody in it would have had a letter.

    Days further back than 400 are not looked at.
    """
    past = list(_days_past(standing, now))
    if not past:
        return []
    would_be_told = _Told(tx, await planning.leads_in_use(tx))
    return [(slot, day) for slot, day in past if await would_be_told.anybody(slot, day)]


def _days_past(standing: Mapping[Slot, Run | None], now: datetime) -> Iterator[tuple[Slot, date]]:
    for slot, last in standing.items():
        today = slot.day_at(now)
        first = max((last.day if last else today) + timedelta(days=1), today - timedelta(days=_MOST_DAYS))
        for day in (first + timedelta(days=step) for step in range((today - first).days)):
            if slot.useful_until(day) <= now:
                yield slot, day


@dataclass(frozen=True, slots=True)
class _Told:
    """What was to be told on past days, looked up once for all slots: a year of absence is long enough to wait for."""

    tx: Tx
    leads: Sequence[int]
    lines: dict[tuple[Rhythm, date], Sequence[Line]] = field(default_factory=dict)

    async def anybody(self, slot: Slot, day: date) -> bool:
        """Say whether anybody in a slot would have had a letter on a day."""
        for rhythm in await rhythms(self.tx, Page(slot), day):
            audience, windows = Audience(Page(slot), day, rhythm), windows_of(rhythm, day, self.leads)
            if await planning.anybody(self.tx, audience, await self._lines(rhythm, day, windows)):
                return True
            if await private_within(self.tx, audience, windows):
                return True
        return False

    async def _lines(self, rhythm: Rhythm, day: date, windows: Windows) -> Sequence[Line]:
        if (rhythm, day) not in self.lines:
            said = await said_within(self.tx, windows)
            self.lines[rhythm, day] = await planning.asked_for(self.tx, list(said))
        return self.lines[rhythm, day]
