"""The Persian calendar, against the list of the University of Tehran, ICU, convertdate and known days."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars import persian
from service.domain.calendars.calendar import BeyondTableError, Moved
from service.domain.errors import InvalidError
from tests.oracles.years import mismatches, rows
from tests.unit.domain.calendars.laws import CLIP, NEXT, SKIP, civil, dated, hold_in, hold_on, returned

FIRST, LAST = 667_013, 774_028  # 22 March 1827 and 20 March 2120

# New years by the list of the University of Tehran, unless another source is named.
KNOWN = [
    ((1206, 1, 1), "1827-03-22"),  # the first day of the list
    ((1304, 1, 11), "1925-03-31"),  # the law that introduced the calendar
    ((1357, 11, 22), "1979-02-11"),  # 22 Bahman, the revolution
    ((1375, 12, 30), "1997-03-20"),  # a leap year after five years
    ((1376, 1, 1), "1997-03-21"),
    ((1399, 12, 30), "2021-03-20"),
    ((1403, 12, 30), "2025-03-20"),  # 1403 is a leap year: by the cycle of 2820 years 1404 would begin here
    ((1404, 1, 1), "2025-03-21"),
    ((1404, 7, 1), "2025-09-23"),  # the first month of 30 days
    ((1404, 12, 29), "2026-03-20"),
    ((1408, 12, 30), "2030-03-20"),
    ((1470, 1, 1), "2091-03-21"),  # reckoned for Tehran itself instead of 52.5 degrees east this differs
    ((1498, 1, 1), "2119-03-21"),
    ((1498, 12, 30), "2120-03-20"),  # the last day of the list
]


@pytest.mark.parametrize(("date", "expected"), KNOWN)
def test_known_days(date, expected):
    assert civil(persian, *date) == expected
    assert dated(persian, expected) == date


def test_the_leap_years_are_those_of_the_university_of_tehran():
    listed = [int(year.rstrip("*")) for row in rows("persian_leap_years") for year in row]
    assert len(listed) == 71
    assert [year for year in range(1206, 1499) if persian.is_leap(year)] == listed


@pytest.mark.parametrize("oracle", ["icu-persian", "convertdate-persian"])
def test_every_day_of_1900_to_2100_is_that_of_the_oracle(oracle):
    assert mismatches(persian, oracle) == []


def test_30_esfand_returns_by_the_policy():
    origin = (1399, 12, 30)
    assert returned(persian, 1403, origin, SKIP) == [("2025-03-20", None)]
    assert returned(persian, 1404, origin, CLIP) == [("2026-03-20", Moved.CLIPPED)]  # 29 Esfand
    assert returned(persian, 1404, origin, NEXT) == [("2026-03-21", Moved.NEXT)]  # Nowruz 1405
    assert returned(persian, 1404, origin, SKIP) == []


def test_11_dey_occurs_twice_in_a_civil_year_or_not_at_all():
    """A day about 1 January; the years in which that happens lie beside a 30 Esfand."""
    years = [civil(persian, year, 10, 11)[:4] for year in range(1370, 1420)]
    assert {years.count(str(year)) for year in range(1992, 2041)} == {0, 1, 2}


@pytest.mark.parametrize(("number", "nearest"), [(FIRST - 1, 1206), (LAST + 1, 1498), (0, 1206), (1_000_000, 1498)])
def test_beyond_the_list_no_day_is_named(number, nearest):
    with pytest.raises(BeyondTableError, match="covers the years 1206 to 1498") as raised:
        persian.date_of(number)
    assert raised.value.nearest_year == nearest


@pytest.mark.parametrize(("year", "nearest"), [(1205, 1206), (1499, 1498)])
def test_beyond_the_list_no_date_is_reckoned(year, nearest):
    for reckon in (
        lambda: persian.day_number(year, 1, 1),
        lambda: persian.days_in(year, 1),
        lambda: persian.returns_in(year, (1400, 1, 1), CLIP),
    ):
        with pytest.raises(BeyondTableError) as raised:
            reckon()
        assert raised.value.nearest_year == nearest


@pytest.mark.parametrize(
    "date", [(1404, 12, 30), (1404, 7, 31), (1404, 1, 32), (1404, 13, 1), (1404, 0, 1), (1404, 1, 0)]
)
def test_a_date_that_does_not_exist_is_refused_in_words(date):
    with pytest.raises(InvalidError, match="the Persian calendar has no"):
        persian.day_number(*date)


def test_the_day_begins_at_midnight():
    assert persian.SUNSET is False


@given(st.integers(FIRST, LAST - 1))
def test_every_day_has_one_date(number):
    hold_on(persian, number)


@given(st.integers(1206, 1498))
def test_months_fill_their_year(year):
    hold_in(persian, year)
    assert persian.months_of(year) == range(1, 13)
