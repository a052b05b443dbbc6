"""What a calendar is to the engine, and what most of them share: the same day in another year.

Months are named by number. A leap month that follows month 4 of a lunisolar year is named -4, and written
`04L` in a document (RFC 7529). Years are counted astronomically: the year before 1 is 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from service.domain.errors import InvalidError

Date = tuple[int, int, int]  # year, month (negative: the leap month after it), day of the month


class Moved(StrEnum):
    """Why an occasion does not fall on the day that its rule names."""

    CLIPPED = "missing-day-clip"  # kept on the last day of the month, which lacks the day
    NEXT = "missing-day-next"  # kept on the day after, the month lacks the day
    SPILLED = "missing-day-overflow"  # the days beyond the month's end were counted on
    MONTH_KNOWN = "month-known"  # only the month is known, its first day stands for it
    LEAP_MONTH = "leap-month"  # the year has no such leap month, or the rule prefers the one it has


class MissingDay(StrEnum):
    """What happens in a year or month that lacks the day (RFC 7529: BACKWARD, FORWARD, OMIT)."""

    CLIP = "clip"  # the last day of that month
    NEXT = "next"  # the day after, the first of the next month
    SKIP = "skip"  # no occasion


class LeapMonth(StrEnum):
    """What a death or birth in a month means in a year that has that month twice, or lacks the leap month."""

    REGULAR = "regular"  # always the regular month
    PREFER_LEAP = "prefer_leap"  # the leap month of that number where the year has it, for those of a leap month
    BOTH = "both"  # both, where the year has both


class Custom(StrEnum):
    """Which Hebrew custom moves a missing day: of a death (earlier or later, by the case) or of a birth (later)."""

    YAHRZEIT = "yahrzeit"
    ANNIVERSARY = "anniversary"


class Adar(StrEnum):
    """In which Adar of a leap year a day of Adar in a common year returns."""

    ADAR1 = "adar1"
    ADAR2 = "adar2"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Ways:
    """The policies of a rule that decide how a day returns; a calendar heeds those that concern it."""

    missing_day: MissingDay = MissingDay.CLIP
    leap_month: LeapMonth = LeapMonth.REGULAR
    custom: Custom = Custom.YAHRZEIT
    adar: Adar | None = None  # none: as the custom has it


@dataclass(frozen=True, slots=True)
class Returned:
    """A day number on which a date returns, and why it is not the very same date."""

    day_number: int
    reason: str | None = None
    provisional: bool = False


class BeyondTableError(InvalidError):
    """The calendar is known only for certain years; nothing is reckoned beyond them."""

    def __init__(self, message: str, nearest_year: int) -> None:
        super().__init__(message, "calendar")
        self.nearest_year = nearest_year


class Calendar(Protocol):
    """A way to name days. A module is one: functions, and the constant SUNSET."""

    SUNSET: bool  # whether the day begins on the evening before its civil date

    def day_number(self, year: int, month: int, day: int) -> int:
        """Give the day number of a date; raise InvalidError if it does not exist, BeyondTableError if unknown."""
        ...

    def date_of(self, day_number: int) -> Date:
        """Give the date of a day number; raise BeyondTableError."""
        ...

    def months_of(self, year: int) -> Sequence[int]:
        """Give the months of a year in their order."""
        ...

    def days_in(self, year: int, month: int) -> int:
        """Count the days of a month."""
        ...

    def returns_in(self, year: int, origin: Date, ways: Ways) -> Sequence[Returned]:
        """Give the days on which a date of this calendar returns in one of its years: one, none, or two."""
        ...


def same_day(calendar: Calendar, year: int, origin: Date, missing_day: MissingDay) -> tuple[Returned, ...]:
    """Give the same month and day of another year, or what the policy says where the month lacks the day."""
    _, month, day = origin
    length = calendar.days_in(year, month)
    if day <= length:
        return (Returned(calendar.day_number(year, month, day)),)
    end_of_month = calendar.day_number(year, month, length)
    match missing_day:
        case MissingDay.CLIP:
            return (Returned(end_of_month, Moved.CLIPPED),)
        case MissingDay.NEXT:
            return (Returned(end_of_month + 1, Moved.NEXT),)
        case MissingDay.SKIP:
            return ()
