"""The calendars in which an event may be recorded and return, each in a module of its own.

The engine speaks to a calendar only through `Calendar`; a day number is the proleptic Gregorian
ordinal (1 = 1 January of the year 1), so that calendars meet in integers. To add one: its module,
one line in `CALENDARS`, and its golden table in the tests.
"""

from collections.abc import Mapping
from typing import Protocol

from service.domain.calendars import gregorian
from service.domain.errors import InvalidError


class Calendar(Protocol):
    """A way to name days by year, month and day of the month.

    Years are counted astronomically: the year before 1 is 0.
    """

    def day_number(self, year: int, month: int, day: int) -> int:
        """Give the day number of a date that exists in this calendar."""
        ...

    def date_of(self, day_number: int) -> tuple[int, int, int]:
        """Give year, month and day of the month of a day number."""
        ...

    def months_in(self, year: int) -> int:
        """Count the months of a year."""
        ...

    def days_in(self, year: int, month: int) -> int:
        """Count the days of a month."""
        ...


CALENDARS: Mapping[str, Calendar] = {
    "gregorian": gregorian,
}


def calendar_named(name: str) -> Calendar:
    """Give the calendar of that name; InvalidError says which there are."""
    try:
        return CALENDARS[name]
    except KeyError:
        known = ", ".join(sorted(CALENDARS))
        raise InvalidError(f"unknown calendar {name!r} (known: {known})", "calendar") from None
