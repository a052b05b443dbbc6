"""The Hebrew calendar, and how a death (yahrzeit) or another day returns in it.

Months are numbered from Nisan (1) to Adar (12); in a leap year 12 is Adar I and 13 Adar II. The year of the
world (AM) changes at Tishri (7), so a year's months run 7 to 12 or 13, then 1 to 6. Day 1 Tishri 1 AM is 7 October
3761 BCE (Julian). The fixed calendar is carried back over the centuries in which months were sighted.

Authority: E. M. Reingold and N. Dershowitz, *Calendrical Calculations*, chapter on the Hebrew calendar (months by
the mean conjunction, and the four postponements of the new year: Maimonides, Kiddush HaChodesh 6-8). The arithmetic
is our own: it is about five times as fast as pyluach, equal to it in the years 1 to 6500, and a dependency less.
"""

import sys
from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate

from service.domain.calendars import calendar
from service.domain.calendars.calendar import Adar, Custom, Date, MissingDay, Returned, Ways
from service.domain.errors import InvalidError

SUNSET = True
NISAN, IYAR, SIVAN, TAMMUZ, AV = 1, 2, 3, 4, 5
TISHRI, CHESHVAN, KISLEV, TEVET, SHEVAT, ADAR, ADAR_II = 7, 8, 9, 10, 11, 12, 13
_FIRST_DAY = -1_373_427  # 1 Tishri of the year 1
_PARTS = 25_920  # of a day: 24 hours of 1080
_LENGTHS_OF_A_YEAR = (353, 354, 355, 383, 384, 385)


class Kept(StrEnum):
    """Why a day of the Hebrew calendar is kept on another date."""

    FIRST_SHORT = "hebrew-first-year-short"  # no 30th: the 29th, as in the first year after the death
    FIRST_LONG = "hebrew-first-year-long"  # no 30th: the first of the next month, the first year had a 30th
    SHEVAT = "hebrew-30-adar"  # no 30 Adar: 30 Shevat, which is the first day of the new moon of Adar
    ONE_ADAR = "hebrew-one-adar"  # it was in Adar I or II, and the year has one Adar
    TWO_ADARS = "hebrew-two-adars"  # it was in the Adar of a common year, and the year has two


def _months(length: int) -> dict[int, int]:
    """Give the months of a year of that length, in their order, with their lengths."""
    adars = {ADAR: 30, ADAR_II: 29} if length > 380 else {ADAR: 29}
    cheshvan, kislev = 30 if length % 10 == 5 else 29, 29 if length % 10 == 3 else 30
    autumn = {TISHRI: 30, CHESHVAN: cheshvan, KISLEV: kislev, TEVET: 29, SHEVAT: 30}
    return autumn | adars | {NISAN: 30, IYAR: 29, SIVAN: 30, TAMMUZ: 29, AV: 30, 6: 29}


_MONTHS = {length: _months(length) for length in _LENGTHS_OF_A_YEAR}
_ORDER = {length: tuple(months) for length, months in _MONTHS.items()}
_STARTS = {length: tuple(accumulate(months.values(), initial=0))[:-1] for length, months in _MONTHS.items()}
_START_OF = {length: dict(zip(_ORDER[length], _STARTS[length], strict=True)) for length in _LENGTHS_OF_A_YEAR}


def is_leap(year: int) -> bool:
    """Say whether the year has two Adars."""
    return (7 * year + 1) % 19 < 7


def _unhindered(year: int) -> int:
    """Count the days to the new year by the mean conjunction, after noon the next day, never on day 1, 4 or 6."""
    months = (235 * year - 234) // 19
    days = 29 * months + (12_084 + 13_753 * months) // _PARTS
    return days + 1 if 3 * (days + 1) % 7 < 3 else days


@lru_cache(maxsize=1024)
def _new_year(year: int) -> int:
    """Give the day number of 1 Tishri, put off so that no year has 356 or 382 days."""
    before, days, after = (_unhindered(one) for one in (year - 1, year, year + 1))
    put_off = 2 if after - days == 356 else 1 if days - before == 382 else 0
    return _FIRST_DAY + days + put_off


def _length(year: int) -> int:
    return _new_year(year + 1) - _new_year(year)


def months_of(year: int) -> Sequence[int]:
    """Give the months of a year from Tishri (7) on."""
    return _ORDER[_length(year)]


def days_in(year: int, month: int) -> int:
    """Count the days of a month; raise InvalidError if the year has no such month."""
    days = _MONTHS[_length(year)].get(month)
    if days is None:
        raise InvalidError(f"the Hebrew year {year} has no month {month}")
    return days


def day_number(year: int, month: int, day: int) -> int:
    """Give the day number of a date; raise InvalidError if it does not exist."""
    if not 1 <= day <= days_in(year, month):
        raise InvalidError(f"the Hebrew calendar has no {year}-{month:02}-{day:02}")
    return _new_year(year) + _START_OF[_length(year)][month] + day - 1


def date_of(day_number: int) -> Date:
    """Give year, month and day of a day number: of the day that begins on the evening before."""
    year = (day_number - _FIRST_DAY) * 98_496 // 35_975_351 + 1  # by the mean year, at most one off
    if day_number < _new_year(year):
        year -= 1
    elif day_number >= _new_year(year + 1):
        year += 1
    length, of_year = _length(year), day_number - _new_year(year)
    place = bisect_right(_STARTS[length], of_year) - 1
    return year, _ORDER[length][place], of_year - _STARTS[length][place] + 1


def returns_in(year: int, origin: Date, ways: Ways) -> Sequence[Returned]:
    """Give the days on which a death, or another day, returns in a Hebrew year: one, or two with both Adars.

    The custom says what becomes of a day that the year lacks. `missing_day` is heeded only where an
    anniversary says `skip`: a yahrzeit is kept in every year.
    """
    return _yahrzeit(year, origin, ways) if ways.custom is Custom.YAHRZEIT else _anniversary(year, origin, ways)


def _yahrzeit(year: int, origin: Date, ways: Ways) -> Sequence[Returned]:
    """Give the days of a yahrzeit.

    As in *Calendrical Calculations* (p. 113 of its second edition), which hebcal and Emacs follow:

    1. 30 Cheshvan and 30 Kislev: the 30th in years that have it. In those that do not, the first year after the
       death decides for ever (Magen Avraham on Orach Chaim 568): where it lacked the 30th, the day before the next
       month; where it had it, the first of the next month. Some keep the 29th in long years too, if the first
       was short (Luah Hashanah 5774, appendix C); this does not.
    2. 30 Adar I: in common years 30 Shevat.
    3. Adar I: in common years Adar. Adar II: the last Adar of the year.
    4. Adar of a common year: in leap years as `adar` says: Adar I (Rema, Orach Chaim 568:7), Adar II (Shulchan
       Aruch, the same), or both.
    5. Every other day: the same.
    """
    died, month, day = origin
    if day == 30 and month in {CHESHVAN, KISLEV} and days_in(year, month) < 30:
        return (_next_to_month_end(year, month, first=died + 1),)
    if day == 30 and month == ADAR and not is_leap(year):
        return (Returned(day_number(year, SHEVAT, 30), Kept.SHEVAT),)
    return _in_adars(year, origin, ways.adar or Adar.ADAR1, MissingDay.CLIP)


def _anniversary(year: int, origin: Date, ways: Ways) -> Sequence[Returned]:
    """Give the days of a birthday or another anniversary.

    As in *Calendrical Calculations* (p. 111 of its second edition):

    1. Adar II: the last Adar of the year. Adar of a common year: in leap years as `adar` says, the last one if it
       says nothing.
    2. 30 Cheshvan, Kislev or Adar I in a year without it: the first of the next month; nothing if `missing_day`
       is `skip`.
    3. Every other day: the same.
    """
    missing = MissingDay.SKIP if ways.missing_day is MissingDay.SKIP else MissingDay.NEXT
    return _in_adars(year, origin, ways.adar or Adar.ADAR2, missing)


def _next_to_month_end(year: int, month: int, first: int) -> Returned:
    """Give the day for a 30th that the year lacks, by what the first year after the death had."""
    end_of_month = day_number(year, month, 29)
    if days_in(first, month) < 30:
        return Returned(end_of_month, Kept.FIRST_SHORT)
    return Returned(end_of_month + 1, Kept.FIRST_LONG)


def _in_adars(year: int, origin: Date, adar: Adar, missing_day: MissingDay) -> Sequence[Returned]:
    """Give the same day of the month; of one in Adar, that of the Adar or Adars in which it returns."""
    began, month, day = origin
    months, reason = [month], None
    if month >= ADAR and is_leap(began) != is_leap(year):
        reason = Kept.TWO_ADARS if is_leap(year) else Kept.ONE_ADAR
        first, last = adar is not Adar.ADAR2, adar is not Adar.ADAR1
        months = [ADAR] * first + [ADAR_II] * last if is_leap(year) else [ADAR]
    found = (one for month in months for one in calendar.same_day(_THIS, year, (began, month, day), missing_day))
    return tuple(Returned(one.day_number, one.reason or reason) for one in found)


_THIS = sys.modules[__name__]
