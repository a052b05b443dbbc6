"""How somebody wants to be written to, in cells of a CSV file and back."""

import itertools

import pytest

from service.actions.habit_cells import HOW, SLOT, read_habit, written_habit
from service.actions.subscriber_files import COLUMNS, read_row
from service.domain.errors import InvalidError
from service.domain.letter import Variant
from service.domain.subscription import LATE_HOURS, Cadence, Habit, Rhythm
from tests.builders import at

LANGUAGES = ("en", "hy")
NAMES = (*SLOT, *HOW)
RHYTHMS = [Rhythm(), *(Rhythm(Cadence.WEEKLY, n) for n in range(1, 8)), *(Rhythm(Cadence.MONTHLY, n) for n in (1, 31))]


@pytest.mark.parametrize("rhythm", RHYTHMS, ids=str)
def test_what_is_written_is_read_as_it_was(rhythm: Rhythm) -> None:
    for variant, hours in itertools.product(range(4), LATE_HOURS):
        habit = Habit("hy", "Asia/Yerevan", "07:30", rhythm, Variant(variant), hours)
        assert read_habit(dict(zip(NAMES, written_habit(habit), strict=True)), LANGUAGES) == habit


def test_empty_cells_are_what_is_usual() -> None:
    assert read_habit(dict.fromkeys(NAMES, ""), LANGUAGES) == Habit()


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("language", "tlh"),
        ("zone", "Yerevan"),
        ("hour", "25"),
        ("cadence", "hourly"),
        ("summary_on", "someday"),
        ("plain_text", "perhaps"),
        ("calendar_file", "2"),
        ("late_hours", "25"),
    ],
)
def test_a_wrong_cell_is_named_by_its_column(column: str, cell: str) -> None:
    usual = {**dict.fromkeys(COLUMNS, ""), "email": "a@example.org", "collections": "wars", "cadence": "weekly"}
    with pytest.raises(InvalidError) as caught:
        read_row({**usual, column: cell}, LANGUAGES, {"collection:wars"}, at("2026-09-01T08:00"))
    assert caught.value.field == column
