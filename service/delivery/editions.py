"""Renders the editions that are planned, once each, and makes their notices ready to be sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from service.domain.event import Event, Words
from service.domain.notice import Kind
from service.domain.occasion import Occasion, occasions
from service.domain.rule import Rule
from service.domain.work import DRAINS
from service.observability import log
from service.rendering.context import Due, Links, letter_context
from service.rendering.locales import Languages
from service.rendering.render import Rendered, Renderer
from service.store import editions, errata, events, notices
from service.store.dialect import Store, Tx
from service.store.editions import Edition, Told
from service.store.errata import Erratum, standing_words
from service.store.events import Kept
from service.store.hints import Announce, nobody


@dataclass(frozen=True, slots=True)
class Press:
    """Turns planned editions into words; `public_url` is where their links lead.

    `announce` tells other processes that notices have become ready.
    """

    store: Store
    renderer: Renderer
    languages: Languages
    public_url: str
    announce: Announce = nobody

    async def render_all(self, now: datetime) -> int:
        """Render every edition that waits and release its notices; gives how many were rendered.

        An edition whose template fails keeps its findings, and its notices wait until they expire.
        """
        count = 0
        while True:
            async with self.store.read() as tx:
                waiting = await editions.unrendered(tx)
                known = await _known(tx, waiting)
            if not waiting:
                break
            for edition in waiting:
                await self._render(edition, known, now)
                count += 1
        await self._release()
        return count

    async def render(self, id_: str, now: datetime) -> bool:
        """Render the edition of that id and release its notices; False if it does not wait any more."""
        was_waiting = await self.print(id_, now)
        await self._release()
        return was_waiting

    async def print(self, id_: str, now: datetime) -> bool:
        """Render the edition of that id, if it still waits, and leave its notices to others; gives whether it did."""
        async with self.store.read() as tx:
            edition = await editions.named(tx, id_)
            waiting = [edition] if edition and not edition.is_rendered else []
            known = await _known(tx, waiting)
        for edition in waiting:
            await self._render(edition, known, now)
        return bool(waiting)

    def words(
        self,
        kind: Kind,
        language: str,
        day: date,
        dues: Sequence[Due],
        because: Sequence[Words],
        titles: Mapping[str, Words],
        edition: str,
    ) -> Rendered:
        """Render what an edition says."""
        url = f"{self.public_url}/editions/{edition}" if kind.remembers else None
        spoken = self.languages.of(language)
        links = Links(self.public_url, url)
        return self.renderer.letter(letter_context(kind, spoken, day, dues, because, titles, links))

    async def _release(self) -> None:
        async with self.store.write() as tx:
            if await notices.release(tx):
                await self.announce(tx, DRAINS)

    async def _render(self, edition: Edition, known: "_Known", now: datetime) -> None:
        plan = edition.plan
        dues = _dues(plan.told, known)
        because = [known.targets[target] for target in plan.because if target in known.targets]
        rendered = self.words(plan.kind, plan.language, plan.day, dues, because, known.titles, edition.id)
        findings = [str(finding) for finding in rendered.findings]
        if rendered.words is None:
            log.error("edition_not_rendered", edition=edition.id, kind=plan.kind, findings=findings)
        async with self.store.write() as tx:
            await editions.freeze(tx, edition.id, rendered.words, findings, now)


@dataclass(frozen=True, slots=True)
class _Known:
    """What of the record the waiting editions speak of."""

    events: dict[str, Kept]
    targets: dict[str, Words]
    titles: dict[str, Words]
    errata: dict[str, list[Erratum]]


async def _known(tx: Tx, waiting: Sequence[Edition]) -> _Known:
    told = await events.events_named(tx, {told.event for edition in waiting for told in edition.plan.told})
    targets = await events.target_titles(tx, sorted({one for edition in waiting for one in edition.plan.because}))
    linked = await events.titles(tx, {link.event for kept in told.values() for link in kept.event.links})
    return _Known(told, targets, linked, await errata.not_withdrawn(tx, told))


def _dues(told: Sequence[Told], known: _Known) -> list[Due]:
    """Gather what falls on one day of one event, and reckon each occasion again from its rule."""
    grouped: dict[tuple[date, str], list[tuple[Rule, Occasion]]] = {}
    for one in told:
        if one.event in known.events:
            found = _again(known.events[one.event].event, one)
            grouped.setdefault((one.on, one.event), []).extend(found)
    return [
        Due(known.events[event].event, tuple(found), standing_words(known.errata.get(event, ()), on))
        for (on, event), found in grouped.items()
        if found
    ]


def _again(event: Event, told: Told) -> list[tuple[Rule, Occasion]]:
    return [
        (rule, occasion)
        for rule in event.rules
        if rule.id == told.rule
        for occasion in occasions(event, rule, told.on, told.on)
        if occasion.number == told.number
    ]
