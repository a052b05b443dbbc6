"""What falls on the days of any year, and what happened on a day of the year: reckoned once, kept while it holds.

The index covers the coming days only. Another year is reckoned from all events, one year at a time and aside from
what else is served, and kept until an event changes; so a stranger who asks for years costs one reckoning of each.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from starlette.concurrency import run_in_threadpool

from service.domain.calendars import gregorian
from service.domain.calendars.calendar import BeyondTableError
from service.domain.edtf import Day
from service.domain.occasion import Occasion, returns
from service.store import returning
from service.store.dialect import Store
from service.store.returning import Dates, Stamp

YEARS_AROUND = 100  # so many before and after this one: further on there is nobody who will keep the day
_KEPT_YEARS = 8
_EVENTS_AT_ONCE = 250


@dataclass(frozen=True, slots=True)
class Fall:
    """One return of one event by one of its rules."""

    event: str
    rule: str
    occasion: Occasion


@dataclass(frozen=True, slots=True)
class Past:
    """That an event began or ended on a day."""

    event: str
    on: int  # a day number: years may lie before the first
    ended: bool


@dataclass(frozen=True, slots=True)
class Year:
    """A year's commemorations by day, and for each day of any year what happened on it, as "09-27"."""

    falls: Mapping[date, tuple[Fall, ...]]
    past: Mapping[str, tuple[Past, ...]]


@dataclass(slots=True)
class Almanac:
    """Reckons years and keeps the last ones that were asked for."""

    store: Store
    _years: OrderedDict[int, Year] = field(default_factory=OrderedDict)
    _stamp: Stamp | None = None
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def year(self, number: int) -> Year:
        """Give what falls in a year."""
        async with self._one_at_a_time, self.store.read() as tx:
            stamp = await returning.stamp(tx)
            if stamp != self._stamp:
                self._years.clear()
            if number not in self._years:
                found: list[tuple[list[Fall], list[tuple[str, Past]]]] = []
                last = ""
                while page := await returning.after(tx, last, _EVENTS_AT_ONCE):
                    found.append(await run_in_threadpool(_reckoned, page, number))
                    last = page[-1].id
                known = next(iter(self._years.values()), None)
                self._years[number] = _gathered(found, known.past if known else None)
                self._stamp = stamp
            self._years.move_to_end(number)
            while len(self._years) > _KEPT_YEARS:
                self._years.popitem(last=False)
            return self._years[number]


def _reckoned(page: Sequence[Dates], number: int) -> tuple[list[Fall], list[tuple[str, Past]]]:
    first, last = date(number, 1, 1), date(number, 12, 31)
    falls = [Fall(one.id, rule, occasion) for one in page for rule, occasion in returns(one, first, last)]
    return falls, [past for one in page if not one.observance for past in _past(one)]


def _past(event: Dates) -> list[tuple[str, Past]]:
    """Say on which days an event began and ended, of those that are known to the day."""
    found = []
    for day, ended in ((event.first, False), (event.last, True)):
        if day is not None and (on := _known(day, event.calendar)) is not None:
            _, month, day_of_month = gregorian.date_of(on)
            found.append((f"{month:02}-{day_of_month:02}", Past(event.id, on, ended)))
    return found


def _known(day: Day, calendar: str) -> int | None:
    if day.month is None or day.day is None:
        return None
    try:
        return day.first_possible(calendar)
    except BeyondTableError:
        return None


def _gathered(
    found: Sequence[tuple[list[Fall], list[tuple[str, Past]]]], known: Mapping[str, tuple[Past, ...]] | None
) -> Year:
    """Put the pages together; what happened is the same for every year, and kept once."""
    falls: dict[date, list[Fall]] = {}
    past: dict[str, list[Past]] = {}
    for fell, happened in found:
        for fall in fell:
            falls.setdefault(fall.occasion.on, []).append(fall)
        for day, one in happened:
            past.setdefault(day, []).append(one)
    happened_on = {day: tuple(sorted(told, key=lambda one: (one.on, one.event))) for day, told in past.items()}
    return Year({on: tuple(falls[on]) for on in sorted(falls)}, known or happened_on)
