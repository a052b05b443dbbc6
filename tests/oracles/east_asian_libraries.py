"""Writes what four libraries say of East Asian months, and two of solar terms, into text files beside itself.

Run with a Python that has borax 4.1.3, lunar_python 1.4.8, korean-lunar-calendar 0.4.0, lunar-vn 1.4.0 and
holidays 0.109 (none is a dependency of ours): python tests/oracles/east_asian_libraries.py. It takes two minutes.
"""

from collections.abc import Callable, Iterator
from datetime import date
from importlib.metadata import version
from itertools import chain, pairwise
from math import floor
from pathlib import Path

import holidays
import lunar_vn
from borax.calendars.lunardate import LunarDate
from korean_lunar_calendar import KoreanLunarCalendar
from lunar_python import LunarYear, Solar

Month = tuple[int, int, int]  # the day number of its first day, its year, its number (negative if leap)


def day_by_day(first: date, last: date, date_of: Callable[[date], tuple[int, int, int]]) -> Iterator[Month]:
    """Give the months of a library that is asked by day; `date_of` gives year, month, day of the month."""
    for number in range(first.toordinal(), last.toordinal() + 1):
        year, month, day = date_of(date.fromordinal(number))
        if day == 1:
            yield number, year, month


def borax(day: date) -> tuple[int, int, int]:
    """Ask borax."""
    found = LunarDate.from_solar(day)
    return found.year, -found.month if found.leap else found.month, found.day


def korean(day: date) -> tuple[int, int, int]:
    """Ask korean-lunar-calendar."""
    found = KoreanLunarCalendar()
    if not found.setSolarDate(day.year, day.month, day.day):
        raise ValueError(day)
    return found.lunarYear, -found.lunarMonth if found.isIntercalation else found.lunarMonth, found.lunarDay


def vietnamese(day: date) -> tuple[int, int, int]:
    """Ask lunar-vn."""
    found = lunar_vn.solar_to_lunar(day)
    return found.year, -found.month if found.leap else found.month, found.day


def lunar_python() -> Iterator[Month]:
    """Ask lunar_python, by year."""
    for year in range(1899, 2102):
        for month in LunarYear.fromYear(year).getMonthsInYear():
            yield floor(month.getFirstJulianDay() - 1_721_424.5), year, month.getMonth()


def write_months(library: str, name: str, months: Iterator[Month]) -> None:
    """Write years from their beginning, and of the last what there is of whole months."""
    rows = [f"# {name}: year, day number of its first day, leap month, days of each month"]
    rows[0] += f" ({library} {version(library)}; east_asian_libraries.py)"
    years: dict[int, list[tuple[int, int, int]]] = {}
    for (start, year, month), (after, *_) in pairwise(months):
        years.setdefault(year, []).append((start, month, after - start))
    for year, own in years.items():
        if own[0][1] == 1:
            leap = next((-month for _, month, _ in own if month < 0), 0)
            rows.append(" ".join(map(str, (year, own[0][0], leap, *(days for _, _, days in own)))))
    Path(__file__).with_name(f"{library}.txt").write_text("\n".join(rows) + "\n")


def write_terms() -> None:
    """Write the day of the month of each solar term at UTC+8, from xiaohan, as lunar_python has it."""
    rows = [f"# days of the month of 24 solar terms (lunar_python {version('lunar_python')}; east_asian_libraries.py)"]
    for year in range(1900, 2101):
        table = list(Solar.fromYmd(year, 6, 1).getLunar().getJieQiTable().values())
        terms = table[2:26]  # behind two of the year before
        if terms[0].getYear() != year or terms[23].getYear() != year:
            raise ValueError(year)
        rows.append(" ".join(map(str, (year, *(term.getDay() for term in terms)))))
    Path(__file__).with_name("lunar_python-terms.txt").write_text("\n".join(rows) + "\n")


def write_equinoxes() -> None:
    """Write the days of March and September on which Japan keeps the equinoxes, by law since 1948."""
    rows = [f"# equinoxes of Japan: year, day of March, of September (holidays {version('holidays')})"]
    for year in range(1949, 2051):
        kept = {day: name for day, name in holidays.Japan(years=year, language="ja").items() if "分の日" in name}
        march, september = sorted(day for day, name in kept.items() if "振替" not in name)
        rows.append(f"{year} {march.day} {september.day}")
    Path(__file__).with_name("holidays-equinoxes.txt").write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    end = [(date(2101, 1, 29).toordinal(), 2101, 1)]  # borax ends on the day before, which must be a month's last
    write_months("borax", "Chinese", chain(day_by_day(date(1900, 1, 31), date(2101, 1, 28), borax), end))
    write_months("lunar_python", "Chinese", lunar_python())
    write_months("korean_lunar_calendar", "Korean", day_by_day(date(1899, 2, 10), date(2050, 12, 31), korean))
    write_months("lunar-vn", "Vietnamese", day_by_day(date(1900, 1, 31), date(2100, 12, 31), vietnamese))
    write_terms()
    write_equinoxes()
