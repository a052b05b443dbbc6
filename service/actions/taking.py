"""What is kept of a person, given to them: by a link that is mailed to their address, works once, and for an hour.

The link to one's own pages is good for years and may lie in many places; it shows the way to this, not the whole.
Whoever has left may ask as well: this letter alone goes to them, since they ask for it now (`faults.md`, case 107).
"""

from datetime import datetime, timedelta
from typing import Any

from service.actions.answers import edition_for, is_barred, single
from service.actions.consent import acts_of
from service.actions.subscribing import Desk
from service.domain.errors import NotFoundError
from service.domain.notice import Kind
from service.domain.subscription import Subscriber
from service.mail.compose import DOWNLOAD_WITHIN
from service.mail.tokens import Purpose, read_stamp, stamp
from service.store import addressees, notices, own, requests, subscribers
from service.store.dialect import Tx

_DAY = timedelta(days=1)
_MOST_IN_DAY = 5


async def ask(tx: Tx, desk: Desk, subscriber: Subscriber, now: datetime) -> None:
    """Have the link mailed to its owner; to an address that must not be written to, or too often, nothing is."""
    often = await requests.count(tx, Kind.DATA, subscriber.id, now - _DAY)
    if often >= _MOST_IN_DAY or await is_barred(tx, desk.tokens, subscriber.address):
        return
    language = subscriber.habit.language
    letter = f"{Kind.DATA}:{subscriber.id}:{stamp(now)}"
    addressee = await addressees.add(tx, letter, subscriber.address, language, now)
    if addressee is None:
        return
    await requests.note(tx, Kind.DATA, subscriber.id, now)
    notice = single(addressee, Kind.DATA, await edition_for(tx, Kind.DATA, language, now), now)
    await notices.add_single(tx, notice)


async def of_token(tx: Tx, desk: Desk, token: str, now: datetime) -> tuple[Subscriber, str]:
    """Give whose data a link opens, with the addressee that it is for; raise NotFoundError if it opens none."""
    parts = desk.tokens.read(Purpose.DOWNLOAD, token)
    until = read_stamp(parts[1]) if parts and len(parts) == 2 else None
    in_time = until is not None and now <= until <= now + DOWNLOAD_WITHIN
    found = await addressees.named(tx, parts[0]) if parts and in_time else None
    kind, id_, _ = found.letter.split(":") if found else ("", "", "")
    subscriber = await subscribers.by_id(tx, id_) if kind == Kind.DATA else None
    if parts is None or subscriber is None or found is None or found.address != subscriber.address:  # they have moved
        raise NotFoundError("This link is not valid, or it was used, or it is older than an hour.")
    return subscriber, parts[0]


async def take(tx: Tx, desk: Desk, token: str, now: datetime) -> tuple[Subscriber, dict[str, Any]]:
    """Give everything that is kept of somebody, once for each link; raise NotFoundError."""
    subscriber, addressee = await of_token(tx, desk, token, now)
    if not await addressees.take(tx, addressee):  # somebody else was faster, with the same link
        raise NotFoundError("This link was used.")
    agreed = await acts_of(tx, subscriber.id)
    return subscriber, {**await own.everything_of(tx, subscriber.id), "wordings": agreed["wordings"]}
