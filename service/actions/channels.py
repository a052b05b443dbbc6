"""Choosing by what else than e-mail notices come: a code goes there, and who types it in has shown that it is theirs.

The code is kept nowhere: a signed token, which the page hands back, holds a keyed hash of it and until when it counts.
How often codes are asked for and tried is counted, by reader and by where they go.
"""

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.actions.subscribing import Desk
from service.domain.channel import Way, read_way
from service.domain.errors import InvalidError, TooManyRequestsError
from service.domain.subscription import Status, Subscriber
from service.mail.tokens import Purpose, read_stamp, stamp
from service.store import channels, notices, requests
from service.store.dialect import Tx, one_at_a_time

CODE_LASTS = timedelta(minutes=15)
_DAY = timedelta(days=1)
_ASKED, _ASKED_THERE, _TRIED = "channel", "channel-to", "channel-code"
_MOST_ASKED, _MOST_ASKED_THERE, _MOST_TRIED = 5, 3, 10
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Code:
    """A code that is to be sent, and the token with which it can be typed in."""

    code: str
    token: str


async def ask(tx: Tx, desk: Desk, subscriber: Subscriber, way: Way, now: datetime) -> Code:
    """Make a code for a way; raise TooManyRequestsError, or InvalidError for who is not written to."""
    if subscriber.status is not Status.ACTIVE:
        raise InvalidError("You have left; to come back, please subscribe again.")
    there = desk.tokens.address_hash(way.address)
    limits = ((_ASKED, subscriber.id, _MOST_ASKED), (_ASKED_THERE, there, _MOST_ASKED_THERE))
    await one_at_a_time(tx, "channel codes")
    for scope, key, most in limits:
        if await requests.count(tx, scope, key, now - _DAY) >= most:
            raise TooManyRequestsError
    for scope, key, _ in limits:
        await requests.note(tx, scope, key, now)
    code, until = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}", stamp(now + CODE_LASTS)
    written = base64.urlsafe_b64encode(way.address.encode()).decode().rstrip("=")
    seal = _seal(desk, subscriber, way, code, until)
    return Code(code, desk.tokens.sign(Purpose.CHANNEL, subscriber.id, written, seal, until))


def asked(desk: Desk, subscriber: Subscriber, token: str, now: datetime) -> Way | None:
    """Give the way of a token for which a code may still be typed in; None for any other."""
    found = _read(desk, subscriber, token, now)
    return found[0] if found else None


async def prove(tx: Tx, desk: Desk, subscriber: Subscriber, token: str, typed: str, now: datetime) -> bool:
    """Have notices come by the way of a token if the code is right; False if not. Raises TooManyRequestsError."""
    await one_at_a_time(tx, "channel codes")
    if await requests.count(tx, _TRIED, subscriber.id, now - _DAY) >= _MOST_TRIED:
        raise TooManyRequestsError
    await requests.note(tx, _TRIED, subscriber.id, now)
    found = _read(desk, subscriber, token, now)
    digits = "".join(typed.split())
    if found is None or subscriber.status is not Status.ACTIVE or not digits.isdecimal() or len(digits) != _DIGITS:
        return False
    way, seal, until = found
    code = f"{int(digits):0{_DIGITS}}"  # in whatever script they were typed
    if not hmac.compare_digest(_seal(desk, subscriber, way, code, until), seal):
        return False
    await notices.take_out_of_hand(tx, subscriber.id)
    await channels.choose(tx, subscriber.id, way, now)
    return True


async def by_mail(tx: Tx, subscriber: Subscriber) -> None:
    """Have notices come by e-mail again, what waits among them; doing it again changes nothing."""
    await notices.take_out_of_hand(tx, subscriber.id)
    await channels.drop(tx, subscriber.id)


def _read(desk: Desk, subscriber: Subscriber, token: str, now: datetime) -> tuple[Way, str, str] | None:
    parts = desk.tokens.read(Purpose.CHANNEL, token)
    if parts is None or len(parts) != 4 or parts[0] != subscriber.id:
        return None
    _, written, seal, until = parts
    ends = read_stamp(until)
    if ends is None or ends < now:
        return None
    return read_way(base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)).decode()), seal, until


def _seal(desk: Desk, subscriber: Subscriber, way: Way, code: str, until: str) -> str:
    return desk.tokens.address_hash(f"{subscriber.id} {way.address} {code} {until}")
