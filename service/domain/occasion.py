"""When an event returns: the pure function from an event and a rule to its occasions.

Each occasion is reckoned from the original date, never from the one before, so that no year's missing
day carries over. A window has both its ends in it; none or two occasions in a year are ordinary answers.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from service.domain.calendars import Calendar, calendar_named, gregorian
from service.domain.edtf import Day
from service.domain.event import Event
from service.domain.rule import Anchor, Count, DayCount, MissingDay, MissingMonthDay, MonthCount, Rule, Weekday, Yearly


class Moved(StrEnum):
    """Why an occasion does not fall on the day that its rule names."""

    CLIPPED = "missing-day-clip"  # kept on the last day of the month, which lacks the day
    NEXT = "missing-day-next"  # kept on the day after, the month lacks the day
    SPILLED = "missing-day-overflow"  # the days beyond the month's end were counted on
    MONTH_KNOWN = "month-known"  # only the month is known, its first day stands for it


@dataclass(frozen=True, slots=True)
class Occasion:
    """One return of an event by one rule.

    `on` is the civil (Gregorian) date. `number` counts as the rule does: years, or the rule's own days or
    months. `day` of `days` is the place in the event's span (1 of 1 without one). `begins_on` is the civil
    date of the eve where the day begins at sunset. `reason` says why the day was moved. `provisional`
    marks what lies beyond a calendar's tables.
    """

    on: date
    number: int
    day: int = 1
    days: int = 1
    begins_on: date | None = None
    reason: Moved | None = None
    provisional: bool = False


class Dated(Protocol):
    """What the engine needs to know of an event."""

    @property
    def first(self) -> Day: ...  # noqa: D102
    @property
    def last(self) -> Day | None: ...  # noqa: D102
    @property
    def calendar(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Found:
    """A day number that a rule found, before it is put into the window."""

    day_number: int
    number: int
    day: int = 1
    days: int = 1
    reason: Moved | None = None


def occasions(event: Dated, rule: Rule, first_day: date, last_day: date) -> tuple[Occasion, ...]:
    """Give the occasions of `event` by `rule` from `first_day` to `last_day`, both included, in order.

    An event of which only the year is known has none: no day is invented. Of one known to the month,
    the first day of the month stands for it, and the occasion says so.
    """
    if event.first.month is None:
        return ()
    low, high = first_day.toordinal(), last_day.toordinal()
    if rule.until is not None:
        high = min(high, date.fromisoformat(rule.until).toordinal())
    found = (
        Occasion(date.fromordinal(it.day_number), it.number, it.day, it.days, reason=_why(it, event.first))
        for it in _KINDS[type(rule)](event, rule, low, high)
        if low <= it.day_number <= high
        and it.number >= rule.from_number
        and (rule.only is None or rule.only.keeps(it.number))
    )
    return tuple(sorted(found, key=lambda occasion: (occasion.on, occasion.number)))


def _why(found: Found, first: Day) -> Moved | None:
    return found.reason or (Moved.MONTH_KNOWN if first.day is None else None)


def _yearly(event: Dated, rule: Yearly, low: int, high: int) -> Iterator[Found]:
    """Each year whose day, or whose span, may touch the window."""
    calendar = calendar_named(rule.calendar)
    first = _in_calendar(event.first, event.calendar, rule.calendar)
    last = _in_calendar(event.last, event.calendar, rule.calendar) if event.last and event.last.month else first
    anchor = last if rule.anchor is Anchor.LAST_DAY else first
    longest = last[0] - first[0] + 1 if rule.anchor is Anchor.EVERY_DAY else 1
    for year in range(calendar.date_of(low)[0] - longest, calendar.date_of(high)[0] + 1):
        start = _day_in(calendar, year, anchor, rule.missing_day)
        if start is None:
            continue
        if rule.anchor is Anchor.EVERY_DAY:
            yield from _span(calendar, year, first, last, rule.missing_day)
        else:
            yield Found(start[0], year - anchor[0], reason=start[1])


def _span(
    calendar: Calendar, year: int, first: tuple[int, int, int], last: tuple[int, int, int], missing: MissingDay
) -> Iterator[Found]:
    """Each day of the span that begins in `year`, as long as it is in that year (a leap day counts)."""
    start = _day_in(calendar, year, first, missing)
    end = _day_in(calendar, year + last[0] - first[0], last, missing)
    if start is None or end is None:
        return
    days = end[0] - start[0] + 1
    for day_number in range(start[0], end[0] + 1):
        edge = start if day_number == start[0] else end if day_number == end[0] else (0, None)
        yield Found(day_number, year - first[0], day_number - start[0] + 1, days, edge[1])


def _day_in(
    calendar: Calendar, year: int, origin: tuple[int, int, int], missing: MissingDay
) -> tuple[int, Moved | None] | None:
    """Find the day of `origin` in another year of its calendar; None where the rule skips the year."""
    _, month, day = origin
    length = calendar.days_in(year, month)
    if day <= length:
        return calendar.day_number(year, month, day), None
    if missing is MissingDay.SKIP:
        return None
    end_of_month = calendar.day_number(year, month, length)
    return (end_of_month, Moved.CLIPPED) if missing is MissingDay.CLIP else (end_of_month + 1, Moved.NEXT)


def _day_count(event: Dated, rule: DayCount, _low: int, _high: int) -> Iterator[Found]:
    start = event.first.first_possible(event.calendar)
    yield Found(start + rule.days - (rule.count is Count.INCLUSIVE), rule.days)


def _month_count(event: Dated, rule: MonthCount, _low: int, _high: int) -> Iterator[Found]:
    calendar = calendar_named(rule.calendar)
    year, month, day = _in_calendar(event.first, event.calendar, rule.calendar)
    month += rule.months
    while month > calendar.months_in(year):
        month -= calendar.months_in(year)
        year += 1
    length = calendar.days_in(year, month)
    if day <= length:
        yield Found(calendar.day_number(year, month, day), rule.months)
    else:
        end_of_month = calendar.day_number(year, month, length)
        clip = rule.missing_day is MissingMonthDay.CLIP
        spill = 0 if clip else day - length
        yield Found(end_of_month + spill, rule.months, reason=Moved.CLIPPED if clip else Moved.SPILLED)


def _weekday(event: Dated, rule: Weekday, low: int, high: int) -> Iterator[Found]:
    for year in range(gregorian.date_of(low)[0], gregorian.date_of(high)[0] + 1):
        length = gregorian.days_in(year, rule.month)
        first = gregorian.day_number(year, rule.month, 1)
        to_first = (rule.weekday.number - (first - 1)) % 7  # day number 1 was a Monday
        matching = range(1 + to_first, length + 1, 7)
        if abs(rule.n) <= len(matching):
            day = matching[rule.n - 1 if rule.n > 0 else rule.n]
            yield Found(first + day - 1, year - _in_calendar(event.first, event.calendar, "gregorian")[0])


def _in_calendar(day: Day, own: str, other: str) -> tuple[int, int, int]:
    """Give a day as a date of another calendar; the first of its month where only that is known."""
    if own == other:
        return day.year, day.month or 1, day.day or 1
    return calendar_named(other).date_of(day.first_possible(own))


_KINDS: dict[type, Callable[..., Iterator[Found]]] = {
    Yearly: _yearly,
    DayCount: _day_count,
    MonthCount: _month_count,
    Weekday: _weekday,
}


def returns(event: Event, first_day: date, last_day: date) -> list[tuple[str, Occasion]]:
    """Give the occasions of an event by all its rules in a window, each with the id of its rule."""
    return [(rule.id, occasion) for rule in event.rules for occasion in occasions(event, rule, first_day, last_day)]
