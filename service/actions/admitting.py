"""Who is let in at the door: so many from a network, so many from all together, and a toll while many ask at once.

As long as the door is quiet nothing is asked of anybody. From half of a limit on, whoever asks to be written to brings
a ticket, which the form has in it, and for which they have waited or their browser has worked; the last quarter is left
to those that have worked, since waiting costs a crowd nothing. A ticket lets in once. It names nobody, no cookie and no
third party has to do with it, and it is proved without a row (`faults.md`, case 100). The work is that of hashcash
(Back 2002): a number for which SHA-256 of the ticket begins with so many zero bits.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from secrets import token_hex
from typing import Final

from service.actions.subscribing import Desk
from service.domain.consent import network_of
from service.domain.errors import CrowdedError, TooManyRequestsError
from service.mail.tokens import Purpose, read_stamp, stamp
from service.store import requests
from service.store.dialect import Tx, one_at_a_time

WORK_BITS: Final = 15  # some 33,000 digests: a second or two of a browser
WAIT: Final = timedelta(minutes=10)
HOLDS: Final = timedelta(hours=24)
_HOUR: Final = timedelta(hours=1)
_MOST_BY_NETWORK: Final = 30
_FOUND: Final = re.compile(r"[0-9]{1,12}")


class Paid(IntEnum):
    """What somebody has done to be let in; the value is how many quarters of each limit they may see used up."""

    NOTHING = 2
    WAITED = 3
    WORKED = 4


@dataclass(frozen=True, slots=True)
class Toll:
    """What a form brings: the ticket that stood in it, and the number that its browser has found for it."""

    ticket: str = ""
    found: str = ""


NO_TOLL: Final = Toll()


def new_ticket(desk: Desk, now: datetime) -> str:
    """Give a ticket of this moment."""
    return desk.tokens.sign(Purpose.TICKET, stamp(now), token_hex(16))


def does_work(ticket: str, found: str) -> bool:
    """Whether a number is one that has to be looked for: SHA-256 of `TICKET.NUMBER` begins with WORK_BITS zeros."""
    digest = hashlib.sha256(f"{ticket}.{found}".encode()).digest()
    return bool(_FOUND.fullmatch(found)) and int.from_bytes(digest) >> (256 - WORK_BITS) == 0


async def ticket_for(tx: Tx, desk: Desk, network: str, toll: Toll, now: datetime) -> str:
    """Give the ticket of a form while many ask: the one that it had, if it is of use; "" while the door is quiet."""
    if _is_open(await _used(tx, desk, network, now), Paid.NOTHING):
        return ""
    number = _number(desk, toll.ticket, now)
    return new_ticket(desk, now) if not number or await _is_spent(tx, number, now) else toll.ticket


async def check_door(tx: Tx, desk: Desk, network: str, toll: Toll, now: datetime) -> None:
    """Raise what `admit` would, and count nothing: a crowd that is refused must hold up no writer."""
    _check(await _used(tx, desk, network, now), await _paid(tx, desk, toll, now))


async def admit(tx: Tx, desk: Desk, network: str, toll: Toll, now: datetime) -> None:
    """Count a request to be written to, before anything is known of whom it is about.

    Raises CrowdedError while a toll is asked for that was not brought, TooManyRequestsError for one too many in an
    hour.
    """
    await one_at_a_time(tx, "asking")
    paid = await _paid(tx, desk, toll, now)
    _check(await _used(tx, desk, network, now), paid)
    await requests.note(tx, "network", network_key(desk, network), now)
    await requests.note(tx, "everybody", "", now)
    if paid > Paid.NOTHING:
        await requests.note(tx, "ticket", _number(desk, toll.ticket, now), now)


async def admit_reader(tx: Tx, desk: Desk, network: str, now: datetime) -> None:
    """Count a request that only readers are answered: no crowd holds it up, and it costs no toll.

    Raises TooManyRequestsError for one too many from a network in an hour.
    """
    await one_at_a_time(tx, "asking")
    key = network_key(desk, network)
    if await requests.count(tx, "network", key, now - _HOUR) >= _MOST_BY_NETWORK:
        raise TooManyRequestsError
    await requests.note(tx, "network", key, now)


async def admit_mail(tx: Tx, desk: Desk, now: datetime) -> None:
    """Count a mail that asks to be answered and proves nothing; raise TooManyRequestsError for one too many in an hour.

    A mail has no network that could not be invented. So all mail together may take half of what is taken from
    everybody: a flood of it closes neither the page nor anything else.
    """
    await one_at_a_time(tx, "asking")
    of_mail, everybody = await requests.counts(tx, [("mail", ""), ("everybody", "")], now - _HOUR)
    if of_mail >= max(1, desk.most_per_hour // 2) or everybody >= desk.most_per_hour:
        raise TooManyRequestsError
    await requests.note(tx, "mail", "", now)
    await requests.note(tx, "everybody", "", now)


def network_key(desk: Desk, network: str) -> str:
    """Give what stands for a network in limits."""
    return desk.tokens.address_hash(network_of(network))


async def _used(tx: Tx, desk: Desk, network: str, now: datetime) -> float:
    """Give how many quarters of a limit were used up within the hour: of the limit that has least left."""
    scopes = [("network", network_key(desk, network)), ("everybody", "")]
    near, everybody = await requests.counts(tx, scopes, now - _HOUR)
    return max(near / _MOST_BY_NETWORK, everybody / desk.most_per_hour) * Paid.WORKED


def _is_open(used: float, paid: Paid) -> bool:
    return used < paid


def _check(used: float, paid: Paid) -> None:
    if not _is_open(used, Paid.WORKED):
        raise TooManyRequestsError
    if not _is_open(used, paid):
        raise CrowdedError


async def _paid(tx: Tx, desk: Desk, toll: Toll, now: datetime) -> Paid:
    number = _number(desk, toll.ticket, now)
    if not number or await _is_spent(tx, number, now):
        return Paid.NOTHING
    if does_work(toll.ticket, toll.found):
        return Paid.WORKED
    return Paid.WAITED if _number(desk, toll.ticket, now, aged=WAIT) else Paid.NOTHING


def _number(desk: Desk, ticket: str, now: datetime, aged: timedelta = timedelta()) -> str:
    """Give the number of a ticket of ours that is so old and still holds; "" for any other."""
    parts = desk.tokens.read(Purpose.TICKET, ticket)
    given_at = read_stamp(parts[0]) if parts and len(parts) == 2 else None
    return parts[1] if parts and given_at and aged <= now - given_at <= HOLDS else ""


async def _is_spent(tx: Tx, number: str, now: datetime) -> bool:
    return await requests.count(tx, "ticket", number, now - HOLDS) > 0
