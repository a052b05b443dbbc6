"""How often somebody may try to sign in: by account and by network, and never so that the owner is kept out for good.

What is counted are attempts, before they are looked at, whether or not there is such an account (`faults.md`, case
108). A browser in which somebody signed in before is known by a signed cookie, and is counted for itself: whoever
tries passwords from elsewhere, from however many networks, takes nothing from it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.actions.admitting import network_key
from service.actions.subscribing import Desk
from service.domain.errors import TooManyRequestsError
from service.mail.tokens import Purpose, read_stamp, stamp
from service.store import requests
from service.store.dialect import Tx, new_id, one_at_a_time

QUARTER = timedelta(minutes=15)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_KNOWN_FOR = timedelta(days=180)
BY_PAIR = 10
BY_NETWORK = 60
BY_ACCOUNT = 100
BY_BROWSER = 10
CODES_BY_ACCOUNT = 50  # in a day: of a million codes, three are right


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who tries: for what account, from where, and in which known browser ("" for none); a password, or a `code`."""

    account: str
    network: str
    browser: str = ""
    code: bool = False


async def count(tx: Tx, desk: Desk, attempt: Attempt, now: datetime) -> None:
    """Count an attempt; raise TooManyRequestsError if there were too many of its kind."""
    await one_at_a_time(tx, "attempts")
    limits = _limits(desk, attempt)
    for limit in limits:
        if await requests.count(tx, limit.scope, limit.key, now - limit.span) >= limit.most:
            raise TooManyRequestsError
    for limit in limits:
        await requests.note(tx, limit.scope, limit.key, now)


async def count_network(tx: Tx, desk: Desk, network: str, now: datetime) -> None:
    """Count an attempt that says of no account before it succeeds; raise TooManyRequestsError."""
    await one_at_a_time(tx, "attempts")
    key = network_key(desk, network)
    if await requests.count(tx, "enter-network", key, now - QUARTER) >= BY_NETWORK:
        raise TooManyRequestsError
    await requests.note(tx, "enter-network", key, now)


async def forgive(tx: Tx, desk: Desk, attempt: Attempt) -> None:
    """Forget the attempts of somebody who has shown who they are, but not those from all the world."""
    mine = _limits(desk, attempt)[0]
    await requests.forgive(tx, mine.scope, mine.key)


@dataclass(frozen=True, slots=True)
class _Limit:
    scope: str
    key: str
    span: timedelta
    most: int


def _limits(desk: Desk, attempt: Attempt) -> tuple[_Limit, ...]:
    """Give the limits of an attempt; the first is that of who tries."""
    step = "code" if attempt.code else "enter"
    if attempt.browser:
        return (_Limit(f"{step}-browser", attempt.browser, QUARTER, BY_BROWSER),)
    account, network = desk.tokens.address_hash(attempt.account), network_key(desk, attempt.network)
    by_account = (_DAY, CODES_BY_ACCOUNT) if attempt.code else (_HOUR, BY_ACCOUNT)
    return (
        _Limit(f"{step}-pair", f"{account[:32]}{network[:32]}", QUARTER, BY_PAIR),
        _Limit("enter-network", network, QUARTER, BY_NETWORK),
        _Limit(f"{step}-account", account, *by_account),
    )


def known_browser(desk: Desk, editor: str, now: datetime) -> str:
    """Give what a browser keeps by which it is known when this editor comes again."""
    return desk.tokens.sign(Purpose.BROWSER, editor, new_id(), stamp(now + _KNOWN_FOR))


def browser_of(desk: Desk, kept: str, editor: str, now: datetime) -> str:
    """Give the name of a browser in which this editor signed in before; "" for any other."""
    parts = desk.tokens.read(Purpose.BROWSER, kept) if kept else None
    if parts is None or len(parts) != 3 or parts[0] != editor:
        return ""
    until = read_stamp(parts[2])
    return parts[1] if until is not None and until >= now else ""
