"""The Japanese days and years of mourning, against the tables of temples and undertakers."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars.calendar import Moved
from service.domain.nenki import years_and_days
from service.domain.policies import Counting

YEARS = (1, 3, 7, 13, 17, 23, 25, 27, 33, 37, 43, 47, 50, 100)
DAYS = (7, 14, 21, 28, 35, 42, 49, 100)


def of(died: str, numbers: tuple[int, ...], days: tuple[int, ...], counting: Counting) -> list[str]:
    start = date.fromisoformat(died).toordinal()
    return [date.fromordinal(one.day_number).isoformat() for _, one in years_and_days(start, numbers, days, counting)]


def test_the_third_year_is_two_years_after_and_so_on() -> None:
    years = [2025, 2026, 2030, 2036, 2040, 2046, 2048, 2050, 2056, 2060, 2066, 2070, 2073, 2123]
    assert of("2024-03-04", YEARS, (), Counting.STANDARD) == [f"{year}-03-04" for year in years]


def test_a_second_year_is_isshuki_itself() -> None:
    assert of("2024-03-04", (1, 2), (), Counting.STANDARD) == ["2025-03-04", "2025-03-04"]


def test_29_february_is_kept_on_the_28th_and_says_so() -> None:
    start = date(2020, 2, 29).toordinal()
    found = [one for _, one in years_and_days(start, (1, 3, 5, 13), (), Counting.STANDARD)]
    assert [date.fromordinal(one.day_number).isoformat() for one in found] == [
        "2021-02-28",
        "2022-02-28",
        "2024-02-29",
        "2032-02-29",
    ]
    assert [one.reason for one in found] == [Moved.CLIPPED, Moved.CLIPPED, None, None]


def test_the_seven_weeks_and_the_hundredth_day_of_the_table_of_kosenji() -> None:
    """The temple's example (kousenzi.net/file/syonanoka.html): died on Sunday 1 February 2009."""
    weeks = ["02-07", "02-14", "02-21", "02-28", "03-07", "03-14", "03-21"]
    assert of("2009-02-01", (), DAYS, Counting.STANDARD) == [*(f"2009-{day}" for day in weeks), "2009-05-11"]


@pytest.mark.parametrize(
    ("died", "counting", "forty_ninth"),
    [
        ("2023-03-04", Counting.STANDARD, "2023-04-21"),
        ("2023-03-04", Counting.KANSAI, "2023-04-20"),
        ("2023-04-03", Counting.STANDARD, "2023-05-21"),  # takararyouen.com/column/post-263
        ("2023-04-03", Counting.KANSAI, "2023-05-20"),
    ],
)
def test_kansai_holds_the_49th_day_on_its_eve(died: str, counting: Counting, forty_ninth: str) -> None:
    assert of(died, (), (49,), counting) == [forty_ninth]


@given(st.dates(max_value=date(8000, 1, 1)))
def test_kansai_moves_every_day_by_one_and_no_year(died: date) -> None:
    start = died.toordinal()
    standard = list(years_and_days(start, YEARS, DAYS, Counting.STANDARD))
    kansai = list(years_and_days(start, YEARS, DAYS, Counting.KANSAI))
    moved = [one.day_number - other.day_number for (_, one), (_, other) in zip(standard, kansai, strict=True)]
    assert moved == [1] * len(DAYS) + [0] * len(YEARS)
    assert [number for number, _ in kansai] == [*DAYS, *YEARS]


@given(st.dates(max_value=date(8000, 1, 1)))
def test_the_weeks_fall_on_the_weekday_before_that_of_the_death(died: date) -> None:
    found = [one.day_number for _, one in years_and_days(died.toordinal(), (), DAYS[:7], Counting.STANDARD)]
    assert {(day - died.toordinal()) % 7 for day in found} == {6}
