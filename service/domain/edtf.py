"""Days as people know them: to the day, the month or the year, perhaps only about.

The form is a small part of EDTF (ISO 8601-2, level 0 and the marks `~` and `?` of level 1):
`2020-09-27`, `1915-04`, `1988`, `1915-04-24~`. Years are astronomical and may be negative. A leap month of a
lunisolar calendar is written with an L behind its number, as in RFC 7529: `2020-04L-08`.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator

from service.domain.calendars import calendar_named

_FORM = re.compile(
    r"(?P<year>-?[0-9]{4,6})(?:-(?P<month>[0-9]{2})(?P<leap>L?)(?:-(?P<day>[0-9]{2}))?)?(?P<mark>[~?%]?)"
)


@dataclass(frozen=True, slots=True)
class Day:
    """A day, month or year of some calendar; what is not known is None."""

    year: int
    month: int | None = None
    day: int | None = None
    about: bool = False

    def first_possible(self, calendar: str) -> int:
        """Give the day number of the earliest day that this may be."""
        reckoned = calendar_named(calendar)
        return reckoned.day_number(self.year, self.month or reckoned.months_of(self.year)[0], self.day or 1)

    def last_possible(self, calendar: str) -> int:
        """Give the day number of the latest day that this may be."""
        reckoned = calendar_named(calendar)
        month = self.month or reckoned.months_of(self.year)[-1]
        return reckoned.day_number(self.year, month, self.day or reckoned.days_in(self.year, month))


@lru_cache(maxsize=4096)
def parse_day(text: str) -> Day:
    """Read a day; ValueError says which forms are allowed. Whether it exists, `check_day` says."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a date (allowed: YYYY-MM-DD, YYYY-MM, YYYY, with ~ behind it for about)")
    month = int(match["month"]) * (-1 if match["leap"] else 1) if match["month"] else None
    return Day(int(match["year"]), month, int(match["day"]) if match["day"] else None, bool(match["mark"]))


def _readable(text: str) -> str:
    parse_day(text)
    return text


DayText = Annotated[str, AfterValidator(_readable)]  # a day as it is written, read when its document is


def check_day(day: Day, calendar: str) -> None:
    """Raise ValueError if the calendar has no such day."""
    reckoned = calendar_named(calendar)
    if day.month is not None and day.month not in reckoned.months_of(day.year):
        raise ValueError(f"the year {day.year} of the {calendar} calendar has no month {day.month}")
    if day.month is not None and day.day is not None and not 1 <= day.day <= reckoned.days_in(day.year, day.month):
        raise ValueError(f"month {day.month} of the year {day.year} in the {calendar} calendar has no day {day.day}")
