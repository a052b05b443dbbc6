"""Why a day was moved, in sentences: every reason that the engine gives has one, in every language."""

from datetime import date
from typing import Any

import pytest

from service.domain.calendars.calendar import Moved
from service.domain.calendars.hebrew import Kept
from service.domain.event import Event
from service.domain.feasts.jewish import Postponed
from service.domain.occasion import Occasion, occasions
from service.domain.policies import Observed
from service.rendering.reasons import REASONS, moved_words, provisional_words
from service.rendering.wording import ahead_words, occasion_words, reason_words, today_words
from tests.builders import a_rule, an_event
from tests.unit.rendering.letters import LANGUAGES

EN, HY = LANGUAGES.of("en"), LANGUAGES.of("hy")
OBSERVED = [f"observed-{policy}" for policy in Observed if policy is not Observed.NONE]
EVERY = [*map(str, Moved), *map(str, Kept), *map(str, Postponed), *OBSERVED]


@pytest.mark.parametrize("reason", EVERY)
def test_every_reason_is_said_in_a_sentence_of_its_own(reason: str) -> None:
    assert reason in REASONS
    assert moved_words(reason, EN).endswith(".")
    assert moved_words(reason, HY).endswith("։")


def test_no_two_reasons_are_said_alike() -> None:
    assert len({moved_words(reason, EN) for reason in EVERY}) == len(EVERY) == len(REASONS)


def test_a_reason_that_is_new_is_said_in_general() -> None:
    assert moved_words("a-reason-of-tomorrow", EN) == "It is not kept on the day on which it would fall."


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"kind": "yearly", "calendar": "islamic-umalqura"}, "published tables"),
        ({"kind": "yearly", "calendar": "chinese"}, "not certain in its calendar"),
        ({"kind": "solar-term", "term": "qingming"}, "near to midnight"),
    ],
)
def test_what_may_still_change_says_why(rule: dict[str, Any], words: str) -> None:
    assert words in provisional_words(a_rule(**rule), EN)


def found(event: Event, day: str) -> Occasion:
    on = date.fromisoformat(day)
    (one,) = occasions(event, event.rules[0], on, on)
    return one


DEATH = {"first_day": "2020-09-27"}


@pytest.mark.parametrize(
    ("rule", "day", "words", "today", "ahead"),
    [
        (
            {"kind": "yearly", "calendar": "hebrew"},
            "2024-10-11",
            "four years by the Hebrew calendar",
            "four years ago by the Hebrew calendar, kept today",
            "four years since that day by the Hebrew calendar",
        ),
        (
            {"kind": "nenki"},
            "2022-09-27",
            "the third-year memorial, sankaiki (second anniversary)",
            "today is the third-year memorial, sankaiki (second anniversary)",
            "the third-year memorial, sankaiki (second anniversary)",
        ),
        (
            {"kind": "nenki", "numbers": [25]},
            "2044-09-27",
            "the twenty-fifth-year memorial (twenty-fourth anniversary)",
            "today is the twenty-fifth-year memorial (twenty-fourth anniversary)",
            "the twenty-fifth-year memorial (twenty-fourth anniversary)",
        ),
        ({"kind": "nenki", "days": [7]}, "2020-10-03", "the 7th day", "today is the 7th day", "the 7th day"),
        (
            {"kind": "easter", "offset": 1},
            "2024-04-01",
            "four years",
            "four years ago, kept today",
            "four years since that day",
        ),
        (
            {"kind": "weekday-near", "month_day": "09-27", "weekday": "SU"},
            "2024-09-29",
            "four years",
            "four years ago, kept today",
            "four years since that day",
        ),
    ],
)
def test_a_return_of_each_kind_is_told(rule: dict[str, Any], day: str, words: str, today: str, ahead: str) -> None:
    event = an_event(**DEATH, rules=[rule])
    one, kind = found(event, day), event.rules[0]
    assert occasion_words(event, kind, one, EN) == words
    assert today_words(event, kind, one, EN) == today
    assert ahead_words(event, kind, one, EN) == ahead


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2021-09-27", "1-ին տարվա հիշատակը՝ իսշուկի (1-ին տարելից)"),
        ("2022-09-27", "3-րդ տարվա հիշատակը՝ սանկայկի (2-րդ տարելից)"),
    ],
)
def test_the_years_of_mourning_are_told_in_armenian(day: str, words: str) -> None:
    event = an_event(**DEATH, rules=[{"kind": "nenki"}])
    assert occasion_words(event, event.rules[0], found(event, day), HY) == words


def test_a_number_that_is_both_a_day_and_a_year_is_told_by_its_date() -> None:
    event = an_event(**DEATH, rules=[{"kind": "nenki", "days": [7], "numbers": [7]}])
    said = [occasion_words(event, event.rules[0], found(event, day), EN) for day in ("2020-10-03", "2026-09-27")]
    assert said == ["the 7th day", "the seventh-year memorial, shichikaiki (sixth anniversary)"]


def test_a_day_that_begins_on_the_eve_says_so() -> None:
    event = an_event(**DEATH, rules=[{"kind": "feast", "name": "jewish-yom-hashoah"}])
    one = found(event, "2024-05-06")
    assert reason_words(event, event.rules[0], one, EN) == (
        "It is kept later than its own date, to stay clear of the Shabbat.",
        "It begins at sunset on Sunday, 5 May.",
    )
