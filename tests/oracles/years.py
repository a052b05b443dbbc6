"""Reads the golden files beside it, which other programs wrote, and compares calendars with them."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from service.domain.calendars import gregorian
from service.domain.calendars.calendar import Calendar, Date


class Year(NamedTuple):
    """A year as another program has it."""

    number: int
    first_day: int
    lengths: tuple[int, ...]


def rows(name: str) -> Iterator[list[str]]:
    """Give the lines of a golden file in words, without its remarks."""
    for line in Path(__file__).with_name(f"{name}.txt").read_text().splitlines():
        if not line.startswith("#"):
            yield line.split()


def years_of(oracle: str) -> list[Year]:
    """Give the years of a golden file, such as `icu-coptic`."""
    return [Year(int(year), int(first), tuple(map(int, lengths))) for year, first, *lengths in rows(oracle)]


def mismatches(calendar: Calendar, oracle: str) -> list[str]:
    """Give every month of 1900 to 2100 (or more) in which a calendar and a golden file differ by a day or a length."""
    years = years_of(oracle)
    assert years[0].first_day <= gregorian.day_number(1900, 1, 1)
    assert years[-1].first_day + sum(years[-1].lengths) > gregorian.day_number(2100, 12, 31)
    found = []
    for year, first_day, lengths in years:
        if list(calendar.months_of(year)) != list(range(1, len(lengths) + 1)):
            found.append(f"{year} has other months")
        start = first_day
        for month, length in enumerate(lengths, 1):
            days = [calendar.date_of(start + place) for place in range(length)]
            back = [calendar.day_number(year, month, day) for day in range(1, length + 1)]
            same = days == [(year, month, day) for day in range(1, length + 1)]
            if not same or back != list(range(start, start + length)) or calendar.days_in(year, month) != length:
                found.append(f"{year}-{month}")
            start += length
    return found


def appendix_c(name: str) -> list[tuple[int, Date]]:
    """Give the sample dates of *Calendrical Calculations* in a calendar, with their day numbers."""
    head, *table = rows("appendix_c")
    place = head.index(name)
    found = []
    for row in table:
        if row[place] != "-":
            year, month, day = row[place].rsplit("-", 2)
            found.append((int(row[0]), (int(year), int(month), int(day))))
    return found
