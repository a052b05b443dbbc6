"""The Ethiopian calendar, against known days, appendix C and ICU."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars import coptic, ethiopic
from service.domain.calendars.calendar import Moved
from service.domain.errors import InvalidError
from tests.oracles.years import appendix_c, mismatches
from tests.unit.domain.calendars.laws import CLIP, NEXT, SKIP, civil, dated, hold_in, hold_on, returned

KNOWN = [
    ((1, 1, 1), "0008-08-27"),  # the Era of the Incarnation, 29 August 8 Julian
    ((1888, 6, 23), "1896-03-01"),  # Adwa, 23 Yekatit 1888; a day after it would be now: 1900 has come between
    ((1929, 6, 12), "1937-02-19"),  # Martyrs' Day, 12 Yekatit
    ((1999, 13, 6), "2007-09-11"),  # the last day of a leap year
    ((2000, 1, 1), "2007-09-12"),  # the Ethiopian millennium
    ((2015, 13, 6), "2023-09-11"),  # 6 Pagume
    ((2016, 1, 1), "2023-09-12"),  # Enkutatash after a leap year
    ((2017, 1, 1), "2024-09-11"),  # Enkutatash otherwise
    ((2017, 4, 29), "2025-01-07"),  # Genna, 29 Tahsas
]


@pytest.mark.parametrize(("date", "expected"), KNOWN)
def test_known_days(date, expected):
    assert civil(ethiopic, *date) == expected
    assert dated(ethiopic, expected) == date


def test_the_sample_dates_of_appendix_c():
    assert len(appendix_c("ethiopic")) == 16
    for number, date in appendix_c("ethiopic"):
        assert ethiopic.date_of(number) == date
        assert ethiopic.day_number(*date) == number


def test_every_day_of_1900_to_2100_is_that_of_icu():
    assert mismatches(ethiopic, "icu-ethiopic") == []


def test_6_pagume_returns_by_the_policy():
    origin = (2015, 13, 6)
    assert returned(ethiopic, 2019, origin, SKIP) == [("2027-09-11", None)]
    assert returned(ethiopic, 2016, origin, CLIP) == [("2024-09-10", Moved.CLIPPED)]  # 5 Pagume
    assert returned(ethiopic, 2016, origin, NEXT) == [("2024-09-11", Moved.NEXT)]  # Enkutatash 2017
    assert returned(ethiopic, 2016, origin, SKIP) == []


@pytest.mark.parametrize(
    "date", [(2016, 13, 6), (2015, 13, 7), (2016, 1, 31), (2016, 14, 1), (2016, 0, 1), (2016, 1, 0)]
)
def test_a_date_that_does_not_exist_is_refused_in_words(date):
    with pytest.raises(InvalidError, match="the Ethiopian calendar has no"):
        ethiopic.day_number(*date)


def test_the_day_is_the_civil_one():
    assert ethiopic.SUNSET is False


@given(st.integers(-1_000_000, 2_000_000))
def test_every_day_is_the_coptic_one_276_years_on(number):
    hold_on(ethiopic, number)
    year, month, day = coptic.date_of(number)
    assert ethiopic.date_of(number) == (year + 276, month, day)


@given(st.integers(-3000, 5000))
def test_months_fill_their_year(year):
    hold_in(ethiopic, year)
    assert ethiopic.months_of(year) == range(1, 14)
