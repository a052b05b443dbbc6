"""Remembering together: an owner invites somebody by address, who is told nothing of the date before they accept.

The letter holds nothing that the inviter wrote (`faults.md`, case 101): it could be sent to anybody. Who it is from is
told on the page behind its link, and the date itself only to who accepted. Whoever accepts has shown that the letter
reached them, which confirms their address as a confirmation does. Either side can end it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.actions import remembering
from service.actions.answers import edition_for, is_barred, single
from service.actions.subscribing import Desk
from service.domain.addresses import address_key, check_address, mailbox_key
from service.domain.consent import Act, Came
from service.domain.errors import InvalidError, NotFoundError
from service.domain.notice import Kind
from service.domain.subscription import Habit, Status, Subscriber
from service.domain.targets import target_of
from service.mail.tokens import Purpose, read_stamp
from service.store import (
    addressees,
    approvals,
    consents,
    notices,
    private_events,
    private_shares,
    requests,
    subscribers,
    subscriptions,
)
from service.store.dialect import Tx
from service.store.private_events import Own
from service.store.private_shares import Share

MOST_SHARES = 100  # of one owner
_MOST_IN_DAY = 10  # by one owner
_MOST_IN_MONTH = 3  # to one address, whoever asks
_DAY, _MONTH = timedelta(days=1), timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that may be accepted: by whom it was made, what address its letter went to, and of which event."""

    share: Share
    owner: Subscriber
    address: str
    own: Own


async def invite(tx: Tx, desk: Desk, subscriber: Subscriber, id_: str, address: str, now: datetime) -> None:
    """Have somebody asked whether they will remember an event too; raise InvalidError if it is no address of another.

    Whether that address may be written to, or is a reader's, is told to nobody. Raise NotFoundError if the event is
    not the subscriber's own. Doing it again within a day changes nothing.
    """
    await approvals.alone(tx)
    wanted = check_address(address)
    if address_key(wanted) == address_key(subscriber.address):
        raise InvalidError("this is your own address", "invited")
    recorded = await remembering.one_recorded(tx, subscriber, id_)
    if not recorded.is_owner or subscriber.status is not Status.ACTIVE:
        raise NotFoundError("There is no such date.")
    known = {address_key(one.address): one for one in await private_shares.of_event(tx, id_)}
    before = known.get(address_key(wanted))
    if before is not None and before.reader is not None:
        return
    if before is None and await private_shares.count(tx, subscriber.id) >= MOST_SHARES:
        raise InvalidError("there may be no more", "invited")
    if before is not None:
        wanted = before.address
    # Of two ways of writing one address, the letter goes to the one by which its reader is known: accepting it opens
    # all that is theirs. The owner sees the other, and so not whether there is such a reader.
    reader = await subscribers.by_address(tx, wanted)
    addressee = await _write_to(tx, desk, subscriber, id_, reader.address if reader else wanted, now)
    if addressee is None and before is not None:  # what was written before stays good
        return
    await private_shares.invite(tx, id_, wanted, addressee, now)


async def invited(tx: Tx, desk: Desk, token: str, now: datetime) -> Invited:
    """Give the invitation of a letter; raise NotFoundError if its link is wrong or too old, or it was taken back."""
    parts = desk.tokens.read(Purpose.INVITATION, token)
    until = read_stamp(parts[1]) if parts and len(parts) == 2 else None
    share = await private_shares.of_addressee(tx, parts[0]) if parts and until and until >= now else None
    letter = await addressees.named(tx, share.addressee) if share and share.addressee else None
    own = (await private_events.named(tx, [share.event])).get(share.event) if share else None
    owner = await subscribers.by_id(tx, own.owner) if own and not own.removed_at else None
    if share is None or letter is None or own is None or owner is None or owner.status is not Status.ACTIVE:
        raise NotFoundError("This invitation is not valid, or no longer valid.")
    return Invited(share, owner, letter.address, own)


async def accept(tx: Tx, desk: Desk, token: str, now: datetime, came: Came) -> Subscriber | None:
    """Remember together: by who is a reader already, or becomes one with this. Raises NotFoundError as `invited`.

    Doing it again changes nothing and gives None: the letter opens nothing more.
    """
    await approvals.alone(tx)
    found = await invited(tx, desk, token, now)
    if found.share.reader is not None:
        return None
    reader = await _reader(tx, desk, found, now)
    if not await private_shares.accept(tx, found.share, reader.id, now):
        raise NotFoundError("This invitation is no longer valid.")
    await consents.note(tx, reader.id, Act.CONFIRMED, came, now, {"targets": ["private"]})
    await subscriptions.set_private(tx, reader.id, target_of(found.own.id), (0,), now)
    await subscribers.move_again(tx, reader.id)
    return reader


async def end(tx: Tx, subscriber: Subscriber, id_: str, share: str, now: datetime) -> None:
    """End what an owner shares with one address, or has invited it to; raise NotFoundError if it is not theirs."""
    await approvals.alone(tx)
    recorded = await remembering.one_recorded(tx, subscriber, id_)
    if not recorded.is_owner:
        raise NotFoundError("There is no such date.")
    ended = await private_shares.end(tx, id_, share=share)
    if ended is not None and ended.reader is not None:
        await _tell_no_more(tx, id_, ended.reader, now)


async def stop(tx: Tx, subscriber: Subscriber, id_: str, now: datetime) -> None:
    """End it for a reader with whom it is shared; doing it again changes nothing, nor does an owner with their own."""
    await approvals.alone(tx)
    own = (await private_events.named(tx, [id_])).get(id_)
    if own is not None and own.owner != subscriber.id:
        await private_shares.end(tx, id_, reader=subscriber.id)
        await _tell_no_more(tx, id_, subscriber.id, now)


async def _tell_no_more(tx: Tx, id_: str, reader: str, now: datetime) -> None:
    await notices.take_out_of_hand(tx, reader)
    await private_events.supersede_for(tx, id_, reader, now)
    await subscriptions.set_private(tx, reader, target_of(id_), (), now)  # ended, so that an erasure finds it


async def _write_to(tx: Tx, desk: Desk, owner: Subscriber, id_: str, address: str, now: datetime) -> str | None:
    """Have the invitation written, if it may be; what keeps it from that is told to nobody."""
    hashed = desk.tokens.address_hash(mailbox_key(address))
    by_owner = await requests.count(tx, Kind.INVITATION, owner.id, now - _DAY)
    often = await requests.count(tx, Kind.INVITATION, hashed, now - _MONTH)
    if by_owner >= _MOST_IN_DAY or often >= _MOST_IN_MONTH or await is_barred(tx, desk.tokens, address):
        return None
    letter = f"{Kind.INVITATION}:{owner.id}:{id_}:{now.date()}"
    addressee = await addressees.add(tx, letter, address, owner.habit.language, now)
    if addressee is None:
        return None
    for key in (owner.id, hashed):
        await requests.note(tx, Kind.INVITATION, key, now)
    edition = await edition_for(tx, Kind.INVITATION, owner.habit.language, now)
    await notices.add_single(tx, single(addressee, Kind.INVITATION, edition, now))
    return addressee


async def _reader(tx: Tx, desk: Desk, found: Invited, now: datetime) -> Subscriber:
    """Give who accepts: the reader of that address, or a new one with the inviter's language and zone.

    Raise NotFoundError if they may not be written to, are the owner, or have another mailbox that is written alike.
    No webhook is told: what brings them is private.
    """
    known = await subscribers.by_address(tx, found.address)
    is_other = known is not None and (known.address != found.address or known.id == found.own.owner)
    if is_other or (known is not None and known.status is Status.SUPPRESSED):
        raise NotFoundError("This invitation is no longer valid.")
    if known is None:
        habit = Habit(found.owner.habit.language, found.owner.habit.zone)
        arrival = subscribers.Arrival(found.address, habit, Status.ACTIVE, "invitation", now)
        known = Subscriber(await subscribers.add(tx, arrival, now), found.address, habit, Status.ACTIVE)
    elif known.status is not Status.ACTIVE:
        if known.status is Status.LEFT:  # what they had ended stays so
            await subscriptions.keep_only(tx, known.id, (), now)
        await subscribers.set_status(tx, known.id, Status.ACTIVE, now)
    await subscribers.lift(tx, desk.tokens.address_hash(found.address))
    return known
