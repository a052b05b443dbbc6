"""What waits for an approval while it is planned, and what becomes of it: nothing of it is silent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from service.domain.alert import Alert, Fact, Matter
from service.domain.approval import Fate
from service.domain.lines import Line
from service.domain.webhook import edition_ready
from service.observability import log
from service.store import approvals, asking, audit, events, webhook_messages
from service.store.approvals import Pair
from service.store.dialect import Store, Tx
from service.store.editions import Kept, Plan
from service.store.editors import Tell
from service.store.occasions import Listed

LEFT = "left unapproved"
HELD = "held"
EXPIRED = "expired"
ASKED = "asked for approval"
_TOLD_WITHIN = timedelta(days=100)


async def held_back(
    tx: Tx,
    plans: Sequence[Plan],
    kept: Sequence[Kept],
    listed: Mapping[Line, Iterable[Listed]],
    now: datetime,
    tell: Tell,
) -> list[Kept]:
    """Hold those editions that may not leave yet, and tell of those that leave without the approval asked for."""
    known = {(one.event, one.occasion.on): (one.version, one.leave) for of in listed.values() for one in of}
    said = []
    for plan, one in zip(plans, kept, strict=True):
        pairs = sorted({(told.event, told.on) for told in plan.told} & known.keys())  # what is private asks nobody
        fate = approvals.fate_of(pairs, known, plan.template_version)
        if fate.is_held and await approvals.hold_back(tx, one.id, fate, now):
            await _note(tx, HELD, one.id, fate.value, now)
            if fate is Fate.AWAITING:
                await webhook_messages.tell(tx, [edition_ready(one.id, pairs)], now)
                await tell(tx, await _alert_of(tx, pairs), now)
        elif fate is Fate.UNASKED and await _note(tx, LEFT, one.id, fate.value, now):
            await tell(tx, await _alert_of(tx, pairs, Matter.UNAPPROVED), now)
        said.append(replace(one, held=fate.is_held))
    return said


async def tend(store: Store, now: datetime, tell: Tell) -> int:
    """Ask for approvals whose time has come, let go on what nothing holds, and end what was held too long.

    Gives how many notices were ended.
    """
    async with store.read() as tx:
        asks = [one for one in await asking.awaited(tx, now.date()) if not await _is_asked(tx, one, now)]
        if not asks and not await approvals.changes(tx, now) and not await approvals.any_expired(tx, now):
            return 0
    async with store.write() as tx:
        await approvals.alone(tx)
        for one in asks:
            await _ask(tx, one, now, tell)
        told = {one.id: one.told for one in await approvals.waiting(tx, now)}
        ended = await approvals.expire(tx, now)
        await approvals.settle(tx, now)
        for edition, count in ended.items():
            log.warning("edition_expired_while_held", edition=edition, notices=count)
            await audit.note(tx, audit.PROGRAM, EXPIRED, f"edition {edition}", now, {"letters": count})
            await tell(tx, await _alert_of(tx, told.get(edition, ()), Matter.EXPIRED), now)
    return sum(ended.values())


def _subject(one: asking.Awaited) -> str:
    return f"event {one.event} on {one.on.isoformat()}, {one.version[:16]}"


async def _is_asked(tx: Tx, one: asking.Awaited, now: datetime) -> bool:
    return await audit.is_noted(tx, ASKED, _subject(one), now - _TOLD_WITHIN)


async def _ask(tx: Tx, one: asking.Awaited, now: datetime, tell: Tell) -> None:
    """Have editors asked once for each version of what is told of an event on a day; the draft is on the day's page."""
    if not await _is_asked(tx, one, now):
        await audit.note(tx, audit.PROGRAM, ASKED, _subject(one), now)
        alert = await _alert_of(tx, [(one.event, one.on)])
        await webhook_messages.tell(tx, [edition_ready(None, [(one.event, one.on)])], now)
        await tell(tx, replace(alert, about=_subject(one)), now)


async def _note(tx: Tx, what: str, edition: str, why: str, now: datetime) -> bool:
    """Write down once what became of an edition; False if it is written down already."""
    subject = f"edition {edition}"
    if await audit.is_noted(tx, what, subject, now - _TOLD_WITHIN):
        return False
    log.warning("edition_not_approved", edition=edition, fate=why)
    await audit.note(tx, audit.PROGRAM, what, subject, now, {"why": why})
    return True


async def _alert_of(tx: Tx, pairs: Sequence[Pair], matter: Matter = Matter.APPROVAL) -> Alert:
    """Give what editors are told of events on days, by their titles; once a day for the same events."""
    titles = await events.titles(tx, [event for event, _ in pairs])
    facts = tuple(Fact(titles[event], on) for event, on in pairs if event in titles)
    path = f"/admin/days/{pairs[0][1].isoformat()}" if pairs else "/admin"
    return Alert(matter, facts, about=repr(pairs), path=path)
