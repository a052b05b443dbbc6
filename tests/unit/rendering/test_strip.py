"""A timeline as a drawing: to scale, as exact as what is known, and mirrored where one reads from the right."""

from pathlib import Path
from typing import Any

import pytest

from service.rendering.locales import Language, Languages
from service.rendering.strip import Strip, strip_of
from tests.builders import an_event

ENGLISH = Languages(Path(__file__).parents[3] / "data" / "locales").of("en")
RIGHT_TO_LEFT = Language("he", "rtl", "Hebrew")


def drawn(*days: str | tuple[str, str], language: Language = ENGLISH, **parts: Any) -> Strip | None:
    entries = [
        {"on": day if isinstance(day, str) else day[0], "text": {"en": "It was."}, "source": "book"}
        | ({} if isinstance(day, str) else {"until": day[1]})
        for day in days
    ]
    return strip_of(an_event(timeline=entries, **parts), language)


def middle(strip: Strip, number: int) -> float:
    mark = next(one for one in strip.marks if one.number == number)
    return mark.x + mark.width / 2


def test_places_on_the_line_are_to_scale() -> None:
    strip = drawn("2000-01-01", "2010-01-01", "2020-01-01", first_day="2000-01-01")
    assert strip is not None
    first, second, third = (middle(strip, number) for number in (1, 2, 3))
    assert second - first == pytest.approx(third - second, abs=0.1)
    assert 0 < first < third < 100
    assert (strip.first, strip.last) == ("1 January 2000", "1 January 2020")
    assert [year for _, year in strip.ticks] == ["2005", "2010", "2015"]


def test_what_is_known_to_the_month_or_the_year_takes_all_of_it_and_is_not_exact() -> None:
    strip = drawn("2020-09-27", "2022", "2023-09", "2023-11-05~")
    assert strip is not None
    exact = {mark.number: mark.exact for mark in strip.marks}
    width = {mark.number: mark.width for mark in strip.marks}
    assert exact == {1: True, 2: False, 3: False, 4: False}
    assert width[2] == pytest.approx(width[3] * 365 / 30, rel=0.02)
    assert strip.is_vague


def test_the_end_of_the_line_claims_no_day_that_is_not_known() -> None:
    strip = drawn("2020-09-27", "2023")
    assert strip is not None
    assert strip.last == "2023"


def test_a_stretch_of_days_is_as_long_as_it_was() -> None:
    strip = drawn(("2020-09-27", "2020-11-09"), "2020-12-31", last_day="2020-11-09")
    assert strip is not None
    mark = strip.marks[0]
    assert mark.exact
    assert not mark.single
    assert strip.band == (mark.x, mark.width)
    assert strip.ticks == ()


def test_marks_of_the_same_days_stand_below_each_other() -> None:
    strip = drawn(*["2020-09-27"] * 3, "2023-09-19")
    assert strip is not None
    assert [mark.lane for mark in strip.marks] == [0, 1, 2, 0]
    assert strip.lanes == 3


def test_a_great_many_marks_stay_within_the_drawing() -> None:
    strip = drawn(*["2020-09-27"] * 200, "2023-09-19")
    assert strip is not None
    assert strip.lanes == 12


def test_from_right_to_left_the_line_begins_on_the_right() -> None:
    days = ("2020-09-27", "2022", "2023-09-19")
    left, right = drawn(*days), drawn(*days, language=RIGHT_TO_LEFT)
    assert left is not None
    assert right is not None
    for number in (1, 2, 3):
        assert middle(left, number) == pytest.approx(100 - middle(right, number), abs=0.05)
    assert [mark.lane for mark in left.marks] == [mark.lane for mark in right.marks]
    assert [at for at, _ in right.ticks] == pytest.approx([100 - at for at, _ in left.ticks], abs=0.05)


@pytest.mark.parametrize("days", [(), ("2020-09-27",), ("2020-09-27", "2020-09-27")])
def test_of_one_day_there_is_nothing_to_draw(days: tuple[str, ...]) -> None:
    assert drawn(*days) is None


def test_an_event_of_another_calendar_has_its_days_where_they_were() -> None:
    strip = drawn("1970-04-01", "1971-01-01", first_day="5730-01-25", calendar="hebrew")
    assert strip is not None
    assert all(mark.x >= 0 and mark.x + mark.width <= 100 for mark in strip.marks)


def test_centuries_before_the_common_era_are_drawn_too() -> None:
    strip = drawn("-0043-03-15", "0014-08-19", first_day="-0043-03-15")
    assert strip is not None
    assert "BC" in strip.first
