"""The Hebrew calendar, its yahrzeits and its feasts against hebcal, whose answers are in `hebrew.txt`.

`hebrew.mjs` says how they were obtained and how to obtain them again; a run needs nothing but the file.
"""

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from itertools import accumulate
from pathlib import Path

import pytest

from service.domain.calendars import hebrew
from service.domain.calendars.calendar import Adar, Custom, Date, Ways
from service.domain.feasts.jewish import FEASTS

LENGTHS = dict(zip("abcdef", (353, 354, 355, 383, 384, 385), strict=True))
LINES = [line.split() for line in Path(__file__).with_name("hebrew.txt").read_text().splitlines()]
WAYS = {
    "yahrzeit": Ways(custom=Custom.YAHRZEIT),
    "anniversary": Ways(custom=Custom.ANNIVERSARY),
    "yahrzeits": Ways(custom=Custom.YAHRZEIT),
    "anniversaries": Ways(custom=Custom.ANNIVERSARY),
}
SUNDAYS = [1953, 1956, 1957, 1960, 1963, 1966, 1967, 1970, 1973, 1980, 1983, 1984, 1987, 1990, 1993]

# Where we depart from hebcal, which has no first years for state days (or 1948), nor the delay of 1950.
OURS_ONLY: dict[str, list[str]] = {"jewish-yom-haatzmaut": ["1950-04-23"]}
THEIRS_ONLY = {
    "jewish-yom-haatzmaut": ["1948-05-13", "1950-04-20"],
    "jewish-yom-hazikaron": ["1948-05-12", "1949-05-03", "1950-04-19"],
    "jewish-yom-yerushalayim": ["1967-06-07"],
}


def lines(kind: str) -> list[list[str]]:
    return [rest for first, *rest in LINES if first == kind]


def returned(year: int, origin: Date, ways: Ways) -> int:
    (found,) = hebrew.returns_in(year, origin, ways)
    return found.day_number


def expected(kind: str) -> Iterator[tuple[Date, int, int]]:
    """Give each origin, each year after it, and the day number that hebcal has there."""
    for text, found in lines(kind):
        began, month, day = map(int, text.split("-"))
        for place in range(len(found) // 2):
            year = began + 1 + place
            yield (began, month, day), year, hebrew.day_number(year, 7, 1) + int(found[2 * place : 2 * place + 2], 36)


def test_all_years_from_1_to_6500_have_the_new_years_and_lengths_of_hebcal() -> None:
    ((first, letters),) = lines("years")
    new_years = list(accumulate((LENGTHS[letter] for letter in letters), initial=int(first)))
    assert len(letters) == 6500
    assert [hebrew.day_number(year, 7, 1) for year in range(1, 6502)] == new_years


def test_all_days_from_1900_to_2100_follow_one_another() -> None:
    number = hebrew.day_number(5660, 7, 1)
    for year in range(5660, 5862):
        for month in hebrew.months_of(year):
            for day in range(1, hebrew.days_in(year, month) + 1):
                assert (hebrew.date_of(number), hebrew.day_number(year, month, day)) == ((year, month, day), number)
                number += 1


@pytest.mark.parametrize("custom", Custom)
def test_every_hard_day_of_180_years_returns_in_the_next_40_as_in_hebcal(custom: Custom) -> None:
    compared = [(origin, year, day, returned(year, origin, WAYS[custom])) for origin, year, day in expected(custom)]
    assert len(compared) == 18_560
    assert [row for row in compared if row[2] != row[3]] == []


@pytest.mark.parametrize("kind", ["yahrzeits", "anniversaries"])
def test_every_day_of_19_years_returns_in_the_next_20_as_in_hebcal(kind: str) -> None:
    differing = []
    for year, digest in ((int(year), digest) for year, digest in lines(kind)):
        days = range(hebrew.day_number(year, 7, 1), hebrew.day_number(year + 1, 7, 1))
        dates = [hebrew.date_of(number) for number in days]
        found = [str(returned(year + n, origin, WAYS[kind])) for origin in dates for n in range(1, 21)]
        if sha256(",".join(found).encode()).hexdigest() != digest:
            differing.append(year)
    assert len(lines(kind)) == 19
    assert differing == []


def test_a_yahrzeit_in_the_second_adar_falls_on_the_anniversary_of_hebcal() -> None:
    """Hebcal knows no other custom than the first Adar; its birthday of 29 Adar is what the second would be."""
    rows = [row for row in expected("anniversary") if row[0][1:] == (12, 29)]
    assert [row for row in rows if returned(row[1], row[0], Ways(adar=Adar.ADAR2)) != row[2]] == []
    assert len(rows) > 4000


def test_the_rule_that_keeps_the_29th_for_ever_is_not_that_of_hebcal() -> None:
    """After a short first year hebcal has the 30th again in long years: in these rows, 29th and 30th would differ."""
    rows = [
        (day, hebrew.day_number(year, month, 30))
        for (died, month, of_month), year, day in expected("yahrzeit")
        if of_month == 30 and month in {8, 9} and hebrew.days_in(died + 1, month) < 30 <= hebrew.days_in(year, month)
    ]
    assert len(rows) == 2432
    assert [row for row in rows if row[0] != row[1]] == []


@pytest.mark.parametrize("name", FEASTS)
def test_a_feast_falls_on_the_days_of_hebcal_from_1900_to_2100_but_for_those_named(name: str) -> None:
    ((_, *numbers),) = [line for line in lines("feast") if line[0] == name]
    theirs = {date.fromordinal(number) for number in accumulate(map(int, numbers))}
    ours = {date.fromordinal(one.day_number) for year in range(1900, 2101) for one in FEASTS[name].days(year)}
    only_ours = [on.isoformat() for on in sorted(ours - theirs)]
    only_theirs = [on.isoformat() for on in sorted(theirs - ours)]
    if name == "jewish-yom-hashoah":  # hebcal moves the Sundays before 1997 to Mondays
        assert [on.year for on in sorted(ours - theirs)] == [on.year for on in sorted(theirs - ours)] == SUNDAYS
        assert {on.weekday() for on in ours - theirs} == {6}
    else:
        assert (only_ours, only_theirs) == (OURS_ONLY.get(name, []), THEIRS_ONLY.get(name, []))
