"""Addressees: whom one letter goes to that is no reader's, such as an editor, or a new address not confirmed yet.

There is one way in which a letter is born, and a notice belongs to a row of `subscribers`. So such a letter has a row
of its own there, whose status lies in no slot and is counted and exported nowhere. Its key names the letter first, and
`:`, which stands in no address that is taken, so that nobody is taken for a reader, or the other way round.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, select, update

from service.domain.notice import Kind
from service.domain.subscription import Habit, Status, address_key
from service.store.dialect import GroupTx, Tx, insert_or_ignore
from service.store.subscribers import Arrival, arrival_row
from service.store.tables import subscribers

SOURCE = "letter"


async def add(tx: Tx, letter: str, address: str, language: str, now: datetime) -> str | None:
    """Add whom a letter goes to, and give the row's id; None if a letter of that name has one at this address."""
    arrival = Arrival(address, Habit(language), Status.ADDRESSEE, SOURCE)
    row = arrival_row(arrival, now) | {"address_key": f"{letter}:{address_key(address)}", "moved": False}
    is_new = (await tx.execute(insert_or_ignore(tx, subscribers).values(row))).rowcount
    return str(row["id"]) if is_new else None


async def forget(tx: Tx, address: str) -> bool:
    """Remove the addressees at an address, with their letters; False if there were none."""
    return bool((await tx.execute(delete(subscribers).where(_at(address)))).rowcount)


async def forget_moves(tx: Tx, subscriber: str) -> None:
    """Remove the new addresses that a subscriber asked to move to."""
    asked = subscribers.c.address_key.startswith(f"{Kind.ADDRESS}:{subscriber}:", autoescape=True)
    await tx.execute(delete(subscribers).where(and_(subscribers.c.status == Status.ADDRESSEE, asked)))


def bar(tx: GroupTx, address: str) -> None:
    """Let no letter go any more that waits for an addressee at an address."""
    tx.execute(update(subscribers).where(_at(address)).values(status=Status.SUPPRESSED))


async def named(tx: Tx, id_: str) -> tuple[str, str] | None:
    """Give the name of the letter and the address of an addressee; None if there is none of that id."""
    own = and_(subscribers.c.id == id_, subscribers.c.status == Status.ADDRESSEE)
    row = (await tx.execute(select(subscribers.c.address_key, subscribers.c.address).where(own))).first()
    return (row.address_key.rpartition(":")[0], row.address) if row else None


def _at(address: str) -> Any:
    key = subscribers.c.address_key.endswith(f":{address_key(address)}", autoescape=True)
    return and_(subscribers.c.status == Status.ADDRESSEE, key)
