"""What there may be to say on a day, as lines: a target (a collection or an event) at so many days ahead.

The planner and the rehearsal of it use the same functions: there is one truth of which letter tells what.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Protocol, TypeVar

from service.domain.event import Tone
from service.domain.occasion import Occasion
from service.domain.subscription import Rhythm
from service.domain.window import window

Line = tuple[str, int]  # a target and its days ahead


class Tellable(Protocol):
    """An occasion with what of its event is needed to know who hears of it."""

    @property
    def event(self) -> str:
        """The id of its event."""

    @property
    def collection(self) -> str:
        """The id of the event's collection."""

    @property
    def tone(self) -> Tone:
        """What letters it may share."""

    @property
    def rule(self) -> str:
        """The id of the rule that gives it."""

    @property
    def occasion(self) -> Occasion:
        """The day and its number."""


T = TypeVar("T", bound=Tellable)
Windows = Mapping[int, tuple[date, date]]


def windows_of(rhythm: Rhythm, day: date, leads: Iterable[int]) -> Windows:
    """Give the days of which a letter sent on a local day tells, for each lead; none if none is sent then."""
    days = window(rhythm, day)
    if days is None:
        return {}
    return {lead: (days[0] + timedelta(days=lead), days[1] + timedelta(days=lead)) for lead in leads}


def lines_of(windows: Windows, listed: Sequence[T]) -> dict[Line, list[T]]:
    """Give what each line has to say in its window."""
    said: dict[Line, list[T]] = {}
    for lead, (first, last) in windows.items():
        for one in listed:
            if first <= one.occasion.on <= last:
                said.setdefault((f"collection:{one.collection}", lead), []).append(one)
                said.setdefault((f"event:{one.event}", lead), []).append(one)
    return said


def of_tone(said: Mapping[Line, Iterable[T]], tone: Tone) -> dict[Line, list[T]]:
    """Leave those lines that have something to say in a tone, with that."""
    found = {line: [one for one in listed if one.tone is tone] for line, listed in said.items()}
    return {line: listed for line, listed in found.items() if listed}


def told_once(told: Mapping[Line, Iterable[T]]) -> list[T]:
    """Give what a letter of these lines tells: each occasion once, in order of days."""
    once = {(one.occasion.on, one.event, one.rule, one.occasion.number): one for of in told.values() for one in of}
    return [once[key] for key in sorted(once)]
