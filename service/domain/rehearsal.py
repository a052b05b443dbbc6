"""Rehearsal: every letter that a reader will be sent in a span of days, by the functions that the planner uses."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from service.domain.event import Tone
from service.domain.lines import Line, Tellable, lines_of, of_tone, told_once, windows_of
from service.domain.notice import Kind
from service.domain.slot import Slot
from service.domain.subscription import Rhythm
from service.domain.window import LONGEST_DAYS, kind_of

T = TypeVar("T", bound=Tellable)
Told_co = TypeVar("Told_co", bound=Tellable, covariant=True)


class Hour(StrEnum):
    """What the clock does at the hour of a letter."""

    PLAIN = "plain"
    SKIPPED = "skipped"  # the clock leaps over it: the letter leaves later by the gap
    REPEATED = "repeated"  # it comes twice: the letter leaves at the first


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose letters are rehearsed: slot, rhythm, and the lines that they asked for."""

    slot: Slot
    rhythm: Rhythm
    lines: frozenset[Line]
    paused_until: date | None = None


@dataclass(frozen=True, slots=True)
class Rehearsed(Generic[Told_co]):
    """One letter to come: its local day, the instant, what it tells, and what is odd about its hour.

    `clock_moved` is how far the zone's clock was moved since the letter before. A letter of a pause is not sent.
    """

    day: date
    kind: Kind
    due_at: datetime
    local: datetime
    hour: Hour
    clock_moved: timedelta
    told: tuple[Told_co, ...]
    paused: bool


def rehearse(reader: Reader, listed: Sequence[T], first: date, last: date) -> tuple[Rehearsed[T], ...]:
    """Give every letter from the first to the last local day, both included; `listed` is what falls in `span`."""
    letters: list[Rehearsed[T]] = []
    offset: timedelta | None = None
    for day, kind, told in _days(reader, listed, first, last):
        due_at = reader.slot.due_at(day)
        local = due_at.astimezone(ZoneInfo(reader.slot.zone))
        now = local.utcoffset() or timedelta()
        paused = not (reader.paused_until is None or reader.paused_until <= day)
        moved = now - offset if offset is not None else timedelta()
        letters.append(Rehearsed(day, kind, due_at, local, _hour(reader.slot, day), moved, tuple(told), paused))
        offset = now
    return tuple(letters)


def span(lines: Iterable[Line], first: date, last: date) -> tuple[date, date]:
    """Give the days of which letters of these lines may tell, if they are sent in a span of days."""
    return first, last + timedelta(days=LONGEST_DAYS + max((lead for _, lead in lines), default=0))


def _days(reader: Reader, listed: Sequence[T], first: date, last: date) -> Iterator[tuple[date, Kind, list[T]]]:
    leads = sorted({lead for _, lead in reader.lines})
    by_day: dict[date, list[T]] = {}
    for one in listed:
        by_day.setdefault(one.occasion.on, []).append(one)
    for day in (first + timedelta(days=step) for step in range((last - first).days + 1)):
        windows = windows_of(reader.rhythm, day, leads)
        near = [one for begin, end in sorted(set(windows.values())) for one in _within(by_day, begin, end)]
        said = {line: told for line, told in lines_of(windows, near).items() if line in reader.lines}
        for tone in Tone:
            if told := told_once(of_tone(said, tone)):
                yield day, kind_of(reader.rhythm.cadence, tone), told


def _within(by_day: dict[date, list[T]], begin: date, end: date) -> Iterator[T]:
    for step in range((end - begin).days + 1):
        yield from by_day.get(begin + timedelta(days=step), ())


def _hour(slot: Slot, day: date) -> Hour:
    """Say whether the clock of a day skips the hour, or shows it twice."""
    zone, due_at = ZoneInfo(slot.zone), slot.due_at(day)
    local = due_at.astimezone(zone)
    if (local.date(), f"{local:%H:%M}") != (day, slot.hour):
        return Hour.SKIPPED
    later = local.replace(fold=1).astimezone(UTC)
    return Hour.REPEATED if later != due_at else Hour.PLAIN
