"""Joining: somebody asks on a page or by a mail, confirms from the letter, and from then on is written to.

Whether an address is known is told to nobody: every request is answered alike, and what follows goes to
the address itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.actions.answers import NOTHING_ELSE, Says, answer
from service.actions.welcoming import welcome
from service.domain.addresses import mailbox_key
from service.domain.consent import Act, Came, Wording, network_of
from service.domain.errors import InvalidError, NotFoundError
from service.domain.letter_box import LetterBox
from service.domain.notice import Kind
from service.domain.subscription import Habit, Status, Subscriber, Wish
from service.domain.webhook import Told, confirmed, subscribed
from service.mail.tokens import Purpose, Tokens, read_stamp, stamp
from service.rendering.locales import Languages
from service.store import addressees, consents, events, requests, subscribers, subscriptions, webhook_messages
from service.store.addressees import Addressee
from service.store.dialect import Tx, one_at_a_time

_HOUR = timedelta(hours=1)
_MOST_BY_ADDRESS = 5
_DAY = timedelta(hours=24)
_MOST_LETTERS = 3
LETTERS = "confirmation"
LETTERS_COUNTED = timedelta(days=365)
BY_PAGE = Came()


@dataclass(frozen=True, slots=True)
class Desk:
    """What actions need beside the store: the keys, the languages, and the domain in Message-IDs.

    `most_per_hour` is how many requests to be written to are taken in an hour, from everybody together; `letter_box`
    which addresses are ours, None where mail is not taken in.
    """

    tokens: Tokens
    languages: Languages
    domain: str = ""
    most_per_hour: int = 1000
    letter_box: LetterBox | None = None

    def manage(self, subscriber: str, now: datetime) -> str:
        """Give the token of a link to somebody's own pages, which holds until their address changes."""
        return self.tokens.sign(Purpose.MANAGE, subscriber, stamp(now))

    def message_id(self, notice: str) -> str:
        """Give the Message-ID of a notice's letter, as it stands there."""
        return f"<{self.tokens.message_id_local(notice)}@{self.domain}>"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked for on the page, checked; `network` is where they asked from, `wording` what they read.

    By mail there is neither: `source` says how it came.
    """

    address: str
    habit: Habit
    wishes: tuple[Wish, ...]
    network: str
    wording: Wording | None = None
    source: str = "page"


async def ask(tx: Tx, desk: Desk, asked: Asked, now: datetime) -> None:
    """Do what a request says that was admitted; only the owner of the address can confirm it.

    Raises InvalidError for an unknown wish; says nothing of the address.
    """
    await check_wishes(tx, asked.wishes)
    key = desk.tokens.address_hash(mailbox_key(asked.address))
    await one_at_a_time(tx, f"asking {key}")
    often = await requests.count(tx, "address", key, now - _HOUR)
    await requests.note(tx, "address", key, now)
    known = await subscribers.by_address(tx, asked.address)
    if often >= _MOST_BY_ADDRESS or (known is not None and known.status is Status.SUPPRESSED):
        return
    subscriber = await _arrived(tx, asked, known, now)
    await subscriptions.add(tx, subscriber.id, asked.wishes, None, now)
    came = Came(asked.source, network_of(asked.network), asked.wording)
    targets = {wish.target for wish in asked.wishes}
    await _have_confirmed(tx, desk, subscriber, came, now, targets)
    told = subscribed(subscriber.id, subscriber.habit.language, targets, asked.source)
    await webhook_messages.tell(tx, [told], now)


async def _have_confirmed(
    tx: Tx, desk: Desk, subscriber: Subscriber, came: Came, now: datetime, targets: Iterable[str] = ()
) -> bool:
    """Note that somebody asked, and have the owner of the address asked to confirm it, unless that was done too often.

    A mailbox gets one such letter a day, and three in all until it confirms, under however many ways of writing its
    address, and whoever asks (`faults.md`, cases 100 and 102).
    """
    key = desk.tokens.address_hash(mailbox_key(subscriber.address))
    details: dict[str, object] = {"targets": sorted(targets)}
    today = await requests.count(tx, LETTERS, key, now - _DAY)
    if not today and await requests.count(tx, LETTERS, key, now - LETTERS_COUNTED) < _MOST_LETTERS:
        says = Says(facts={"answerable": True}) if desk.letter_box else NOTHING_ELSE
        notice = await answer(tx, subscriber, Kind.CONFIRMATION, now, says)
        if notice:
            await requests.note(tx, LETTERS, key, now)
            details["message_id"] = desk.message_id(notice)
    await consents.note(tx, subscriber.id, Act.ASKED, came, now, details)
    return "message_id" in details


async def _arrived(tx: Tx, asked: Asked, known: Subscriber | None, now: datetime) -> Subscriber:
    """Give the subscriber who asked: new, or waiting again; someone active keeps their habits till they change them."""
    if known is None:
        arrival = subscribers.Arrival(asked.address, asked.habit, Status.PENDING, asked.source)
        return Subscriber(await subscribers.add(tx, arrival, now), asked.address, asked.habit, Status.PENDING)
    if known.status is Status.ACTIVE:
        return known
    if known.status is Status.LEFT:
        await subscriptions.keep_only(tx, known.id, (), now)
        await subscribers.set_status(tx, known.id, Status.PENDING, now)
    await subscribers.change_habit(tx, known.id, asked.habit)
    return Subscriber(known.id, known.address, asked.habit, Status.PENDING)


async def confirm(tx: Tx, desk: Desk, token: str, now: datetime, came: Came = BY_PAGE) -> Subscriber:
    """Confirm what the owner of an address asked for; raise NotFoundError if the link is wrong or too old."""
    return await confirm_for(tx, desk, await of_confirmation(tx, desk, token, now), now, came)


async def confirm_for(tx: Tx, desk: Desk, subscriber: Subscriber, now: datetime, came: Came) -> Subscriber:
    """Confirm what a subscriber asked for, who has proved that the address is theirs."""
    waiting = await subscriptions.wishes_of(tx, subscriber.id, confirmed=False)
    new = set(waiting)
    if subscriber.status is Status.ACTIVE:
        new -= {*await subscriptions.wishes_of(tx, subscriber.id)}
    else:
        await subscribers.set_status(tx, subscriber.id, Status.ACTIVE, now)
    await subscriptions.confirm_all(tx, subscriber.id, now)
    await requests.forgive(tx, LETTERS, desk.tokens.address_hash(mailbox_key(subscriber.address)))
    await subscribers.move_again(tx, subscriber.id)
    await subscribers.lift(tx, desk.tokens.address_hash(subscriber.address))
    details = {"targets": sorted({wish.target for wish in waiting})}
    await consents.note(tx, subscriber.id, Act.CONFIRMED, came, now, details)
    if new or subscriber.status is not Status.ACTIVE:
        told = joined(subscriber, {wish.target for wish in new}, came.source)
        await webhook_messages.tell(tx, [told], now)
    if subscriber.status is not Status.ACTIVE:
        await welcome(tx, subscriber, now)
    return subscriber


def joined(subscriber: Subscriber, targets: Iterable[str], source: str) -> Told:
    """Give what webhooks are told of who is written to from now on."""
    return confirmed(subscriber.id, subscriber.address, subscriber.habit.language, targets, source)


async def of_confirmation(tx: Tx, desk: Desk, token: str, now: datetime) -> Subscriber:
    """Give whom a confirmation link was sent to; raise NotFoundError if it is wrong or too old."""
    parts = desk.tokens.read(Purpose.CONFIRM, token)
    until = read_stamp(parts[1]) if parts and len(parts) == 2 else None
    if parts is None or until is None or until < now:
        raise NotFoundError("This link is not valid, or it is older than seven days. Please subscribe again.")
    subscriber = await subscribers.by_id(tx, parts[0])
    if subscriber is None or subscriber.status not in {Status.PENDING, Status.ACTIVE}:
        raise NotFoundError("This link is no longer valid. Please subscribe again.")
    return subscriber


async def of_letter(
    tx: Tx, desk: Desk, purpose: Purpose, token: str, now: datetime, within: timedelta | None = None
) -> tuple[Addressee, Subscriber] | None:
    """Give the addressee of the letter that a link stands in, and the reader whose it is.

    None if the link is wrong, or too old, or made to hold for longer than `within`.
    """
    parts = desk.tokens.read(purpose, token)
    until = read_stamp(parts[1]) if parts and len(parts) == 2 else None
    if parts is None or until is None or until < now or (within is not None and until > now + within):
        return None
    addressee = await addressees.named(tx, parts[0])
    reader = await subscribers.by_id(tx, addressee.reader) if addressee else None
    return (addressee, reader) if addressee and reader else None


async def send_link(tx: Tx, desk: Desk, address: str, came: Came, now: datetime) -> bool:
    """Send the manage link again to whoever has subscribed; an unknown address gets nothing, and no one is told.

    Who has not confirmed yet is asked again. Gives whether a letter goes, for who may know that.
    """
    subscriber = await subscribers.by_address(tx, address)
    if subscriber is not None and subscriber.status is Status.ACTIVE:
        return bool(await answer(tx, subscriber, Kind.LINK, now))
    if subscriber is None or subscriber.status is not Status.PENDING:
        return False
    return await ask_again(tx, desk, subscriber, came, now)


async def ask_again(tx: Tx, desk: Desk, subscriber: Subscriber, came: Came, now: datetime) -> bool:
    """Have somebody who has not confirmed asked once more, within the limits; gives whether a letter goes."""
    await one_at_a_time(tx, f"asking {desk.tokens.address_hash(mailbox_key(subscriber.address))}")
    return await _have_confirmed(tx, desk, subscriber, came, now)


async def check_wishes(tx: Tx, wishes: Sequence[Wish]) -> None:
    """Raise InvalidError if there are no wishes, or one is for something that is not recorded."""
    if not wishes:
        raise InvalidError("Please choose at least one collection or event.", "targets")
    known = await events.target_titles(tx, [wish.target for wish in wishes])
    for wish in wishes:
        if wish.target not in known:
            raise InvalidError(f"There is no {wish.target.replace(':', ' ')}.", "targets")
