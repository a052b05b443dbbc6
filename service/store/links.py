"""Which event is tied to which, to be told from both ends: an index of what records say."""

from sqlalchemy import delete, insert, select

from service.domain.event import Event, Link, LinkKind
from service.store.dialect import Tx
from service.store.editing_tables import links
from service.store.tables import events


async def save(tx: Tx, event: Event) -> None:
    """Write what an event is tied to, in place of what was written before."""
    await tx.execute(delete(links).where(links.c.event_id == event.id))
    rows = [
        {"event_id": event.id, "position": position, "other_id": link.event, "kind": link.kind}
        for position, link in enumerate(event.links)
    ]
    if rows:
        await tx.execute(insert(links), rows)


async def leading_to(tx: Tx, event: str, most: int) -> list[Link]:
    """Give the events that are tied to one, each with what that one is to it, in the order of their collections."""
    found = (
        select(links.c.kind, links.c.event_id)
        .join(events, events.c.id == links.c.event_id)
        .where(links.c.other_id == event)
        .order_by(events.c.position, links.c.event_id, links.c.position)
        .limit(most)
    )
    return [Link(LinkKind(kind), id_) for kind, id_ in (await tx.execute(found)).all()]
