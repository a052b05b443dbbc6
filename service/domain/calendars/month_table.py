"""A table of the first days of months, for calendars that are issued and not reckoned: twelve months a year."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.calendars.calendar import BeyondTableError, Date
from service.domain.errors import InvalidError


@dataclass(frozen=True, slots=True)
class MonthTable:
    """Looks dates up among the first days of all months from 1/`first_year`; behind the last stands its end."""

    name: str
    first_year: int
    starts: tuple[int, ...]

    @property
    def last_year(self) -> int:
        """The last year of which the table knows every month."""
        return self.first_year + len(self.starts) // 12 - 1

    def months_of(self, year: int) -> Sequence[int]:  # noqa: ARG002  (every calendar is asked by year)
        """Give the months of a year: always twelve."""
        return range(1, 13)

    def days_in(self, year: int, month: int) -> int:
        """Count the days of a month; raise InvalidError, BeyondTableError."""
        place = self._place(year, month)
        return self.starts[place + 1] - self.starts[place]

    def day_number(self, year: int, month: int, day: int) -> int:
        """Give the day number of a date; raise InvalidError, BeyondTableError."""
        place = self._place(year, month)
        found = self.starts[place] + day - 1
        if day < 1 or found >= self.starts[place + 1]:
            raise InvalidError(f"the {self.name} calendar has no {year}-{month:02}-{day:02}")
        return found

    def date_of(self, day_number: int) -> Date:
        """Give year, month and day of a day number; raise BeyondTableError."""
        if day_number < self.starts[0]:
            raise self._beyond(self.first_year)
        place = bisect_right(self.starts, day_number) - 1
        if place == len(self.starts) - 1:
            raise self._beyond(self.last_year)
        years, months = divmod(place, 12)
        return self.first_year + years, months + 1, day_number - self.starts[place] + 1

    def _place(self, year: int, month: int) -> int:
        if not 1 <= month <= 12:
            raise InvalidError(f"the {self.name} calendar has no month {month}")
        if year < self.first_year:
            raise self._beyond(self.first_year)
        if year > self.last_year:
            raise self._beyond(self.last_year)
        return (year - self.first_year) * 12 + month - 1

    def _beyond(self, nearest_year: int) -> BeyondTableError:
        return BeyondTableError(
            f"the {self.name} calendar is known only for the years {self.first_year} to {self.last_year}", nearest_year
        )
