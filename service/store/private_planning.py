"""What readers have of their own on a day, for the planner: found by day, for the readers of one page.

Whoever has nothing of their own in the windows of a letter is not looked at: a page costs what falls on its days.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, and_, func, literal, or_, select

from service.domain.event import Tone
from service.domain.lines import Line, Windows, of_tone
from service.domain.notice import InDoubt
from service.domain.occasion import Occasion
from service.domain.targets import target_of
from service.store.audience import Audience
from service.store.dialect import Tx
from service.store.occasions import Listed
from service.store.planning import running
from service.store.private_tables import private_events, private_occasions
from service.store.tables import subscribers, subscriptions

Private = Mapping[str, Mapping[Line, Sequence[Listed]]]
"""What readers are to be told of their own, by line."""


async def private_within(tx: Tx, audience: Audience, windows: Windows) -> Private:
    """Give what the readers of an audience have of their own in the windows of their leads, by reader."""
    if not windows:
        return {}
    spans = [
        and_(subscriptions.c.lead_days == lead, private_occasions.c.on_day.between(first, last))
        for lead, (first, last) in windows.items()
    ]
    days = or_(*[private_occasions.c.on_day.between(first, last) for first, last in windows.values()])
    wanted = (
        select(
            private_occasions,
            private_events.c.version,
            private_events.c.tone,
            subscriptions.c.lead_days,
            subscribers.c.id.label("reader"),
        )
        .join_from(private_occasions, private_events, private_events.c.id == private_occasions.c.private_id)
        .join(subscriptions, subscriptions.c.target == literal(target_of("")) + private_occasions.c.private_id)
        .join(subscribers, subscribers.c.id == subscriptions.c.subscriber_id)
        .where(days, or_(*spans), running(), private_events.c.removed_at.is_(None), audience.readers)
    )
    found: dict[str, dict[Line, list[Listed]]] = {}
    for row in (await tx.execute(wanted)).all():
        listed = _listed(row)
        found.setdefault(row.reader, {}).setdefault((listed.event, row.lead_days), []).append(listed)
    return found


def private_of_tone(found: Private, tone: Tone) -> Private:
    """Leave those who have something in a tone, with that."""
    toned = {reader: of_tone(told, tone) for reader, told in found.items()}
    return {reader: told for reader, told in toned.items() if told}


async def count(tx: Tx) -> int:
    """Count all private events: all that anybody but their owners may know of them."""
    kept = private_events.c.removed_at.is_(None)
    return int((await tx.execute(select(func.count()).select_from(private_events).where(kept))).scalar_one())


def _listed(row: Row[Any]) -> Listed:
    occasion = Occasion(row.on_day, row.number, row.day, row.days, row.begins_on, row.reason or None, row.provisional)
    return Listed(target_of(row.private_id), row.version, "", Tone(row.tone), row.rule_id, occasion, InDoubt.RESEND)
