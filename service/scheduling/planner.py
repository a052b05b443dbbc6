"""Makes the notices of every slot that has come due, in pages, so that the first letters leave at once.

A page is one transaction, which also moves the cursor of the slot's run: a run that is interrupted is taken up
where it stood. Planning again changes nothing: a run is a row, and so is each reader's notice of a kind on a day.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from service.domain.event import Tone
from service.domain.lines import Line, of_tone, windows_of
from service.domain.slot import Slot
from service.domain.window import kind_of
from service.domain.work import DRAINS, Task, Work
from service.observability import log
from service.scheduling.approving import held_back, tend
from service.scheduling.errands import Errand, errands_of
from service.scheduling.telling import alert_of_missed, plan_of
from service.scheduling.unmanned import days_unmanned
from service.store import approvals, editions, notices, planning, revisions, slots
from service.store.audience import Audience, Page, rhythms
from service.store.dialect import Store, Tx
from service.store.editors import Tell, nobody_told
from service.store.hints import Announce, nobody
from service.store.occasions import Listed
from service.store.planning import Batch
from service.store.private_planning import Private, private_of_tone, private_within
from service.store.said import said_within
from service.store.slots import Run, RunState
from service.store.templates import version_in_use
from service.tracing import span
from service.tracing import tell as tell_span

_FIRST_PAGE = 1_000  # readers: the first letters are on their way within a second
_PAGE = 10_000  # beyond that, letters that could leave wait for a commit of planning

Share = Callable[[Iterable[Work]], Awaitable[list[Work]]]
"""Offer slots to other processes; gives those that are to be planned here."""


async def _nobody() -> None:
    """Tell nobody that there is something to do."""


def _never() -> bool:
    """Plan to the end."""
    return False


async def _here(works: Iterable[Work]) -> list[Work]:
    """Plan everything in this process."""
    return list(works)


@dataclass(frozen=True, slots=True)
class Planned:
    """What a round of planning did."""

    slots: int = 0
    notices: int = 0
    missed: int = 0
    expired: int = 0


@dataclass(frozen=True, slots=True)
class _Hand:
    """With what a page is planned: the moment, the version of the words, and what it gives others to do."""

    now: datetime
    words: str
    told: set[Work] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a round finds to do."""

    superseded: Sequence[str]
    unmanned: Sequence[tuple[Slot, date]]
    errands: Sequence[Errand]
    late: bool


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans for a store; its editions name the words in use when their slot's run began (`faults.md`, case 90).

    `announce` tells other processes, in each page's transaction, what is to be rendered and sent; `planned` is called
    after the commit of one that made notices; `tell` lets editors know of slots that were missed. A page has so many
    readers; the first is short. Once `is_ending`, no further page is begun: whoever plans next goes on there.
    """

    store: Store
    announce: Announce = nobody
    planned: Callable[[], Awaitable[None]] = _nobody
    tell: Tell = nobody_told
    is_ending: Callable[[], bool] = _never
    page: int = _PAGE
    first_page: int = _FIRST_PAGE

    async def plan(self, now: datetime, share: Share = _here) -> Planned:
        """Run the slots that are due and not yet run, plan for who has moved, and end what came too late.

        What `share` gives to other processes is left out; it comes again as long as it is not done.
        """
        expired = await tend(self.store, now, self.tell)
        seen = await self._look(now)
        if seen.superseded:
            await self._take_back(seen.superseded, now)
            seen = await self._look(now)
        missed = await self._record_missed(seen.unmanned, now)
        works = [Work.plan(errand.slot, errand.run.day) for errand in seen.errands if errand.run]
        ours = set(await share(works) if works else works)
        own = [errand for errand in seen.errands if not errand.run or Work.plan(errand.slot, errand.run.day) in ours]
        done = replace(await self._take_turns(own, now), missed=missed, expired=expired)
        if not seen.late and not done.notices:
            return done
        async with self.store.write() as tx:
            return replace(done, expired=expired + await notices.expire(tx, now))

    async def plan_slot(self, slot: Slot, day: date, now: datetime) -> Planned:
        """Plan a slot's day, or what is left of it; nothing if it is not due, or done, or somebody else is at it."""
        async with self.store.read() as tx:
            run = await slots.run_of(tx, slot, day)
        if slot.due_at(day) > now or (run and run.state is RunState.RUN):
            return Planned()
        return await self._take_turns([Errand(slot, (day,), run or Run(slot, day, RunState.MISSED, ""))], now)

    async def _take_turns(self, errands: Iterable[Errand], now: datetime) -> Planned:
        """Plan a page of each in turn, until all are done: a long one keeps no other waiting."""
        done, waiting, wrong = Planned(), deque(errands), None
        while waiting and not self.is_ending():
            errand = waiting.popleft()
            try:
                going = self._go_on(errand, errand.run, now) if errand.run else self._plan_movers(errand, now)
                with span("plan a page", zone=errand.slot.zone, hour=errand.slot.hour) as taken:
                    made, rest = await going
                    tell_span(taken, notices=made or 0)
            except Exception as error:  # noqa: BLE001  (a slot that cannot be planned keeps no other waiting)
                log.exception("slot_not_planned", zone=errand.slot.zone, hour=errand.slot.hour)
                wrong = error
                continue
            begun = errand.first and errand.run is not None and made is not None
            done = replace(done, slots=done.slots + begun, notices=done.notices + (made or 0))
            if made:
                await self.planned()
            if rest:
                waiting.append(rest)
        if wrong is not None:
            raise wrong
        return done

    async def _look(self, now: datetime) -> _Seen:
        """Find in one reading what there is to do; most minutes, nothing."""
        async with self.store.read() as tx:
            standing = await slots.standing(tx, now.date() + timedelta(days=2))
            return _Seen(
                superseded=await revisions.superseded(tx),
                unmanned=await days_unmanned(tx, standing, now),
                errands=await errands_of(tx, standing, now),
                late=await notices.any_late(tx, now),
            )

    async def _go_on(self, errand: Errand, run: Run, now: datetime) -> tuple[int | None, Errand | None]:
        """Plan the next page of a run; gives how many notices were made (None: the run is not ours) and the rest."""
        async with self.store.write() as tx:
            if run.state is RunState.RUNNING and run.slot.useful_until(run.day) <= now:
                if await slots.cut_short(tx, run):
                    await self.tell(tx, alert_of_missed([(run.slot, run.day)]), now)
                    log.warning("slot_cut_short", zone=run.slot.zone, hour=run.slot.hour, day=run.day.isoformat())
                return None, None
            begun = run if run.state is RunState.RUNNING else await slots.begin_run(tx, run.slot, run.day, now)
            if begun is None:
                return None, None
            page = await self._page(tx, Page(begun.slot, begun.cursor), first=errand.first)
            if not await slots.advance(tx, begun, page.upto):
                return None, None
            hand = _Hand(now, begun.words or await version_in_use(tx))
            made = await self._plan_page(tx, page, run.day, hand)
            await slots.settle_movers(tx, page)
            await self.announce(tx, hand.told)
        if page.upto is None:
            return made, None
        return made, replace(errand, run=replace(begun, cursor=page.upto), first=False)

    async def _plan_movers(self, errand: Errand, now: datetime) -> tuple[int, Errand | None]:
        """Plan a page of the readers who moved after their slot had run; settled, they are on no page again."""
        made = 0
        async with self.store.write() as tx:
            hand = _Hand(now, await version_in_use(tx))
            page = await self._page(tx, Page(errand.slot, movers_only=True), first=errand.first)
            for day in errand.days:
                made += await self._plan_page(tx, page, day, hand)
            await slots.settle_movers(tx, page)
            await self.announce(tx, hand.told)
        return made, None if page.upto is None else replace(errand, first=False)

    async def _page(self, tx: Tx, begins: Page, *, first: bool) -> Page:
        size = self.first_page if first else self.page
        return replace(begins, upto=await slots.end_of_page(tx, begins, size))

    async def _plan_page(self, tx: Tx, page: Page, day: date, hand: _Hand) -> int:
        """Plan a page; gives how many notices were made, and leaves in the hand what they give others to do."""
        made = 0
        await approvals.beside(tx)
        leads = await planning.leads_in_use(tx)
        for rhythm in await rhythms(tx, page, day):
            audience = Audience(page, day, rhythm)
            windows = windows_of(rhythm, day, leads)
            said = await said_within(tx, windows)
            private = await private_within(tx, audience, windows)
            for tone in Tone:
                toned, own = of_tone(said, tone), private_of_tone(private, tone)
                lines = await planning.asked_for(tx, list(toned))
                if lines or own:
                    listed = {line: toned[line] for line in lines}
                    made += await self._plan_tone(tx, (audience, tone), listed, own, hand)
        await slots.count_notices(tx, page.slot, day, made)
        return made

    async def _plan_tone(
        self, tx: Tx, letter: tuple[Audience, Tone], listed: dict[Line, list[Listed]], private: Private, hand: _Hand
    ) -> int:
        """Plan what a page's readers of a rhythm asked for of what is listed in a tone, and what they have private."""
        audience, tone = letter
        kind, slot, day = kind_of(audience.rhythm.cadence, tone), audience.page.slot, audience.day
        async with planning.asked(tx, audience, list(listed), private) as asked:
            groups = await asked.groups()
            plans = []
            for language, own, mask in groups:
                told: dict[Line, Sequence[Listed]] = {line: listed[line] for line in planning.lines_of(mask, [*listed])}
                told |= private[own] if own else {}
                plans.append(plan_of(kind, language, day, hand.words, told, own or None))
            kept = await editions.ensure_all(tx, plans, hand.now)
            kept = await held_back(tx, plans, kept, listed, hand.now, self.tell)
            for one in kept:
                hand.told.update([] if one.held else DRAINS if one.rendered else [Work(Task.RENDER, one.id)])
            chosen = dict(zip(groups, kept, strict=True))
            due_at = hand.now if audience.page.movers_only else slot.due_at(day)  # who comes later is not late
            return await asked.make(Batch(kind, due_at, slot.useful_until(day), hand.now, chosen))

    async def _take_back(self, superseded: Sequence[str], now: datetime) -> None:
        """Take back, in pages, what was to tell of an event as it was; its readers are planned anew."""
        for edition in superseded:
            taken = True
            while taken:
                async with self.store.write() as tx:
                    taken = await revisions.take_back(tx, edition, self.page, now)

    async def _record_missed(self, unmanned: Sequence[tuple[Slot, date]], now: datetime) -> int:
        """Record the days on which a slot should have run and nobody was there; they are not made up for."""
        if not unmanned:
            return 0
        async with self.store.write() as tx:
            missed = [one for one in unmanned if await slots.begin_run(tx, *one, now, missed=True)]
            if missed:
                await self.tell(tx, alert_of_missed(missed), now)
        for slot, day in missed:
            log.warning("slot_missed", zone=slot.zone, hour=slot.hour, day=day.isoformat())
        return len(missed)
