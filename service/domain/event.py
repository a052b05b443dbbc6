"""What happened, once: an event's record with its figures, timeline, sources and rules.

A record is a plain document: the same keys in `data/collections/*.yaml`, in the store and in an
export. Texts are `Words`: one text for each language, by its BCP 47 code.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time
from enum import StrEnum
from typing import Any, ClassVar

from service.domain import dusk
from service.domain.approval import APPROVE_DAYS, APPROVE_DAYS_MOST, Approval
from service.domain.contradictions import MisplacedError, problems
from service.domain.edtf import Day, DayText, parse_day
from service.domain.notice import InDoubt
from service.domain.rule import Rule
from service.domain.slot import check_hour, check_zone

Words = Mapping[str, str]


class Precision(StrEnum):
    """How exactly the day of an event is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    ABOUT = "about"


class Tone(StrEnum):
    """Which letters an event may share: mourning and celebration never meet in one."""

    SOLEMN = "solemn"
    FESTIVE = "festive"


class Qualifier(StrEnum):
    """How a figure's value is to be read."""

    EXACTLY = "exactly"
    ABOUT = "about"
    MORE_THAN = "more_than"
    AT_LEAST = "at_least"
    FEWER_THAN = "fewer_than"
    DOZENS = "dozens"


class LinkKind(StrEnum):
    """What one event is to another."""

    PART_OF = "part_of"
    LED_TO = "led_to"
    FOLLOWED_BY = "followed_by"


class Record:
    """A part of a document; keys that it does not know are refused."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "coerce_numbers_to_str": True}


@dataclass(frozen=True, slots=True)
class Source(Record):
    """Where a fact comes from. `date` is EDTF: when it was published or said, as exactly as is known."""

    id: str
    title: Words
    author: str | None = None
    publisher: str | None = None
    date: DayText | None = None
    address: str | None = None
    note: Words | None = None


@dataclass(frozen=True, slots=True)
class Figure(Record):
    """A number that somebody gave for something at some time.

    `as_of` (EDTF) is the time for which it holds; `superseded_by` names the later figure of the same
    event that replaced it, and the earlier one is kept.
    """

    id: str
    label: Words
    as_of: DayText
    source: str
    value: int | None = None
    qualifier: Qualifier = Qualifier.EXACTLY
    unit: Words | None = None
    superseded_by: str | None = None

    def __post_init__(self) -> None:
        if self.value is None and self.qualifier is not Qualifier.DOZENS:
            raise ValueError("a figure needs a value (only the qualifier `dozens` stands alone)")


@dataclass(frozen=True, slots=True)
class TimelineEntry(Record):
    """One thing that happened in the course of an event; `on` is EDTF."""

    on: DayText
    text: Words
    source: str
    until: DayText | None = None


@dataclass(frozen=True, slots=True)
class Unresolved(Record):
    """What is still open, as somebody said it at some time (`as_of`, EDTF)."""

    text: Words
    as_of: DayText
    source: str


@dataclass(frozen=True, slots=True)
class Link(Record):
    """How this event is tied to another, by the other's id."""

    kind: LinkKind
    event: str


@dataclass(frozen=True, slots=True)
class Picture(Record):
    """A picture beside the collection's file, with who made it and what it shows."""

    file: str
    credit: str
    alternative: Words
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Place(Record):
    """Where it happened; coordinates in degrees (WGS 84), `zone` an IANA time zone."""

    name: Words = field(default_factory=dict)
    latitude: float | None = None
    longitude: float | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Event(Record):
    """An event's whole record.

    `first_day` and `last_day` are days of `calendar`, both inclusive; `precision` is read from how they are written
    if it is not given. `after_sunset` says that, where days begin in the evening, the next had begun; it is found
    from `local_time` (HH:MM) and a place with coordinates and zone. `observance` marks a day that is kept rather
    than something that happened on it: no elapsed time is told of it. `id` is chosen once, shown to nobody as a
    name, and never changed: notices and calendars of subscribers hang on it.
    """

    id: str
    title: Words
    summary: Words
    first_day: DayText
    sources: tuple[Source, ...]
    rules: tuple[Rule, ...]
    last_day: DayText | None = None
    calendar: str = "gregorian"
    precision: Precision | None = None
    after_sunset: bool = False
    local_time: str | None = None
    observance: bool = False
    tone: Tone = Tone.SOLEMN
    narrative: Words = field(default_factory=dict)
    place: Place | None = None
    figures: tuple[Figure, ...] = ()
    timeline: tuple[TimelineEntry, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    links: tuple[Link, ...] = ()
    pictures: tuple[Picture, ...] = ()
    is_private: ClassVar[bool] = False  # whether it is one reader's own (`private_event.PrivateTold`)

    def __post_init__(self) -> None:
        for problem in problems(self):
            raise problem
        if self.local_time is not None and is_after_sunset(self.first, self.calendar, self.local_time, self.place):
            object.__setattr__(self, "after_sunset", True)

    @property
    def first(self) -> Day:
        """The first day, as exactly as it is known."""
        return as_known(parse_day(self.first_day), self.precision)

    @property
    def last(self) -> Day | None:
        """The last day, read; None for an event of one day."""
        return as_known(parse_day(self.last_day), self.precision) if self.last_day else None


@dataclass(frozen=True, slots=True)
class Collection(Record):
    """Events that belong together and can be subscribed to as one.

    `approval` says whether editors are asked before a letter leaves, `approve_days` how many days ahead they get the
    draft.
    """

    id: str
    title: Words
    description: Words
    events: tuple[Event, ...]
    in_doubt: InDoubt = InDoubt.RESEND
    approval: Approval = Approval.NONE
    approve_days: int = APPROVE_DAYS

    def __post_init__(self) -> None:
        if not 0 <= self.approve_days <= APPROVE_DAYS_MOST:
            allowed = f"(allowed: 0 to {APPROVE_DAYS_MOST})"
            raise MisplacedError(f"{self.approve_days} days ahead cannot be {allowed}", "approve_days")


def as_known(day: Day, precision: Precision | None) -> Day:
    """Leave out what the precision says is not known."""
    match precision:
        case Precision.MONTH:
            return replace(day, day=None)
        case Precision.YEAR:
            return replace(day, month=None, day=None)
        case Precision.ABOUT:
            return replace(day, about=True)
        case _:
            return day


def is_after_sunset(day: Day, calendar: str, local_time: str, place: Place | None) -> bool:
    """Find whether a local time at a place was after sunset; raise ValueError if too little is known to say."""
    if place is None or place.latitude is None or place.longitude is None or place.zone is None:
        raise MisplacedError("a local time needs a place with latitude, longitude and zone", "local_time")
    hour = time.fromisoformat(check_hour(local_time))
    civil = date.fromordinal(day.first_possible(calendar))
    return dusk.after_sunset(civil, hour, check_zone(place.zone), place.latitude, place.longitude)
