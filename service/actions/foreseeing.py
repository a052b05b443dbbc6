"""What will leave in the coming days, to how many readers and in which languages, and what waits for an editor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from service.domain.approval import Approval, Fate, Leave, version_of
from service.domain.event import Tone
from service.domain.lines import of_tone, told_once
from service.domain.notice import Kind
from service.domain.subscription import Cadence
from service.domain.window import LONGEST_DAYS, kind_of
from service.store import approvals, due, events, occasions, planning
from service.store.approvals import Pair
from service.store.dialect import Tx
from service.store.occasions import Listed
from service.store.said import said_on
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


@dataclass(frozen=True, slots=True)
class Awaited:
    """What is told of an event on a day, as an editor is asked about it; `version` is what would be approved.

    `first_on` is the first local day on which a letter may tell of it, `ask_on` the day from which editors are asked.
    """

    event: str
    on: date
    collection: str
    version: str
    leave: Leave
    fate: Fate
    first_on: date
    ask_on: date


async def days_ahead(tx: Tx, first: date, days: int = WEEK) -> list[DayAhead]:
    """Give the coming days with what will leave on each, whether or not it is planned already."""
    templates = await version_in_use(tx)
    return [await _day_ahead(tx, first + timedelta(days=step), templates) for step in range(days)]


async def day_ahead(tx: Tx, day: date) -> DayAhead:
    """Give one day with what will leave on it."""
    return await _day_ahead(tx, day, await version_in_use(tx))


async def _day_ahead(tx: Tx, day: date, templates: str) -> DayAhead:
    letters: list[LetterAhead] = []
    for cadence in Cadence:
        said = await said_on(tx, cadence, day)
        for tone in Tone:
            toned = of_tone(said, tone)
            lines = await planning.asked_for(tx, list(toned))
            counted = await due.readers(tx, cadence, day, lines)
            if counted:
                told = told_once({line: toned[line] for line in lines})
                letters.append(_letter(kind_of(cadence, tone), told, counted, templates))
    return DayAhead(day, tuple(letters))


def _letter(kind: Kind, told: Sequence[Listed], counted: Mapping[str, int], templates: str) -> LetterAhead:
    pairs = tuple(dict.fromkeys((one.event, one.occasion.on) for one in told))
    known = {(one.event, one.occasion.on): (one.version, one.leave) for one in told}
    return LetterAhead(kind, pairs, counted, approvals.fate_of(pairs, known, templates))


async def awaited(tx: Tx, today: date) -> list[Awaited]:
    """Give what editors are asked to approve now, by day: its letters leave soon, and nobody has approved it."""
    lead = max(await planning.leads_in_use(tx), default=0)
    asking = {shelf.id: shelf.approve_days for shelf in await events.shelves(tx) if shelf.approval is not Approval.NONE}
    if not asking:
        return []
    last = today + timedelta(days=lead + max(asking.values()) + LONGEST_DAYS)
    found = await told_between(tx, today - timedelta(days=1), last, lead)
    return [one for one in found if one.fate in {Fate.AWAITING, Fate.UNASKED} and one.ask_on <= today]


async def told_between(tx: Tx, first: date, last: date, lead: int | None = None) -> list[Awaited]:
    """Give what is told of each event on each day from the first to the last, with what an editor may say of it."""
    templates = await version_in_use(tx)
    if lead is None:
        lead = max(await planning.leads_in_use(tx), default=0)
    ahead = {shelf.id: shelf.approve_days for shelf in await events.shelves(tx)}
    listed = await occasions.between(tx, first, last)
    known = await approvals.versions_on(tx, {one.occasion.on for one in listed})
    return [
        _awaited(pair, collection, known[pair], templates, (lead, ahead[collection]))
        for pair, collection in {(one.event, one.occasion.on): one.collection for one in listed}.items()
    ]


def _awaited(pair: Pair, collection: str, known: tuple[str, Leave], templates: str, days: tuple[int, int]) -> Awaited:
    version, leave = version_of(known[0], templates), known[1]
    first_on = pair[1] - timedelta(days=days[0])
    ask_on = first_on - timedelta(days=days[1])
    return Awaited(*pair, collection, version, leave, leave.fate(version), first_on, ask_on)
