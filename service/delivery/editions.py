"""Renders the editions that are planned, once each, and makes their notices ready to be sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time

from service.delivery.sets import Sets
from service.domain.alert import Alert, Fact, Matter
from service.domain.errors import NotFoundError
from service.domain.event import Event, Words
from service.domain.letter import Words as Letters
from service.domain.notice import Kind
from service.domain.occasion import Occasion, occasions
from service.domain.rule import Rule
from service.domain.targets import id_in
from service.domain.templates import Templates
from service.domain.work import DRAINS
from service.observability import log
from service.rendering.asked import Asked, Due, Links, Printer, Rendered
from service.rendering.ical import About, calendar_file, entry
from service.rendering.locales import language_in
from service.rendering.wording import LATE
from service.store import editions, errata, events, notices, private_events
from service.store.dialect import Store, Tx
from service.store.editions import Edition, Plan, Told
from service.store.editors import Tell, nobody_told
from service.store.errata import Erratum, standing_words
from service.store.events import Kept
from service.store.hints import Announce, nobody
from service.store.private_events import Own
from service.store.templates import set_named
from service.tracing import span

_TRIED = "tried"  # stands for the id of an edition that is none


@dataclass(frozen=True, slots=True)
class Press:
    """Has planned editions turned into words by `printer`, with the set of templates that each names.

    `public_url` is where their links lead. `announce` tells other processes that notices have become ready, `tell`
    editors of what cannot be rendered.
    """

    store: Store
    printer: Printer
    sets: Sets
    public_url: str
    announce: Announce = nobody
    tell: Tell = nobody_told

    async def render_all(self, now: datetime) -> int:
        """Render every edition that waits and release its notices; gives how many were rendered.

        An edition whose template fails keeps its findings, and its notices wait until they expire.
        """
        count = 0
        while True:
            async with self.store.read() as tx:
                waiting = await editions.unrendered(tx)
                known = await self._known(tx, waiting)
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
            edition = await editions.to_render(tx, id_)
            waiting = [edition] if edition and not edition.is_rendered else []
            known = await self._known(tx, waiting)
        for edition in waiting:
            await self._render(edition, known, now)
        return bool(waiting)

    async def again(self, id_: str) -> Rendered:
        """Render an edition again with the templates of its version, and keep nothing; raise NotFoundError.

        The words are those that it was sent with as long as the record says the same.
        """
        async with self.store.read() as tx:
            edition = await editions.named(tx, id_)
            if edition is None:
                raise NotFoundError(f"There is no edition {id_!r}.")
            version = edition.plan.template_version
            if self.sets.kept(version) is None and await set_named(tx, version) is None:
                raise NotFoundError(f"The templates {version!r} of that edition are not kept.")
            known = await self._known(tx, [edition])
        return await self._words(edition, known)

    async def tried(self, plan: Plan) -> Rendered:
        """Render what an edition of a plan would say, and keep nothing."""
        edition = Edition(_TRIED, plan, None, (), is_rendered=False)
        async with self.store.read() as tx:
            known = await self._known(tx, [edition])
        return await self._words(edition, known)

    async def in_use(self) -> Templates:
        """Give the templates in use."""
        async with self.store.read() as tx:
            return await self.sets.in_use(tx)

    def links(self, kind: Kind, edition: str) -> Links:
        """Give where the links of an edition lead."""
        return Links(self.public_url, f"{self.public_url}/editions/{edition}" if kind.remembers else None)

    def _links_of(self, edition: Edition) -> Links:
        """Give where its links lead; what is a reader's own has no web copy."""
        return self.links(edition.plan.kind, edition.id) if edition.plan.reader is None else Links(self.public_url)

    async def _release(self) -> None:
        async with self.store.write() as tx:
            if await notices.release(tx):
                await self.announce(tx, DRAINS)

    async def _known(self, tx: Tx, waiting: Sequence[Edition]) -> "_Known":
        plans = [edition.plan for edition in waiting]
        named = {told.event for plan in plans for told in plan.told}
        told = await events.events_named(tx, named)
        own = await private_events.named(tx, [id_ for one in named if (id_ := id_in(one))])
        targets = await events.target_titles(tx, sorted({one for plan in plans for one in plan.because}))
        linked = await events.titles(tx, {link.event for kept in told.values() for link in kept.event.links})
        templates = {version: await self.sets.of(tx, version) for version in {plan.template_version for plan in plans}}
        return _Known(told, own, targets, linked, await errata.not_withdrawn(tx, told), templates)

    async def _words(self, edition: Edition, known: "_Known") -> Rendered:
        plan = edition.plan
        recorded = known.told_in(plan)
        dues = tuple(_dues(plan.told, recorded, known.errata))
        titles = {**known.targets, **{id_: event.title for id_, event in recorded.items() if event.is_private}}
        because = tuple(titles[target] for target in plan.because if target in titles)
        links = self._links_of(edition)
        asked = Asked(plan.kind, plan.language, plan.day, dues, because, known.titles, links, plan.facts)
        return await self.printer.letter(asked, known.templates[plan.template_version])

    def _whole(self, words: Letters, edition: Edition, known: "_Known") -> Letters:
        """Add what only some letters of an edition have: a calendar file, and the sentence of one that is late."""
        plan = edition.plan
        if not plan.kind.remembers:
            return words
        language = language_in(known.templates[plan.template_version].catalogues, plan.language)
        links, begun = self._links_of(edition), datetime.combine(plan.day, time(), UTC)
        recorded = known.told_in(plan)
        entries = [
            entry(event, rule, on, language, links, known.written_at(event.id, begun), private=event.is_private)
            for told in plan.told
            if (event := recorded.get(told.event))
            for rule, on in _again(event, told)
        ]
        calendar = calendar_file(About(""), entries, method="PUBLISH").decode() if entries else ""
        return replace(words, calendar=calendar, late=language.text(LATE))

    async def _render(self, edition: Edition, known: "_Known", now: datetime) -> None:
        with span("edition", id=edition.id, kind=edition.plan.kind.value, language=edition.plan.language):
            rendered = await self._words(edition, known)
        # A finding may quote what was rendered: of what is a reader's own, only the place is told.
        is_own = edition.plan.reader is not None
        findings = [finding.place if is_own else str(finding) for finding in rendered.findings]
        if rendered.words is None:
            log.error("edition_not_rendered", edition=edition.id, kind=edition.plan.kind, findings=findings)
        words = self._whole(rendered.words, edition, known) if rendered.words else None
        async with self.store.write() as tx:
            is_first = await editions.freeze(tx, edition.id, words, findings, now)
            if is_first and rendered.words is None and not edition.plan.kind.is_to_editors:  # whose fault would not end
                await self.tell(tx, _alert_of(findings), now)


@dataclass(frozen=True, slots=True)
class _Known:
    """What of the record some editions speak of, and their templates by version."""

    events: dict[str, Kept]
    own: dict[str, Own]
    targets: dict[str, Words]
    titles: dict[str, Words]
    errata: dict[str, list[Erratum]]
    templates: dict[str, Templates]

    def written_at(self, event: str, otherwise: datetime) -> datetime:
        """Give when what is kept of an event was written; of a reader's own that is not known."""
        return self.events[event].updated_at if event in self.events else otherwise

    def told_in(self, plan: editions.Plan) -> dict[str, Event]:
        """Give the events that an edition tells of, those of its reader in its language."""
        found: dict[str, Event] = {}
        for id_ in {told.event for told in plan.told}:
            own = self.own.get(id_in(id_) or "")
            if id_ in self.events:
                found[id_] = self.events[id_].event
            elif own is not None and own.removed_at is None and plan.reader is not None:
                found[id_] = own.event.told_in(own.id, plan.language)
        return found


def _alert_of(findings: Sequence[str]) -> Alert:
    """Give what editors are told of an edition that cannot be rendered: once for all with the same fault."""
    facts = tuple(Fact({"en": finding}) for finding in findings)
    return Alert(Matter.NOT_RENDERED, facts, about="\n".join(findings), path="/admin/templates")


def _dues(told: Sequence[Told], known: Mapping[str, Event], corrected: Mapping[str, Sequence[Erratum]]) -> list[Due]:
    """Gather what falls on one day of one event, and reckon each occasion again from its rule."""
    grouped: dict[tuple[date, str], list[tuple[Rule, Occasion]]] = {}
    for one in told:
        if one.event in known:
            found = _again(known[one.event], one)
            grouped.setdefault((one.on, one.event), []).extend(found)
    return [
        Due(known[event], tuple(found), standing_words(corrected.get(event, ()), on))
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
