"""The calendars of subscribers' own: each is known by an id that stands in no link as it is (`mail/tokens.py`)."""

from sqlalchemy import select, update

from service.store.dialect import Tx, new_id
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
