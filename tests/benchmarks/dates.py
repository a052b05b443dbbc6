"""Occasions of each rule, beside a loop with `datetime.date` that gives the same days and numbers."""

import calendar
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from service.domain.event import Event
from service.domain.occasion import occasions
from service.domain.rule import Rule
from tests.benchmarks.harness import Report, timed
from tests.builders import a_rule, an_event

FIRST, LAST = date(2025, 1, 1), date(2124, 12, 31)
_YEARS = range(FIRST.year, LAST.year + 1)
_BEGUN = date(1988, 12, 7)
_LEAP = date(2020, 2, 29)
_SPAN = (date(2020, 9, 27), date(2020, 11, 9))
Days = list[tuple[date, int]]
Case = tuple[str, list[Event], Rule, Callable[[date], Days]]


def measure(_folder: Path, *, large: bool) -> Report:
    """Compare rule by rule; both must give the same days."""
    report = Report()
    for what, events, rule, bare in _cases():

        def ours(events: list[Event] = events, rule: Rule = rule) -> int:
            return sum(len(occasions(event, rule, FIRST, LAST)) for event in events)

        starts = [date.fromisoformat(event.first_day) for event in events]

        def theirs(starts: list[date] = starts, bare: Callable[[date], Days] = bare) -> int:
            return sum(len(bare(start)) for start in starts)

        for event, start in zip(events, starts, strict=True):
            assert [(one.on, one.number) for one in occasions(event, rule, FIRST, LAST)] == bare(start), what
        report.compare(f"occasions, {what}", "datetime.date in a loop", timed(ours), timed(theirs))
    return report


def _cases() -> list[Case]:
    ordinary = [an_event(first_day=_BEGUN.isoformat())] * 100
    leap = [an_event(first_day=_LEAP.isoformat())] * 100
    span = [an_event(first_day=_SPAN[0].isoformat(), last_day=_SPAN[1].isoformat())] * 5
    days = [FIRST + timedelta(days=step) for step in range(5000)]
    single = [an_event(first_day=day.isoformat()) for day in days]
    return [
        ("yearly", ordinary, a_rule(), _same_day),
        ("yearly, 29 February, clip", leap, a_rule(missing_day="clip"), _clipped),
        ("yearly, 29 February, next", leap, a_rule(missing_day="next"), _next),
        ("yearly, 29 February, skip", leap, a_rule(missing_day="skip"), _skipped),
        ("yearly, every day of 44", span, a_rule(anchor="every_day"), _every_day),
        ("weekday, last Monday of May", ordinary, a_rule("weekday", month=5, weekday="MO", n=-1), _last_monday),
        ("day-count, the 40th day", single, a_rule("day-count", days=40), _fortieth),
        ("month-count, 6 months", single, a_rule("month-count", months=6), _six_months),
    ]


def _same_day(start: date) -> Days:
    return [(date(year, start.month, start.day), year - start.year) for year in _YEARS]


def _clipped(start: date) -> Days:
    return [
        (date(year, start.month, min(start.day, calendar.monthrange(year, start.month)[1])), year - start.year)
        for year in _YEARS
    ]


def _next(start: date) -> Days:
    last = timedelta(days=start.day - 1)
    return [(date(year, start.month, 1) + last, year - start.year) for year in _YEARS]


def _skipped(start: date) -> Days:
    return [
        (date(year, start.month, start.day), year - start.year)
        for year in _YEARS
        if start.day <= calendar.monthrange(year, start.month)[1]
    ]


def _every_day(start: date) -> Days:
    length = (_SPAN[1] - start).days + 1
    return [
        (date(year, start.month, start.day) + timedelta(days=step), year - start.year)
        for year in _YEARS
        for step in range(length)
    ]


def _last_monday(start: date) -> Days:
    ends = [date(year, 5, 31) for year in _YEARS]
    return [(end - timedelta(days=end.weekday()), end.year - start.year) for end in ends]


def _fortieth(start: date) -> Days:
    return [(start + timedelta(days=39), 40)]


def _six_months(start: date) -> Days:
    year, month = divmod(start.year * 12 + start.month - 1 + 6, 12)
    length = calendar.monthrange(year, month + 1)[1]
    return [(date(year, month + 1, min(start.day, length)), 6)]
