"""What is kept of a person, given to them: by a link that is mailed to their address, works once, and for an hour.

The link to one's own pages is good for years and may lie in many places; it shows the way to this, not the whole.
Whoever has left may ask as well: this letter alone goes to them, since they ask for it now (`faults.md`, case 107).
"""

from datetime import datetime, timedelta
from typing import Any

from service.actions.answers import edition_for, is_barred, single
from service.actions.consent import acts_of
from service.actions.subscribing import Desk, of_letter
from service.domain.errors import NotFoundError
from service.domain.notice import Kind
from service.domain.subscription import Subscriber
from service.mail.compose import DOWNLOAD_WITHIN
from service.mail.tokens import Purpose, stamp
from service.store import addressees, notices, own, requests
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
    found = await of_letter(tx, desk, Purpose.DOWNLOAD, token, now, DOWNLOAD_WITHIN)
    if found is None or found[0].kind != Kind.DATA or found[0].address != found[1].address:  # they have moved
        raise NotFoundError("This link is not valid, or it was used, or it is older than an hour.")
    return found[1], found[0].id


async def take(tx: Tx, desk: Desk, token: str, now: datetime) -> tuple[Subscriber, dict[str, Any]]:
    """Give everything that is kept of somebody, once for each link; raise NotFoundError."""
    subscriber, addressee = await of_token(tx, desk, token, now)
    if not await addressees.take(tx, addressee):  # somebody else was faster, with the same link
        raise NotFoundError("This link was used.")
    agreed = await acts_of(tx, subscriber.id)
    return subscriber, {**await own.everything_of(tx, subscriber.id), "wordings": agreed["wordings"]}
