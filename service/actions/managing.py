"""What subscribers change by their signed link: habits, wishes, a pause, leaving, coming back."""

from collections.abc import Sequence
from datetime import date, datetime

from service.actions import remembering
from service.actions.subscribing import BY_PAGE, Desk, check_wishes, joined
from service.domain.consent import Act, Came
from service.domain.errors import InvalidError, NotFoundError
from service.domain.subscription import Habit, Status, Subscriber, Wish, read_target
from service.domain.webhook import erased, left
from service.mail.tokens import Purpose, read_stamp
from service.store import (
    addressees,
    consents,
    erasing,
    inbox,
    notices,
    private_shares,
    subscribers,
    subscriptions,
    webhook_messages,
)
from service.store.dialect import Tx


async def of_link(tx: Tx, desk: Desk, purpose: Purpose, token: str) -> Subscriber:
    """Give whose link this is; raise NotFoundError for a wrong one, with the same words for an erased person.

    A link to somebody's own pages is of no use once their letters go elsewhere: who reads the old mailbox is no longer
    taken for them. To leave is still possible from there.
    """
    parts = desk.tokens.read(purpose, token)
    subscriber = await subscribers.by_id(tx, parts[0]) if parts else None
    if parts is None or subscriber is None or (purpose is Purpose.MANAGE and await _is_of_old_address(tx, parts)):
        raise NotFoundError("This link is not valid. You can have a new one sent to your address.")
    return subscriber


async def _is_of_old_address(tx: Tx, parts: tuple[str, ...]) -> bool:
    moved = await consents.last(tx, parts[0], Act.MOVED)
    made = read_stamp(parts[1]) if len(parts) > 1 else None
    return moved is not None and (made is None or made < moved.replace(microsecond=0))


async def change_habit(tx: Tx, subscriber: Subscriber, habit: Habit) -> None:
    """Change how somebody is written to; raise InvalidError if they have left."""
    await _still_here(tx, subscriber)
    await subscribers.change_habit(tx, subscriber.id, habit)


async def pause(tx: Tx, subscriber: Subscriber, until: date | None) -> None:
    """Send nothing before that local day, or with None go on at once; raise InvalidError if they have left."""
    await _still_here(tx, subscriber)
    await subscribers.pause(tx, subscriber.id, until)


async def remember(tx: Tx, subscriber: Subscriber, wishes: Sequence[Wish], now: datetime) -> None:
    """Add what somebody asks to remember; raise InvalidError if it is nothing or unknown, or they have left."""
    await _still_here(tx, subscriber)
    await check_wishes(tx, wishes)
    await subscriptions.add(tx, subscriber.id, wishes, now, now)
    await subscribers.move_again(tx, subscriber.id)


async def set_leads(tx: Tx, subscriber: Subscriber, target: str, leads: Sequence[int], now: datetime) -> None:
    """Set how many days ahead one target is told; raise NotFoundError if it is not among what they remember."""
    await _still_here(tx, subscriber)
    wishes = await subscriptions.wishes_of(tx, subscriber.id)
    if target not in {wish.target for wish in wishes}:
        raise NotFoundError("This is not among what you remember.")
    others = [wish for wish in wishes if wish.target != target]
    await subscriptions.keep_only(tx, subscriber.id, (*others, *(read_target(target, lead) for lead in leads)), now)
    await subscribers.move_again(tx, subscriber.id)


async def _still_here(tx: Tx, subscriber: Subscriber) -> None:
    if subscriber.status is not Status.ACTIVE:
        raise InvalidError("You have left; to come back, please subscribe again.")
    await notices.take_out_of_hand(tx, subscriber.id)


async def leave(tx: Tx, subscriber: Subscriber, now: datetime, came: Came = BY_PAGE) -> None:
    """End everything; nothing whose intent commits later is sent. Doing it again changes nothing."""
    await notices.take_out_of_hand(tx, subscriber.id)
    if subscriber.status in {Status.ACTIVE, Status.PENDING}:
        await subscribers.set_status(tx, subscriber.id, Status.LEFT, now)
        await consents.note(tx, subscriber.id, Act.LEFT, came, now)
        await webhook_messages.tell(tx, [left(subscriber.id, subscriber.address, "left", came.source)], now)


async def leave_one(
    tx: Tx, subscriber: Subscriber, target: str, now: datetime, came: Came = BY_PAGE, *, lead_days: int | None = None
) -> None:
    """End one collection or event, at every lead or at one; whoever ends the last one has left."""
    await notices.take_out_of_hand(tx, subscriber.id)
    if await subscriptions.end(tx, subscriber.id, target, now, lead_days):
        details = {"target": target} | ({} if lead_days is None else {"lead_days": lead_days})
        await consents.note(tx, subscriber.id, Act.ENDED, came, now, details)
    if subscriber.status is not Status.ACTIVE or await subscriptions.leads_private(tx, subscriber.id):
        return
    if not await subscriptions.wishes_of(tx, subscriber.id):
        await leave(tx, subscriber, now, came)


async def come_back(
    tx: Tx, subscriber: Subscriber, wishes: Sequence[Wish], now: datetime, came: Came = BY_PAGE
) -> None:
    """Undo leaving: with everything as it was, or with those wishes that were ended one by one."""
    if subscriber.status is Status.LEFT:
        await subscribers.set_status(tx, subscriber.id, Status.ACTIVE, now)
        kept = await subscriptions.wishes_of(tx, subscriber.id)
        told = joined(subscriber, {wish.target for wish in (*kept, *wishes)}, came.source)
        await webhook_messages.tell(tx, [told], now)
    if subscriber.status is Status.LEFT or wishes:
        back = {"targets": sorted({wish.target for wish in wishes})} if wishes else {}
        await consents.note(tx, subscriber.id, Act.CAME_BACK, came, now, back)
    if subscriber.status is not Status.SUPPRESSED and wishes:
        await subscriptions.add(tx, subscriber.id, wishes, now, now)
        await subscribers.move_again(tx, subscriber.id)


async def erase(tx: Tx, desk: Desk, address: str, now: datetime) -> list[str]:
    """Remove a person; a keyed hash stays, so that no import brings them back. Raises NotFoundError.

    Gives every address of theirs that letters may have gone to, for whoever keeps copies of letters.
    """
    subscriber = await subscribers.by_address(tx, address)
    known = [address]
    if subscriber is not None:
        await remembering.erase_of(tx, subscriber.id, now)
        await notices.take_out_of_hand(tx, subscriber.id)
        known += [subscriber.address, *await addressees.forget_asked(tx, subscriber.id)]
        await erasing.remove(tx, subscriber.id, now)
        await webhook_messages.tell_erased(tx, erased(subscriber.id), now)
    had_letters = [await addressees.forget(tx, one) for one in known]
    if subscriber is None and not any(had_letters):
        raise NotFoundError(f"There is no subscriber {address}.")
    for one in known:
        await private_shares.forget_address(tx, one)
        await inbox.forget_from(tx, one)
    await subscribers.suppress(tx, desk.tokens.address_hash(address), "erased", now)
    return list(dict.fromkeys(known))


async def end_samples(tx: Tx, now: datetime) -> int:
    """End the sample subscribers, who must never be written to through a relay."""
    samples = await subscribers.ids_from(tx, "sample")
    for id_ in samples:
        await subscribers.set_status(tx, id_, Status.LEFT, now)
    return len(samples)
