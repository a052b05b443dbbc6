"""The Haykian calendar, against known days, appendix C and convertdate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars import armenian, julian
from service.domain.errors import InvalidError
from tests.oracles.years import appendix_c, mismatches
from tests.unit.domain.calendars.laws import CLIP, NEXT, SKIP, civil, dated, hold_in, hold_on, returned

KNOWN = [
    ((1, 1, 1), "0552-07-13"),  # the epoch, 11 July 552 Julian
    ((1, 13, 5), "0553-07-12"),  # the last of the Aveleats
    ((2, 1, 1), "0553-07-13"),
    ((1462, 1, 1), "2012-07-24"),  # 11 July 2012 Julian, the year's beginning after one whole round
    ((1476, 1, 1), "2026-07-21"),
    ((1475, 13, 1), "2026-07-16"),
]


@pytest.mark.parametrize(("date", "expected"), KNOWN)
def test_known_days(date, expected):
    assert civil(armenian, *date) == expected
    assert dated(armenian, expected) == date


def test_1461_of_its_years_are_1460_julian_years():
    assert julian.date_of(armenian.day_number(1, 1, 1)) == (552, 7, 11)
    assert julian.date_of(armenian.day_number(1462, 1, 1)) == (2012, 7, 11)


def test_the_sample_dates_of_appendix_c():
    assert len(appendix_c("armenian")) == 16
    for number, date in appendix_c("armenian"):
        assert armenian.date_of(number) == date
        assert armenian.day_number(*date) == number


def test_every_day_of_1900_to_2100_is_that_of_convertdate():
    assert mismatches(armenian, "convertdate-armenian") == []


@pytest.mark.parametrize("ways", [CLIP, NEXT, SKIP])
def test_the_fifth_of_the_aveleats_returns_every_year(ways):
    assert returned(armenian, 1475, (1400, 13, 5), ways) == [("2026-07-20", None)]
    assert returned(armenian, 1476, (1400, 13, 5), ways) == [("2027-07-20", None)]


def test_a_new_year_occurs_twice_in_a_leap_year_when_it_falls_on_1_january():
    """Navasard 1 wanders: it was at 1 January, and again at 31 December, in the Julian leap year 1320."""
    days = [julian.date_of(armenian.day_number(year, 1, 1)) for year in range(760, 780)]
    assert (1320, 1, 1) in days
    assert (1320, 12, 31) in days


@pytest.mark.parametrize("date", [(1475, 13, 6), (1475, 1, 31), (1475, 14, 1), (1475, 0, 1), (1475, 1, 0)])
def test_a_date_that_does_not_exist_is_refused_in_words(date):
    with pytest.raises(InvalidError, match="the Haykian Armenian calendar has no"):
        armenian.day_number(*date)


def test_the_day_is_the_civil_one():
    assert armenian.SUNSET is False


@given(st.integers(-1_000_000, 2_000_000))
def test_every_day_has_one_date(number):
    hold_on(armenian, number)


@given(st.integers(-3000, 5000))
def test_months_fill_their_year_of_365_days(year):
    hold_in(armenian, year)
    assert armenian.months_of(year) == range(1, 14)
    assert armenian.day_number(year + 1, 1, 1) - armenian.day_number(year, 1, 1) == 365
