"""A change of address: the new one is confirmed by its owner before anything goes there.

Until then the letters go on to the old one. What is known of the new address (a reader's, one that must not be written
to) is told to nobody: the answer to a request is always the same.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.actions import channels
from service.actions.answers import edition_for, is_barred, single
from service.actions.subscribing import BY_PAGE, Desk, joined, of_letter
from service.domain.addresses import address_key, check_address, mailbox_key
from service.domain.consent import Act, Came
from service.domain.errors import InvalidError, NotFoundError
from service.domain.notice import Kind
from service.domain.subscription import Status, Subscriber
from service.mail.tokens import Purpose
from service.store import addressees, consents, notices, requests, subscribers, subscriptions, webhook_messages
from service.store.dialect import Tx

_DAY = timedelta(hours=24)
_MONTH = timedelta(days=30)
_MOST_IN_MONTH = 3  # to an address that has confirmed nothing, whoever asks
_MOST_IN_DAY = 5  # of one reader, so that their link cannot be turned against others


@dataclass(frozen=True, slots=True)
class Move:
    """A change that a link asks for: to a new address, or back to the old one; whose letters, where to, since when."""

    kind: Kind
    subscriber: Subscriber
    address: str
    since: datetime


async def ask(tx: Tx, desk: Desk, subscriber: Subscriber, address: str, now: datetime) -> None:
    """Have the owner of a new address asked; raise InvalidError if it is none, or is the old one."""
    wanted = check_address(address)
    if address_key(wanted) == address_key(subscriber.address):
        raise InvalidError("Your letters go to this address already.", "address")
    hashed = desk.tokens.address_hash(mailbox_key(wanted))
    often = await requests.count(tx, Kind.ADDRESS, hashed, now - _MONTH)
    of_theirs = await requests.count(tx, Kind.ADDRESS, subscriber.id, now - _DAY)
    is_free = await subscribers.by_address(tx, wanted) is None and not await is_barred(tx, desk.tokens, wanted)
    today = await requests.count(tx, Kind.ADDRESS, hashed, now - _DAY)
    if often >= _MOST_IN_MONTH or today or of_theirs >= _MOST_IN_DAY or not is_free:
        return
    if await _write(tx, Kind.ADDRESS, subscriber, wanted, now):
        await requests.note(tx, Kind.ADDRESS, hashed, now)
        await requests.note(tx, Kind.ADDRESS, subscriber.id, now)


async def of_token(tx: Tx, desk: Desk, token: str, now: datetime) -> Move:
    """Give what a link asks for; raise NotFoundError if it is wrong or too old, or there is nothing to change."""
    found = await of_letter(tx, desk, Purpose.ADDRESS, token, now)
    if found is None or found[0].kind not in {Kind.ADDRESS, Kind.MOVED}:
        raise NotFoundError("This link is not valid, or it is older than seven days. Please ask for the change again.")
    addressee, subscriber = found
    other = await subscribers.by_address(tx, addressee.address)
    if subscriber.status is not Status.ACTIVE or (other and other.id != subscriber.id):
        raise NotFoundError("This link is no longer valid.")
    return Move(Kind(addressee.kind), subscriber, addressee.address, addressee.since)


async def confirm(tx: Tx, desk: Desk, token: str, now: datetime, came: Came = BY_PAGE) -> Subscriber:
    """Have a reader's letters go to the address that confirms it; raise NotFoundError if the link is wrong or too old.

    The old address is told, and can have everything as it was, without a channel that was chosen meanwhile: whoever
    changes it without being its owner is found out that way. What was asked for until then is of no more use after
    that. Doing it again changes nothing. Webhooks are told as of who confirms, with the new address.
    """
    move = await of_token(tx, desk, token, now)
    subscriber = move.subscriber
    if address_key(subscriber.address) == address_key(move.address):
        return subscriber
    moved = replace(subscriber, address=move.address)
    if move.kind is Kind.MOVED:
        await channels.take_back(tx, moved, move.since, now)
    await notices.take_out_of_hand(tx, subscriber.id)
    await consents.note(tx, subscriber.id, Act.MOVED, came, now, {"address": move.address})
    await subscribers.move(tx, subscriber.id, move.address)
    if move.kind is Kind.ADDRESS:
        await addressees.forget_asked(tx, subscriber.id, but=move.address, kinds=(Kind.ADDRESS, Kind.DATA))
        await _write(tx, Kind.MOVED, subscriber, subscriber.address, now)
    else:
        await addressees.forget_asked(tx, subscriber.id, but=move.address)
    targets = [wish.target for wish in await subscriptions.wishes_of(tx, moved.id)]
    await webhook_messages.tell(tx, [joined(moved, targets, came.source)], now)
    return moved


async def _write(tx: Tx, kind: Kind, subscriber: Subscriber, address: str, now: datetime) -> bool:
    """Have a letter about the change written to an address; False if it has had one of the kind today."""
    language = subscriber.habit.language
    addressee = await addressees.add(tx, f"{kind}:{subscriber.id}:{now.date()}", address, language, now)
    if addressee is None:
        return False
    return await notices.add_single(tx, single(addressee, kind, await edition_for(tx, kind, language, now), now))
