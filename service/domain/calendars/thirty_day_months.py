"""The Egyptian year, which three calendars share: twelve months of 30 days, and the days that are left.

Authority: Dershowitz & Reingold, *Calendrical Calculations*, ch. 1 and 4. The 13th month has 5 days, and a 6th every
fourth year where there are leap years (Alexandrian); without them (vague) the year wanders through the seasons.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.calendars.calendar import Date
from service.domain.errors import InvalidError


@dataclass(frozen=True, slots=True)
class ThirtyDayMonths:
    """Reckons from the day number of the first day of the year 1."""

    name: str
    epoch: int
    leap_days: bool

    def is_leap(self, year: int) -> bool:
        """Say whether the 13th month has a 6th day."""
        return self.leap_days and year % 4 == 3

    def months_of(self, year: int) -> Sequence[int]:  # noqa: ARG002  (every calendar is asked by year)
        """Give the months of a year: always thirteen."""
        return range(1, 14)

    def days_in(self, year: int, month: int) -> int:
        """Count the days of a month."""
        if month < 13:
            return 30
        return 6 if self.is_leap(year) else 5

    def day_number(self, year: int, month: int, day: int) -> int:
        """Give the day number of a date; raise InvalidError."""
        if not 1 <= month <= 13 or not 1 <= day <= self.days_in(year, month):
            raise InvalidError(f"the {self.name} calendar has no {year}-{month:02}-{day:02}")
        return self._new_year(year) + 30 * (month - 1) + day - 1

    def date_of(self, day_number: int) -> Date:
        """Give year, month and day of a day number."""
        days = day_number - self.epoch
        year = (4 * days + 1463) // 1461 if self.leap_days else days // 365 + 1
        month, day = divmod(day_number - self._new_year(year), 30)
        return year, month + 1, day + 1

    def _new_year(self, year: int) -> int:
        return self.epoch + 365 * (year - 1) + (year // 4 if self.leap_days else 0)
