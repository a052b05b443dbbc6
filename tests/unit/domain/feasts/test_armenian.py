"""The feasts of the Armenian Church, against the printed calendar and published notices."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars import julian
from service.domain.feasts.armenian import FEASTS
from service.domain.weekdays import weekday_of

TABERNACLE_FEASTS = ("theophany", "easter", "transfiguration", "assumption", "exaltation")

# Vardanants, Easter, Transfiguration, Assumption, Exaltation; then the Merelots of the last four. From
# armenian-lectionary 2.1.0 (Apache-2.0), whose tables are those of the printed Tonatsuyts.
TONATSUYTS = """
2001 02-22 04-15 07-22 08-12 09-16 04-16 07-23 08-13 09-17
2002 02-07 03-31 07-07 08-18 09-15 04-01 07-08 08-19 09-16
2003 02-27 04-20 07-27 08-17 09-14 04-21 07-28 08-18 09-15
2004 02-19 04-11 07-18 08-15 09-12 04-12 07-19 08-16 09-13
2005 02-03 03-27 07-03 08-14 09-11 03-28 07-04 08-15 09-12
2006 02-23 04-16 07-23 08-13 09-17 04-17 07-24 08-14 09-18
2007 02-15 04-08 07-15 08-12 09-16 04-09 07-16 08-13 09-17
2008 01-31 03-23 06-29 08-17 09-14 03-24 06-30 08-18 09-15
2009 02-19 04-12 07-19 08-16 09-13 04-13 07-20 08-17 09-14
2010 02-11 04-04 07-11 08-15 09-12 04-05 07-12 08-16 09-13
2011 03-03 04-24 07-31 08-14 09-11 04-25 08-01 08-15 09-12
2012 02-16 04-08 07-15 08-12 09-16 04-09 07-16 08-13 09-17
2013 02-07 03-31 07-07 08-18 09-15 04-01 07-08 08-19 09-16
2014 02-27 04-20 07-27 08-17 09-14 04-21 07-28 08-18 09-15
2015 02-12 04-05 07-12 08-16 09-13 04-06 07-13 08-17 09-14
2016 02-04 03-27 07-03 08-14 09-11 03-28 07-04 08-15 09-12
2017 02-23 04-16 07-23 08-13 09-17 04-17 07-24 08-14 09-18
2018 02-08 04-01 07-08 08-12 09-16 04-02 07-09 08-13 09-17
2019 02-28 04-21 07-28 08-18 09-15 04-22 07-29 08-19 09-16
2020 02-20 04-12 07-19 08-16 09-13 04-13 07-20 08-17 09-14
2021 02-11 04-04 07-11 08-15 09-12 04-05 07-12 08-16 09-13
2022 02-24 04-17 07-24 08-14 09-11 04-18 07-25 08-15 09-12
2023 02-16 04-09 07-16 08-13 09-17 04-10 07-17 08-14 09-18
2024 02-08 03-31 07-07 08-18 09-15 04-01 07-08 08-19 09-16
2025 02-27 04-20 07-27 08-17 09-14 04-21 07-28 08-18 09-15
2026 02-12 04-05 07-12 08-16 09-13 04-06 07-13 08-17 09-14
2027 02-04 03-28 07-04 08-15 09-12 03-29 07-05 08-16 09-13
"""


def on(name: str, year: int) -> str:
    (found,) = FEASTS[f"armenian-{name}"].days(year)
    return date.fromordinal(found.day_number).isoformat()


@pytest.mark.parametrize("row", TONATSUYTS.split("\n")[1:-1])
def test_27_years_are_those_of_the_printed_calendar(row: str) -> None:
    year, *days = row.split()
    names = ["vardanants", *TABERNACLE_FEASTS[1:], *(f"{name}-merelots" for name in TABERNACLE_FEASTS[1:])]
    assert [on(name, int(year)) for name in names] == [f"{year}-{day}" for day in days]
    assert (on("theophany", int(year)), on("theophany-merelots", int(year))) == (f"{year}-01-06", f"{year}-01-07")


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("assumption", "2015-08-16"),  # armenianchurch.org, 18 August 2015
        ("assumption", "2017-08-13"),  # news.am 404623, which has Merelots on the morrow
        ("assumption-merelots", "2017-08-14"),
        ("assumption", "2022-08-14"),  # westernprelacy.org
        ("assumption", "2024-08-18"),  # armenianprelacy.ca; the 15th was a Thursday
        ("vardanants", "2024-02-08"),
        ("vardanants", "2025-02-27"),
    ],
)
def test_what_the_church_published(name: str, published: str) -> None:
    assert on(name, int(published[:4])) == published


def test_merelots_after_theophany_is_on_whatever_weekday() -> None:
    weekdays = {date.fromisoformat(on("theophany-merelots", year)).weekday() for year in range(2001, 2028)}
    assert weekdays == set(range(7))


def test_before_1924_the_feasts_are_on_julian_days() -> None:
    assert on("theophany", 1915) == "1915-01-19"
    assert on("theophany", 1923) == "1923-01-19"
    assert on("theophany", 1924) == "1924-01-06"
    assert on("easter", 1915) == "1915-04-04"
    assert julian.date_of(date.fromisoformat(on("assumption", 1914)).toordinal()) == (1914, 8, 17)


@given(st.integers(1924, 4099))
def test_each_feast_keeps_to_its_week(year: int) -> None:
    assert f"{year}-08-12" <= on("assumption", year) <= f"{year}-08-18"
    assert f"{year}-09-11" <= on("exaltation", year) <= f"{year}-09-17"
    assert f"{year}-06-28" <= on("transfiguration", year) <= f"{year}-08-01"
    (vardanants,) = FEASTS["armenian-vardanants"].days(year)
    assert weekday_of(vardanants.day_number) == 3


@given(st.integers(326, 4099), st.sampled_from(TABERNACLE_FEASTS))
def test_merelots_is_the_day_after_the_feast(year: int, name: str) -> None:
    (feast,) = FEASTS[f"armenian-{name}"].days(year)
    (merelots,) = FEASTS[f"armenian-{name}-merelots"].days(year)
    assert merelots.day_number == feast.day_number + 1
    assert name == "theophany" or weekday_of(merelots.day_number) == 0


def test_no_feast_begins_on_its_eve() -> None:
    assert not any(feast.sunset for feast in FEASTS.values())
