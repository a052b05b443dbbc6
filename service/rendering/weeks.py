"""A month as rows of weeks, as calendars on a wall have it: from the weekday with which a language's weeks begin."""

from datetime import date, timedelta

from service.rendering.locales import Language

_A_MONDAY = date(2024, 1, 1)
# Of the country in which most speak it (CLDR, supplemental week data); elsewhere a week begins on Monday.
_FIRST = {"ar": 5, "he": 6}


def weekdays(language: Language) -> list[tuple[str, str]]:
    """Give the weekdays, as a week has them in a language: each shortened and in full."""
    first = _first(language)
    days = [_A_MONDAY + timedelta(days=(first + step) % 7) for step in range(7)]
    return [(language.date(day, "EEEEEE"), language.date(day, "EEEE")) for day in days]


def weeks_of(days: list[date], language: Language) -> list[list[date | None]]:
    """Put consecutive days into weeks, with None for what lies before and behind them."""
    cells: list[date | None] = [None] * ((days[0].weekday() - _first(language)) % 7)
    cells += days
    cells += [None] * (-len(cells) % 7)
    return [cells[start : start + 7] for start in range(0, len(cells), 7)]


def _first(language: Language) -> int:
    return _FIRST.get(language.code.partition("-")[0], 0)
