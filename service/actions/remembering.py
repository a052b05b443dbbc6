"""What somebody records for themselves: private events, changed by nobody but their owners, by the link in a letter.

Whoever changes one excludes planners for that moment (`approvals.alone`), as a verdict does: no page is planned with
what is just being taken away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.errors import InvalidError, NotFoundError
from service.domain.private_event import MOST_EVENTS, PrivateEvent
from service.domain.subscription import Status, Subscriber
from service.domain.targets import id_in, target_of
from service.store import approvals, notices, private_events, private_shares, subscribers, subscriptions
from service.store.dialect import Tx
from service.store.private_events import Image, Own

MOST_PICTURES = 20
BACK_WITHIN = timedelta(days=30)  # what was removed is kept so long, for its owner to have it back
_MOST_READERS = 100


@dataclass(frozen=True, slots=True)
class Recorded:
    """A private event as somebody sees it: with their days ahead, and whether it is theirs or shared with them."""

    own: Own
    leads: tuple[int, ...]
    is_owner: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What an owner says of an event: the record, the days ahead, and its picture; None leaves the picture as it is."""

    event: PrivateEvent
    leads: tuple[int, ...]
    image: Image | None = None


async def recorded(tx: Tx, subscriber: Subscriber) -> list[Recorded]:
    """Give what somebody recorded, and what others share with them, in the order in which it was recorded."""
    leads = await subscriptions.leads_private(tx, subscriber.id)
    own = {one.id: one for one in await private_events.of_owner(tx, subscriber.id)}
    shared = await private_events.named(tx, [id_ for target in leads if (id_ := id_in(target)) and id_ not in own])
    found = {**own, **{id_: one for id_, one in shared.items() if one.removed_at is None}}
    return [
        Recorded(one, leads.get(target_of(id_), ()), one.owner == subscriber.id) for id_, one in sorted(found.items())
    ]


async def one_recorded(tx: Tx, subscriber: Subscriber, id_: str) -> Recorded:
    """Give one that somebody may see; raise NotFoundError for any other, as if there were none."""
    found = next((one for one in await recorded(tx, subscriber) if one.own.id == id_), None)
    if found is None:
        raise NotFoundError("There is no such date.")
    return found


async def record(tx: Tx, subscriber: Subscriber, told: Told, now: datetime) -> str:
    """Record a new one; raise InvalidError if there are too many, or its owner has left. Gives its id."""
    (id_,) = await record_all(tx, subscriber, [told], now)
    return id_


async def record_all(tx: Tx, subscriber: Subscriber, several: Sequence[Told], now: datetime) -> list[str]:
    """Record several, all or none; raise InvalidError if there are too many, or their owner has left."""
    await _begin(tx, subscriber)
    if await private_events.count(tx, subscriber.id) + len(several) > MOST_EVENTS:
        raise InvalidError(f"there may be {MOST_EVENTS} private dates", "number")
    ids = []
    for told in several:
        id_ = await private_events.add(tx, subscriber.id, told.event, now)
        await subscriptions.set_private(tx, subscriber.id, target_of(id_), told.leads, now)
        await _keep_picture(tx, subscriber, id_, told)
        ids.append(id_)
    await subscribers.move_again(tx, subscriber.id)
    return ids


async def change(tx: Tx, subscriber: Subscriber, id_: str, told: Told, now: datetime) -> None:
    """Change one; raise NotFoundError if it is not theirs, InvalidError if they have left."""
    await _begin(tx, subscriber)
    await _of_owner(tx, subscriber, id_)
    await private_events.change(tx, id_, told.event, now)
    await subscriptions.set_private(tx, subscriber.id, target_of(id_), told.leads, now)
    await _keep_picture(tx, subscriber, id_, told)
    await _plan_again(tx, id_)


async def remove(tx: Tx, subscriber: Subscriber, id_: str, now: datetime) -> None:
    """Take one away, for all whom it is shared with as well; raise NotFoundError if it is not theirs."""
    await _begin(tx, subscriber)
    await _of_owner(tx, subscriber, id_)
    await private_events.remove(tx, id_, now)


async def bring_back(tx: Tx, subscriber: Subscriber, id_: str, now: datetime) -> None:
    """Have a removed one again; raise NotFoundError if it is not theirs, or was removed too long ago."""
    await _begin(tx, subscriber)
    own = (await private_events.named(tx, [id_])).get(id_)
    if own is None or own.owner != subscriber.id or (own.removed_at and own.removed_at < now - BACK_WITHIN):
        raise NotFoundError("There is no such date.")
    if own.removed_at is None:
        return
    if await private_events.count(tx, subscriber.id) >= MOST_EVENTS:
        raise InvalidError(f"there may be {MOST_EVENTS} private dates", "number")
    await private_events.bring_back(tx, own)
    await _plan_again(tx, id_)


async def picture(tx: Tx, subscriber: Subscriber, id_: str) -> Image:
    """Give the picture of one that somebody may see; raise NotFoundError."""
    await one_recorded(tx, subscriber, id_)
    image = await private_events.picture_of(tx, id_)
    if image is None:
        raise NotFoundError("It has no picture.")
    return image


async def erase_of(tx: Tx, subscriber: str, now: datetime) -> None:
    """Erase all that somebody recorded, in others' letters too; before the subscriber's own row is removed."""
    await approvals.alone(tx)
    await private_shares.forget_addressees(tx, subscriber)
    own = await private_events.of_owner(tx, subscriber, removed=True)
    await private_events.erase(tx, [one.id for one in own], now)


async def purge(tx: Tx, now: datetime) -> int:
    """Erase what was removed so long ago that nobody can have it back; gives how many there were."""
    gone = await private_events.removed_before(tx, now - BACK_WITHIN)
    await private_events.erase(tx, gone, now)
    return len(gone)


async def _begin(tx: Tx, subscriber: Subscriber) -> None:
    if subscriber.status is not Status.ACTIVE:
        raise InvalidError("You have left; to come back, please subscribe again.")
    await approvals.alone(tx)
    await notices.take_out_of_hand(tx, subscriber.id)


async def _of_owner(tx: Tx, subscriber: Subscriber, id_: str) -> Own:
    found = await one_recorded(tx, subscriber, id_)
    if not found.is_owner:
        raise NotFoundError("There is no such date.")
    return found.own


async def _keep_picture(tx: Tx, subscriber: Subscriber, id_: str, told: Told) -> None:
    if told.event.picture is None:
        await private_events.keep_picture(tx, id_, None)
    elif told.image is not None:
        if await private_events.count_pictures(tx, subscriber.id, id_) >= MOST_PICTURES:
            raise InvalidError(f"there may be {MOST_PICTURES} pictures", "picture")
        await private_events.keep_picture(tx, id_, told.image)


async def _plan_again(tx: Tx, id_: str) -> None:
    readers: Iterable[str] = await subscriptions.readers_of(tx, target_of(id_), _MOST_READERS)
    for reader in readers:
        await subscribers.move_again(tx, reader)
