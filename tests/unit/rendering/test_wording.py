"""Occasions in words: the day itself, days ahead, days that were moved."""

from datetime import date
from typing import Any

import pytest

from service.domain.event import Event
from service.rendering.context import DueView, occasion_words
from tests.builders import an_event
from tests.unit.rendering.letters import LANGUAGES, context_of, due_on

WAR = {"first_day": "2020-09-27", "last_day": "2020-11-09"}


def told(event: Event, day: date, on: date | None = None, language: str = "en") -> DueView:
    context = context_of(event, day=day, on=(on or day,), language=language)
    return (context.today + context.ahead)[0]


@pytest.mark.parametrize(
    ("parts", "day", "headline"),
    [
        ({}, "2024-09-27", "Four years ago today"),
        ({}, "2021-09-27", "One year ago today"),
        (WAR, "2024-09-27", "Four years ago today"),
        (WAR | {"rules": [{"kind": "yearly", "anchor": "last_day"}]}, "2024-11-09", "Four years since it ended"),
        (WAR | {"rules": [{"kind": "yearly", "anchor": "every_day"}]}, "2024-10-13", "Day 17 of 44, four years ago"),
        ({"rules": [{"kind": "day-count", "days": 40}]}, "2020-11-05", "Today is the 40th day"),
        ({"rules": [{"kind": "month-count", "months": 6}]}, "2021-03-27", "Six months ago today"),
        (
            {"rules": [{"kind": "weekday", "month": 9, "weekday": "SU", "n": -1}]},
            "2024-09-29",
            "Four years ago, kept today",
        ),
        ({"observance": True}, "2024-09-27", "Kept today"),
        ({"first_day": "2020-02-29"}, "2023-02-28", "Three years ago, kept today"),
        ({"first_day": "2020-09"}, "2024-09-01", "Four years ago this month"),
        ({"first_day": "2020-09-27~"}, "2024-09-27", "Four years ago, kept today"),
    ],
)
def test_the_day_itself_is_told_in_words(parts: dict[str, Any], day: str, headline: str) -> None:
    assert told(an_event(**parts), date.fromisoformat(day)).headline == headline


@pytest.mark.parametrize(
    ("parts", "headline"),
    [
        ({}, "In 7 days, on 27 September: four years since that day"),
        (WAR, "In 7 days, on 27 September: four years since it began"),
        ({"observance": True}, "In 7 days, on 27 September"),
        (
            {"first_day": "2024-08-19", "rules": [{"kind": "day-count", "days": 40}]},
            "In 7 days, on 27 September: the 40th day",
        ),
    ],
)
def test_a_day_ahead_is_told_with_its_distance(parts: dict[str, Any], headline: str) -> None:
    assert told(an_event(**parts), date(2024, 9, 20), date(2024, 9, 27)).headline == headline


def test_the_day_before_says_tomorrow() -> None:
    assert told(an_event(), date(2024, 9, 26), date(2024, 9, 27)).short == "tomorrow, 27 September"


@pytest.mark.parametrize(
    ("parts", "day", "headline"),
    [
        ({}, "2024-09-27", "Չորս տարի առաջ այս օրը"),
        (WAR | {"rules": [{"kind": "yearly", "anchor": "last_day"}]}, "2024-11-09", "Ավարտից չորս տարի անց"),
        (WAR | {"rules": [{"kind": "yearly", "anchor": "every_day"}]}, "2024-10-13", "44 օրից 17-րդը, չորս տարի առաջ"),
        (WAR | {"rules": [{"kind": "yearly", "anchor": "every_day"}]}, "2024-09-27", "44 օրից 1-ինը, չորս տարի առաջ"),
        ({"rules": [{"kind": "day-count", "days": 40}]}, "2020-11-05", "Այսօր՝ 40-րդ օրը"),
    ],
)
def test_armenian_tells_it_in_its_own_words(parts: dict[str, Any], day: str, headline: str) -> None:
    assert told(an_event(**parts), date.fromisoformat(day), language="hy").headline == headline


def test_rules_that_give_the_same_day_are_told_once_with_what_else_it_is() -> None:
    rules = [
        {"id": "days", "kind": "yearly", "anchor": "every_day"},
        {"id": "began", "kind": "yearly"},
        {"id": "again", "kind": "yearly"},
    ]
    due = told(an_event(**WAR, rules=rules), date(2024, 9, 27))
    assert due.headline == "Four years ago today"
    assert due.others == ("Day 1 of 44, four years ago",)


@pytest.mark.parametrize(
    ("parts", "day", "words"),
    [
        ({"first_day": "2020-02-29"}, "2023-02-28", "on the last day of the month"),
        (
            {"first_day": "2020-02-29", "rules": [{"kind": "yearly", "missing_day": "next"}]},
            "2023-03-01",
            "the day after",
        ),
        (
            {"first_day": "2023-01-31", "rules": [{"kind": "month-count", "months": 1, "missing_day": "overflow"}]},
            "2023-03-03",
            "counted on into the next",
        ),
        ({"first_day": "2020-09"}, "2024-09-01", "Only the month is known"),
    ],
)
def test_a_day_that_was_moved_says_why(parts: dict[str, Any], day: str, words: str) -> None:
    (reason,) = told(an_event(**parts), date.fromisoformat(day)).reasons
    assert words in reason
    assert reason.endswith(".")


def test_a_day_that_was_not_moved_gives_no_reason() -> None:
    assert told(an_event(), date(2024, 9, 27)).reasons == ()


@pytest.mark.parametrize(
    ("parts", "day", "words"),
    [
        ({}, "2024-09-27", "four years"),
        (WAR | {"rules": [{"kind": "yearly", "anchor": "every_day"}]}, "2024-10-13", "day 17 of 44"),
        ({"rules": [{"kind": "day-count", "days": 41}]}, "2020-11-06", "the 41st day"),
        ({"rules": [{"kind": "month-count", "months": 1}]}, "2020-10-27", "one month"),
        ({"observance": True}, "2024-09-27", ""),
    ],
)
def test_a_return_is_named_in_few_words(parts: dict[str, Any], day: str, words: str) -> None:
    due = due_on(an_event(**parts), date.fromisoformat(day))
    assert occasion_words(due.event, *due.occasions[0], LANGUAGES.of("en")) == words
