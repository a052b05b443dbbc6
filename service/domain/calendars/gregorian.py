"""The proleptic Gregorian calendar, also before 1582 and before the year 1.

Authority: ISO 8601 (the Gregorian rule carried back, year 0 exists). `datetime.date` stops at the
year 1, hence the arithmetic, which counts years from 1 March so that the leap day comes last.
"""

import sys
from collections.abc import Sequence

from service.domain.calendars import calendar
from service.domain.calendars.calendar import Date, Returned, Ways
from service.domain.errors import InvalidError

SUNSET = False
_DAYS_IN_400_YEARS = 146_097
_DAYS_BEFORE_YEAR_1 = 306  # from 1 March of the year 0 to 1 January of the year 1


def is_leap(year: int) -> bool:
    """Say whether the year has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def months_of(year: int) -> Sequence[int]:  # noqa: ARG001  (every calendar is asked by year)
    """Give the months of a year: always twelve."""
    return range(1, 13)


def days_in(year: int, month: int) -> int:
    """Count the days of a month."""
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in {4, 6, 9, 11} else 31


def day_number(year: int, month: int, day: int) -> int:
    """Give the ordinal of a date; equal to `date.toordinal()` from the year 1 on; raise InvalidError."""
    if not 1 <= month <= 12 or not 1 <= day <= days_in(year, month):
        raise InvalidError(f"the Gregorian calendar has no {year}-{month:02}-{day:02}")
    if month < 3:
        year, month = year - 1, month + 12
    cycle, of_cycle = divmod(year, 400)
    of_year = (153 * (month - 3) + 2) // 5 + day - 1
    days = of_cycle * 365 + of_cycle // 4 - of_cycle // 100 + of_year
    return cycle * _DAYS_IN_400_YEARS + days - _DAYS_BEFORE_YEAR_1 + 1


def date_of(day_number: int) -> tuple[int, int, int]:
    """Give year, month and day of an ordinal."""
    cycle, day = divmod(day_number - 1 + _DAYS_BEFORE_YEAR_1, _DAYS_IN_400_YEARS)
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    of_year = day - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day_of_month = of_year - (153 * month + 2) // 5 + 1
    return cycle * 400 + year + (month >= 10), month + 3 - 12 * (month >= 10), day_of_month


def returns_in(year: int, origin: Date, ways: Ways) -> Sequence[Returned]:
    """Give the day on which a date returns; only 29 February ever moves."""
    return calendar.same_day(_THIS, year, origin, ways.missing_day)


_THIS = sys.modules[__name__]
