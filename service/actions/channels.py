"""Choosing by what else than e-mail notices come: a code goes there, and who types it in has shown that it is theirs.

The code is kept nowhere: a signed token, which the page hands back, holds a keyed hash of it and until when it counts.
How often codes are asked for and tried is counted, by reader and by where they go.

Whoever holds a reader's link can do all this, so each change is told to their address, in the transaction that makes
it. A way is chosen so few times a day that no change goes untold and no mailbox is flooded: to be given up, it has to
be chosen.
"""

import base64
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from service.actions.answers import Says, edition_for, single
from service.actions.subscribing import Desk, of_letter
from service.domain.channel import Chosen, Way, read_way
from service.domain.errors import InvalidError, NotFoundError, TooManyRequestsError
from service.domain.notice import Kind
from service.domain.subscription import Status, Subscriber
from service.mail.tokens import Purpose, read_stamp, stamp
from service.store import addressees, channels, notices, requests
from service.store.dialect import Tx, new_id, one_at_a_time

CODE_LASTS = timedelta(minutes=15)
_DAY = timedelta(days=1)
_ASKED, _ASKED_THERE, _TRIED, _CHOSEN = "channel", "channel-to", "channel-code", "channel-chosen"
_MOST_IN_DAY = MappingProxyType({_ASKED: 5, _ASKED_THERE: 3, _TRIED: 10, _CHOSEN: 3})
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
    asking = ((_ASKED, subscriber.id), (_ASKED_THERE, there))
    await one_at_a_time(tx, "channel codes")
    await _check_limits(tx, (*asking, (_CHOSEN, subscriber.id)), now)  # a code that is sent can be used
    for scope, key in asking:
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
    await _check_limits(tx, ((_TRIED, subscriber.id), (_CHOSEN, subscriber.id)), now)
    await requests.note(tx, _TRIED, subscriber.id, now)
    found = _read(desk, subscriber, token, now)
    digits = "".join(typed.split())
    if found is None or subscriber.status is not Status.ACTIVE or not digits.isdecimal() or len(digits) != _DIGITS:
        return False
    way, seal, until = found
    code = f"{int(digits):0{_DIGITS}}"  # in whatever script they were typed
    if not hmac.compare_digest(_seal(desk, subscriber, way, code, until), seal):
        return False
    before = await _in_use(tx, subscriber)
    await notices.take_out_of_hand(tx, subscriber.id)
    await channels.choose(tx, subscriber.id, way, now)
    if before is None or before.way != way:
        await requests.note(tx, _CHOSEN, subscriber.id, now)
        await _tell(tx, subscriber, way, before, now)
    return True


async def by_mail(tx: Tx, subscriber: Subscriber, now: datetime) -> None:
    """Have notices come by e-mail again, what waits among them; doing it again changes nothing.

    It is possible at any time: whoever has chosen as often as one may for a reader cannot keep them from it.
    """
    await one_at_a_time(tx, "channel codes")
    await _give_up(tx, subscriber, now)


async def take_back(tx: Tx, subscriber: Subscriber, since: datetime, now: datetime) -> None:
    """Have notices come by e-mail again if a way was chosen since their address was changed, which is undone.

    What was chosen meanwhile was told to the other address; the one that is given here is told that it is undone.
    """
    await one_at_a_time(tx, "channel codes")
    chosen = await channels.chosen(tx, subscriber.id)
    if chosen is not None and chosen.since >= since:
        await _give_up(tx, subscriber, now, is_undone=True)


async def of_token(tx: Tx, desk: Desk, token: str, now: datetime) -> str:
    """Give the reader to whose page the link of such a letter leads; raise NotFoundError if it is wrong or too old."""
    found = await of_letter(tx, desk, Purpose.WAY, token, now)
    if found is None or found[0].kind != Kind.CHANNEL or found[0].address != found[1].address:  # they have moved
        raise NotFoundError("This link is not valid, or it is older than seven days.")
    return found[1].id


async def _give_up(tx: Tx, subscriber: Subscriber, now: datetime, *, is_undone: bool = False) -> None:
    before = await _in_use(tx, subscriber)
    await notices.take_out_of_hand(tx, subscriber.id)
    await channels.drop(tx, subscriber.id)
    if before is not None:
        await _tell(tx, subscriber, None, before, now, is_undone=is_undone)


async def _check_limits(tx: Tx, limits: Iterable[tuple[str, str]], now: datetime) -> None:
    """Raise TooManyRequestsError if something was asked for as often as it may be in a day."""
    for scope, key in limits:
        if await requests.count(tx, scope, key, now - _DAY) >= _MOST_IN_DAY[scope]:
            raise TooManyRequestsError


async def _in_use(tx: Tx, subscriber: Subscriber) -> Chosen | None:
    """Give the way by which notices come; None for e-mail, by which they come too once a way is set aside."""
    return (await channels.chosen_by(tx, [subscriber.id])).get(subscriber.id)


async def _tell(
    tx: Tx, subscriber: Subscriber, way: Way | None, before: Chosen | None, now: datetime, *, is_undone: bool = False
) -> None:
    """Have the change written to the reader's address; not where to, which is nobody else's business."""
    if subscriber.status is not Status.ACTIVE:
        return
    habit, local = subscriber.habit, now.astimezone(ZoneInfo(subscriber.habit.zone))
    facts = {
        "channel": way.channel.value if way else "",
        "before": before.way.channel.value if before else "",
        "on": local.date().isoformat(),
        "hour": f"{local:%H:%M}",
        "undone": is_undone,
    }
    letter = f"{Kind.CHANNEL}:{subscriber.id}:{new_id()}"  # another for each change, be it of the same moment
    addressee = await addressees.add(tx, letter, subscriber.address, habit.language, now)
    if addressee is not None:
        edition = await edition_for(tx, Kind.CHANNEL, habit.language, now, Says(facts=facts))
        await notices.add_single(tx, single(addressee, Kind.CHANNEL, edition, now, habit.variant))


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
