"""The calendars of subscribers' own: each is known by an id that stands in no link as it is (`mail/tokens.py`)."""

from collections.abc import Iterable

from sqlalchemy import select, update

from service.domain.documents import read_private
from service.domain.targets import id_in
from service.store.dialect import Tx, new_id
from service.store.events import Kept
from service.store.private_tables import private_events
from service.store.tables import subscribers


async def known_as(tx: Tx, subscriber: str) -> str | None:
    """Give the id of somebody's calendar, None if they have none."""
    own = select(subscribers.c.calendar_id).where(subscribers.c.id == subscriber)
    return (await tx.execute(own)).scalar()


async def renew(tx: Tx, subscriber: str) -> None:
    """Give somebody a calendar of a new id; what was known by an old one is found no more."""
    await tx.execute(update(subscribers).where(subscribers.c.id == subscriber).values(calendar_id=new_id()))


async def end(tx: Tx, subscriber: str) -> None:
    """Have somebody's calendar found no more."""
    await tx.execute(update(subscribers).where(subscribers.c.id == subscriber).values(calendar_id=None))


async def owner_of(tx: Tx, calendar: str) -> str | None:
    """Give whose calendar it is, None if it is nobody's or has ended."""
    return (await tx.execute(select(subscribers.c.id).where(subscribers.c.calendar_id == calendar))).scalar()


async def private_named(tx: Tx, targets: Iterable[str], language: str) -> list[Kept]:
    """Give private events by their targets as they are told in a language, in the order in which they were recorded."""
    ids = sorted(filter(None, map(id_in, targets)))
    there = select(private_events).where(private_events.c.id.in_(ids), private_events.c.removed_at.is_(None))
    return [
        Kept(read_private(row.document).told_in(row.id, language), "", row.version, row.updated_at)
        for row in await tx.execute(there.order_by(private_events.c.id))
    ]
