"""Occasions: golden tables of named hard cases, written down, and the laws that hold for every rule."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from service.domain.occasion import Moved, occasions
from service.domain.rule import Rule
from tests.builders import a_rule, an_event, on

LEAP_DAY = an_event(first_day="2020-02-29")
SPAN = an_event(first_day="2020-09-27", last_day="2020-11-09")


def days(event_parts: dict[str, str], rule: Rule, first: str, last: str) -> list[str]:
    return [one.on.isoformat() for one in occasions(an_event(**event_parts), rule, on(first), on(last))]


@pytest.mark.parametrize(
    ("missing_day", "expected"),
    [
        ("clip", ["2021-02-28", "2022-02-28", "2023-02-28", "2024-02-29", "2025-02-28"]),
        ("next", ["2021-03-01", "2022-03-01", "2023-03-01", "2024-02-29", "2025-03-01"]),
        ("skip", ["2024-02-29"]),
    ],
)
def test_29_february_returns_as_its_policy_says(missing_day: str, expected: list[str]) -> None:
    rule = a_rule(missing_day=missing_day)
    assert days({"first_day": "2020-02-29"}, rule, "2020-01-01", "2025-12-31") == expected


def test_29_february_has_no_leap_year_in_1900_and_2100() -> None:
    rule = a_rule(missing_day="skip")
    assert days({"first_day": "1896-02-29"}, rule, "1897-01-01", "1904-12-31") == ["1904-02-29"]
    assert days({"first_day": "2096-02-29"}, rule, "2097-01-01", "2104-12-31") == ["2104-02-29"]


def test_a_moved_day_says_why() -> None:
    found = occasions(LEAP_DAY, a_rule(), on("2021-01-01"), on("2024-12-31"))
    assert [one.reason for one in found] == [Moved.CLIPPED, Moved.CLIPPED, Moved.CLIPPED, None]


def test_the_year_of_the_event_itself_is_no_anniversary() -> None:
    assert days({"first_day": "2020-09-27"}, a_rule(), "2020-01-01", "2021-12-31") == ["2021-09-27"]


@pytest.mark.parametrize(("anchor", "expected"), [("first_day", "2024-09-27"), ("last_day", "2024-11-09")])
def test_either_end_of_a_span_returns(anchor: str, expected: str) -> None:
    found = occasions(SPAN, a_rule(anchor=anchor), on("2024-01-01"), on("2024-12-31"))
    assert [(one.on.isoformat(), one.number) for one in found] == [(expected, 4)]


def test_13_october_is_day_17_of_44() -> None:
    (found,) = occasions(SPAN, a_rule(anchor="every_day"), on("2024-10-13"), on("2024-10-13"))
    assert (found.number, found.day, found.days) == (4, 17, 44)


def test_every_day_of_a_span_returns_with_both_ends() -> None:
    found = occasions(SPAN, a_rule(anchor="every_day"), on("2024-01-01"), on("2024-12-31"))
    assert [one.day for one in found] == list(range(1, 45))
    assert (found[0].on, found[-1].on) == (on("2024-09-27"), on("2024-11-09"))


def test_a_span_over_29_february_has_another_length_in_a_common_year() -> None:
    event = an_event(first_day="2020-02-27", last_day="2020-03-02")
    rule = a_rule(anchor="every_day")
    assert len(occasions(event, rule, on("2021-01-01"), on("2021-12-31"))) == 4
    assert len(occasions(event, rule, on("2024-01-01"), on("2024-12-31"))) == 5


def test_a_span_may_cross_new_year() -> None:
    event = an_event(first_day="2020-12-30", last_day="2021-01-02")
    found = occasions(event, a_rule(anchor="every_day"), on("2025-01-01"), on("2025-01-31"))
    assert [(one.on.isoformat(), one.number, one.day) for one in found] == [
        ("2025-01-01", 4, 3),
        ("2025-01-02", 4, 4),
    ]


@pytest.mark.parametrize(("count", "expected"), [("inclusive", "2020-02-09"), ("exclusive", "2020-02-10")])
def test_the_40th_day_counts_the_day_itself_or_does_not(count: str, expected: str) -> None:
    rule = a_rule("day-count", days=40, count=count)
    assert days({"first_day": "2020-01-01"}, rule, "2020-01-01", "2020-12-31") == [expected]


def test_who_died_on_1_january_has_the_9th_day_on_9_january() -> None:
    assert days({"first_day": "2021-01-01"}, a_rule("day-count", days=9), "2021-01-01", "2021-12-31") == ["2021-01-09"]


@pytest.mark.parametrize(
    ("months", "missing_day", "expected"),
    [
        (1, "clip", "2021-02-28"),
        (1, "overflow", "2021-03-03"),
        (2, "clip", "2021-03-31"),  # from the origin, not from 28 February
        (3, "clip", "2021-04-30"),
        (3, "overflow", "2021-05-01"),
        (12, "clip", "2022-01-31"),
        (37, "clip", "2024-02-29"),
    ],
)
def test_months_after_31_january_are_counted_from_it(months: int, missing_day: str, expected: str) -> None:
    rule = a_rule("month-count", months=months, missing_day=missing_day)
    assert days({"first_day": "2021-01-31"}, rule, "2021-01-01", "2025-12-31") == [expected]


@pytest.mark.parametrize(
    ("month", "weekday", "n", "expected"),
    [
        (11, "SU", 3, ["2024-11-17", "2025-11-16", "2026-11-15"]),  # World Day of Remembrance, A/RES/60/5
        (5, "MO", -1, ["2024-05-27", "2025-05-26", "2026-05-25"]),  # Memorial Day, United States
        (11, "SU", 2, ["2024-11-10", "2025-11-09", "2026-11-08"]),  # Remembrance Sunday
        (11, "SA", 4, ["2024-11-23", "2025-11-22", "2026-11-28"]),  # Holodomor
        (2, "TH", 5, ["2024-02-29"]),  # a fifth may be missing
        (2, "TH", -5, ["2024-02-01"]),
    ],
)
def test_the_nth_weekday_of_a_month(month: int, weekday: str, n: int, expected: list[str]) -> None:
    rule = a_rule("weekday", month=month, weekday=weekday, n=n)
    assert days({"first_day": "2005-10-26"}, rule, "2024-01-01", "2026-12-31") == expected


def test_milestones_keep_every_25th_year_and_the_first() -> None:
    rule = a_rule(only={"every": 25, "numbers": [1]})
    found = occasions(an_event(first_day="1915-04-24"), rule, on("1915-01-01"), on("2015-12-31"))
    assert [one.number for one in found] == [1, 25, 50, 75, 100]


def test_a_rule_ends_with_its_until_and_begins_with_its_number() -> None:
    rule = a_rule(from_number=3, until="2025-09-27")
    assert days({}, rule, "2020-01-01", "2030-12-31") == ["2023-09-27", "2024-09-27", "2025-09-27"]


def test_an_event_known_to_the_month_stands_on_its_first_day_and_says_so() -> None:
    (found,) = occasions(an_event(first_day="2023-09"), a_rule(), on("2024-01-01"), on("2024-12-31"))
    assert (found.on, found.reason) == (on("2024-09-01"), Moved.MONTH_KNOWN)


def test_an_event_known_to_the_year_invents_no_day() -> None:
    assert occasions(an_event(first_day="2022"), a_rule(), on("2023-01-01"), on("2024-12-31")) == ()


def test_an_event_before_christ_counts_the_year_0() -> None:
    (found,) = occasions(an_event(first_day="-0043-03-15"), a_rule(), on("2024-01-01"), on("2024-12-31"))
    assert (found.on, found.number) == (on("2024-03-15"), 2067)


RULES = st.one_of(
    st.builds(
        lambda anchor, missing: a_rule(anchor=anchor, missing_day=missing),
        st.sampled_from(["first_day", "last_day", "every_day"]),
        st.sampled_from(["clip", "next", "skip"]),
    ),
    st.builds(lambda count: a_rule("day-count", days=count), st.integers(1, 5000)),
    st.builds(
        lambda months, missing: a_rule("month-count", months=months, missing_day=missing),
        st.integers(1, 200),
        st.sampled_from(["clip", "overflow"]),
    ),
    st.builds(
        lambda month, weekday, n: a_rule("weekday", month=month, weekday=weekday, n=n),
        st.integers(1, 12),
        st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]),
        st.sampled_from([1, 2, 3, 4, 5, -1, -2, -5]),
    ),
)
DAYS = st.dates(date(1800, 1, 1), date(2100, 12, 31))


@given(DAYS, st.integers(0, 300), RULES, DAYS, st.integers(0, 3000), st.integers(0, 3000))
def test_occasions_increase_lie_in_their_window_and_do_not_depend_on_its_edges(
    first: date, length: int, rule: Rule, start: date, before: int, after: int
) -> None:
    event = an_event(first_day=first.isoformat(), last_day=(first + timedelta(days=length)).isoformat())
    middle = start + timedelta(days=before)
    end = middle + timedelta(days=after)
    whole = occasions(event, rule, start, end)
    assert list(whole) == sorted(whole, key=lambda one: (one.on, one.number))
    assert all(start <= one.on <= end for one in whole)
    parts = occasions(event, rule, start, middle) + occasions(event, rule, middle + timedelta(days=1), end)
    assert parts == whole


@given(DAYS, DAYS)
def test_the_number_of_an_anniversary_is_the_years_that_have_passed(first: date, start: date) -> None:
    assume(start > first)
    for one in occasions(an_event(first_day=first.isoformat()), a_rule(), start, start + timedelta(days=800)):
        assert one.number == one.on.year - first.year
