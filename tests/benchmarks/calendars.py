"""Occasions in every calendar, beside calling the bare calendar for the same days."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from service.domain.calendars import CALENDARS
from service.domain.calendars.calendar import BeyondTableError, Calendar, Ways
from service.domain.occasion import occasions
from tests.benchmarks.harness import Report, timed
from tests.builders import a_rule, an_event

FIRST, LAST = date(1951, 1, 1), date(2050, 12, 31)
_BEGUN = date(1950, 2, 14)


def measure(_folder: Path, *, large: bool) -> Report:
    """Compare calendar by calendar; the engine's windows and numbers are what ours does more."""
    report = Report()
    for name in sorted(CALENDARS):
        if name.endswith("-kacst"):
            continue
        rule, event = a_rule(calendar=name), an_event(first_day=_BEGUN.isoformat())

        def ours(rule: object = rule, event: object = event) -> int:
            return sum(len(occasions(event, rule, FIRST, LAST)) for _ in range(20))

        report.compare(
            f"occasions, yearly in {name}", "the calendar itself, year by year", timed(ours), timed(_bare(name))
        )
    if large:
        _million(report)
    return report


def _bare(name: str) -> Callable[[], int]:
    calendar: Calendar = CALENDARS[name]
    origin = calendar.date_of(_BEGUN.toordinal())
    years = range(origin[0] + 1, calendar.date_of(LAST.toordinal())[0] + 1)
    ways = Ways()

    def work() -> int:
        count = 0
        for _ in range(20):
            for year in years:
                try:
                    count += len(calendar.returns_in(year, origin, ways))
                except BeyondTableError:
                    continue
        return count

    return work


def _million(report: Report) -> None:
    """Count a million occasions of mixed rules."""
    rules = [a_rule(calendar=name) for name in CALENDARS if not name.endswith("-kacst")]
    rules += [
        a_rule("easter", tradition="orthodox", offset=9),
        a_rule("feast", name="armenian-easter-merelots"),
        a_rule("feast", name="jewish-yom-hashoah"),
        a_rule("solar-term", term="qingming"),
        a_rule("weekday-near", month_day="08-15", weekday="SU"),
        a_rule("weekday", month=11, weekday="SU", n=3),
    ]
    event = an_event(first_day=_BEGUN.isoformat())

    def mixed() -> int:
        count = 0
        while count < 1_000_000:
            for rule in rules:
                count += len(occasions(event, rule, FIRST, LAST))
        return count

    done = timed(mixed)()
    report.facts.append(
        f"dates: {done.count:,} occasions of {len(rules)} mixed rules in {done.cpu:.1f} s of processor time"
    )
