"""Writes convertdate-*.txt beside itself: the years of five calendars as the library convertdate has them.

Run, with a Python that has convertdate 2.5.1 (no dependency of ours): python tests/oracles/convertdate_years.py.
Persian takes a minute or two: it looks for each equinox.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import convertdate
from convertdate import armenian, coptic, islamic, julian, persian

FIRST, LAST = 692_900, 767_500  # from 1898 to 2102
JULIAN_DAY_OF_ORDINAL_0 = 1_721_424.5

Year = tuple[int, int, list[int]]  # the year, the day number of its first day, the days of each month


def day_by_day(date_of: Callable[[float], tuple[int, int, int]]) -> Iterator[Year]:
    """Give every whole year, after checking that no day is left out."""
    found: list[Year] = []
    for number in range(FIRST, LAST):
        year, month, day = date_of(number + JULIAN_DAY_OF_ORDINAL_0)
        if (month, day) == (1, 1):
            found.append((year, number, []))
        if found:
            lengths = found[-1][2]
            if day == 1:
                lengths.append(0)
            lengths[-1] += 1
            if (found[-1][0], len(lengths), lengths[-1]) != (year, month, day):
                raise ValueError(f"{year}-{month}-{day} on {number} follows nothing")
    yield from found[:-1]


def month_by_month(julian_day: Callable[[int, int, int], float], years: range) -> Iterator[Year]:
    """Give years by the first days of their months alone."""
    for year in years:
        ends = [(year, month) for month in range(1, 13)] + [(year + 1, 1)]
        starts = [int(julian_day(*one, 1) - JULIAN_DAY_OF_ORDINAL_0) for one in ends]
        yield year, starts[0], [after - before for before, after in pairwise(starts)]


def write(name: str, years: Iterator[Year]) -> None:
    """Write a file of years."""
    by = f"(convertdate {convertdate.__version__}; convertdate_years.py)"
    rows = [f"# {name}: year, day number of its first day, days of each month {by}"]
    rows += [" ".join(map(str, (year, first, *lengths))) for year, first, lengths in years]
    Path(__file__).with_name(f"convertdate-{name}.txt").write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    write("armenian", day_by_day(armenian.from_jd))
    write("coptic", day_by_day(coptic.from_jd))
    write("islamic-civil", day_by_day(islamic.from_jd))
    write("julian", day_by_day(julian.from_jd))
    write("persian", month_by_month(persian.to_jd, range(1278, 1480)))
