"""Proofs: letters as they would be sent, made by the same steps, for those who want to see them before."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as hour

from service.delivery.editions import Press
from service.domain.errors import InvalidError, NotFoundError
from service.domain.event import Event, Tone, Words
from service.domain.notice import Claim, Kind
from service.domain.occasion import Occasion, returns
from service.domain.subscription import Cadence, Rhythm, check_language
from service.domain.window import kind_of, window
from service.mail.compose import Composer
from service.mail.skeletons import skeleton
from service.rendering.asked import Asked, Due
from service.rendering.facts import sample_facts
from service.rendering.locales import SOURCE
from service.rendering.proof import Proof, Reader, Wanted
from service.store import errata, events, occasions
from service.store.dialect import Store
from service.store.errata import Erratum
from service.store.events import Kept

_LOOK_AHEAD = timedelta(days=366 * 8)  # a 29 February may be that far
_LEAD = timedelta(days=7)
_MOST_BUSY = 12  # events that a busy reader hears of at once
_READER = "reader@example.org"
_NAME = "preview"
# What such a letter may say beside what all of its kind say.
_CADENCES = {
    Kind.WEEKLY: Cadence.WEEKLY,
    Kind.WEEKLY_FESTIVE: Cadence.WEEKLY,
    Kind.MONTHLY: Cadence.MONTHLY,
    Kind.MONTHLY_FESTIVE: Cadence.MONTHLY,
}


@dataclass(frozen=True, slots=True)
class Proofs:
    """Makes proofs (`rendering/proof.Prove`) with a press whose printer may be kept busy, and the real composer."""

    press: Press
    composer: Composer
    clock: Callable[[], datetime]

    async def __call__(self, wanted: Wanted, drafts: Mapping[str, str]) -> Proof:
        """Give the proof with these drafts; raise InvalidError or NotFoundError if there is no such letter."""
        begun = time.perf_counter()
        used = await self.press.in_use()
        templates = used.altered(drafts) if drafts else used
        check_language(wanted.language, (SOURCE, *templates.catalogues))
        asked = await self._asked(wanted)
        rendered = await self.press.printer.letter(asked, templates)
        content = b""
        if rendered.words is not None:
            at = datetime.combine(asked.day, hour(9), UTC)
            claim = Claim(_NAME, 1, asked.kind, _NAME, _NAME, _READER, at, at, 0, 0)
            content = self.composer.compose(claim, skeleton(rendered.words)).content
        milliseconds = (time.perf_counter() - begun) * 1000
        return Proof(wanted, asked.day, rendered.words, rendered.findings, content, milliseconds)

    async def _asked(self, wanted: Wanted) -> Asked:
        links = self.press.links(wanted.kind, _NAME)
        if not wanted.kind.remembers:
            day = wanted.on or self.clock().date()
            return Asked(wanted.kind, wanted.language, day, (), (), {}, links, sample_facts(wanted.kind))
        cadence = _CADENCES.get(wanted.kind, Cadence.DAILY)
        start = wanted.on or self.clock().date()
        kept = await _event(self.press.store, wanted, start)
        on = _day_of(kept.event, start, exactly=wanted.on is not None and cadence is Cadence.DAILY)
        told = [kept]
        if wanted.reader is Reader.BUSY:
            told += await _beside(self.press.store, kept)
        day, first, last = _window(cadence, on, wanted.reader)
        async with self.press.store.read() as tx:
            titles = await events.titles(tx, {link.event for one in told for link in one.event.links})
            because = await events.target_titles(tx, sorted({f"collection:{one.collection}" for one in told}))
            corrected = await errata.not_withdrawn(tx, [one.event.id for one in told])
        known: tuple[Words, ...] = () if wanted.reader is Reader.UNKNOWN else tuple(because.values())
        dues = tuple(_dues(told, first, last, corrected))[:_MOST_BUSY]
        return Asked(kind_of(cadence, kept.event.tone), wanted.language, day, dues, known, titles, links)


async def _event(store: Store, wanted: Wanted, start: date) -> Kept:
    """Give the event that is wanted, as it is kept or as it is being written, or the one that comes next."""
    if wanted.record is not None:
        return Kept(wanted.record, wanted.collection, _NAME, datetime.combine(start, hour(), UTC))
    async with store.read() as tx:
        id_ = wanted.event
        if id_ is None:
            tone = Tone.FESTIVE if wanted.kind.endswith("-festive") else Tone.SOLEMN
            coming = await occasions.following(tx, start, 100)
            id_ = next((one.event for one in coming if one.tone is tone), None)
            if id_ is None:
                raise NotFoundError("There is no event of which such a letter would tell.")
        kept = await events.event_named(tx, id_)
    if kept is None:
        raise NotFoundError(f"There is no event {id_!r}.")
    return kept


async def _beside(store: Store, kept: Kept) -> list[Kept]:
    """Give the other events of its tone that are kept with it."""
    async with store.read() as tx:
        beside = await events.events_in(tx, kept.collection)
    return [one for one in beside if one.event.id != kept.event.id and one.event.tone is kept.event.tone]


def _day_of(event: Event, start: date, *, exactly: bool) -> date:
    """Give the next day, from `start`, that tells of an event; raise InvalidError if there is none, or not that one."""
    days = sorted({occasion.on for _, occasion in _returns(event, start, start + _LOOK_AHEAD)})
    if not days or (exactly and days[0] != start):
        hint = f"its next days are {', '.join(map(str, days[:3]))}" if days else "no rule of it gives a day"
        raise InvalidError(f"{event.id} does not fall on {start}; {hint}", "on")
    return days[0]


def _window(cadence: Cadence, on: date, reader: Reader) -> tuple[date, date, date]:
    """Give the day of a letter that tells of `on`, and the first and last day of which it tells."""
    match cadence:
        case Cadence.DAILY:
            day = on - _LEAD if reader is Reader.AHEAD else on
            return day, on, on + _LEAD if reader is Reader.BUSY else on
        case Cadence.WEEKLY:
            day = on - timedelta(days=on.weekday())
        case Cadence.MONTHLY:
            day = on.replace(day=1)
    first, last = window(Rhythm(cadence), day) or (on, on)
    return day, first, last


def _dues(told: Sequence[Kept], first: date, last: date, corrected: Mapping[str, Sequence[Erratum]]) -> Iterable[Due]:
    """Gather what falls on each day of each event, the first event's before the others'."""
    for kept in told:
        rules = {rule.id: rule for rule in kept.event.rules}
        by_day: dict[date, list[tuple[str, Occasion]]] = {}
        for id_, occasion in _returns(kept.event, first, last):
            by_day.setdefault(occasion.on, []).append((id_, occasion))
        for day in sorted(by_day):
            said = errata.standing_words(corrected.get(kept.event.id, ()), day)
            yield Due(kept.event, tuple((rules[id_], occasion) for id_, occasion in by_day[day]), said)


def _returns(event: Event, first: date, last: date) -> list[tuple[str, Occasion]]:
    return returns(event, first, last) if first <= last else []
