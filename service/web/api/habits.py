"""How somebody is written to, as programs say it and are told; and what they say of a consent."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Final

from pydantic import Field

from service.domain.errors import InvalidError
from service.domain.letter import Variant, variant_of
from service.domain.slot import check_hour, check_zone
from service.domain.subscription import (
    Cadence,
    Habit,
    Wish,
    check_language,
    check_late_hours,
    check_rhythm,
    read_target,
)
from service.web.api.problems import Problem, Wrong, pointer
from service.web.api.shapes import Lead, Moment, Shape, Target

_USUAL: Final = Habit()
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class HabitSent(Shape):
    """How somebody wants to be written to.

    `hour` is HH:MM of the clock in `zone` (IANA). `summary_on` is the day of a weekly (1, Monday, to 7) or monthly
    summary (1 to 31). `late_hours` is how late a letter may still leave, 0 for as long as its day lasts.
    """

    language: Annotated[str, Field(max_length=16)] = _USUAL.language
    zone: Annotated[str, Field(max_length=64)] = _USUAL.zone
    hour: Annotated[str, Field(pattern=r"^[0-9]{2}:[0-9]{2}$")] = _USUAL.hour
    cadence: Cadence = _USUAL.cadence
    summary_on: Annotated[int, Field(ge=1, le=31)] | None = None
    plain_text: bool = False
    calendar_file: bool = False
    late_hours: Annotated[int, Field(ge=0, le=12)] = 0


USUAL: Final = HabitSent()


@dataclass(frozen=True, slots=True)
class WishSent(Shape):
    """Something to remember, at one or more days ahead."""

    target: Target
    lead_days: Annotated[tuple[Lead, ...], Field(min_length=1, max_length=61)] = (0,)


@dataclass(frozen=True, slots=True)
class ConsentSent(Shape):
    """When and how somebody agreed to be written to, as you can prove it; it is kept with their consent."""

    agreed_at: Moment
    source: Annotated[str, Field(max_length=1000)] = ""
    wording: Annotated[str, Field(max_length=1000)] = ""
    network: Annotated[str, Field(max_length=1000)] = ""

    @property
    def evidence(self) -> Mapping[str, str]:
        """What is said beside the moment, by the names that files use."""
        told = {"source": self.source, "wording": self.wording, "network": self.network}
        return {f"consent_{name}": value for name, value in told.items() if value}


Wishes = Annotated[tuple[WishSent, ...], Field(min_length=1, max_length=_MOST)]


@dataclass(slots=True)
class Checks:
    """What is wrong with a document, gathered: all of it is told at once."""

    wrongs: list[Wrong] = field(default_factory=list)

    def note(self, detail: str, *place: str | int) -> None:
        """Note that something is wrong."""
        self.wrongs.append(Wrong(detail, pointer(*place)))

    @contextmanager
    def at(self, *place: str | int) -> Iterator[None]:
        """Note what is raised here as wrong at a place, and go on."""
        try:
            yield
        except (InvalidError, ValueError) as error:
            self.note(str(error), *place)

    def end(self) -> None:
        """Raise Problem if anything was."""
        if self.wrongs:
            raise Problem("meaning", errors=self.wrongs)


def habit_of(sent: HabitSent, languages: tuple[str, ...], checks: Checks) -> Habit:
    """Read habits below `habit`; what is wrong is noted, and the usual stands in its place."""
    hour, rhythm = _USUAL.hour, _USUAL.rhythm
    with checks.at("habit", "language"):
        check_language(sent.language, languages)
    with checks.at("habit", "zone"):
        check_zone(sent.zone)
    with checks.at("habit", "hour"):
        hour = check_hour(sent.hour)
    with checks.at("habit", "summary_on"):
        rhythm = check_rhythm(sent.cadence, str(sent.summary_on or ""))
    with checks.at("habit", "late_hours"):
        check_late_hours(str(sent.late_hours))
    variant = variant_of(plain=sent.plain_text, calendar=sent.calendar_file)
    return Habit(sent.language, sent.zone, hour, rhythm, variant, sent.late_hours)


def told_habit(habit: Habit) -> HabitSent:
    """Give habits as they are told."""
    on = None if habit.cadence is Cadence.DAILY else habit.rhythm.on
    plain, calendar = Variant.PLAIN in habit.variant, Variant.CALENDAR in habit.variant
    return HabitSent(habit.language, habit.zone, habit.hour, habit.cadence, on, plain, calendar, habit.late_hours)


def wishes_of(sent: tuple[WishSent, ...]) -> tuple[Wish, ...]:
    """Read what is to be remembered, each once."""
    return tuple(dict.fromkeys(read_target(one.target, lead) for one in sent for lead in one.lead_days))


def check_pause(until: date | None, today: date, checks: Checks) -> None:
    """Note a first day with letters that has come already."""
    if until is not None and until <= today:
        checks.note(f"this day has come already (allowed: a day after {today})", "paused_until")
