"""What waits for an approval while it is planned, and what becomes of it: nothing of it is silent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from service.domain.approval import Fate
from service.domain.lines import Line
from service.observability import log
from service.store import approvals, audit
from service.store.dialect import Store, Tx
from service.store.editions import Kept, Plan
from service.store.occasions import Listed

LEFT = "left unapproved"
HELD = "held"
EXPIRED = "expired"
_TOLD_WITHIN = timedelta(days=3)


async def held_back(
    tx: Tx, plans: Sequence[Plan], kept: Sequence[Kept], listed: Mapping[Line, Iterable[Listed]], now: datetime
) -> list[Kept]:
    """Hold those editions that may not leave yet, and tell of those that leave without the approval asked for."""
    known = {(one.event, one.occasion.on): (one.version, one.leave) for of in listed.values() for one in of}
    said = []
    for plan, one in zip(plans, kept, strict=True):
        pairs = {(told.event, told.on) for told in plan.told}
        fate = approvals.fate_of(pairs, known, plan.template_version)
        if fate.is_held and await approvals.hold_back(tx, one.id, fate, now):
            await _tell(tx, HELD, one.id, fate.value, now)
        elif fate is Fate.UNASKED:
            await _tell(tx, LEFT, one.id, fate.value, now)
        said.append(replace(one, held=fate.is_held))
    return said


async def tend(store: Store, now: datetime) -> int:
    """Let go on what nothing holds any more, and end what was held too long; gives how many notices that were."""
    async with store.read() as tx:
        if not await approvals.changes(tx, now) and not await approvals.any_expired(tx, now):
            return 0
    async with store.write() as tx:
        await approvals.alone(tx)
        ended = await approvals.expire(tx, now)
        await approvals.settle(tx, now)
        for edition, count in ended.items():
            log.warning("edition_expired_while_held", edition=edition, notices=count)
            await audit.note(tx, audit.PROGRAM, EXPIRED, f"edition {edition}", now, {"letters": count})
    return sum(ended.values())


async def _tell(tx: Tx, what: str, edition: str, why: str, now: datetime) -> None:
    """Write down once what became of an edition."""
    subject = f"edition {edition}"
    if not await audit.is_noted(tx, what, subject, now - _TOLD_WITHIN):
        log.warning("edition_not_approved", edition=edition, fate=why)
        await audit.note(tx, audit.PROGRAM, what, subject, now, {"why": why})
