"""The civil Islamic calendar, against known days, appendix C, convertdate and ICU."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars import islamic_civil
from service.domain.calendars.calendar import Moved
from service.domain.errors import InvalidError
from tests.oracles.years import appendix_c, mismatches
from tests.unit.domain.calendars.laws import CLIP, NEXT, SKIP, civil, dated, hold_in, hold_on, returned

LEAP_YEARS = {2, 5, 7, 10, 13, 16, 18, 21, 24, 26, 29}
KNOWN = [
    ((1, 1, 1), "0622-07-19"),  # the epoch, Friday 16 July 622 Julian
    ((0, 12, 29), "0622-07-18"),  # the year before is common
    ((61, 1, 10), "0680-10-13"),  # Ashura at Karbala, 10 October 680 Julian
    ((857, 5, 20), "1453-06-07"),  # the fall of Constantinople, 29 May 1453 Julian
    ((1300, 1, 1), "1882-11-12"),
    ((1420, 9, 1), "1999-12-09"),
    ((1445, 12, 30), "2024-07-07"),  # 1445 = 48 * 30 + 5 is a leap year
    ((1446, 1, 1), "2024-07-08"),
    ((1500, 1, 1), "2076-11-28"),
]


@pytest.mark.parametrize(("date", "expected"), KNOWN)
def test_known_days(date, expected):
    assert civil(islamic_civil, *date) == expected
    assert dated(islamic_civil, expected) == date


def test_the_sample_dates_of_appendix_c():
    assert len(appendix_c("islamic-civil")) == 33
    for number, date in appendix_c("islamic-civil"):
        assert islamic_civil.date_of(number) == date
        assert islamic_civil.day_number(*date) == number


@pytest.mark.parametrize("oracle", ["convertdate-islamic-civil", "icu-islamic-civil"])
def test_every_day_of_1900_to_2100_is_that_of_the_oracle(oracle):
    assert mismatches(islamic_civil, oracle) == []


@given(st.integers(-3000, 3000))
def test_the_leap_years_of_the_cycle_are_those_of_the_table(year):
    assert islamic_civil.days_in(year, 12) == (30 if (year - 1) % 30 + 1 in LEAP_YEARS else 29)


def test_30_dhu_al_hijja_returns_by_the_policy():
    origin = (1445, 12, 30)
    assert returned(islamic_civil, 1447, origin, SKIP) == [("2026-06-16", None)]  # 1447 is a leap year too
    assert returned(islamic_civil, 1446, origin, CLIP) == [("2025-06-26", Moved.CLIPPED)]
    assert returned(islamic_civil, 1446, origin, NEXT) == [("2025-06-27", Moved.NEXT)]  # 1 Muharram 1447
    assert returned(islamic_civil, 1446, origin, SKIP) == []


def test_arbain_occurs_twice_in_a_civil_year():
    days = [civil(islamic_civil, year, 2, 20) for year in range(1350, 1500)]
    years = [day[:4] for day in days]
    assert any(years.count(year) == 2 for year in years)


@pytest.mark.parametrize(
    "date", [(1446, 12, 30), (1446, 2, 30), (1446, 1, 31), (1446, 13, 1), (1446, 0, 1), (1446, 1, 0)]
)
def test_a_date_that_does_not_exist_is_refused_in_words(date):
    with pytest.raises(InvalidError, match="the civil Islamic calendar has no"):
        islamic_civil.day_number(*date)


def test_the_day_begins_at_sunset():
    assert islamic_civil.SUNSET is True


@given(st.integers(-1_000_000, 2_000_000))
def test_every_day_has_one_date(number):
    hold_on(islamic_civil, number)


@given(st.integers(-3000, 5000))
def test_months_fill_their_year(year):
    hold_in(islamic_civil, year)
