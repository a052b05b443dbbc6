"""Where an occasion moves: published days written down, and what holds for every day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.observed import FARTHEST_DAYS, check_holidays, observe
from service.domain.policies import Observed

NEAREST, MONDAY, FRIDAY = Observed.NEAREST_WEEKDAY, Observed.NEXT_MONDAY, Observed.PREVIOUS_FRIDAY
NEXT, PREVIOUS = Observed.NEXT_WORKING_DAY, Observed.PREVIOUS_WORKING_DAY


@pytest.mark.parametrize(
    ("own", "observed", "expected"),
    [
        ("2022-01-01", NEAREST, "2021-12-31"),  # Saturday, across New Year (opm.gov, federal holidays 2021)
        ("2020-07-04", NEAREST, "2020-07-03"),
        ("2021-07-04", NEAREST, "2021-07-05"),
        ("2023-11-11", NEAREST, "2023-11-10"),
        ("2024-07-04", NEAREST, "2024-07-04"),
        ("2022-01-01", MONDAY, "2022-01-03"),  # gov.uk, bank holidays 2022
        ("2023-01-01", MONDAY, "2023-01-02"),
        ("2024-01-01", MONDAY, "2024-01-01"),
        ("2024-01-05", MONDAY, "2024-01-05"),  # a Friday is no weekend
        ("2022-01-01", FRIDAY, "2021-12-31"),
        ("2023-01-01", FRIDAY, "2022-12-30"),
        ("2024-01-02", FRIDAY, "2024-01-02"),
        ("2024-08-14", Observed.NEAREST_SUNDAY, "2024-08-11"),
        ("2024-08-15", Observed.NEAREST_SUNDAY, "2024-08-18"),
        ("2024-08-18", Observed.NEAREST_SUNDAY, "2024-08-18"),
        ("2024-08-17", Observed.SUNDAY_ON_OR_BEFORE, "2024-08-11"),
        ("2024-08-18", Observed.SUNDAY_ON_OR_BEFORE, "2024-08-18"),
        ("2024-08-19", Observed.SUNDAY_ON_OR_AFTER, "2024-08-25"),
        ("2025-01-01", Observed.SUNDAY_ON_OR_BEFORE, "2024-12-29"),
        ("2022-01-01", Observed.NONE, "2022-01-01"),
    ],
)
def test_the_weekday_policies(own: str, observed: Observed, expected: str) -> None:
    assert observe(date.fromisoformat(own), observed, ()) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("own", "observed", "country", "expected"),
    [
        ("2024-07-04", NEXT, "US", "2024-07-05"),
        ("2024-03-29", NEXT, "GB-ENG", "2024-04-02"),  # Good Friday to the Tuesday after Easter Monday
        ("2024-03-29", NEXT, "GB-SCT", "2024-04-01"),  # Scotland works on Easter Monday
        ("2024-05-10", NEXT, "IL", "2024-05-12"),  # Friday and Saturday are the weekend, Sunday is worked
        ("2019-04-27", NEXT, "JP", "2019-05-07"),  # the ten days of the accession
        ("2019-05-06", PREVIOUS, "JP", "2019-04-26"),
        ("2025-09-28", NEXT, "CN", "2025-09-28"),  # a Sunday worked for the National Day holiday
        ("2026-04-24", NEXT, "AM", "2026-04-27"),  # Remembrance Day, a Friday
        ("2022-01-01", PREVIOUS, "AM", "2021-12-30"),  # 31 December is a holiday there
        ("2024-04-23", NEXT, "AM", "2024-04-23"),
    ],
)
def test_working_days_of_a_country(own: str, observed: Observed, country: str, expected: str) -> None:
    check_holidays(country)
    assert observe(date.fromisoformat(own), observed, country) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("own", "observed", "expected"),
    [
        ("2024-12-25", NEXT, "2024-12-27"),
        ("2024-12-25", PREVIOUS, "2024-12-24"),
        ("2024-12-28", PREVIOUS, "2024-12-27"),
        ("2024-12-31", NEXT, "2025-01-02"),
        ("2025-01-01", PREVIOUS, "2024-12-30"),
    ],
)
def test_working_days_of_a_list_have_saturday_and_sunday_off(own: str, observed: Observed, expected: str) -> None:
    holidays = ("2024-12-25", "2024-12-26", "2024-12-31", "2025-01-01")
    check_holidays(holidays)
    assert observe(date.fromisoformat(own), observed, holidays) == date.fromisoformat(expected)


def test_a_country_without_holidays_in_that_year_has_its_weekends() -> None:
    """So has one of which the library knows too little (India after 2035), without a warning."""
    assert observe(date.fromisoformat("1700-01-02"), NEXT, "AM") == date.fromisoformat("1700-01-04")  # a Saturday
    assert observe(date.fromisoformat("2040-01-01"), NEXT, "IN") == date.fromisoformat("2040-01-02")


@pytest.mark.parametrize(
    ("holidays", "said"),
    [
        ("XX", "the holidays of 'XX' are not known"),
        ("US-ZZ", "the holidays of 'US-ZZ' are not known"),
        ("Armenia", "such as AM or US-CA"),
        ("", "such as AM or US-CA"),
        (("2024-02-30",), "no such day as the holiday '2024-02-30'"),
        (("20240301",), "YYYY-MM-DD"),
        (("24 April",), "YYYY-MM-DD"),
        (tuple((date(2024, 1, 1) + timedelta(day)).isoformat() for day in range(60)), "no working day within 31 days"),
    ],
)
def test_wrong_holidays_are_refused_in_words(holidays: str | tuple[str, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_holidays(holidays)


def test_a_day_without_a_working_day_in_reach_stays() -> None:
    holidays = tuple((date(2024, 1, 1) + timedelta(day)).isoformat() for day in range(60))
    assert observe(date.fromisoformat("2024-01-10"), NEXT, holidays) == date.fromisoformat("2024-01-10")
    assert observe(date.max, Observed.SUNDAY_ON_OR_AFTER, ()) == date.max
    assert observe(date.max, NEXT, (date.max.isoformat(),)) == date.max


@given(st.dates(), st.sampled_from(Observed), st.sampled_from([(), ("2024-04-24",), "AM", "IL", "US-CA"]))
def test_nothing_moves_far_nor_twice(day: date, observed: Observed, holidays: str | tuple[str, ...]) -> None:
    moved = observe(day, observed, holidays)
    assert abs((moved - day).days) <= FARTHEST_DAYS
    assert observe(moved, observed, holidays) == moved


@given(st.dates(date(1, 1, 10), date(9999, 12, 20)))
def test_each_policy_has_its_reach_and_its_weekdays(day: date) -> None:
    def moves(observed: Observed) -> tuple[int, int]:
        moved = observe(day, observed, ())
        return (moved - day).days, moved.weekday()

    for observed, reach, weekdays in (
        (NEAREST, range(-1, 2), range(5)),
        (MONDAY, range(3), range(5)),
        (FRIDAY, range(-2, 1), range(5)),
        (NEXT, range(3), range(5)),
        (PREVIOUS, range(-2, 1), range(5)),
        (Observed.NEAREST_SUNDAY, range(-3, 4), [6]),
        (Observed.SUNDAY_ON_OR_BEFORE, range(-6, 1), [6]),
        (Observed.SUNDAY_ON_OR_AFTER, range(7), [6]),
    ):
        distance, weekday = moves(observed)
        assert distance in reach
        assert weekday in weekdays
