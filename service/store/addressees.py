"""Addressees: whom one letter goes to that is no reader's, such as an editor, or a new address not confirmed yet.

There is one way in which a letter is born, and a notice belongs to a row of `subscribers`. So such a letter has a row
of its own there, whose status lies in no slot and is counted and exported nowhere. Its key names the letter first, and
`:`, which stands in no address that is taken, so that nobody is taken for a reader, or the other way round.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, or_, select, update

from service.domain.addresses import address_key
from service.domain.notice import Kind
from service.domain.subscription import Habit, Status
from service.store.dialect import GroupTx, Tx, insert_or_ignore
from service.store.subscribers import Arrival, arrival_row
from service.store.tables import subscribers

SOURCE = "letter"
# The name of such a letter says whose it is, behind its kind.
OF_READERS = (Kind.ADDRESS, Kind.MOVED, Kind.DATA, Kind.CHANNEL)


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom one letter goes to: the letter's name, the address, and since when."""

    id: str
    letter: str
    address: str
    since: datetime

    @property
    def kind(self) -> str:
        """The kind of the letter."""
        return self.letter.partition(":")[0]

    @property
    def reader(self) -> str:
        """Whose it is: the id of a reader, where it is of a kind whose name says so."""
        return self.letter.split(":")[1] if self.kind in OF_READERS else ""


async def add(tx: Tx, letter: str, address: str, language: str, now: datetime) -> str | None:
    """Add whom a letter goes to, and give the row's id; None if a letter of that name has one at this address."""
    arrival = Arrival(address, Habit(language), Status.ADDRESSEE, SOURCE)
    row = arrival_row(arrival, now) | {"address_key": f"{letter}:{address_key(address)}", "moved": False}
    is_new = (await tx.execute(insert_or_ignore(tx, subscribers).values(row))).rowcount
    return str(row["id"]) if is_new else None


async def forget(tx: Tx, address: str) -> bool:
    """Remove the addressees at an address, with their letters; False if there were none."""
    return bool((await tx.execute(delete(subscribers).where(_at(address)))).rowcount)


async def forget_asked(tx: Tx, subscriber: str, but: str = "", kinds: Iterable[Kind] = OF_READERS) -> list[str]:
    """Remove the addressees of what a subscriber asked for, such as a new address; gives their addresses.

    Those at the address `but` stay.
    """
    keys = [subscribers.c.address_key.startswith(f"{kind}:{subscriber}:", autoescape=True) for kind in kinds]
    own = and_(subscribers.c.source == SOURCE, or_(*keys), subscribers.c.address != but)
    found = list((await tx.execute(select(subscribers.c.address).where(own))).scalars())
    await tx.execute(delete(subscribers).where(own))
    return found


async def take(tx: Tx, id_: str) -> bool:
    """Remove one addressee, so that what their letter offered is offered no more; False if somebody else has."""
    own = and_(subscribers.c.id == id_, subscribers.c.status == Status.ADDRESSEE)
    return bool((await tx.execute(delete(subscribers).where(own))).rowcount)


async def sweep(tx: Tx, before: datetime) -> int:
    """Remove every addressee that was added before a moment, with the letter; gives how many there were."""
    old = and_(subscribers.c.source == SOURCE, subscribers.c.created_at < before)
    standing = or_(subscribers.c.status == Status.ADDRESSEE, subscribers.c.status == Status.SUPPRESSED)
    return int((await tx.execute(delete(subscribers).where(standing, old))).rowcount)


def bar(tx: GroupTx, address: str) -> None:
    """Let no letter go any more that waits for an addressee at an address."""
    waiting = and_(_at(address), subscribers.c.status == Status.ADDRESSEE)
    tx.execute(update(subscribers).where(waiting).values(status=Status.SUPPRESSED))


async def named(tx: Tx, id_: str) -> Addressee | None:
    """Give an addressee; None if there is none of that id."""
    own = and_(subscribers.c.id == id_, subscribers.c.status == Status.ADDRESSEE)
    of_one = (subscribers.c.address_key, subscribers.c.address, subscribers.c.created_at)
    row = (await tx.execute(select(*of_one).where(own))).first()
    return Addressee(id_, row.address_key.rpartition(":")[0], row.address, row.created_at) if row else None


def _at(address: str) -> Any:
    key = subscribers.c.address_key.endswith(f":{address_key(address)}", autoescape=True)
    return and_(subscribers.c.source == SOURCE, key)
