"""A drawing of what became of letters, day by day: three rows of bars, each with a scale of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.store.due import Drawn

WIDTH, ROW, GAP = 620, 56, 26
_NAMES = ("sent", "deferred", "refused")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in the units of the drawing."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Row:
    """One row of bars: what it counts, its base line, the greatest number in it and the sum."""

    name: str
    top: float
    base: float
    most: int
    total: int
    bars: tuple[Bar, ...]


def rows_of(days: Sequence[Drawn]) -> tuple[Row, ...]:
    """Give the rows of bars for these days."""
    return tuple(_row(place, name, [getattr(day, name) for day in days]) for place, name in enumerate(_NAMES))


def height() -> int:
    """Give how high the drawing is."""
    return len(_NAMES) * (ROW + GAP)


def _row(place: int, name: str, counts: Sequence[int]) -> Row:
    top = place * (ROW + GAP) + GAP
    base, most = top + ROW, max(counts, default=0)
    step = WIDTH / max(len(counts), 1)
    bars = []
    for number, count in enumerate(counts):
        if count:
            tall = max(round(count / most * (ROW - 4), 1), 2)  # even a single letter is seen
            bars.append(Bar(round(number * step + 2, 1), round(base - tall, 1), round(step - 4, 1), tall))
    return Row(name, top, base, most, sum(counts), tuple(bars))
