"""Joining: somebody asks on a page, confirms from the letter, and from then on is written to.

Whether an address is known is told to nobody: every request is answered alike, and what follows goes to
the address itself.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.actions.answers import answer
from service.actions.welcoming import welcome
from service.domain.errors import InvalidError, NotFoundError, TooManyRequestsError
from service.domain.notice import Kind
from service.domain.subscription import Habit, Status, Subscriber, Wish
from service.mail.tokens import Purpose, Tokens, read_stamp
from service.rendering.locales import Languages
from service.store import events, requests, subscribers, subscriptions
from service.store.dialect import Tx

_HOUR = timedelta(hours=1)
_MOST_BY_NETWORK = 30
_MOST_BY_ADDRESS = 5


@dataclass(frozen=True, slots=True)
class Desk:
    """What actions need beside the store: the keys, and the languages."""

    tokens: Tokens
    languages: Languages


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked for on the page, checked; `network` is where they asked from."""

    address: str
    habit: Habit
    wishes: tuple[Wish, ...]
    network: str


async def ask(tx: Tx, desk: Desk, asked: Asked, now: datetime) -> None:
    """Take a request to be written to; only the owner of the address can confirm it.

    Raises TooManyRequestsError by network, InvalidError for an unknown wish; says nothing of the address.
    """
    await check_wishes(tx, asked.wishes)
    await _limit_network(tx, desk, asked.network, now)
    hashed = desk.tokens.address_hash(asked.address)
    often = await requests.count(tx, "address", hashed, now - _HOUR)
    await requests.note(tx, "address", hashed, now)
    known = await subscribers.by_address(tx, asked.address)
    if often >= _MOST_BY_ADDRESS or (known is not None and known.status is Status.SUPPRESSED):
        return
    subscriber = await _arrived(tx, asked, known, now)
    await subscriptions.add(tx, subscriber.id, asked.wishes, None, now)
    await answer(tx, subscriber, Kind.CONFIRMATION, now)


async def _arrived(tx: Tx, asked: Asked, known: Subscriber | None, now: datetime) -> Subscriber:
    """Give the subscriber who asked: new, or waiting again; someone active keeps their habits till they change them."""
    if known is None:
        arrival = subscribers.Arrival(asked.address, asked.habit, Status.PENDING, "page")
        return Subscriber(await subscribers.add(tx, arrival, now), asked.address, asked.habit, Status.PENDING)
    if known.status is Status.ACTIVE:
        return known
    if known.status is Status.LEFT:
        await subscriptions.keep_only(tx, known.id, (), now)
        await subscribers.set_status(tx, known.id, Status.PENDING, now)
    await subscribers.change_habit(tx, known.id, asked.habit)
    return Subscriber(known.id, known.address, asked.habit, Status.PENDING)


async def confirm(tx: Tx, desk: Desk, token: str, now: datetime) -> Subscriber:
    """Confirm what the owner of an address asked for; raise NotFoundError if the link is wrong or too old."""
    subscriber = await of_confirmation(tx, desk, token, now)
    if subscriber.status is not Status.ACTIVE:
        await subscribers.set_status(tx, subscriber.id, Status.ACTIVE, now)
    await subscriptions.confirm_all(tx, subscriber.id, now)
    await subscribers.move_again(tx, subscriber.id)
    await subscribers.lift(tx, desk.tokens.address_hash(subscriber.address))
    if subscriber.status is not Status.ACTIVE:
        await welcome(tx, subscriber, now)
    return subscriber


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


async def send_link(tx: Tx, desk: Desk, address: str, network: str, now: datetime) -> None:
    """Send the manage link again to whoever has subscribed; an unknown address gets nothing, and no one is told."""
    await _limit_network(tx, desk, network, now)
    subscriber = await subscribers.by_address(tx, address)
    if subscriber is not None and subscriber.status is Status.ACTIVE:
        await answer(tx, subscriber, Kind.LINK, now)
    elif subscriber is not None and subscriber.status is Status.PENDING:
        await answer(tx, subscriber, Kind.CONFIRMATION, now)


async def check_wishes(tx: Tx, wishes: Sequence[Wish]) -> None:
    """Raise InvalidError if there are no wishes, or one is for something that is not recorded."""
    if not wishes:
        raise InvalidError("Please choose at least one collection or event.", "targets")
    known = await events.target_titles(tx, [wish.target for wish in wishes])
    for wish in wishes:
        if wish.target not in known:
            raise InvalidError(f"There is no {wish.target.replace(':', ' ')}.", "targets")


async def _limit_network(tx: Tx, desk: Desk, network: str, now: datetime) -> None:
    """Count a request from a network (IPv4 by /24, IPv6 by /64) and refuse one too many in an hour."""
    key = desk.tokens.address_hash(_network_of(network))
    if await requests.count(tx, "network", key, now - _HOUR) >= _MOST_BY_NETWORK:
        raise TooManyRequestsError
    await requests.note(tx, "network", key, now)


def _network_of(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 64), strict=False))
