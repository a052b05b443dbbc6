"""Writes our tables of the Chinese, Korean and Vietnamese calendars and of the 24 solar terms, from the sky.

Run with a Python that has astronomy-engine 2.1.19 (MIT; which is no dependency of ours), from the top of the tree:
python tests/oracles/east_asian_tables.py. It takes ten seconds.

The rules are those of GB/T 33661-2017. A month begins on the day of the new moon; month 11 holds the winter solstice;
if there are 13 months from one month 11 to the next, the first without a principal term is a leap month. New moons and
terms are those of apparent longitudes, as almanacs have them: `SearchMoonPhase` of the library leaves out the
aberration of the Sun and is 39 seconds late, hence the search below.

How far the Earth's rotation will lag by 2100 nobody knows. Days are given by a forecast of 93 seconds for that year
(`modern`; measured: 69.1 in 2026, hardly growing), and checked by the older one of Espenak & Meeus (202 seconds).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import floor
from pathlib import Path

import astronomy

FIRST_YEAR, LAST_YEAR = 1899, 2100  # lunar years: 1900-01-01 lies in 1899, 2100-12-31 in 2100
J2000 = date(2000, 1, 1).toordinal() + 0.5
MINUTE = 1 / 1440
TABLES = Path(__file__).parents[2] / "service" / "domain" / "calendars" / "tables"
ISSUED = {  # new moons of China as issued (Y. T. Liu, Calendar Calculation, after the Purple Mountain Observatory)
    date(1914, 11, 18): date(1914, 11, 17),
    date(1916, 2, 4): date(1916, 2, 3),
    date(1920, 11, 11): date(1920, 11, 10),
}


def modern(year: float) -> float:
    """TT less UT in seconds: Espenak & Meeus to 2000, then a parabola by 69.1 in 2026 and 93 in 2100."""
    since = year - 2000
    return 63.83 + 0.1707 * since + 0.00121 * since**2 if since > 0 else older(year)


def older(year: float) -> float:
    """TT less UT in seconds by Espenak & Meeus."""
    return astronomy.DeltaT_EspenakMeeus((year - 2000) * 365.24217)


@dataclass(frozen=True, slots=True)
class Sky:
    """New moons and principal terms, as days and fractions in universal time."""

    moons: Sequence[float]
    terms: Sequence[tuple[float, int]]


def universal(tt: float, delta: Callable[[float], float]) -> float:
    """Give a day number with its fraction in universal time, of a time of the library in terrestrial time."""
    return tt + J2000 - delta(2000 + tt / 365.24217) / 86_400


def elongation(tt: float) -> float:
    """Give the apparent longitude of the Moon less that of the Sun, from -180 to 180 degrees."""
    time = astronomy.Time.FromTerrestrialTime(tt)
    light = astronomy.Time.FromTerrestrialTime(tt - 1.28 / 86_400)  # the Moon as it is seen
    return (astronomy.EclipticGeoMoon(light).lon - astronomy.SunPosition(time).elon + 180) % 360 - 180


def new_moons() -> Iterator[float]:
    """Give the new moons, in terrestrial time."""
    time = astronomy.Time.Make(1898, 10, 1, 0, 0, 0)
    while time.ut < astronomy.Time.Make(2102, 3, 1, 0, 0, 0).ut:
        found = astronomy.SearchMoonPhase(0, time, 40)
        low, high = found.tt - 0.01, found.tt + 0.01
        while high - low > 1e-7:
            middle = (low + high) / 2
            low, high = (middle, high) if elongation(middle) < 0 else (low, middle)
        yield low
        time = found.AddDays(25)


def solar_terms() -> Iterator[tuple[float, int]]:
    """Give the 24 terms from the winter solstice of 1898, in terrestrial time, with their longitudes."""
    time, longitude = astronomy.Time.Make(1898, 12, 15, 0, 0, 0), 270
    while time.ut < astronomy.Time.Make(2102, 1, 15, 0, 0, 0).ut:
        found = astronomy.SearchSunLongitude(longitude, time, 30)
        yield found.tt, longitude
        time, longitude = found.AddDays(10), (longitude + 15) % 360


def china(_: float) -> float:
    """UTC+8; the issued calendars before 1929 differ from it in three months alone."""
    return 8


def korea(moment: float) -> float:
    """Legal time from 1912; to 1911 the months are those of China, see `korean.py`."""
    if moment < date(1912, 1, 1).toordinal():
        return 8
    return 8.5 if date(1954, 3, 21).toordinal() <= moment < date(1961, 8, 10).toordinal() else 9


def vietnam(moment: float) -> float:
    """UTC+7 from 1968; before, the months are those of China."""
    return 7 if moment >= date(1968, 1, 1).toordinal() - 1 / 3 else 8


Month = tuple[int, int, int]  # the day number of its first day, its year, its number


def months(sky: Sky, offset: Callable[[float], float], issued: dict[date, date]) -> Iterator[Month]:
    """Name the months from one winter solstice to the next."""

    def day(moment: float) -> int:
        return floor(moment + offset(moment) / 24)

    replaced = {before.toordinal(): after.toordinal() for before, after in issued.items()}
    starts = [replaced.get(day(moon), day(moon)) for moon in sky.moons]
    principal = [(day(moment), longitude) for moment, longitude in sky.terms if longitude % 30 == 0]
    solstices = [number for number, longitude in principal if longitude == 270]
    for solstice, following in pairwise(solstices):
        first = max(place for place, start in enumerate(starts) if start <= solstice)
        last = max(place for place, start in enumerate(starts) if start <= following)
        year, number, leap_is_due = date.fromordinal(solstice).year, 10, last - first == 13
        for place in range(first, last):
            held = any(starts[place] <= number_ < starts[place + 1] for number_, _ in principal)
            if leap_is_due and not held:
                leap_is_due, leap = False, True
            else:
                number, leap = number + 1, False
            name = (number - 1) % 12 + 1
            yield starts[place], year + (number > 12), -name if leap else name


def moved(sky: Sky, moons: float, terms: float) -> Sky:
    """Give the same sky, some minutes later."""
    return Sky([one + moons * MINUTE for one in sky.moons], [(one + terms * MINUTE, name) for one, name in sky.terms])


def uncertain(now: Sky, then: Sky, offset: Callable[[float], float], issued: dict[date, date]) -> list[int]:
    """Give the first days of the months after 2030 which two minutes, or another forecast, would move."""
    plain = {(year, name): start for start, year, name in months(now, offset, issued)}
    found = set()
    for sky in (now, then):
        for minutes in (-2, 0, 2):
            for start, year, name in months(moved(sky, minutes, 0), offset, issued):
                if (year, name) not in plain:
                    raise ValueError(f"the leap month of {year} hangs on two minutes")
                if plain[year, name] != start and year > 2030:
                    found.add(plain[year, name])
            leaps = {(year, name) for _, year, name in months(moved(sky, 0, minutes), offset, issued)}
            if any(year > 2030 for year, _ in leaps ^ plain.keys()):
                raise ValueError("a leap month hangs on two minutes of the Sun")
    return sorted(found)


HEAD = '''"""The months of the {name} calendar in the lunar years {first} to {last}.

Written by `tests/oracles/east_asian_tables.py` with astronomy-engine {version}. Do not edit.
A year is 18 bits: above bit 13 the number of the month that its leap month follows, or 0; then a bit for each month
in order, the first the highest of 13. A set bit is a month of 30 days, the others have 29.
"""

FIRST_YEAR = {first}
FIRST_DAY = {day}  # the day number of {civil}
UNCERTAIN = ({uncertain})  # first days that are within two minutes of another
# fmt: off
YEARS = (
'''


def write_months(name: str, offset: Callable[[float], float], now: Sky, then: Sky, issued: dict[date, date]) -> None:
    """Write a calendar."""
    found = list(months(now, offset, issued))
    rows = []
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        places = [place for place, month in enumerate(found) if month[1] == year]
        leap = next((-found[place][2] for place in places if found[place][2] < 0), 0)
        lengths = [found[place + 1][0] - found[place][0] for place in places]
        bits = sum((length == 30) << 12 - index for index, length in enumerate(lengths))
        rows.append(f"0x{leap << 13 | bits:05X},")
    first = next(start for start, year, _ in found if year == FIRST_YEAR)
    doubts = ", ".join(map(str, uncertain(now, then, offset, issued)))
    text = HEAD.format(
        name=name.capitalize(),
        first=FIRST_YEAR,
        last=LAST_YEAR,
        version="2.1.19",
        day=first,
        civil=f"{date.fromordinal(first):%-d %B %Y}",
        uncertain=doubts,
    )
    for place in range(0, len(rows), 10):
        text += f"    {' '.join(rows[place : place + 10])}  # {FIRST_YEAR + place}\n"
    (TABLES / f"{name}_months.py").write_text(text + ")\n")


TERMS_HEAD = '''"""The instants of the 24 solar terms from 1900 to 2100, to the minute below, in universal time.

Written by `tests/oracles/east_asian_tables.py` with astronomy-engine {version}. Do not edit.
A line is a year, from xiaohan; three hexadecimal digits are the minutes from the term before, less 20,000.
"""

FIRST_YEAR = 1900
BEFORE = {before}  # the minute of dongzhi 1899, counted from the beginning of the day number 0
GAPS = (
'''


def write_terms(terms: Sequence[tuple[float, int]]) -> None:
    """Write the terms."""
    minutes = [(floor(moment * 1440), longitude) for moment, longitude in terms]
    first = next(place for place, (minute, _) in enumerate(minutes) if minute > date(1900, 1, 1).toordinal() * 1440)
    text = TERMS_HEAD.format(version="2.1.19", before=minutes[first - 1][0])
    for year in range(1900, 2101):
        places = range(first + 24 * (year - 1900), first + 24 * (year - 1899))
        if minutes[places[0]][1] != 285:
            raise ValueError(f"{year} does not begin with xiaohan")
        gaps = [minutes[place][0] - minutes[place - 1][0] - 20_000 for place in places]
        text += f'    "{"".join(f"{gap:03X}" for gap in gaps)}",  # {year}\n'
    (TABLES / "term_minutes.py").write_text(text + ")\n")


if __name__ == "__main__":
    moons, terms = list(new_moons()), list(solar_terms())
    now, then = (
        Sky([universal(tt, delta) for tt in moons], [(universal(tt, delta), longitude) for tt, longitude in terms])
        for delta in (modern, older)
    )
    write_months("chinese", china, now, then, ISSUED)
    write_months("korean", korea, now, then, {})
    write_months("vietnamese", vietnam, now, then, ISSUED)
    write_terms(now.terms)
