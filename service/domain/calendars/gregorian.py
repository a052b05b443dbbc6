"""The proleptic Gregorian calendar, also before 1582 and before the year 1.

Authority: ISO 8601 (the Gregorian rule carried back, year 0 exists). `datetime.date` stops at the
year 1, hence the arithmetic, which counts years from 1 March so that the leap day comes last.
"""

_DAYS_IN_400_YEARS = 146_097
_DAYS_BEFORE_YEAR_1 = 306  # from 1 March of the year 0 to 1 January of the year 1


def is_leap(year: int) -> bool:
    """Say whether the year has a 29 February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def months_in(year: int) -> int:  # noqa: ARG001  (every calendar is asked by year)
    """Count the months of a year: always twelve."""
    return 12


def days_in(year: int, month: int) -> int:
    """Count the days of a month."""
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 if month in {4, 6, 9, 11} else 31


def day_number(year: int, month: int, day: int) -> int:
    """Give the ordinal of a date; equal to `date.toordinal()` from the year 1 on."""
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
