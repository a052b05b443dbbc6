"""Days as people know them: to the day, the month or the year, perhaps only about.

The form is EDTF (ISO 8601-2, levels 0 and 1, without intervals, for which an event has a first and a last day):
`2020-09-27`, `1915-04`, `1988`, `1915-04-24~` (also `?` and `%`), `1915-04-XX`, `198X`, `19XX`, `1988-23` (a season,
of which only the year is taken: nobody agrees when it begins), `Y-17000`. Years are astronomical and may be
negative. A leap month of a lunisolar calendar has an L behind its number, as in RFC 7529: `2020-04L-08`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from service.domain.calendars import calendar_named
from service.domain.marks import Checked

_FORM = re.compile(
    r"(?P<year>Y?-?[0-9]{4,7}|[0-9]{3}X|[0-9]{2}XX)"
    r"(?:-(?P<month>[0-9]{2}|XX)(?P<leap>L?)(?:-(?P<day>[0-9]{2}|XX))?)?(?P<mark>[~?%]?)"
)
_SEASONS = range(21, 25)
_ALLOWED = "allowed: YYYY-MM-DD, YYYY-MM, YYYY, with XX for what is not known and ~ behind it for about"


@dataclass(frozen=True, slots=True)
class Day:
    """A day, month or year of some calendar; what is not known is None.

    `years` is how many there are of which one is meant: 10 in a decade from `year` on, 100 in a century.
    """

    year: int
    month: int | None = None
    day: int | None = None
    about: bool = False
    years: int = 1

    def first_possible(self, calendar: str) -> int:
        """Give the day number of the earliest day that this may be."""
        reckoned = calendar_named(calendar)
        return reckoned.day_number(self.year, self.month or reckoned.months_of(self.year)[0], self.day or 1)

    def last_possible(self, calendar: str) -> int:
        """Give the day number of the latest day that this may be."""
        reckoned = calendar_named(calendar)
        year = self.year + self.years - 1
        month = self.month or reckoned.months_of(year)[-1]
        return reckoned.day_number(year, month, self.day or reckoned.days_in(year, month))


@lru_cache(maxsize=4096)
def parse_day(text: str) -> Day:
    """Read a day; ValueError says which forms are allowed. Whether it exists, `check_day` says."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a date ({_ALLOWED})")
    written = match["year"].removeprefix("Y")
    years = 10 ** written.count("X")
    month, day = (int(part) if part and part != "XX" else None for part in match.group("month", "day"))
    if month is None or month in _SEASONS or years > 1:
        month = day = None
    elif match["leap"]:
        month = -month
    return Day(int(written.replace("X", "0")), month, day, bool(match["mark"]), years)


def _readable(text: str) -> str:
    parse_day(text)
    return text


DayText = Annotated[str, Checked(_readable)]  # a day as it is written, read when its document is


def check_day(day: Day, calendar: str) -> None:
    """Raise ValueError if the calendar has no such day."""
    reckoned = calendar_named(calendar)
    if day.month is not None and day.month not in reckoned.months_of(day.year):
        raise ValueError(f"the year {day.year} of the {calendar} calendar has no month {day.month}")
    if day.month is not None and day.day is not None and not 1 <= day.day <= reckoned.days_in(day.year, day.month):
        raise ValueError(f"month {day.month} of the year {day.year} in the {calendar} calendar has no day {day.day}")
