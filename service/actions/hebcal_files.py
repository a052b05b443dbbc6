"""Tables from Hebcal's yahrzeit and anniversary calendar: a line for each year, of which one date is made again.

Such a table ("CSV for Outlook", with American or European dates) says on which day something returns in each year, and
in the how manieth. From that follows the Hebrew year in which it was; the day in it is the one whose returns are the
days of the table, all of them and no others. If there is none, the lines are refused; if there are several, or the
table does not say enough, they are left out by name, and their owner records the date by hand.

Authority for the form: Hebcal's `eventsToCsv` (hebcal-rest-api) and `makeYahrzeitEvents` (hebcal-web).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

from service.domain.calendars import hebrew
from service.domain.calendars.calendar import Custom, Date, Ways
from service.domain.event import Tone
from service.domain.private_event import MOST_EVENTS
from service.domain.ways import YAHRZEIT, YEARLY, Chosen, rules_of

COLUMNS: Final = frozenset({"Subject", "Start Date", "All day event", "Description", "Location"})
_LONGEST = 500  # characters of a subject, and of what is read of a description: the forms go back and forth in them
_AWAY = 30  # years in a table that may have no day of it
_YAHRZEIT: Final = "yahrzeit"
_KINDS = {"birthday": "birthday", "anniversary": "anniversary", "יום הולדת": "birthday", "יום נישואין": "anniversary"}
_ENGLISH = re.compile(r"(?P<name>.+)[’']s (?P<n>\d{1,3})(?:st|nd|rd|th) (?:Hebrew )?(?P<kind>\w+)(?: \(.*\))?")
_HEBREW = (
    re.compile(r"(?P<kind>יארצייט) ה-(?P<n>\d{1,3}) של (?P<name>.+?)(?: \(.*\))?"),
    re.compile(r"(?P<kind>יום הולדת|יום נישואין) (?P<n>\d{1,3}) ל(?P<name>.+?)(?: \(.*\))?"),
)
_NAMED = re.compile(r"Hebcal joins you in \w+ (?P<name>.+?); whose \d+\w\w [\w ]+ occurs on \w+; (?P<day>\w+ \d+);")
_REMINDER = re.compile(r".+ (?:Yahrzeit reminder|יארצייט תזכורת)")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_ORDERS = (("_usa", (0, 1)), ("_eur", (1, 0)))  # where month and day stand


@dataclass(frozen=True, slots=True)
class Line:
    """A line of such a table, with its number."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """What some lines tell, by the first of them: the document of a date, or why there is none."""

    number: int
    name: str
    document: dict[str, Any] | None = None
    why: str = ""
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class _Return:
    """One return of one date: on a civil day, the how manieth."""

    number: int
    name: str
    kind: str
    on: date
    n: int

    @property
    def began(self) -> int:
        """The Hebrew year in which it was."""
        return hebrew.date_of(self.on.toordinal())[0] - self.n


def read(name: str, lines: Sequence[Line]) -> list[Found]:
    """Give the dates of a table, in the order of their first lines."""
    kept = [line for line in map(_cut, lines) if not _REMINDER.fullmatch(line.cells["Subject"])]
    order = _order(name, kept)
    if order is None:
        return [Found(1, "", why="the dates are neither all month/day/year nor all day/month/year")]
    told = [_return(line, order) for line in kept]
    returns = [one for one in told if isinstance(one, _Return)]
    others = {one.name: one for one in reversed(told) if isinstance(one, Found)}  # the first line of each name
    groups = [list(group) for group in _groups(returns)]
    if len(groups) > MOST_EVENTS:
        return [Found(1, "", why=f"a file may have {MOST_EVENTS} dates")]
    found = [*others.values(), *map(_date, groups)]
    return sorted(found, key=lambda one: one.number)


def _cut(line: Line) -> Line:
    return Line(line.number, {column: cell[:_LONGEST] for column, cell in line.cells.items()})


def _order(name: str, lines: Iterable[Line]) -> tuple[int, int] | None:
    """Give where month and day stand in the dates of a table; by its name, if its dates could be both."""
    written = [(line.cells["Start Date"], _NAMED.match(line.cells["Description"])) for line in lines]
    fit = [
        (not name.lower().removesuffix(".csv").endswith(ending), order)
        for ending, order in _ORDERS
        if all(_day(text, order, said["day"] if said else "") for text, said in written)
    ]
    return min(fit)[1] if fit else None


def _day(text: str, order: tuple[int, int], said: str = "") -> date | None:
    """Read a day; None if it is none in that order, or not the one that the description has (`March 19`)."""
    parts = text.split("/")
    if len(parts) != 3 or not all(re.fullmatch(r"[0-9]{1,4}", part) for part in parts):
        return None
    try:
        day = date(int(parts[2]), int(parts[order[0]]), int(parts[order[1]]))
    except ValueError:
        return None
    return day if said in ("", f"{_MONTHS[day.month - 1]} {day.day}") else None


def _return(line: Line, order: tuple[int, int]) -> _Return | Found:
    subject = " ".join(line.cells["Subject"].split())
    told = next(filter(None, (form.fullmatch(subject) for form in (_ENGLISH, *_HEBREW))), None)
    kind = _kind(told["kind"]) if told else ""
    day = _day(line.cells["Start Date"], order)
    if told is None or not kind or day is None:
        why = "it is no yahrzeit, birthday or anniversary with the number of its year"
        return Found(line.number, subject, why=why, left_out=True)
    # A subject has lost its commas; a description has ";" for them, and two apostrophes for a quotation mark.
    described = _NAMED.match(line.cells["Description"])
    name = described["name"].replace(";", ",") if described else told["name"]
    return _Return(line.number, name.replace("''", '"'), kind, day, int(told["n"]))


def _kind(word: str) -> str:
    return _YAHRZEIT if word in {"Yahrzeit", "יארצייט"} else _KINDS.get(word.lower(), "")


def _groups(returns: Iterable[_Return]) -> Iterator[Iterator[_Return]]:
    def same(one: _Return) -> tuple[str, str, int]:
        return one.name, one.kind, one.began

    for _, group in groupby(sorted(returns, key=lambda one: (*same(one), one.on)), same):
        yield group


def _date(returns: Sequence[_Return]) -> Found:
    """Make one date of its returns, in order."""
    first = returns[0]
    number = min(one.number for one in returns)
    days = {one.on for one in returns}
    origins = _origins(first, days)
    if not origins:
        why = f"no day of the Hebrew year {first.began} returns on the {len(days)} days that the table has"
        return Found(number, first.name, why=why)
    if len(origins) > 1:
        could = " or ".join("-".join(f"{part:02}" for part in origin) for origin in origins)
        why = f"its {len(days)} years do not say on which day it was ({could}): take a table of more years"
        return Found(number, first.name, why=why, left_out=True)
    year, month, day = origins[0]
    is_sad = first.kind == _YAHRZEIT
    chosen = Chosen(frozenset({YAHRZEIT if is_sad else YEARLY}), "hebrew", tone=Tone.SOLEMN if is_sad else Tone.FESTIVE)
    document = {
        "name": first.name,
        "first_day": f"{year:04}-{month:02}-{day:02}",
        "calendar": "hebrew",
        "tone": chosen.tone.value,
        "rules": rules_of(chosen),
    }
    return Found(number, first.name, document)


def _origins(first: _Return, days: set[date]) -> list[Date]:
    """Give the dates of the year in which it was whose returns are those days, all of them and no others."""
    ways = Ways(custom=Custom.YAHRZEIT if first.kind == _YAHRZEIT else Custom.ANNIVERSARY)
    numbers = {day.toordinal() for day in days}
    years = range(*_bounds(hebrew.date_of(number)[0] for number in numbers))
    if first.began < 1 or len(years) > len(numbers) + _AWAY:
        return []
    all_days = (
        (first.began, month, day)
        for month in hebrew.months_of(first.began)
        for day in range(1, hebrew.days_in(first.began, month) + 1)
    )
    likely = (origin for origin in all_days if _returns(years[0], origin, ways) <= numbers)
    return [origin for origin in likely if _all(years, origin, ways) == numbers]


def _all(years: Iterable[int], origin: Date, ways: Ways) -> set[int]:
    return {number for year in years for number in _returns(year, origin, ways)}


def _returns(year: int, origin: Date, ways: Ways) -> set[int]:
    return {one.day_number for one in hebrew.returns_in(year, origin, ways)}


def _bounds(years: Iterable[int]) -> tuple[int, int]:
    found = sorted(years)
    return found[0], found[-1] + 1
