"""The Chinese calendar: New Years and leap months as they were published, and what returns of a leap month."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars import chinese, gregorian
from service.domain.calendars.calendar import BeyondTableError, LeapMonth, MissingDay, Moved, Ways
from service.domain.errors import InvalidError
from tests.unit.domain.calendars.laws import CLIP, NEXT, SKIP, civil, dated, hold_in, returned

FIRST, LAST = 693_271, 767_037  # 10 February 1899 and 28 January 2101
PREFER_LEAP, BOTH = Ways(leap_month=LeapMonth.PREFER_LEAP), Ways(leap_month=LeapMonth.BOTH)

NEW_YEARS = [  # Hong Kong Observatory, Gregorian-Lunar Calendar Conversion Table; 1912 to 1920 as issued
    *("1900-01-31", "1912-02-18", "1914-01-26", "1916-02-03", "1949-01-29", "1968-01-30", "1976-01-31"),
    *("1985-02-20", "2000-02-05", "2007-02-18", "2020-01-25", "2023-01-22", "2024-02-10", "2025-01-29"),
    *("2026-02-17", "2027-02-06", "2030-02-03", "2033-01-31", "2034-02-19", "2053-02-19", "2100-02-09"),
]
LEAP_MONTHS = {1900: 8, 1917: 2, 1922: 5, 1984: 10, 1987: 6, 2012: 4, 2017: 6, 2020: 4, 2023: 2, 2025: 6, 2028: 5}
LEAP_MONTHS |= {2031: 3, 2033: 11, 2036: 6}  # HKO; ICU loses those of 1917, 1922 and 1987
KNOWN = [
    ((1899, 12, 1), "1900-01-01"),
    ((1914, 10, 1), "1914-11-17"),  # as issued, Y. T. Liu: the new moon was at 0:02 on the 18th by UTC+8
    ((1916, 1, 1), "1916-02-03"),  # as issued: 0:05 on the 4th
    ((1920, 10, 1), "1920-11-10"),  # as issued: 0:05 on the 11th
    ((1976, -8, 1), "1976-09-24"),
    ((1999, 12, 1), "2000-01-07"),
    ((2018, 10, 1), "2018-11-08"),  # 0:02; ICU has the 7th
    ((2020, -4, 1), "2020-05-23"),
    ((2020, 8, 15), "2020-10-01"),  # mid-autumn
    ((2025, -6, 1), "2025-07-25"),
    ((2025, 9, 9), "2025-10-29"),  # chongyang
    ((2033, 11, 1), "2033-11-22"),  # the month of the solstice; older tables have a leap month 7
    ((2033, -11, 1), "2033-12-22"),
    ((2033, 12, 1), "2034-01-20"),
    ((2100, 12, 1), "2100-12-31"),
]


@pytest.mark.parametrize("day", NEW_YEARS)
def test_a_new_year_is_the_first_of_the_first_month(day):
    assert dated(chinese, day) == (int(day[:4]), 1, 1)


@pytest.mark.parametrize(("date", "expected"), KNOWN)
def test_known_days(date, expected):
    assert civil(chinese, *date) == expected
    assert dated(chinese, expected) == date


@pytest.mark.parametrize(("year", "leap"), LEAP_MONTHS.items())
def test_a_leap_month_stands_behind_its_own(year, leap):
    months = chinese.months_of(year)
    assert months[leap - 1 : leap + 1] == (leap, -leap)
    assert [abs(month) for month in months] == sorted([*range(1, 13), leap])


def test_an_ordinary_year_has_twelve_months():
    assert list(chinese.months_of(2024)) == list(range(1, 13))


def test_every_day_of_the_table_has_its_date():
    expected = [
        (year, month, day)
        for year in range(1899, 2101)
        for month in chinese.months_of(year)
        for day in range(1, chinese.days_in(year, month) + 1)
    ]
    assert [chinese.date_of(number) for number in range(FIRST, LAST + 1)] == expected
    assert [chinese.day_number(*date) for date in expected] == list(range(FIRST, LAST + 1))


def test_every_month_has_29_or_30_days():
    years = range(1899, 2101)
    assert {chinese.days_in(year, month) for year in years for month in chinese.months_of(year)} == {29, 30}


@pytest.mark.parametrize(
    ("ways", "year", "expected"),
    [
        (CLIP, 2001, [("2001-04-30", Moved.LEAP_MONTH)]),  # 2001 has a leap month 4
        (CLIP, 2002, [("2002-05-19", Moved.LEAP_MONTH)]),
        (PREFER_LEAP, 2001, [("2001-05-30", None)]),
        (PREFER_LEAP, 2002, [("2002-05-19", Moved.LEAP_MONTH)]),
        (BOTH, 2001, [("2001-04-30", Moved.LEAP_MONTH), ("2001-05-30", None)]),
        (BOTH, 2002, [("2002-05-19", Moved.LEAP_MONTH)]),
        (PREFER_LEAP, 2023, [("2023-05-26", Moved.LEAP_MONTH)]),  # a leap month, but another
    ],
)
def test_a_day_of_a_leap_month_returns_by_the_policy(ways, year, expected):
    """Died on the 8th of the leap month 4 of 2020, 30 May."""
    assert returned(chinese, year, (2020, -4, 8), ways) == expected


@pytest.mark.parametrize(
    ("ways", "expected"),
    [
        (CLIP, [("2020-04-30", None)]),
        (PREFER_LEAP, [("2020-04-30", None)]),
        (BOTH, [("2020-04-30", None), ("2020-05-30", Moved.LEAP_MONTH)]),
    ],
)
def test_a_day_of_an_ordinary_month_returns_in_it_and_by_both_in_its_leap_month_too(ways, expected):
    assert returned(chinese, 2020, (2002, 4, 8), ways) == expected


def test_a_30th_returns_by_the_policy():
    assert [chinese.days_in(year, 12) for year in (2023, 2024)] == [30, 29]
    origin = (2023, 12, 30)  # 9 February 2024, the eve of the New Year
    assert returned(chinese, 2024, origin, CLIP) == [("2025-01-28", Moved.CLIPPED)]
    assert returned(chinese, 2024, origin, NEXT) == [("2025-01-29", Moved.NEXT)]
    assert returned(chinese, 2024, origin, SKIP) == []


def test_a_30th_is_moved_in_each_of_both_months():
    """In 2020 month 4 has 30 days and its leap month 29."""
    found = {one: Ways(missing_day=one, leap_month=LeapMonth.BOTH) for one in MissingDay}
    origin = (2012, 4, 30)
    assert returned(chinese, 2020, origin, found[MissingDay.CLIP])[1] == ("2020-06-20", Moved.CLIPPED)
    assert returned(chinese, 2020, origin, found[MissingDay.NEXT])[1] == ("2020-06-21", Moved.NEXT)
    assert returned(chinese, 2020, origin, found[MissingDay.SKIP]) == [("2020-05-22", None)]


def test_a_day_of_the_twelfth_month_falls_twice_in_one_civil_year_and_not_at_all_in_the_next():
    days = [returned(chinese, year, (1990, 12, 8), CLIP) for year in (2020, 2021, 2022, 2023)]
    assert days == [[(day, None)] for day in ("2021-01-20", "2022-01-10", "2022-12-30", "2024-01-18")]


@pytest.mark.parametrize(
    ("date", "provisional"),
    [
        ((2057, 9, 1), True),  # 29 September 2057, a few seconds after midnight
        ((2057, 9, 29), True),
        ((2057, 8, 30), True),  # the last day of the month before
        ((2057, 8, 29), False),
        ((2057, 10, 1), False),
        ((2089, 8, 1), True),  # 4 September 2089
        ((2097, 7, 1), True),  # 8 August 2097
        ((2100, 12, 1), False),
        ((2024, 1, 1), False),
    ],
)
def test_what_hangs_on_seconds_is_provisional(date, provisional):
    (found,) = chinese.returns_in(date[0], date, CLIP)
    assert found.provisional is provisional


@pytest.mark.parametrize(("number", "nearest"), [(FIRST - 1, 1899), (LAST + 1, 2100), (0, 1899), (1_000_000, 2100)])
def test_beyond_the_table_no_day_is_named(number, nearest):
    with pytest.raises(BeyondTableError, match="known only for the years 1899 to 2100") as raised:
        chinese.date_of(number)
    assert raised.value.nearest_year == nearest


@pytest.mark.parametrize(("year", "nearest"), [(1898, 1899), (2101, 2100), (-1, 1899)])
def test_beyond_the_table_no_date_is_reckoned(year, nearest):
    for reckon in (
        lambda: chinese.day_number(year, 1, 1),
        lambda: chinese.days_in(year, 1),
        lambda: chinese.months_of(year),
        lambda: chinese.returns_in(year, (2000, 1, 1), CLIP),
    ):
        with pytest.raises(BeyondTableError) as raised:
            reckon()
        assert raised.value.nearest_year == nearest


@pytest.mark.parametrize("date", [(2024, -4, 1), (2024, 13, 1), (2024, 0, 1), (2024, 12, 30), (2024, 1, 0)])
def test_a_date_that_does_not_exist_is_refused_in_words(date):
    with pytest.raises(InvalidError, match="Chinese"):
        chinese.day_number(*date)


def test_the_day_begins_at_midnight():
    assert chinese.SUNSET is False


@given(st.integers(FIRST, LAST))
def test_every_day_returns_in_its_own_year(number):
    date = chinese.date_of(number)
    (same,) = chinese.returns_in(date[0], date, PREFER_LEAP)
    assert (same.day_number, same.reason) == (number, None)
    assert number in {one.day_number for one in chinese.returns_in(date[0], date, BOTH)}
    assert gregorian.date_of(number)[0] - date[0] in {0, 1}


@given(st.integers(1899, 2100))
def test_months_fill_their_year(year):
    hold_in(chinese, year)
