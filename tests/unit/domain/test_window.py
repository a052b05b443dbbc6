"""Which days a letter of each rhythm speaks of."""

from datetime import date, timedelta

import pytest

from service.domain.errors import InvalidError
from service.domain.subscription import Cadence, Rhythm, check_late_hours, check_rhythm
from service.domain.window import LONGEST_DAYS, rhythms_on, window
from tests.builders import on

SUMMARIES = [
    *(Rhythm(Cadence.WEEKLY, day) for day in range(1, 8)),
    *(Rhythm(Cadence.MONTHLY, day) for day in range(1, 32)),
]
DAYS = [date(2026, 12, 1) + timedelta(days=step) for step in range(800)]  # with a 29 February


@pytest.mark.parametrize("rhythm", SUMMARIES, ids=lambda rhythm: f"{rhythm.cadence} {rhythm.on}")
def test_summaries_follow_each_other_without_a_gap_or_a_day_told_twice(rhythm: Rhythm) -> None:
    windows = [found for day in DAYS if (found := window(rhythm, day))]
    assert [first for first, _ in windows[1:]] == [last + timedelta(days=1) for _, last in windows[:-1]]
    assert all((last - first).days < LONGEST_DAYS for first, last in windows)
    assert [first for first, _ in windows] == [day for day in DAYS if rhythm in rhythms_on(day)]


@pytest.mark.parametrize(
    ("on_day", "day", "last"),
    [
        (31, "2027-01-31", "2027-02-27"),
        (31, "2027-02-28", "2027-03-30"),
        (29, "2027-02-28", "2027-03-28"),
        (29, "2028-02-29", "2028-03-28"),
        (1, "2027-02-01", "2027-02-28"),
        (15, "2026-12-15", "2027-01-14"),
    ],
)
def test_a_month_without_the_day_has_its_summary_on_the_last(on_day: int, day: str, last: str) -> None:
    assert window(Rhythm(Cadence.MONTHLY, on_day), on(day)) == (on(day), on(last))


def test_a_daily_reader_is_told_of_the_day_itself_on_every_day() -> None:
    assert {window(Rhythm(), day) for day in DAYS} == {(day, day) for day in DAYS}


@pytest.mark.parametrize(
    ("cadence", "text", "day"),
    [("weekly", "sunday", 7), ("weekly", "Monday", 1), ("weekly", "4", 4), ("monthly", "31", 31), ("daily", "9", 1)],
)
def test_the_day_of_a_summary_may_be_named_or_numbered(cadence: Cadence, text: str, day: int) -> None:
    assert check_rhythm(Cadence(cadence), text) == Rhythm(Cadence(cadence), day)
    assert check_rhythm(Cadence(cadence), "") == Rhythm(Cadence(cadence))


@pytest.mark.parametrize("text", ["0", "8", "someday", "-1", "1.5", "\u0661", "9" * 5000])
def test_what_is_no_day_of_a_week_is_refused(text: str) -> None:
    with pytest.raises(InvalidError, match="summary"):
        check_rhythm(Cadence.WEEKLY, text)


@pytest.mark.parametrize("text", ["monday", "0", "32", "31st"])
def test_what_is_no_day_of_a_month_is_refused(text: str) -> None:
    with pytest.raises(InvalidError, match="1 to 31"):
        check_rhythm(Cadence.MONTHLY, text)


@pytest.mark.parametrize("text", ["2", "24", "-1", "soon", "", "9" * 5000])
def test_how_late_a_letter_may_be_is_one_of_a_few(text: str) -> None:
    with pytest.raises(InvalidError, match="0, 1, 3, 6, 12"):
        check_late_hours(text)
