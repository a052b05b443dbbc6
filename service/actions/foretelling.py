"""The next letter of somebody who has these choices: when it comes and what it tells, before they have asked for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.rehearsal import Reader, Rehearsed, rehearse, span
from service.store import approvals, occasions
from service.store.dialect import Tx
from service.store.editions import Plan, Told
from service.store.occasions import Listed
from service.store.templates import version_in_use

_NEAR, _FAR = timedelta(days=45), timedelta(days=400)  # the index reaches no further
_MOST = 2000


@dataclass(frozen=True, slots=True)
class Foretold:
    """A letter to come, and the plan of the edition that it would be of."""

    letter: Rehearsed[Listed]
    plan: Plan


async def next_letter(tx: Tx, reader: Reader, language: str, now: datetime) -> Foretold | None:
    """Give the first letter that comes after a moment; None if there is none within the index."""
    today = reader.slot.day_at(now)
    targets = sorted({target for target, _ in reader.lines})
    for far in (_NEAR, _FAR):
        last = today + far
        listed = await occasions.of_targets(tx, targets, *span(reader.lines, today, last), _MOST)
        told = await approvals.as_told(tx, listed)
        coming = [one for one in rehearse(reader, told, today, last) if one.due_at > now]
        if coming:
            return Foretold(coming[0], await _plan_of(tx, coming[0], targets, language))
    return None


async def _plan_of(tx: Tx, letter: Rehearsed[Listed], targets: list[str], language: str) -> Plan:
    because = {target for one in letter.told for target in (f"event:{one.event}", f"collection:{one.collection}")}
    versions = " ".join(one.version for one in letter.told)
    return Plan(
        kind=letter.kind,
        language=language,
        day=letter.day,
        template_version=await version_in_use(tx),
        key=versions,
        told=tuple(Told(one.event, one.rule, one.occasion.on, one.occasion.number) for one in letter.told),
        because=tuple(target for target in targets if target in because),
    )
