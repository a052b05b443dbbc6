"""What a feast is to the engine."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service.domain.calendars.calendar import Returned


@dataclass(frozen=True, slots=True)
class Feast:
    """A feast: `days` gives its day numbers in a Gregorian year; `sunset` says whether it begins on the eve."""

    days: Callable[[int], Sequence[Returned]]
    sunset: bool = False
