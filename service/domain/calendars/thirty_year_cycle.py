"""The tabular Islamic year, which two calendars share: 11 leap years in 30, and an epoch of their own.

Authority: the most usual of the medieval tables (leap years 2, 5, 7, 10, 13, 16, 18, 21, 24, 26 and 29; R. H. van
Gent's type II; Dershowitz & Reingold, *Calendrical Calculations*, ch. 7). Months have 30 and 29 days by turns; in
leap years the twelfth has 30.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.calendars.calendar import Date
from service.domain.errors import InvalidError

_DAYS_IN_30_YEARS = 10_631


def is_leap(year: int) -> bool:
    """Say whether the twelfth month has a 30th day."""
    return (11 * year + 14) % 30 < 11


@dataclass(frozen=True, slots=True)
class ThirtyYearCycle:
    """Reckons from the day number of 1 Muharram of the year 1."""

    name: str
    epoch: int

    def months_of(self, year: int) -> Sequence[int]:  # noqa: ARG002  (every calendar is asked by year)
        """Give the months of a year: always twelve."""
        return range(1, 13)

    def days_in(self, year: int, month: int) -> int:
        """Count the days of a month."""
        return 30 if month % 2 == 1 or (month == 12 and is_leap(year)) else 29

    def day_number(self, year: int, month: int, day: int) -> int:
        """Give the day number of a date; raise InvalidError."""
        if not 1 <= month <= 12 or not 1 <= day <= self.days_in(year, month):
            raise InvalidError(f"the {self.name} calendar has no {year}-{month:02}-{day:02}")
        return self._new_year(year) + 29 * (month - 1) + month // 2 + day - 1

    def date_of(self, day_number: int) -> Date:
        """Give year, month and day of a day number."""
        year = (30 * (day_number - self.epoch) + 10_646) // _DAYS_IN_30_YEARS
        of_year = day_number - self._new_year(year)
        month = (11 * of_year + 330) // 325
        return year, month, of_year - 29 * (month - 1) - month // 2 + 1

    def _new_year(self, year: int) -> int:
        return self.epoch + 354 * (year - 1) + (11 * year + 3) // 30
