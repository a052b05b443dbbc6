"""The computed Umm al-Qura calendar, against ICU, the JDK and the published one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars import islamic_umalqura, islamic_umalqura_kacst
from service.domain.calendars.calendar import BeyondTableError, Moved
from service.domain.errors import InvalidError
from tests.oracles.years import mismatches, years_of
from tests.unit.domain.calendars.laws import CLIP, NEXT, SKIP, civil, dated, hold_in, hold_on, returned

FIRST, LAST = 687_337, 794_001  # 12 November 1882 and 25 November 2174

KNOWN = [
    ((1300, 1, 1), "1882-11-12"),  # the first day of the table in ICU and the JDK (iso-start)
    ((1343, 1, 1), "1924-08-02"),  # KACST's own converter, by hijridate issue 26, as the next five
    ((1343, 2, 1), "1924-09-01"),
    ((1343, 8, 1), "1925-02-24"),
    ((1344, 1, 1), "1925-07-22"),
    ((1344, 7, 1), "1926-01-16"),
    ((1345, 5, 1), "1926-11-07"),
    ((1404, 1, 24), "1983-10-31"),  # the same converter, by hijridate issue 9
    ((1410, 1, 6), "1989-08-08"),
    ((1446, 9, 1), "2025-03-01"),
    ((1600, 12, 30), "2174-11-25"),  # the last day of the table
]


@pytest.mark.parametrize(("date", "expected"), KNOWN)
def test_known_days(date, expected):
    assert civil(islamic_umalqura_kacst, *date) == expected
    assert dated(islamic_umalqura_kacst, expected) == date


@pytest.mark.parametrize("oracle", ["icu-islamic-umalqura", "jdk-islamic-umalqura"])
def test_every_day_of_the_table_is_that_of_the_oracle(oracle):
    years = years_of(oracle)
    assert [year.number for year in years] == list(range(1300, 1601))
    assert (years[0].first_day, years[-1].first_day + sum(years[-1].lengths) - 1) == (FIRST, LAST)
    assert mismatches(islamic_umalqura_kacst, oracle) == []


def test_it_differs_from_the_published_calendar_where_that_is_known():
    """In 740 of 1896 months, as hijridate issue 26 counts too, and in none of 1420 to 1450."""
    months = [(year, month, 1) for year in range(1343, 1501) for month in range(1, 13)]
    differing = [
        date for date in months if islamic_umalqura.day_number(*date) != islamic_umalqura_kacst.day_number(*date)
    ]
    assert (len(months), len(differing)) == (1896, 740)
    assert [date for date in differing if 1420 <= date[0] <= 1450] == []


@pytest.mark.parametrize(("number", "nearest"), [(FIRST - 1, 1300), (LAST + 1, 1600)])
def test_beyond_the_table_no_day_is_named(number, nearest):
    """There ICU and the JDK part: ICU goes over to the civil reckoning, the JDK refuses."""
    with pytest.raises(BeyondTableError, match="known only for the years 1300 to 1600") as raised:
        islamic_umalqura_kacst.date_of(number)
    assert raised.value.nearest_year == nearest


@pytest.mark.parametrize(("year", "nearest"), [(1299, 1300), (1601, 1600)])
def test_beyond_the_table_no_date_is_reckoned(year, nearest):
    with pytest.raises(BeyondTableError) as raised:
        islamic_umalqura_kacst.returns_in(year, (1400, 1, 1), CLIP)
    assert raised.value.nearest_year == nearest


def test_years_after_1450_are_provisional():
    found = [one for year in range(1449, 1453) for one in islamic_umalqura_kacst.returns_in(year, (1400, 9, 1), CLIP)]
    assert [one.provisional for one in found] == [False, False, True, True]


def test_a_30th_returns_by_the_policy():
    origin = (1445, 8, 30)
    assert returned(islamic_umalqura_kacst, 1446, origin, CLIP) == [("2025-02-28", Moved.CLIPPED)]
    assert returned(islamic_umalqura_kacst, 1446, origin, NEXT) == [("2025-03-01", Moved.NEXT)]
    assert returned(islamic_umalqura_kacst, 1446, origin, SKIP) == []


@pytest.mark.parametrize("date", [(1446, 8, 30), (1446, 9, 31), (1446, 13, 1), (1446, 0, 1), (1446, 1, 0)])
def test_a_date_that_does_not_exist_is_refused_in_words(date):
    with pytest.raises(InvalidError, match="the computed Umm al-Qura calendar has no"):
        islamic_umalqura_kacst.day_number(*date)


def test_the_day_begins_at_sunset():
    assert islamic_umalqura_kacst.SUNSET is True


@given(st.integers(FIRST, LAST - 1))
def test_every_day_has_one_date(number):
    hold_on(islamic_umalqura_kacst, number)


@given(st.integers(1300, 1600))
def test_months_fill_their_year(year):
    hold_in(islamic_umalqura_kacst, year)
