"""How an event returns: the kinds of rules and the keys that each takes.

A rule is a document of the same form in `data/collections/*.yaml`, in `remembrancer dates` and in the
store. What a rule means is in `occasion.py`; here is what may be said, and what is assumed if it is not.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from service.domain.calendars import calendar_named
from service.domain.edtf import check_day, parse_day


class Anchor(StrEnum):
    """Which day of a span returns."""

    FIRST_DAY = "first_day"
    LAST_DAY = "last_day"
    EVERY_DAY = "every_day"


class MissingDay(StrEnum):
    """What happens in a year or month that lacks the day (RFC 7529: BACKWARD, FORWARD, OMIT)."""

    CLIP = "clip"  # the last day of that month
    NEXT = "next"  # the day after, the first of the next month
    SKIP = "skip"  # no occasion


class MissingMonthDay(StrEnum):
    """What happens when a month counted from the event is too short for its day."""

    CLIP = "clip"  # the last day of that month
    OVERFLOW = "overflow"  # spills over: 31 January and a month is 3 March, or 2 March in a leap year


class Count(StrEnum):
    """Whether the day itself is the first of a count of days."""

    INCLUSIVE = "inclusive"
    EXCLUSIVE = "exclusive"


class WeekdayName(StrEnum):
    """The days of the week as RFC 5545 writes them, Monday first."""

    MO = "MO"
    TU = "TU"
    WE = "WE"
    TH = "TH"
    FR = "FR"
    SA = "SA"
    SU = "SU"

    @property
    def number(self) -> int:
        """0 for Monday to 6 for Sunday, as `datetime.date.weekday` counts."""
        return list(WeekdayName).index(self)


@dataclass(frozen=True, slots=True)
class Only:
    """Keeps the milestones of a rule: every n-th occasion and those of certain numbers."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    every: int | None = None
    numbers: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.every is not None and self.every < 1:
            raise ValueError("`every` must be 1 or more")
        if self.every is None and not self.numbers:
            raise ValueError("`only` needs `every` or `numbers`")

    def keeps(self, number: int) -> bool:
        """Say whether the occasion of this number is a milestone."""
        return number in self.numbers or (self.every is not None and number % self.every == 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What every rule takes.

    `from_number` leaves out occasions of a smaller number, `until` (a civil date, inclusive) later ones.
    `id` names the rule within its event, its kind if nothing else is said; it must never change.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    id: str = ""
    only: Only | None = None
    from_number: int = 1
    until: str | None = None

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", self.kind)  # type: ignore[attr-defined]
        if self.from_number < 1:
            raise ValueError("`from_number` must be 1 or more")
        if self.until is not None:
            until = parse_day(self.until)
            check_day(until, "gregorian")
            if until.day is None:
                raise ValueError(f"`until` must be a whole date (YYYY-MM-DD), not {self.until!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Yearly(Common):
    """Every year on the same day of a calendar; numbered by the years that have passed."""

    kind: Literal["yearly"] = "yearly"
    calendar: str = "gregorian"
    anchor: Anchor = Anchor.FIRST_DAY
    missing_day: MissingDay = MissingDay.CLIP

    def __post_init__(self) -> None:
        Common.__post_init__(self)
        calendar_named(self.calendar)


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCount(Common):
    """Once, the n-th day: inclusive counts have the day itself as the 1st (the 40th day, karasunk)."""

    days: int
    kind: Literal["day-count"] = "day-count"
    count: Count = Count.INCLUSIVE

    def __post_init__(self) -> None:
        Common.__post_init__(self)
        if not 1 <= self.days <= 1_000_000:
            raise ValueError("`days` must be between 1 and 1,000,000")


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCount(Common):
    """Once, so many months after, always counted from the first day itself (the month's mind)."""

    months: int
    kind: Literal["month-count"] = "month-count"
    missing_day: MissingMonthDay = MissingMonthDay.CLIP
    calendar: str = "gregorian"

    def __post_init__(self) -> None:
        Common.__post_init__(self)
        calendar_named(self.calendar)
        if not 1 <= self.months <= 12_000:
            raise ValueError("`months` must be between 1 and 12,000")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekday(Common):
    """Every year on the n-th (1 to 5) or n-th last (-1 to -5) weekday of a month; a fifth may be missing."""

    month: int
    weekday: WeekdayName
    n: int
    kind: Literal["weekday"] = "weekday"

    def __post_init__(self) -> None:
        Common.__post_init__(self)
        if not 1 <= self.month <= 12:
            raise ValueError("`month` must be between 1 and 12")
        if not 1 <= abs(self.n) <= 5:
            raise ValueError("`n` must be 1 to 5, or -1 to -5 counted from the end")


Rule = Annotated[Yearly | DayCount | MonthCount | Weekday, Field(discriminator="kind")]
