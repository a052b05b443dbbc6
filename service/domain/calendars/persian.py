"""The Persian (solar Hijri) calendar with the official leap years of Iran, 1206 to 1498.

Authority: the list of leap years of the Calendar Center, Institute of Geophysics, University of Tehran. A year
begins on the day whose true noon at 52.5 degrees east follows the equinox; from 1206 to 1498 the cycle of 33 years
below gives exactly the years of the list, as the tests show, but not in 1502. So nothing is reckoned beyond the
list, which is before 22 March 1827 and after 20 March 2120. (The cycle of 2820 years, often seen, puts the new year
of 1404 on the wrong day.) The calendar became law on 11 Farvardin 1304; earlier dates are the list's, not what was
written at the time.
"""

import sys
from collections.abc import Sequence

from service.domain.calendars import calendar
from service.domain.calendars.calendar import BeyondTableError, Date, Returned, Ways
from service.domain.errors import InvalidError

SUNSET = False
FIRST_YEAR, LAST_YEAR = 1206, 1498
_FIRST_DAY_BY_CYCLE = 226_895  # 1 Farvardin of the year 1, were the cycle carried back so far
_DAYS_IN_33_YEARS = 12_053


def is_leap(year: int) -> bool:
    """Say whether the year has a 30 Esfand; raise BeyondTableError."""
    _check(year)
    return (25 * year + 11) % 33 < 8


def months_of(year: int) -> Sequence[int]:  # noqa: ARG001  (every calendar is asked by year)
    """Give the months of a year: always twelve."""
    return range(1, 13)


def days_in(year: int, month: int) -> int:
    """Count the days of a month; raise BeyondTableError."""
    leap = is_leap(year)
    if month == 12:
        return 30 if leap else 29
    return 31 if month < 7 else 30


def day_number(year: int, month: int, day: int) -> int:
    """Give the day number of a date; raise InvalidError, BeyondTableError."""
    if not 1 <= month <= 12 or not 1 <= day <= days_in(year, month):
        raise InvalidError(f"the Persian calendar has no {year}-{month:02}-{day:02}")
    return _new_year(year) + 30 * (month - 1) + min(month - 1, 6) + day - 1


def date_of(day_number: int) -> Date:
    """Give year, month and day of a day number; raise BeyondTableError."""
    year = 1 + (33 * (day_number - _FIRST_DAY_BY_CYCLE) + 3) // _DAYS_IN_33_YEARS
    _check(year)
    of_year = day_number - _new_year(year)
    month, day = divmod(of_year, 31) if of_year < 186 else divmod(of_year - 6, 30)
    return year, month + 1, day + 1


def returns_in(year: int, origin: Date, ways: Ways) -> Sequence[Returned]:
    """Give the day on which a date returns; only 30 Esfand ever moves."""
    return calendar.same_day(_THIS, year, origin, ways.missing_day)


def _new_year(year: int) -> int:
    """Give the day number of 1 Farvardin by the cycle of 33 years with 8 leap days."""
    return _FIRST_DAY_BY_CYCLE + 365 * (year - 1) + (8 * year + 21) // 33


def _check(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        nearest = FIRST_YEAR if year < FIRST_YEAR else LAST_YEAR
        raise BeyondTableError(
            f"the official list of Persian leap years covers the years {FIRST_YEAR} to {LAST_YEAR}", nearest
        )


_THIS = sys.modules[__name__]
