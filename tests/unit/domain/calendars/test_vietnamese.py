"""The Vietnamese calendar: where it departs from the Chinese, and the second gio, which counts a leap month."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars import chinese, vietnamese
from service.domain.calendars.calendar import BeyondTableError, LeapMonth, Moved, Ways
from tests.unit.domain.calendars.laws import CLIP, civil, dated, hold_in, returned, written

FIRST, LAST = 693_271, 767_037  # 10 February 1899 and 28 January 2101
PREFER_LEAP, BOTH = Ways(leap_month=LeapMonth.PREFER_LEAP), Ways(leap_month=LeapMonth.BOTH)

KNOWN = [  # Ho Ngoc Duc, lists of Tet and of leap months
    ((1945, 1, 1), "1945-02-13"),
    ((1967, 1, 1), "1967-02-09"),
    ((1968, 1, 1), "1968-01-29"),  # in China and in the South the 30th
    ((1969, 1, 1), "1969-02-16"),  # in China the 17th
    ((1976, 1, 1), "1976-01-31"),
    ((1985, 1, 1), "1985-01-21"),  # in China 20 February
    ((1985, -2, 1), "1985-03-21"),  # in China a leap month 10 of 1984
    ((1987, -7, 1), "1987-08-24"),  # in China a leap month 6
    ((2006, 6, 1), "2006-06-25"),  # 23:05; in China the 26th
    ((2007, 1, 1), "2007-02-17"),  # in China the 18th
    ((2018, 10, 9), "2018-11-15"),
    ((2020, -4, 1), "2020-05-23"),
    ((2024, 1, 1), "2024-02-10"),
    ((2025, -6, 1), "2025-07-25"),
    ((2030, 1, 1), "2030-02-02"),  # in China the 3rd
    ((2033, -11, 1), "2033-12-22"),
    ((2053, 1, 1), "2053-02-18"),  # in China the 19th
]


@pytest.mark.parametrize(("date", "expected"), KNOWN)
def test_known_days(date, expected):
    assert civil(vietnamese, *date) == expected
    assert dated(vietnamese, expected) == date


def test_tet_departs_from_the_chinese_new_year_in_these_years():
    years = [y for y in range(1899, 2101) if vietnamese.day_number(y, 1, 1) != chinese.day_number(y, 1, 1)]
    assert years == [1968, 1969, 1985, 2007, 2030, 2053]


def test_leap_months_depart_from_the_chinese_in_these_years():
    years = [y for y in range(1899, 2101) if vietnamese.months_of(y) != chinese.months_of(y)]
    assert years == [1984, 1985, 1987]


def test_months_depart_from_the_chinese_66_times_since_1968():
    names = [(y, m) for y in range(1968, 2101) for m in {*vietnamese.months_of(y), *chinese.months_of(y)}]
    there = [(y, m) for y, m in names if m in vietnamese.months_of(y) and m in chinese.months_of(y)]
    same = [one for one in there if vietnamese.day_number(*one, 1) == chinese.day_number(*one, 1)]
    assert len(names) - len(same) == 66


@pytest.mark.parametrize(
    ("month", "here", "in_the_south"),
    [
        ((1968, 1), "1968-01-29", "1968-01-30"),
        ((1969, 1), "1969-02-16", "1969-02-17"),
        ((1974, 11), "1974-12-13", "1974-12-14"),
        ((1975, 3), "1975-04-11", "1975-04-12"),
    ],
)
def test_the_south_kept_the_chinese_months_which_differ_in_four(month, here, in_the_south):
    assert (civil(vietnamese, *month, 1), civil(chinese, *month, 1)) == (here, in_the_south)


def test_the_second_gio_comes_24_months_on_and_a_leap_month_counts():
    """Died on 9/10 Mau Tuat, 15 November 2018: with the leap month 4 of 2020, on 9/9 Canh Ty, 25 October 2020."""
    months = [(year, month) for year in range(2018, 2021) for month in vietnamese.months_of(year)]
    year, month = months[months.index((2018, 10)) + 24]
    assert (year, month) == (2020, 9)
    assert written(vietnamese.day_number(year, month, 9)) == "2020-10-25"
    assert returned(vietnamese, 2020, (2018, 10, 9), CLIP) == [("2020-11-23", None)]  # by date, as later years go


def test_a_day_of_the_leap_month_of_1985_returns_in_the_leap_month_2_of_2004_and_2023():
    origin = (1985, -2, 5)
    found = [returned(vietnamese, year, origin, PREFER_LEAP)[0] for year in (2004, 2022, 2023)]
    assert found == [("2004-03-25", None), ("2022-03-07", Moved.LEAP_MONTH), ("2023-03-26", None)]
    assert len(vietnamese.returns_in(2023, origin, BOTH)) == 2


@pytest.mark.parametrize(
    ("year", "month", "provisional"),
    [(2054, 4, True), (2072, 11, True), (2077, 10, True), (2085, 9, True), (2054, 5, False), (1968, 1, False)],
)
def test_what_hangs_on_seconds_is_provisional(year, month, provisional):
    (found,) = vietnamese.returns_in(year, (1990, month, 1), CLIP)
    assert found.provisional is provisional


@pytest.mark.parametrize(("number", "nearest"), [(FIRST - 1, 1899), (LAST + 1, 2100)])
def test_beyond_the_table_no_day_is_named(number, nearest):
    with pytest.raises(BeyondTableError, match="Vietnamese calendar is known only") as raised:
        vietnamese.date_of(number)
    assert raised.value.nearest_year == nearest


def test_the_day_begins_at_midnight():
    assert vietnamese.SUNSET is False


@given(st.integers(FIRST, LAST))
def test_every_day_returns_in_its_own_year(number):
    date = vietnamese.date_of(number)
    assert vietnamese.day_number(*date) == number
    (same,) = vietnamese.returns_in(date[0], date, PREFER_LEAP)
    assert (same.day_number, same.reason) == (number, None)


@given(st.integers(1899, 2100))
def test_months_fill_their_year(year):
    hold_in(vietnamese, year)
