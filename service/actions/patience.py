"""How often somebody may try to sign in: by account and by network, and never so that the owner is kept out for good.

What is counted are attempts, before they are looked at, whether or not there is such an account (`faults.md`, case
108). A browser in which somebody signed in before is known by a signed cookie, and is counted for itself: whoever
tries passwords from elsewhere, from however many networks, takes nothing from it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.actions.subscribing import Desk, network_key
from service.domain.errors import TooManyRequestsError
from service.mail.tokens import Purpose, read_stamp, stamp
from service.store import requests
from service.store.dialect import Tx, new_id

QUARTER = timedelta(minutes=15)
_HOUR = timedelta(hours=1)
_KNOWN_FOR = timedelta(days=180)
BY_PAIR = 10
BY_NETWORK = 60
BY_ACCOUNT = 100
BY_BROWSER = 10


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who tries: for what account, from where, and in which known browser ("" for none)."""

    account: str
    network: str
    browser: str = ""


async def count(tx: Tx, desk: Desk, attempt: Attempt, now: datetime) -> None:
    """Count an attempt; raise TooManyRequestsError if there were too many of its kind."""
    account, network = desk.tokens.address_hash(attempt.account), network_key(desk, attempt.network)
    if attempt.browser:
        limits = [("enter-browser", attempt.browser, QUARTER, BY_BROWSER)]
    else:
        limits = [
            ("enter-pair", _pair(account, network), QUARTER, BY_PAIR),
            ("enter-network", network, QUARTER, BY_NETWORK),
            ("enter-account", account, _HOUR, BY_ACCOUNT),
        ]
    for scope, key, span, most in limits:
        if await requests.count(tx, scope, key, now - span) >= most:
            raise TooManyRequestsError
    for scope, key, _, _ in limits:
        await requests.note(tx, scope, key, now)


async def forgive(tx: Tx, desk: Desk, attempt: Attempt) -> None:
    """Forget the attempts of somebody who has shown who they are."""
    account, network = desk.tokens.address_hash(attempt.account), network_key(desk, attempt.network)
    await requests.forgive(tx, "enter-pair", _pair(account, network))
    await requests.forgive(tx, "enter-browser", attempt.browser)


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


def _pair(account: str, network: str) -> str:
    return f"{account[:32]}{network[:32]}"
