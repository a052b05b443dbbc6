"""A simulated day on which every reader gets a letter at their own hour: how long the last one waits, by minutes.

Nothing is measured here. Letters flow from a slot to planning to sending as water flows, each at a rate that is given:
those that are measured stand in `service/SCALE.md`. `python -m tests.benchmarks.morning` prints the table there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

# How many of a hundred readers live at an offset from UTC, in hours: assumed, roughly as people do.
OFFSETS: Final[Mapping[int, int]] = {
    -8: 4,
    -6: 5,
    -5: 9,
    -3: 5,
    0: 5,
    1: 14,
    2: 7,
    3: 10,
    4: 4,
    5: 14,
    7: 8,
    8: 12,
    9: 3,
}
HOURS: Final[Mapping[int, int]] = {7: 10, 8: 15, 9: 60, 12: 5, 18: 10}  # of a hundred, who chose which hour: assumed
_DAY: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Means:
    """What there is to work with, in letters a second."""

    planned: float
    sent: float


@dataclass(frozen=True, slots=True)
class Morning:
    """How a day went: the letters of the fullest slot, and the longest that one waited for its turn, in minutes."""

    fullest: int
    waited: float


def slots(readers: int) -> dict[int, float]:
    """Give how many letters come due at each minute of a day of UTC."""
    due: dict[int, float] = {}
    for offset, live in OFFSETS.items():
        for hour, chose in HOURS.items():
            minute = (hour - offset) * 60 % _DAY
            due[minute] = due.get(minute, 0.0) + readers * live / 100 * chose / 100
    return due


def morning(readers: int, means: Means) -> Morning:
    """Let two days pass, so that what one leaves over meets the next, and look at the second."""
    due = slots(readers)
    unplanned = unsent = longest = 0.0
    for minute in range(2 * _DAY):
        unplanned += due.get(minute % _DAY, 0.0)
        waits = unplanned / means.planned + (unplanned + unsent) / means.sent
        longest = max(longest, waits / 60 if minute >= _DAY else 0.0)
        planned = min(unplanned, means.planned * 60)
        unplanned, unsent = unplanned - planned, unsent + planned
        unsent -= min(unsent, means.sent * 60)
    return Morning(round(max(due.values())), longest)


def told(sizes: Iterable[int], many: Iterable[Means]) -> list[str]:
    """Give a line of a table for each size and means."""
    lines = []
    for readers in sizes:
        for means in many:
            day = morning(readers, means)
            waited = f"{day.waited:,.1f} min" if day.waited < _DAY else "a day and more"
            lines.append(f"| {readers:,} | {means.planned:,.0f} | {means.sent:,.0f} | {day.fullest:,} | {waited} |")
    return lines


if __name__ == "__main__":
    print("| readers | planned a second | sent a second | in the fullest slot | the last letter waits |")
    print("|---|---|---|---|---|")
    for size, planning, rates in (
        (10**6, 20_000, (100, 1_400)),
        (10**7, 12_000, (1_400, 12_000)),
        (10**8, 12_000, (12_000, 24_000)),
        (10**8, 16 * 12_000, (24_000, 100_000)),
    ):
        print("\n".join(told([size], [Means(planning, rate) for rate in rates])))
