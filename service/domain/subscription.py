"""Who wants to be written to, how, and what they asked to remember."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from service.domain.errors import InvalidError
from service.domain.letter import Variant
from service.domain.slot import Slot

LEAD_DAYS_MOST = 60
LATE_HOURS = (0, 1, 3, 6, 12)  # what one may choose; few, as the planner tells them apart in one statement
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")  # from 1


class Status(StrEnum):
    """Where a subscriber stands. Nothing but their own act raises it."""

    PENDING = "pending"  # asked for, not confirmed yet
    ACTIVE = "active"
    LEFT = "left"
    SUPPRESSED = "suppressed"  # the address must not be written to, whoever asks
    ADDRESSEE = "addressee"  # no subscriber: whom one letter goes to (`store/addressees.py`)


class Cadence(StrEnum):
    """How often letters come."""

    DAILY = "daily"  # on the day of each occasion
    WEEKLY = "weekly"  # a summary of seven days, on a day of the week
    MONTHLY = "monthly"  # a summary until the next one, on a day of the month


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often letters come, and on which day a summary does: of the week, 1 for Monday to 7, or of the month.

    A month without that day has its summary on the last one. A daily reader has no such day, and 1 stands.
    Authority for the numbers of weekdays: ISO 8601.
    """

    cadence: Cadence = Cadence.DAILY
    on: int = 1


class Parting(StrEnum):
    """What a farewell answers."""

    BY_MAIL = "by mail"  # a mail that asked for it
    ENDED = "ended"  # nobody asked: there is nothing more to be sent


@dataclass(frozen=True, slots=True)
class Habit:
    """How a subscriber wants to be written to; `hour` is HH:MM of the clock in `zone`.

    `late_hours` is for how long after that a letter may still leave that could not at its hour; 0 is until its local
    day ends, which is the bound for all. `variant` is what letters are made of.
    """

    language: str = "en"
    zone: str = "UTC"
    hour: str = "09:00"
    rhythm: Rhythm = Rhythm()
    variant: Variant = Variant.BOTH_PARTS
    late_hours: int = 0

    @property
    def cadence(self) -> Cadence:
        """How often letters come."""
        return self.rhythm.cadence

    @property
    def slot(self) -> Slot:
        """The slot that these habits fall into."""
        return Slot(self.zone, self.hour)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """An address and how it wants to be written to. `paused_until` is the first local day with letters again."""

    id: str
    address: str
    habit: Habit
    status: Status
    paused_until: date | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing to remember: a collection or a single event, so many days ahead (0 is the day itself)."""

    collection: str | None = None
    event: str | None = None
    lead_days: int = 0

    @property
    def target(self) -> str:
        """The wish without its lead, as one string: `collection:artsakh`, `event:artsakh-war-2020`."""
        return f"collection:{self.collection}" if self.collection else f"event:{self.event}"


def read_target(text: str, lead_days: int) -> Wish:
    """Read a target as `Wish.target` writes it; raise InvalidError."""
    kind, _, name = text.partition(":")
    if kind == "collection" and name:
        return Wish(collection=name, lead_days=lead_days)
    if kind == "event" and name:
        return Wish(event=name, lead_days=lead_days)
    raise InvalidError(f"{text!r} is neither collection:ID nor event:ID", "targets")


def check_language(language: str, languages: tuple[str, ...]) -> str:
    """Give a language back if letters are written in it; raise InvalidError."""
    if language not in languages:
        known = ", ".join(languages)
        raise InvalidError(f"{language!r} is not a language of this service (allowed: {known})", "language")
    return language


def check_cadence(text: str) -> Cadence:
    """Read how often letters come; raise InvalidError."""
    try:
        return Cadence(text)
    except ValueError:
        raise InvalidError(f"{text!r} is not a cadence (allowed: {', '.join(Cadence)})", "cadence") from None


def check_rhythm(cadence: Cadence, on: str) -> Rhythm:
    """Read on which day a summary comes, "" for the first: `monday` or 1 of the week, 1 to 31 of the month."""
    if cadence is Cadence.DAILY or not on:
        return Rhythm(cadence)
    last, allowed = (7, "monday to sunday, or 1 to 7") if cadence is Cadence.WEEKLY else (31, "1 to 31")
    day = WEEKDAYS.index(on.lower()) + 1 if cadence is Cadence.WEEKLY and on.lower() in WEEKDAYS else _number(on)
    if not 1 <= day <= last:
        raise InvalidError(f"{on!r} is not a day of a {cadence} summary (allowed: {allowed})", "summary_on")
    return Rhythm(cadence, day)


def check_late_hours(text: str) -> int:
    """Read for how many hours a late letter may still leave, 0 for as long as its day lasts; raise InvalidError."""
    hours = _number(text)
    if hours not in LATE_HOURS:
        allowed = ", ".join(map(str, LATE_HOURS))
        raise InvalidError(f"{text!r} is not how many hours late a letter may leave (allowed: {allowed})", "late_hours")
    return hours


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1


def check_lead_days(text: str) -> tuple[int, ...]:
    """Read days ahead, one number or several parted by blanks, `,`, `;` or `|`; raise InvalidError."""
    parts = re.split(r"[\s,;|]+", text.strip(" ,;|")) if text.strip(" ,;|") else ["0"]
    if not all(re.fullmatch(r"[0-9]{1,4}", part) and int(part) <= LEAD_DAYS_MOST for part in parts):
        raise InvalidError(f"{text!r} are not days ahead (allowed: 0 to {LEAD_DAYS_MOST})", "lead_days")
    return tuple(sorted({int(part) for part in parts}))
