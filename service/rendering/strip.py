"""An event's timeline as a drawing: its days on one line of time, to scale, as exactly as they are known.

Places are parts of a hundred from the start of the line: from the left, or from the right where one reads that way.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from service.domain.calendars import gregorian
from service.domain.calendars.calendar import BeyondTableError
from service.domain.edtf import Day, parse_day
from service.domain.event import Event
from service.rendering.locales import Language

_MARGIN = 2.0
_LEAST_APART = 6.0  # of two marks in one lane: room for a number on a small screen
_MOST_LANES = 12
_MOST_TICKS = 6
_TICKS_CLEAR_OF_EDGE = 5.0
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_A_YEAR = 366


@dataclass(frozen=True, slots=True)
class Mark:
    """One entry of the timeline, by its number in the list; `exact` if it is known to the day."""

    number: int
    x: float
    width: float
    lane: int
    exact: bool
    single: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """The drawing: marks in lanes, years on the line, the event's own days as a band, and what the ends are."""

    marks: tuple[Mark, ...]
    lanes: int
    ticks: tuple[tuple[float, str], ...]
    band: tuple[float, float] | None
    first: str
    last: str
    mirrored: bool

    @property
    def is_vague(self) -> bool:
        """Whether something on it is not known to the day."""
        return not all(mark.exact for mark in self.marks)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """From a first to a last day, by number, both in it."""

    number: int
    low: int
    high: int
    exact: bool


def strip_of(event: Event, language: Language) -> Strip | None:
    """Give the drawing of an event's timeline; None where there is nothing to see, as of a single day."""
    found = sorted(_stretches(event), key=lambda one: (one.low, one.high))
    own = None if event.observance else _own(event)
    ends = [(one.low, one.high) for one in found] + ([own] if own else [])
    if len(found) < 2 or len({one.low for one in found}) < 2:
        return None
    line = _Line(min(low for low, _ in ends), max(high for _, high in ends), language.direction == "rtl")
    marks = tuple(_in_lanes(found, line))
    return Strip(
        marks=marks,
        lanes=1 + max(mark.lane for mark in marks),
        ticks=tuple(_years(line)),
        band=line.place(*own) if own and own[0] < own[1] else None,
        first=_said(line.low, found, language),
        last=_said(line.high, found, language),
        mirrored=line.mirrored,
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """The line of time from its first to its last day."""

    low: int
    high: int
    mirrored: bool

    def place(self, low: int, high: int) -> tuple[float, float]:
        """Give where days begin on the line, and how much of it they take."""
        scale = (100 - 2 * _MARGIN) / (self.high - self.low + 1)
        start, width = _MARGIN + (low - self.low) * scale, (high - low + 1) * scale
        return round(100 - start - width if self.mirrored else start, 2), round(width, 2)


def _stretches(event: Event) -> Iterator[_Stretch]:
    for number, entry in enumerate(event.timeline, 1):
        first, last = parse_day(entry.on), parse_day(entry.until or entry.on)
        low, high = first.first_possible("gregorian"), last.last_possible("gregorian")
        yield _Stretch(number, low, max(low, high), _is_exact(first) and _is_exact(last))


def _is_exact(day: Day) -> bool:
    return day.day is not None and not day.about


def _own(event: Event) -> tuple[int, int] | None:
    """Give the event's own days, if they are known to the day."""
    last = event.last or event.first
    if not _is_exact(event.first) or not _is_exact(last):
        return None
    try:
        return event.first.first_possible(event.calendar), last.last_possible(event.calendar)
    except BeyondTableError:
        return None


def _in_lanes(found: list[_Stretch], line: _Line) -> Iterator[Mark]:
    """Put each mark into the first lane in which it stands clear of the one before it; the last takes what is left."""
    taken: list[float] = []
    for one in found:
        x, width = line.place(one.low, one.high)
        start = 100 - x - width if line.mirrored else x
        lane = next((place for place, end in enumerate(taken) if end <= start), len(taken))
        lane = min(lane, _MOST_LANES - 1)
        taken[lane : lane + 1] = [start + max(width, _LEAST_APART)]
        yield Mark(one.number, x, width, lane, one.exact, single=one.low == one.high)


def _years(line: _Line) -> Iterator[tuple[float, str]]:
    """Give the beginnings of years that stand on the line, not too many; none where all lies within few months."""
    first, last = gregorian.date_of(line.low)[0], gregorian.date_of(line.high)[0]
    step = next((one for one in _STEPS if (last - first) / one <= _MOST_TICKS), _STEPS[-1])
    if line.high - line.low < _A_YEAR:
        return
    for year in range(first + 1, last + 1):
        if year % step == 0 and year > 0:
            start = gregorian.day_number(year, 1, 1)
            x, width = line.place(start, start)
            at = x + width if line.mirrored else x
            if _TICKS_CLEAR_OF_EDGE < at < 100 - _TICKS_CLEAR_OF_EDGE:
                yield at, str(year)


def _said(day_number: int, found: list[_Stretch], language: Language) -> str:
    """Say an end of the line: to the day, or only the year where no more is known of what lies there."""
    exact = all(one.exact for one in found if day_number in {one.low, one.high})
    year, month, day = gregorian.date_of(day_number)
    return language.edtf(Day(year, month, day) if exact else Day(year))
