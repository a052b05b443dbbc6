"""How an event returns: the kinds of rules and the keys that each takes.

A rule is a document of the same form in `data/collections/*.yaml`, in `remembrancer dates` and in the
store. What a rule means is in `occasion.py`; here is what may be said, and what is assumed if it is not.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from service.domain.calendars import CALENDARS, calendar_named, gregorian
from service.domain.calendars.calendar import Adar, Custom, LeapMonth, MissingDay, Ways
from service.domain.edtf import check_day, parse_day
from service.domain.feasts import FEASTS
from service.domain.marks import ToldApartBy
from service.domain.observed import check_holidays
from service.domain.policies import (
    Anchor,
    Count,
    Counting,
    Meridian,
    MissingMonthDay,
    Near,
    Observed,
    Reading,
    Table,
    Tradition,
    WeekdayName,
)
from service.domain.solar_terms import TERMS


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
    `observed` moves an occasion off its day; working days know the `holidays` of a country (ISO 3166, as the
    library `holidays` has them) or a list of civil dates.
    `id` names the rule within its event, its kind if nothing else is said; it must never change.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    id: str = ""
    only: Only | None = None
    from_number: int = 1
    until: str | None = None
    observed: Observed = Observed.NONE
    holidays: str | tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_holidays(self.holidays)
        if not self.id:
            object.__setattr__(self, "id", self.kind)  # type: ignore[attr-defined]  # each kind has it
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
    leap_month: LeapMonth = LeapMonth.REGULAR
    custom: Custom = Custom.YAHRZEIT
    adar: Adar | None = None
    reading: Reading = Reading.CONVERT
    table: Table = Table.PUBLISHED

    @property
    def ways(self) -> Ways:
        """The policies that decide how a day returns."""
        return Ways(self.missing_day, self.leap_month, self.custom, self.adar)

    @property
    def calendar_name(self) -> str:
        """The calendar, with its table where it has two."""
        kacst = self.calendar == "islamic-umalqura" and self.table is Table.KACST
        return f"{self.calendar}-{self.table}" if kacst else self.calendar

    def __post_init__(self) -> None:
        Common.__post_init__(self)
        if self.calendar not in CALENDARS or self.calendar.endswith("-kacst"):
            known = ", ".join(name for name in CALENDARS if not name.endswith("-kacst"))
            raise ValueError(f"unknown calendar {self.calendar!r} (known: {known})")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekdayNear(Common):
    """Every year on a weekday near a date: the Sunday nearest 15 August. It may leave the year."""

    month_day: str
    weekday: WeekdayName
    kind: Literal["weekday-near"] = "weekday-near"
    mode: Near = Near.NEAREST

    def __post_init__(self) -> None:
        Common.__post_init__(self)
        self.date_in(2000)

    def date_in(self, year: int) -> tuple[int, int]:
        """Give month and day in a year; 29 February is the 28th in a common one."""
        match = re.fullmatch(r"([0-9]{2})-([0-9]{2})", self.month_day)
        month, day = (int(match[1]), int(match[2])) if match else (0, 0)
        if not 1 <= month <= 12 or not 1 <= day <= gregorian.days_in(2000, month):
            raise ValueError(f"`month_day` must be a month and a day such as 08-15, not {self.month_day!r}")
        return month, min(day, gregorian.days_in(year, month))


@dataclass(frozen=True, slots=True, kw_only=True)
class Easter(Common):
    """Every year so many days after Easter (before it, if `offset` is negative)."""

    kind: Literal["easter"] = "easter"
    tradition: Tradition = Tradition.WESTERN
    offset: int = 0

    def __post_init__(self) -> None:
        Common.__post_init__(self)
        if abs(self.offset) > 300:
            raise ValueError("`offset` must be between -300 and 300")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeastDay(Common):
    """Every year on a feast, with the postponements of its own custom."""

    name: str
    kind: Literal["feast"] = "feast"

    def __post_init__(self) -> None:
        Common.__post_init__(self)
        if self.name not in FEASTS:
            raise ValueError(f"unknown feast {self.name!r} (known: {', '.join(sorted(FEASTS))})")


@dataclass(frozen=True, slots=True, kw_only=True)
class SolarTerm(Common):
    """Every year on the day in which the sun enters one of the 24 terms, such as qingming."""

    term: str
    kind: Literal["solar-term"] = "solar-term"
    meridian: Meridian = Meridian.CHINA

    def __post_init__(self) -> None:
        Common.__post_init__(self)
        if self.term not in TERMS:
            raise ValueError(f"unknown solar term {self.term!r} (known: {', '.join(TERMS)})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Nenki(Common):
    """The Japanese Buddhist days and years of mourning, the death itself being the first of each count."""

    kind: Literal["nenki"] = "nenki"
    counting: Counting = Counting.STANDARD
    numbers: tuple[int, ...] = (1, 3, 7, 13, 17, 23, 27, 33, 50)
    days: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        Common.__post_init__(self)
        if not all(1 <= number <= 1000 for number in self.numbers) or not all(1 <= day <= 10_000 for day in self.days):
            raise ValueError("`numbers` must be from 1 to 1000, `days` from 1 to 10,000")


Rule = Annotated[
    Yearly | DayCount | MonthCount | Weekday | WeekdayNear | Easter | FeastDay | SolarTerm | Nenki,
    ToldApartBy("kind"),
]
