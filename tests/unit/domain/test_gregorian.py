"""The Gregorian calendar, against the standard library where that reaches, and known days beyond it."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars import gregorian


@given(st.dates())
def test_a_day_number_is_the_ordinal_of_the_standard_library(day: date) -> None:
    assert gregorian.day_number(day.year, day.month, day.day) == day.toordinal()
    assert gregorian.date_of(day.toordinal()) == (day.year, day.month, day.day)


@given(st.integers(-4_000_000, 4_000_000))
def test_every_day_number_has_one_date_also_before_the_year_1(number: int) -> None:
    assert gregorian.day_number(*gregorian.date_of(number)) == number


def test_the_day_before_the_year_1_is_the_last_of_the_year_0() -> None:
    assert gregorian.date_of(0) == (0, 12, 31)
    assert gregorian.days_in(0, 2) == 29


def test_1900_and_2100_are_common_years_and_2000_is_a_leap_year() -> None:
    assert [gregorian.is_leap(year) for year in (1900, 2000, 2100, 2024, -4)] == [False, True, False, True, True]
