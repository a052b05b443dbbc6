"""The Orthodox days of the dead, against published calendars."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars import julian
from service.domain.feasts.orthodox import FEASTS
from service.domain.weekdays import weekday_of

SATURDAYS = [
    "orthodox-meatfare-saturday",
    "orthodox-second-lenten-saturday",
    "orthodox-third-lenten-saturday",
    "orthodox-fourth-lenten-saturday",
    "orthodox-trinity-saturday",
    "orthodox-demetrius-saturday",
    "orthodox-demetrius-saturday-moscow",
]


def on(name: str, year: int) -> str:
    (found,) = FEASTS[f"orthodox-{name}"].days(year)
    return date.fromordinal(found.day_number).isoformat()


def test_2026_is_as_published() -> None:
    """The Moscow Patriarchate's days as in mosregtoday.ru, 12 January 2026, and novyny.live, 22 January 2026."""
    assert {name: on(name.removeprefix("orthodox-"), 2026)[5:] for name in FEASTS} == {
        "orthodox-meatfare-saturday": "02-14",
        "orthodox-second-lenten-saturday": "03-07",
        "orthodox-third-lenten-saturday": "03-14",
        "orthodox-fourth-lenten-saturday": "03-21",
        "orthodox-radonitsa": "04-21",
        "orthodox-trinity-saturday": "05-30",
        "orthodox-demetrius-saturday": "11-07",
        "orthodox-demetrius-saturday-moscow": "11-07",
    }


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("radonitsa", "2023-04-25"),
        ("radonitsa", "2024-05-14"),
        ("radonitsa", "2025-04-29"),
        ("meatfare-saturday", "2024-03-09"),
        ("meatfare-saturday", "2025-02-22"),  # ria.ru
        ("second-lenten-saturday", "2025-03-15"),  # oka.fm, as the next three; ria.ru printed these a week late
        ("third-lenten-saturday", "2025-03-22"),
        ("fourth-lenten-saturday", "2025-03-29"),
        ("trinity-saturday", "2025-06-07"),  # ria.ru
        ("demetrius-saturday", "2020-11-07"),
        ("demetrius-saturday", "2022-11-05"),  # Serbian Church, glasregije057.com
        ("demetrius-saturday", "2024-11-02"),  # troiza.org
        ("demetrius-saturday", "2025-11-01"),  # Serbian Church, naslovi.net: 8 November is a Saturday itself
        ("demetrius-saturday-moscow", "2025-11-01"),  # izgr.ru, 31 October 2025
        ("demetrius-saturday", "2023-11-04"),
        ("demetrius-saturday-moscow", "2023-10-28"),  # for the Kazan icon
        ("demetrius-saturday-moscow", "2028-10-28"),
    ],
)
def test_what_the_churches_published(name: str, published: str) -> None:
    assert on(name, int(published[:4])) == published


def test_demetrius_is_on_9_november_after_2100() -> None:
    assert on("demetrius-saturday", 2098) == "2098-11-01"  # 8 November is a Saturday: not that day itself
    assert on("demetrius-saturday", 2104) == "2104-11-08"  # the eve of Sunday 9 November


@given(st.integers(326, 4099), st.sampled_from(SATURDAYS))
def test_saturdays_are_saturdays(year: int, name: str) -> None:
    (found,) = FEASTS[name].days(year)
    assert weekday_of(found.day_number) == 5


@given(st.integers(326, 4099))
def test_radonitsa_is_a_tuesday_and_demetrius_within_the_week_before_his_day(year: int) -> None:
    (radonitsa,) = FEASTS["orthodox-radonitsa"].days(year)
    (demetrius,) = FEASTS["orthodox-demetrius-saturday"].days(year)
    (moscow,) = FEASTS["orthodox-demetrius-saturday-moscow"].days(year)
    assert weekday_of(radonitsa.day_number) == 1
    assert (year, 10, 19) <= julian.date_of(demetrius.day_number) <= (year, 10, 25)
    assert julian.date_of(moscow.day_number) != (year, 10, 22)
    assert demetrius.day_number - moscow.day_number in {0, 7}
