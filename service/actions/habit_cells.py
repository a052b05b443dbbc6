"""How a subscriber wants to be written to, as cells of a CSV file."""

from collections.abc import Mapping

from service.domain.errors import InvalidError
from service.domain.letter import Variant, variant_of
from service.domain.slot import check_hour, check_zone
from service.domain.subscription import (
    WEEKDAYS,
    Cadence,
    Habit,
    check_cadence,
    check_language,
    check_late_hours,
    check_rhythm,
)

SLOT = ("language", "zone", "hour")
HOW = ("cadence", "summary_on", "plain_text", "calendar_file", "late_hours")
_YES_OR_NO = {"yes": True, "no": False, "": False}


def read_habit(cells: Mapping[str, str], languages: tuple[str, ...]) -> Habit:
    """Read the cells by column, an empty one for what is usual; raise InvalidError that names the column."""
    return Habit(
        check_language(cells["language"] or "en", languages),
        check_zone(cells["zone"] or "UTC"),
        check_hour(cells["hour"] or "9"),
        check_rhythm(check_cadence(cells["cadence"] or "daily"), cells["summary_on"]),
        variant_of(plain=_said(cells, "plain_text"), calendar=_said(cells, "calendar_file")),
        check_late_hours(cells["late_hours"] or "0"),
    )


def written_habit(habit: Habit) -> list[str]:
    """Write the cells of `SLOT` and then of `HOW`, as they are read."""
    weekly = habit.cadence is Cadence.WEEKLY
    on = WEEKDAYS[habit.rhythm.on - 1] if weekly else str(habit.rhythm.on)
    return [
        habit.language,
        habit.zone,
        habit.hour,
        habit.cadence,
        "" if habit.cadence is Cadence.DAILY else on,
        "yes" if habit.variant & Variant.PLAIN else "",
        "yes" if habit.variant & Variant.CALENDAR else "",
        str(habit.late_hours or ""),
    ]


def _said(cells: Mapping[str, str], column: str) -> bool:
    found = _YES_OR_NO.get(cells[column].lower())
    if found is None:
        raise InvalidError(f"{cells[column]!r} is neither yes nor no", column)
    return found
