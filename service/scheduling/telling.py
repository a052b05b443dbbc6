"""What there is to tell on a day: the edition of those who asked for the same of it; and what was missed."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date

from service.domain.alert import Alert, Fact, Matter
from service.domain.lines import Line, told_once
from service.domain.notice import InDoubt, Kind
from service.domain.slot import Slot
from service.store.editions import Plan, Told
from service.store.occasions import Listed


def plan_of(
    kind: Kind,
    language: str,
    day: date,
    template_version: str,
    told: Mapping[Line, Sequence[Listed]],
    reader: str | None = None,
) -> Plan:
    """Plan the edition of those who asked for exactly these lines: each occasion once, in order of days.

    Its key is a digest of what it says and why it comes: an edited event makes another edition. What tells of private
    events is one `reader`'s own.
    """
    listed = told_once(told)
    because = sorted({target for target, _ in told})
    said = [[one.event, one.version, one.rule, one.occasion.on.isoformat(), one.occasion.number] for one in listed]
    held = any(one.in_doubt is InDoubt.HOLD for one in listed)
    return Plan(
        kind=kind,
        language=language,
        day=day,
        template_version=template_version,
        key=hashlib.sha256(json.dumps([said, because, *([reader] if reader else [])]).encode()).hexdigest(),
        told=tuple(Told(one.event, one.rule, one.occasion.on, one.occasion.number) for one in listed),
        because=tuple(because),
        in_doubt=InDoubt.HOLD if held else InDoubt.RESEND,
        reader=reader,
    )


def alert_of_missed(missed: Sequence[tuple[Slot, date]]) -> Alert:
    """Give what editors are told of slots that were missed."""
    return Alert(Matter.SLOTS_MISSED, tuple(Fact({"en": f"{slot.zone}, {slot.hour}"}, day) for slot, day in missed))
