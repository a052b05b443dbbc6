"""Sample readers with a finished notice each, so that a first look has something to look at.

They exist only as long as letters go to a folder: `managing.end_samples` ends them before a relay is used.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from service.actions.answers import USEFUL
from service.actions.bringing import Tally, bring
from service.actions.subscriber_rows import Row
from service.actions.subscribing import Desk
from service.domain.event import Event
from service.domain.notice import Kind
from service.domain.occasion import Occasion, returns
from service.store import editions, events, notices, subscribers
from service.store.dialect import Tx
from service.store.templates import version_in_use

SOURCE = "sample"


async def add_samples(tx: Tx, desk: Desk, readers: Sequence[Row], event_id: str, now: datetime) -> int:
    """Add sample readers to an empty store, with the notice of an event's last anniversary; gives how many."""
    kept = await events.event_named(tx, event_id)
    if kept is None or await subscribers.count(tx):
        return 0
    last = _last_occasion(kept.event, now.date())
    if last is None:
        return 0
    await bring(tx, desk, readers, Tally(), now, SOURCE)
    rule, occasion = last
    words = await version_in_use(tx)
    for row in readers:
        reader = await subscribers.by_address(tx, row.address)
        plan = editions.Plan(
            kind=Kind.NOTICE,
            language=row.habit.language,
            day=occasion.on,
            template_version=words,
            key=f"{SOURCE} {kept.version}",
            told=(editions.Told(event_id, rule, occasion.on, occasion.number),),
            because=(f"collection:{kept.collection}",),
        )
        edition = await editions.ensure(tx, plan, now)
        dated_at = row.habit.slot.due_at(occasion.on)
        if reader is not None:
            single = notices.Single(reader.id, Kind.NOTICE, occasion.on, edition, now, now + USEFUL, dated_at)
            await notices.add_single(tx, single)
    return len(readers)


def _last_occasion(event: Event, today: date) -> tuple[str, Occasion] | None:
    """Give the latest occasion before today by the event's first rule."""
    found = [one for one in returns(event, today - timedelta(days=366), today) if one[0] == event.rules[0].id]
    return found[-1] if found else None
