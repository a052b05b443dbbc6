"""The Julian calendar, against known days, appendix C and convertdate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars import julian
from service.domain.calendars.calendar import Moved
from service.domain.errors import InvalidError
from tests.oracles.years import appendix_c, mismatches
from tests.unit.domain.calendars.laws import CLIP, NEXT, SKIP, civil, dated, hold_in, hold_on, returned

KNOWN = [
    ((-43, 3, 15), "-043-03-13"),  # the Ides of March of 44 BC, the year -43
    ((0, 12, 31), "0000-12-29"),  # the last day of 1 BC
    ((1, 1, 1), "0000-12-30"),  # two days of difference in the first century
    ((200, 3, 1), "0200-03-01"),  # the two calendars name the same days from here to 300-02-28
    ((325, 3, 21), "0325-03-22"),  # Nicaea
    ((1054, 7, 16), "1054-07-22"),
    ((1453, 5, 29), "1453-06-07"),  # the fall of Constantinople
    ((1582, 10, 4), "1582-10-14"),  # the last Julian day of Rome; the next was Gregorian 15 October
    ((1582, 10, 5), "1582-10-15"),  # papal bull Inter gravissimas
    ((1642, 12, 25), "1643-01-04"),  # Newton's birth, Old Style and New Style
    ((1700, 2, 29), "1700-03-11"),  # the last day of 10 days' difference
    ((1732, 2, 11), "1732-02-22"),  # Washington's birth (11 February 1731/32 Old Style)
    ((1752, 9, 2), "1752-09-13"),  # the last Julian day of Great Britain (24 Geo. 2 c. 23)
    ((1900, 2, 29), "1900-03-13"),
    ((1900, 3, 1), "1900-03-14"),  # from here on 13 days
    ((1917, 10, 25), "1917-11-07"),  # the October Revolution
    ((1918, 1, 31), "1918-02-13"),  # Russia's last Julian day (decree of 24 January 1918)
    ((2024, 12, 25), "2025-01-07"),  # Christmas
    ((2100, 2, 28), "2100-03-13"),
    ((2100, 2, 29), "2100-03-14"),  # a day that the Gregorian year 2100 has not
    ((2100, 3, 1), "2100-03-15"),  # from here on 14 days
    ((2100, 12, 25), "2101-01-08"),
]


@pytest.mark.parametrize(("date", "expected"), KNOWN)
def test_known_days(date, expected):
    assert civil(julian, *date) == expected
    assert dated(julian, expected) == date


def test_the_julian_period_begins_with_its_own_day_0():
    assert julian.day_number(-4712, 1, 1) + 1_721_425 == 0


def test_the_sample_dates_of_appendix_c():
    assert len(appendix_c("julian")) == 33
    for number, date in appendix_c("julian"):
        assert julian.date_of(number) == date
        assert julian.day_number(*date) == number


def test_every_day_of_1900_to_2100_is_that_of_convertdate():
    assert mismatches(julian, "convertdate-julian") == []


def test_18_december_does_not_occur_in_the_civil_year_2100():
    assert civil(julian, 2099, 12, 18) == "2099-12-31"
    assert civil(julian, 2100, 12, 18) == "2101-01-01"


def test_29_february_returns_by_the_policy_and_1900_has_one():
    origin = (1896, 2, 29)
    assert returned(julian, 1900, origin, SKIP) == [("1900-03-13", None)]
    assert returned(julian, 1901, origin, CLIP) == [("1901-03-13", Moved.CLIPPED)]  # 28 February
    assert returned(julian, 1901, origin, NEXT) == [("1901-03-14", Moved.NEXT)]  # 1 March
    assert returned(julian, 1901, origin, SKIP) == []


@pytest.mark.parametrize(
    "date", [(1901, 2, 29), (1900, 2, 30), (1900, 4, 31), (1900, 13, 1), (1900, 0, 1), (1900, 1, 0)]
)
def test_a_date_that_does_not_exist_is_refused_in_words(date):
    with pytest.raises(InvalidError, match="the Julian calendar has no"):
        julian.day_number(*date)


def test_the_day_begins_at_midnight():
    assert julian.SUNSET is False


@given(st.integers(-4_000_000, 4_000_000))
def test_every_day_has_one_date(number):
    hold_on(julian, number)


@given(st.integers(-10_000, 10_000))
def test_months_fill_their_year(year):
    hold_in(julian, year)
    assert julian.day_number(year + 1, 1, 1) - julian.day_number(year, 1, 1) == 366 - (year % 4 > 0)
