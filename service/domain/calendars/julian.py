"""The Julian calendar, carried back beyond its beginning and forward without end.

Authority: Caesar's rule as it has been kept since AD 8, every fourth year a leap year (Dershowitz & Reingold,
*Calendrical Calculations*, ch. 3). Years are astronomical as in ISO 8601: 0 is 1 BC, -43 is 44 BC. Years begin
on 1 January here, although Old Style years often began on 25 March or 1 September: who enters a date must say
the year as of January. Years are counted from 1 March within, so that the leap day comes last.
"""

import sys
from collections.abc import Sequence

from service.domain.calendars import calendar
from service.domain.calendars.calendar import Date, Returned, Ways
from service.domain.errors import InvalidError

SUNSET = False
_DAYS_IN_4_YEARS = 1461
_DAYS_BEFORE_ORDINAL_1 = 308  # from 1 March of the Julian year 0 to 1 January of the Gregorian year 1


def is_leap(year: int) -> bool:
    """Say whether the year has a 29 February: also 1700, 1800, 1900 and 2100."""
    return year % 4 == 0


def months_of(year: int) -> Sequence[int]:  # noqa: ARG001  (every calendar is asked by year)
    """Give the months of a year: always twelve."""
    return range(1, 13)


def days_in(year: int, month: int) -> int:
    """Count the days of a month."""
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in {4, 6, 9, 11} else 31


def day_number(year: int, month: int, day: int) -> int:
    """Give the day number of a date; raise InvalidError."""
    if not 1 <= month <= 12 or not 1 <= day <= days_in(year, month):
        raise InvalidError(f"the Julian calendar has no {year}-{month:02}-{day:02}")
    if month < 3:
        year, month = year - 1, month + 12
    of_year = (153 * (month - 3) + 2) // 5 + day - 1
    return year * 365 + year // 4 + of_year - _DAYS_BEFORE_ORDINAL_1 + 1


def date_of(day_number: int) -> Date:
    """Give year, month and day of a day number."""
    cycle, day = divmod(day_number - 1 + _DAYS_BEFORE_ORDINAL_1, _DAYS_IN_4_YEARS)
    year = (day - day // 1460) // 365
    of_year = day - 365 * year
    month = (5 * of_year + 2) // 153
    day_of_month = of_year - (153 * month + 2) // 5 + 1
    return cycle * 4 + year + (month >= 10), month + 3 - 12 * (month >= 10), day_of_month


def returns_in(year: int, origin: Date, ways: Ways) -> Sequence[Returned]:
    """Give the day on which a date returns; only 29 February ever moves."""
    return calendar.same_day(_THIS, year, origin, ways.missing_day)


_THIS = sys.modules[__name__]
