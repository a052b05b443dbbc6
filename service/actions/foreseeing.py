"""What will leave in the coming days, to how many readers and in which languages, and what waits for an editor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from service.domain.approval import Fate
from service.domain.event import Tone
from service.domain.lines import of_tone, told_once, windows_of
from service.domain.notice import Kind
from service.domain.window import kind_of, rhythms_on
from service.store import approvals, due, planning
from service.store.approvals import Pair
from service.store.dialect import Tx
from service.store.occasions import Listed
from service.store.said import said_within
from service.store.templates import version_in_use

WEEK = 8  # today, and the seven days after it


@dataclass(frozen=True, slots=True)
class LetterAhead:
    """Letters of one kind on a day: what they may tell, to how many readers by language, and what becomes of them."""

    kind: Kind
    told: tuple[Pair, ...]
    readers: Mapping[str, int]
    fate: Fate

    @property
    def count(self) -> int:
        """How many readers."""
        return sum(self.readers.values())


@dataclass(frozen=True, slots=True)
class DayAhead:
    """A local day with its letters."""

    day: date
    letters: tuple[LetterAhead, ...]

    @property
    def count(self) -> int:
        """How many letters."""
        return sum(letter.count for letter in self.letters)


async def days_ahead(tx: Tx, first: date, days: int = WEEK) -> list[DayAhead]:
    """Give the coming days with what will leave on each, whether or not it is planned already."""
    templates = await version_in_use(tx)
    return [await _day_ahead(tx, first + timedelta(days=step), templates) for step in range(days)]


async def day_ahead(tx: Tx, day: date) -> DayAhead:
    """Give one day with what will leave on it."""
    return await _day_ahead(tx, day, await version_in_use(tx))


async def _day_ahead(tx: Tx, day: date, templates: str) -> DayAhead:
    letters: list[LetterAhead] = []
    leads = await planning.leads_in_use(tx)
    for rhythm in rhythms_on(day):
        said = await said_within(tx, windows_of(rhythm, day, leads))
        for tone in Tone:
            toned = of_tone(said, tone)
            lines = await planning.asked_for(tx, list(toned))
            counted = await due.readers(tx, rhythm, day, lines)
            if counted:
                told = told_once({line: toned[line] for line in lines})
                letters.append(_letter(kind_of(rhythm.cadence, tone), told, counted, templates))
    return DayAhead(day, tuple(letters))


def _letter(kind: Kind, told: Sequence[Listed], counted: Mapping[str, int], templates: str) -> LetterAhead:
    pairs = tuple(dict.fromkeys((one.event, one.occasion.on) for one in told))
    known = {(one.event, one.occasion.on): (one.version, one.leave) for one in told}
    return LetterAhead(kind, pairs, counted, approvals.fate_of(pairs, known, templates))
