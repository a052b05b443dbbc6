"""The Korean calendar: where it departs from the Chinese, and how far it is certain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars import chinese, korean
from service.domain.calendars.calendar import BeyondTableError, LeapMonth, Moved, Ways
from service.domain.errors import InvalidError
from tests.unit.domain.calendars.laws import CLIP, civil, dated, hold_in, returned

FIRST, LAST = 693_271, 767_037  # 10 February 1899 and 28 January 2101
PREFER_LEAP, BOTH = Ways(leap_month=LeapMonth.PREFER_LEAP), Ways(leap_month=LeapMonth.BOTH)

KNOWN = [  # the tables of KASI, as korean-lunar-calendar has them
    ((1908, 4, 1), "1908-04-30"),  # clocks were at +8:30 since 1 April, the calendar was not: 0:03 on 1 May
    ((1911, 11, 1), "1911-12-20"),  # 0:10 on the 21st at +8:30
    ((1914, 10, 1), "1914-11-18"),  # issued in China for the 17th
    ((1916, 1, 1), "1916-02-04"),  # issued in China for the 3rd
    ((1954, 1, 1), "1954-02-04"),  # at +9; in China the 3rd
    ((1988, 1, 1), "1988-02-18"),  # in China the 17th
    ((1997, 1, 1), "1997-02-08"),  # in China the 7th
    ((2012, -3, 1), "2012-04-21"),  # in China a leap month 4
    ((2017, -5, 1), "2017-06-24"),  # in China a leap month 6
    ((2020, -4, 1), "2020-05-23"),
    ((2023, 8, 15), "2023-09-29"),  # Chuseok
    ((2024, 1, 1), "2024-02-10"),  # Seollal
    ((2024, 8, 15), "2024-09-17"),
    ((2025, 1, 1), "2025-01-29"),
    ((2025, 8, 15), "2025-10-06"),
    ((2027, 1, 1), "2027-02-07"),  # in China the 6th
    ((2028, 1, 1), "2028-01-27"),  # in China the 26th
    ((2030, 1, 1), "2030-02-03"),
    ((2033, -11, 1), "2033-12-22"),
    ((2050, 1, 1), "2050-01-23"),
]


@pytest.mark.parametrize(("date", "expected"), KNOWN)
def test_known_days(date, expected):
    assert civil(korean, *date) == expected
    assert dated(korean, expected) == date


def test_a_new_year_departs_from_the_chinese_in_these_years():
    years = [y for y in range(1899, 2051) if korean.day_number(y, 1, 1) != chinese.day_number(y, 1, 1)]
    assert years == [1916, 1944, 1954, 1958, 1966, 1988, 1997, 2027, 2028]


def test_leap_months_depart_from_the_chinese_in_2012_and_2017():
    years = [y for y in range(1899, 2051) if korean.months_of(y) != chinese.months_of(y)]
    assert years == [2012, 2017]


def test_a_day_of_a_korean_leap_month_prefers_the_korean_leap_month():
    """Died on the 10th of the leap month 5 of 2017, 3 July; 2028 and 2009 have that leap month too."""
    assert dated(korean, "2017-07-03") == (2017, -5, 10)
    assert returned(korean, 2028, (2017, -5, 10), PREFER_LEAP) == [("2028-07-02", None)]
    assert returned(korean, 2018, (2017, -5, 10), PREFER_LEAP) == [("2018-06-23", Moved.LEAP_MONTH)]
    assert returned(korean, 2028, (2017, -5, 10), CLIP) == [("2028-06-02", Moved.LEAP_MONTH)]
    assert returned(korean, 2028, (2018, 5, 10), BOTH) == [("2028-06-02", None), ("2028-07-02", Moved.LEAP_MONTH)]


@pytest.mark.parametrize(
    ("year", "month", "provisional"),
    [(2050, 1, False), (2050, 10, False), (2050, 12, True), (2051, 1, True), (2074, 7, True), (1997, 1, False)],
)
def test_what_kasi_has_not_issued_is_provisional(year, month, provisional):
    (found,) = korean.returns_in(year, (1990, month, 1), CLIP)
    assert found.provisional is provisional


@pytest.mark.parametrize(("number", "nearest"), [(FIRST - 1, 1899), (LAST + 1, 2100)])
def test_beyond_the_table_no_day_is_named(number, nearest):
    with pytest.raises(BeyondTableError, match="Korean calendar is known only for the years 1899 to 2100") as raised:
        korean.date_of(number)
    assert raised.value.nearest_year == nearest


def test_a_leap_month_of_another_country_is_refused():
    with pytest.raises(InvalidError, match="the Korean year 2012 has no month 04L"):
        korean.day_number(2012, -4, 1)


def test_the_day_begins_at_midnight():
    assert korean.SUNSET is False


@given(st.integers(FIRST, LAST))
def test_every_day_returns_in_its_own_year(number):
    date = korean.date_of(number)
    assert korean.day_number(*date) == number
    (same,) = korean.returns_in(date[0], date, PREFER_LEAP)
    assert (same.day_number, same.reason) == (number, None)


@given(st.integers(1899, 2100))
def test_months_fill_their_year(year):
    hold_in(korean, year)
