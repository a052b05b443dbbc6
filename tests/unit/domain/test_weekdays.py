"""Weekdays near a date and in a month, against the standard library and known days."""

from calendar import Calendar
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.policies import Near
from service.domain.weekdays import near, nth_weekday, weekday_of

FAR_DAYS = st.integers(-4_000_000, 4_000_000)
WEEKDAYS = st.integers(0, 6)


@given(st.dates())
def test_the_weekday_is_that_of_the_standard_library(day: date) -> None:
    assert weekday_of(day.toordinal()) == day.weekday()


def test_a_weekday_before_the_year_1() -> None:
    assert weekday_of(1) == 0
    assert weekday_of(0) == 6
    assert weekday_of(-6) == 0


@pytest.mark.parametrize(
    ("mode", "sundays"),
    [  # near Wednesday 14, Thursday 15 and Sunday 18 August 2024
        (Near.NEAREST, [11, 18, 18]),
        (Near.BEFORE, [11, 11, 11]),
        (Near.ON_OR_BEFORE, [11, 11, 18]),
        (Near.AFTER, [18, 18, 25]),
        (Near.ON_OR_AFTER, [18, 18, 18]),
    ],
)
def test_the_sunday_near_a_day(mode: Near, sundays: list[int]) -> None:
    found = [near(date(2024, 8, day).toordinal(), 6, mode) for day in (14, 15, 18)]
    assert found == [date(2024, 8, day).toordinal() for day in sundays]


@given(FAR_DAYS, WEEKDAYS, st.sampled_from(Near))
def test_what_is_near_is_that_weekday_and_on_its_side(day: int, weekday: int, mode: Near) -> None:
    found = near(day, weekday, mode)
    reach = {
        Near.NEAREST: range(-3, 4),
        Near.BEFORE: range(-7, 0),
        Near.ON_OR_BEFORE: range(-6, 1),
        Near.AFTER: range(1, 8),
        Near.ON_OR_AFTER: range(7),
    }
    assert weekday_of(found) == weekday
    assert found - day in reach[mode]


@given(st.integers(1, 9999), st.integers(1, 12), WEEKDAYS)
def test_the_nth_weekday_is_that_of_the_standard_library(year: int, month: int, weekday: int) -> None:
    weeks = Calendar().monthdatescalendar(year, month) if (year, month) not in {(1, 1), (9999, 12)} else []
    days = [week[weekday].toordinal() for week in weeks if week[weekday].month == month]
    for n in range(1, 6) if days else ():
        assert nth_weekday(year, month, weekday, n) == (days[n - 1] if n <= len(days) else None)
        assert nth_weekday(year, month, weekday, -n) == (days[-n] if n <= len(days) else None)


def test_a_month_may_lack_a_fifth() -> None:
    assert nth_weekday(2024, 2, 3, 5) == date(2024, 2, 29).toordinal()
    assert nth_weekday(2023, 2, 3, 5) is None
    assert nth_weekday(2023, 2, 3, -5) is None
