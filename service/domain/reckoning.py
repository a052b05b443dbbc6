"""What each kind of rule finds: day numbers, before they are observed and put into a window."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from service.domain.calendars import calendar_named, gregorian
from service.domain.calendars.calendar import BeyondTableError, Calendar, Date, Moved, Returned
from service.domain.edtf import Day
from service.domain.feasts import FEASTS
from service.domain.feasts.easter import easter_of
from service.domain.nenki import years_and_days
from service.domain.policies import Anchor, Count, MissingMonthDay, Reading
from service.domain.rule import DayCount, Easter, FeastDay, MonthCount, Nenki, SolarTerm, Weekday, WeekdayNear, Yearly
from service.domain.solar_terms import day_of_term
from service.domain.weekdays import near, nth_weekday


class Dated(Protocol):
    """What the engine needs to know of an event."""

    @property
    def first(self) -> Day: ...  # noqa: D102  (the protocol says what it is)
    @property
    def last(self) -> Day | None: ...  # noqa: D102  (the protocol says what it is)
    @property
    def calendar(self) -> str: ...  # noqa: D102  (the protocol says what it is)
    @property
    def after_sunset(self) -> bool: ...  # noqa: D102  (the protocol says what it is)


@dataclass(frozen=True, slots=True)
class Found:
    """A day number that a rule found; `sunset` if the day begins on the evening before."""

    day_number: int
    number: int
    day: int = 1
    days: int = 1
    reason: str | None = None
    provisional: bool = False
    sunset: bool = False


def _yearly(event: Dated, rule: Yearly, low: int, high: int) -> Iterator[Found]:
    """Each year of the calendar whose day, or whose span, may touch the window."""
    calendar = calendar_named(rule.calendar_name)
    first = date_in(event, event.first, calendar, rule.calendar_name, rule.reading)
    last = (
        date_in(event, event.last, calendar, rule.calendar_name, rule.reading)
        if event.last and event.last.month
        else first
    )
    anchor = last if rule.anchor is Anchor.LAST_DAY else first
    longest = last[0] - first[0] + 1 if rule.anchor is Anchor.EVERY_DAY else 1
    for year in _years(calendar, low, high, longest):
        try:
            if rule.anchor is Anchor.EVERY_DAY:
                yield from _span(calendar, year, first, last, rule)
            else:
                for one in calendar.returns_in(year, anchor, rule.ways):
                    yield _found(one, year - anchor[0], calendar.SUNSET)
        except BeyondTableError:
            continue  # what the tables do not cover is not reckoned


def _span(calendar: Calendar, year: int, first: Date, last: Date, rule: Yearly) -> Iterator[Found]:
    """Each day of the span that begins in `year`, as long as it is in that year (a leap day counts)."""
    starts = calendar.returns_in(year, first, rule.ways)
    ends = calendar.returns_in(year + last[0] - first[0], last, rule.ways)
    for start, end in zip(starts, ends, strict=False):
        days = end.day_number - start.day_number + 1
        for place in range(days):
            reason = start.reason if place == 0 else end.reason if place == days - 1 else None
            day_number, provisional = start.day_number + place, start.provisional or end.provisional
            yield Found(day_number, year - first[0], place + 1, days, reason, provisional, calendar.SUNSET)


def _day_count(event: Dated, rule: DayCount, _low: int, _high: int) -> Iterator[Found]:
    start = event.first.first_possible(event.calendar)
    yield Found(start + rule.days - (rule.count is Count.INCLUSIVE), rule.days)


def _month_count(event: Dated, rule: MonthCount, _low: int, _high: int) -> Iterator[Found]:
    """So many months on; in a lunisolar calendar a leap month is a month like the others."""
    calendar = calendar_named(rule.calendar)
    year, month, day = date_in(event, event.first, calendar, rule.calendar, Reading.CONVERT)
    months, left = list(calendar.months_of(year)), rule.months
    place = months.index(month)
    while place + left >= len(months):
        left -= len(months) - place
        year, place = year + 1, 0
        months = list(calendar.months_of(year))
    month = months[place + left]
    length = calendar.days_in(year, month)
    if day <= length:
        yield Found(calendar.day_number(year, month, day), rule.months, sunset=calendar.SUNSET)
    else:
        end_of_month = calendar.day_number(year, month, length)
        clip = rule.missing_day is MissingMonthDay.CLIP
        found = end_of_month if clip else end_of_month + day - length
        yield Found(found, rule.months, reason=Moved.CLIPPED if clip else Moved.SPILLED, sunset=calendar.SUNSET)


def _weekday(event: Dated, rule: Weekday, low: int, high: int) -> Iterator[Found]:
    def in_year(year: int) -> Iterator[Found]:
        day_number = nth_weekday(year, rule.month, rule.weekday.number, rule.n)
        if day_number is not None:
            yield Found(day_number, year - _civil_year(event))

    return _each_year(in_year, low, high)


def _weekday_near(event: Dated, rule: WeekdayNear, low: int, high: int) -> Iterator[Found]:
    def in_year(year: int) -> Iterator[Found]:
        own = gregorian.day_number(year, *rule.date_in(year))
        yield Found(near(own, rule.weekday.number, rule.mode), year - _civil_year(event))

    return _each_year(in_year, low, high)


def _easter(event: Dated, rule: Easter, low: int, high: int) -> Iterator[Found]:
    def in_year(year: int) -> Iterator[Found]:
        yield Found(easter_of(year, rule.tradition) + rule.offset, year - _civil_year(event))

    return _each_year(in_year, low, high)


def _feast(event: Dated, rule: FeastDay, low: int, high: int) -> Iterator[Found]:
    feast = FEASTS[rule.name]

    def in_year(year: int) -> Iterator[Found]:
        for one in feast.days(year):
            yield _found(one, year - _civil_year(event), feast.sunset)

    return _each_year(in_year, low, high)


def _solar_term(event: Dated, rule: SolarTerm, low: int, high: int) -> Iterator[Found]:
    def in_year(year: int) -> Iterator[Found]:
        yield _found(day_of_term(year, rule.term, rule.meridian), year - _civil_year(event), sunset=False)

    return _each_year(in_year, low, high)


def _nenki(event: Dated, rule: Nenki, _low: int, _high: int) -> Iterator[Found]:
    start = event.first.first_possible(event.calendar)
    for number, one in years_and_days(start, rule.numbers, rule.days, rule.counting):
        yield _found(one, number, sunset=False)


def _found(one: Returned, number: int, sunset: bool) -> Found:  # noqa: FBT001
    return Found(one.day_number, number, reason=one.reason, provisional=one.provisional, sunset=sunset)


def _each_year(find: Callable[[int], Iterator[Found]], low: int, high: int) -> Iterator[Found]:
    """Find in each civil year that touches the window; a year that no table covers has nothing."""
    for year in _years(gregorian, low, high, 0):
        try:
            yield from find(year)
        except BeyondTableError:
            continue


def _years(calendar: Calendar, low: int, high: int, before: int) -> range:
    """Give the years of a calendar that touch a window, one more on either side, within its tables."""
    return range(_year_of(calendar, low) - before - 1, _year_of(calendar, high) + 2)


def _year_of(calendar: Calendar, day_number: int) -> int:
    try:
        return calendar.date_of(day_number)[0]
    except BeyondTableError as beyond:
        return beyond.nearest_year


def date_in(event: Dated, day: Day, calendar: Calendar, name: str, reading: Reading) -> Date:
    """Give a day of an event as a date of a rule's calendar; the first of its month where only that is known.

    Where the calendar's day begins at sunset, what happened after it belongs to the next day.
    """
    if event.calendar == name or reading is Reading.NOMINAL:
        return day.year, day.month or 1, day.day or 1
    own = calendar_named(event.calendar)
    later = event.after_sunset and calendar.SUNSET and not own.SUNSET
    return calendar.date_of(day.first_possible(event.calendar) + later)


def _civil_year(event: Dated) -> int:
    if event.calendar == "gregorian":
        return event.first.year
    return gregorian.date_of(event.first.first_possible(event.calendar))[0]


KINDS: Mapping[str, Callable[[Any, Any, int, int], Iterator[Found]]] = {
    "yearly": _yearly,
    "day-count": _day_count,
    "month-count": _month_count,
    "weekday": _weekday,
    "weekday-near": _weekday_near,
    "easter": _easter,
    "feast": _feast,
    "solar-term": _solar_term,
    "nenki": _nenki,
}
