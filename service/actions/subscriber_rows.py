"""One person of a file, checked: somebody to bring in, somebody not to write to, or somebody left out.

Between the check of a whole file and the import, they wait in a temporary file, a line each: a million need no memory.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.domain.letter import Variant
from service.domain.subscription import Cadence, Habit, Rhythm, Wish, read_target

_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """Somebody to bring in. `where` is file and line, "" for none.

    `confirmed_at` is when they agreed, None if nobody knows; `is_vouched_for`, whether the operator says that they
    did. Who has neither is asked.
    """

    address: str
    habit: Habit
    wishes: tuple[Wish, ...]
    confirmed_at: datetime | None
    evidence: Mapping[str, str] = field(default_factory=dict)
    where: str = ""
    is_vouched_for: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether they are asked by a letter before anything else is written to them."""
        return self.confirmed_at is None and not self.is_vouched_for

    def counts_from(self, now: datetime) -> datetime | None:
        """Give since when they count as confirmed, None if they do not: now, where nobody knows when they agreed."""
        return None if self.is_asked else self.confirmed_at or now


@dataclass(frozen=True, slots=True)
class Barred:
    """Somebody who is not to be written to, as another system says: why, in a few words, and since when, if it says so.

    `left` is whether they went themselves; otherwise their mailbox was found dead, or somebody barred them.
    """

    address: str
    reason: str
    since: datetime | None
    left: bool
    where: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody who stays out without being barred, and why: another system did not write to them either."""

    address: str
    why: str
    where: str = ""


Entry = Row | Barred | LeftOut


def written(entry: Entry) -> str:
    """Write somebody as a line."""
    match entry:
        case Row():
            told = [type(entry).__name__, *_row(entry)]
        case Barred():
            since = entry.since.isoformat() if entry.since else None
            told = [type(entry).__name__, entry.address, entry.reason, since, entry.left, entry.where]
        case LeftOut():
            told = [type(entry).__name__, entry.address, entry.why, entry.where]
    return json.dumps(told, ensure_ascii=False) + "\n"


def chunks(spool: Iterable[str]) -> Iterator[list[Entry]]:
    """Read lines back, a thousand at a time."""
    chunk: list[Entry] = []
    for line in spool:
        chunk.append(_read(json.loads(line)))
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _row(row: Row) -> list[Any]:
    habit = row.habit
    return [
        row.address,
        [habit.language, habit.zone, habit.hour, habit.cadence, habit.rhythm.on, habit.variant, habit.late_hours],
        [[wish.target, wish.lead_days] for wish in row.wishes],
        row.confirmed_at.isoformat() if row.confirmed_at else None,
        dict(row.evidence),
        row.where,
        row.is_vouched_for,
    ]


def _read(told: list[Any]) -> Entry:
    kind, *parts = told
    if kind == LeftOut.__name__:
        return LeftOut(*parts)
    if kind == Barred.__name__:
        address, reason, since, left, where = parts
        return Barred(address, reason, _moment(since), left, where)
    address, (language, zone, hour, cadence, on, variant, late_hours), wishes, confirmed_at, *others = parts
    habit = Habit(language, zone, hour, Rhythm(Cadence(cadence), on), Variant(variant), late_hours)
    asked = tuple(read_target(target, lead) for target, lead in wishes)
    return Row(address, habit, asked, _moment(confirmed_at), *others)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
