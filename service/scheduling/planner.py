"""Makes the notices of every slot that has come due, once, in one transaction for each slot.

Planning again changes nothing: a slot's run is a row, and so is each reader's notice of a kind on a day.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from service.domain.event import Tone
from service.domain.slot import Slot
from service.domain.subscription import Cadence
from service.domain.window import LONGEST_DAYS, kind_of, window
from service.observability import log
from service.store import editions, notices, occasions, planning, slots
from service.store.dialect import Store, Tx
from service.store.occasions import Listed
from service.store.planning import Audience, Batch, Line

_MISSED_MOST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Planned:
    """What a round of planning did."""

    slots: int = 0
    notices: int = 0
    missed: int = 0
    expired: int = 0


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans for a store; `template_version` names the words with which its editions will be rendered."""

    store: Store
    template_version: str

    async def plan(self, now: datetime) -> Planned:
        """Run the slots that are due and not yet run, plan for who has moved, and end what came too late."""
        async with self.store.read() as tx:
            in_use = await slots.in_use(tx)
            movers = await slots.with_movers(tx)
            ran = await slots.ran_on(tx, now.date() - timedelta(days=3))
        done = Planned(missed=await self._record_missed(in_use, now))
        for slot, day in ((one, day) for one in in_use for day in one.days_due(now)):
            if (slot, day) not in ran:
                done = replace(done, slots=done.slots + 1, notices=done.notices + await self._run(slot, day, now))
            elif slot in movers:
                done = replace(done, notices=done.notices + await self._run_again(slot, day, now))
        async with self.store.write() as tx:
            return replace(done, expired=await notices.expire(tx, now))

    async def _run(self, slot: Slot, day: date, now: datetime) -> int:
        async with self.store.write() as tx:
            if not await slots.begin_run(tx, slot, day, now):
                return 0
            return await self._plan_slot(tx, slot, day, now, movers_only=False)

    async def _run_again(self, slot: Slot, day: date, now: datetime) -> int:
        async with self.store.write() as tx:
            return await self._plan_slot(tx, slot, day, now, movers_only=True)

    async def _plan_slot(self, tx: Tx, slot: Slot, day: date, now: datetime, *, movers_only: bool) -> int:
        made = 0
        for cadence in Cadence:
            audience = Audience(slot, day, cadence, movers_only)
            said = await _said(tx, cadence, day)
            for tone in Tone:
                made += await self._plan_tone(tx, audience, tone, said, now)
        await slots.settle_movers(tx, slot)
        await slots.count_notices(tx, slot, day, made)
        return made

    async def _plan_tone(
        self, tx: Tx, audience: Audience, tone: Tone, said: Mapping[Line, Sequence[Listed]], now: datetime
    ) -> int:
        lines = [line for line, listed in said.items() if any(one.tone is tone for one in listed)]
        lines = await planning.asked_for(tx, lines)
        if not lines:
            return 0
        chosen: dict[tuple[str, planning.Mask], str] = {}
        for language, mask in await planning.masks(tx, audience, lines):
            of_mask = planning.lines_of(mask, lines)
            told = _merged([one for line in of_mask for one in said[line] if one.tone is tone])
            because = sorted({target for target, _ in of_mask})
            plan = editions.Plan(
                kind=kind_of(audience.cadence, tone),
                language=language,
                day=audience.day,
                template_version=self.template_version,
                key=_key(told, because),
                told=tuple(editions.Told(one.event, one.rule, one.occasion.on, one.occasion.number) for one in told),
                because=tuple(because),
            )
            chosen[language, mask] = await editions.ensure(tx, plan, now)
        slot = audience.slot
        due_at, expires_at = slot.due_at(audience.day), slot.useful_until(audience.day)
        batch = Batch(kind_of(audience.cadence, tone), due_at, expires_at, now, chosen)
        return await planning.make(tx, audience, lines, batch)

    async def _record_missed(self, in_use: Sequence[Slot], now: datetime) -> int:
        """Record the days on which a slot should have run and nobody was there; they are not made up for."""
        async with self.store.read() as tx:
            last = await slots.last_runs(tx, now.date() + timedelta(days=2))
        missed = 0
        for slot in in_use:
            today = slot.day_at(now)
            ran = last.get(slot, today)
            first = max(ran + timedelta(days=1), today - timedelta(days=_MISSED_MOST_DAYS))
            for day in (first + timedelta(days=step) for step in range((today - first).days)):
                if slot.useful_until(day) <= now:
                    missed += await self._miss(slot, day, now)
        return missed

    async def _miss(self, slot: Slot, day: date, now: datetime) -> int:
        async with self.store.write() as tx:
            if not any([await _anybody(tx, Audience(slot, day, cadence)) for cadence in Cadence]):
                return 0
            if not await slots.begin_run(tx, slot, day, now, missed=True):
                return 0
        log.warning("slot_missed", zone=slot.zone, hour=slot.hour, day=day.isoformat())
        return 1


async def _anybody(tx: Tx, audience: Audience) -> bool:
    """Say whether anybody in an audience would have had a letter."""
    lines = await planning.asked_for(tx, list(await _said(tx, audience.cadence, audience.day)))
    return bool(lines and await planning.masks(tx, audience, lines))


async def _said(tx: Tx, cadence: Cadence, day: date) -> dict[Line, list[Listed]]:
    """Give what each line has to say on a local day: occasions by collection and event, for each lead in use."""
    days = window(cadence, day)
    leads = await planning.leads_in_use(tx) if days else []
    if days is None or not leads:
        return {}
    listed = await occasions.between(tx, day, day + timedelta(days=leads[-1] + LONGEST_DAYS))
    said: dict[Line, list[Listed]] = {}
    for lead in leads:
        first, last = (edge + timedelta(days=lead) for edge in days)
        for one in listed:
            if first <= one.occasion.on <= last:
                said.setdefault((f"collection:{one.collection}", lead), []).append(one)
                said.setdefault((f"event:{one.event}", lead), []).append(one)
    return said


def _merged(listed: Sequence[Listed]) -> list[Listed]:
    """Tell each occasion once, though it was asked for by its event and by its collection, in order of days."""
    once = {(one.occasion.on, one.event, one.rule, one.occasion.number): one for one in listed}
    return [once[key] for key in sorted(once)]


def _key(told: Sequence[Listed], because: Sequence[str]) -> str:
    """Give the digest of what an edition says and why it comes; an edited event makes another edition."""
    said = [[one.event, one.version, one.rule, one.occasion.on.isoformat(), one.occasion.number] for one in told]
    return hashlib.sha256(json.dumps([said, list(because)]).encode()).hexdigest()
