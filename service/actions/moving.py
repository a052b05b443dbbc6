"""A change of address: the new one is confirmed by its owner before anything goes there.

Until then the letters go on to the old one. What is known of the new address (a reader's, one that must not be written
to) is told to nobody: the answer to a request is always the same.
"""

from datetime import datetime, timedelta

from service.actions.answers import edition_for, is_barred, single
from service.actions.subscribing import BY_PAGE, Desk
from service.domain.addresses import mailbox_key
from service.domain.consent import Act, Came
from service.domain.errors import InvalidError, NotFoundError
from service.domain.notice import Kind
from service.domain.subscription import Status, Subscriber, address_key, check_address
from service.mail.tokens import Purpose, read_stamp
from service.store import addressees, consents, notices, requests, subscribers
from service.store.dialect import Tx

_DAY = timedelta(hours=24)
_MONTH = timedelta(days=30)
_MOST_IN_MONTH = 3  # to an address that has confirmed nothing, whoever asks


async def ask(tx: Tx, desk: Desk, subscriber: Subscriber, address: str, now: datetime) -> None:
    """Have the owner of a new address asked; raise InvalidError if it is none, or is the old one."""
    wanted = check_address(address)
    if address_key(wanted) == address_key(subscriber.address):
        raise InvalidError("Your letters go to this address already.", "address")
    hashed = desk.tokens.address_hash(mailbox_key(wanted))
    often = await requests.count(tx, Kind.ADDRESS, hashed, now - _MONTH)
    is_free = await subscribers.by_address(tx, wanted) is None and not await is_barred(tx, desk.tokens, wanted)
    if often >= _MOST_IN_MONTH or await requests.count(tx, Kind.ADDRESS, hashed, now - _DAY) or not is_free:
        return
    letter = f"{Kind.ADDRESS}:{subscriber.id}:{now.date()}"
    addressee = await addressees.add(tx, letter, wanted, subscriber.habit.language, now)
    if addressee is None:
        return
    await requests.note(tx, Kind.ADDRESS, hashed, now)
    edition = await edition_for(tx, Kind.ADDRESS, subscriber.habit.language, now)
    await notices.add_single(tx, single(addressee, Kind.ADDRESS, edition, now))


async def confirm(tx: Tx, desk: Desk, token: str, now: datetime, came: Came = BY_PAGE) -> Subscriber:
    """Have a reader's letters go to the address that confirms it; raise NotFoundError if the link is wrong or too old.

    Doing it again changes nothing.
    """
    parts = desk.tokens.read(Purpose.ADDRESS, token)
    until = read_stamp(parts[1]) if parts and len(parts) == 2 else None
    found = await addressees.named(tx, parts[0]) if parts and until and until >= now else None
    if found is None:
        raise NotFoundError("This link is not valid, or it is older than seven days. Please ask for the change again.")
    letter, address = found
    subscriber = await subscribers.by_id(tx, letter.split(":")[1])
    other = await subscribers.by_address(tx, address)
    if subscriber is None or subscriber.status is not Status.ACTIVE or (other and other.id != subscriber.id):
        raise NotFoundError("This link is no longer valid.")
    await notices.take_out_of_hand(tx, subscriber.id)
    if address_key(address) != address_key(subscriber.address):
        await consents.note(tx, subscriber.id, Act.MOVED, came, now, {"address": address})
    await subscribers.move(tx, subscriber.id, address)
    return Subscriber(subscriber.id, address, subscriber.habit, subscriber.status, subscriber.paused_until)
