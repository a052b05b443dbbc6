"""What there is to tell on a day, and the edition of those who asked for the same of it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from service.domain.notice import InDoubt, Kind
from service.domain.subscription import Cadence
from service.domain.window import window
from service.store import approvals, occasions, planning
from service.store.dialect import Tx
from service.store.editions import Plan, Told
from service.store.occasions import Listed
from service.store.planning import Line


async def said_on(tx: Tx, cadence: Cadence, day: date) -> dict[Line, list[Listed]]:
    """Give what each line has to say on a local day: occasions by collection and event, for each lead in use."""
    days = window(cadence, day)
    if days is None:
        return {}
    first_day, last_day = days
    leads = [timedelta(days=lead) for lead in await planning.leads_in_use(tx)]
    windows = {lead.days: (first_day + lead, last_day + lead) for lead in leads}
    listed = await approvals.as_told(tx, await occasions.within(tx, windows.values()))
    said: dict[Line, list[Listed]] = {}
    for lead, (first, last) in windows.items():
        for one in listed:
            if first <= one.occasion.on <= last:
                said.setdefault((f"collection:{one.collection}", lead), []).append(one)
                said.setdefault((f"event:{one.event}", lead), []).append(one)
    return said


def plan_of(kind: Kind, language: str, day: date, template_version: str, told: Mapping[Line, Sequence[Listed]]) -> Plan:
    """Plan the edition of those who asked for exactly these lines: each occasion once, in order of days.

    Its key is a digest of what it says and why it comes: an edited event makes another edition.
    """
    once = {
        (one.occasion.on, one.event, one.rule, one.occasion.number): one for listed in told.values() for one in listed
    }
    listed = [once[key] for key in sorted(once)]
    because = sorted({target for target, _ in told})
    said = [[one.event, one.version, one.rule, one.occasion.on.isoformat(), one.occasion.number] for one in listed]
    held = any(one.in_doubt is InDoubt.HOLD for one in listed)
    return Plan(
        kind=kind,
        language=language,
        day=day,
        template_version=template_version,
        key=hashlib.sha256(json.dumps([said, because]).encode()).hexdigest(),
        told=tuple(Told(one.event, one.rule, one.occasion.on, one.occasion.number) for one in listed),
        because=tuple(because),
        in_doubt=InDoubt.HOLD if held else InDoubt.RESEND,
    )
