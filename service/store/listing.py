"""What the list of events asks of the record: which have a coming day, and which somebody waits for."""

from datetime import date

from sqlalchemy import func, select, union_all

from service.store.dialect import Tx
from service.store.tables import events, occasions, rules, subscriptions


async def coming_days(tx: Tx, today: date) -> dict[str, date]:
    """Give the next day of each event that has one: from the index, or the first one beyond it."""
    near = select(occasions.c.event_id, occasions.c.on_day).where(occasions.c.on_day >= today)
    far = select(rules.c.event_id, rules.c.next_on).where(rules.c.next_on >= today)
    every = union_all(near, far).subquery()
    found = select(every.c.event_id, func.min(every.c.on_day)).group_by(every.c.event_id)
    return {row[0]: row[1] for row in await tx.execute(found)}


async def waited_for(tx: Tx) -> frozenset[str]:
    """Give the ids of the events that somebody asked to be reminded of, by themselves or with their collection."""
    living = select(subscriptions.c.target).where(
        subscriptions.c.confirmed_at.is_not(None), subscriptions.c.ended_at.is_(None)
    )
    targets = set((await tx.execute(living.distinct())).scalars())
    own = {target.removeprefix("event:") for target in targets if target.startswith("event:")}
    shelves = {target.removeprefix("collection:") for target in targets if target.startswith("collection:")}
    kept = await tx.execute(select(events.c.id, events.c.collection_id))
    return frozenset(id_ for id_, collection in kept if id_ in own or collection in shelves)
