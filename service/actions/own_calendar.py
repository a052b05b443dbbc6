"""A subscriber's own calendar: its secret address is made, found, renewed and ended.

The address holds the calendar's id, sealed: who reads the database cannot make it, and it can be shown again.
"""

from service.actions.subscribing import Desk
from service.domain.errors import InvalidError, NotFoundError
from service.domain.subscription import Status, Subscriber
from service.mail.tokens import Purpose
from service.store import own_calendars, subscribers
from service.store.dialect import Tx


async def token_of(tx: Tx, desk: Desk, subscriber: Subscriber) -> str:
    """Give the token in the address of somebody's calendar, "" if they have none."""
    calendar = await own_calendars.known_as(tx, subscriber.id)
    return desk.tokens.sign(Purpose.CALENDAR, calendar) if calendar else ""


async def renew(tx: Tx, subscriber: Subscriber) -> None:
    """Make an address, the first or another instead of it; raise InvalidError if they have left."""
    if subscriber.status is not Status.ACTIVE:
        raise InvalidError("You have left; to come back, please subscribe again.")
    await own_calendars.renew(tx, subscriber.id)


async def end(tx: Tx, subscriber: Subscriber) -> None:
    """End the address; doing it again changes nothing."""
    await own_calendars.end(tx, subscriber.id)


async def of_token(tx: Tx, desk: Desk, token: str) -> Subscriber:
    """Give whose calendar it is; raise NotFoundError, the same for all that is wrong, ended, or of who has left."""
    parts = desk.tokens.read(Purpose.CALENDAR, token)
    owner = await own_calendars.owner_of(tx, parts[0]) if parts else None
    subscriber = await subscribers.by_id(tx, owner) if owner else None
    if subscriber is None or subscriber.status is not Status.ACTIVE:
        raise NotFoundError("There is no such calendar.")
    return subscriber
