"""Whom the owners of private events invited to remember with them, and who accepted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, func, select, update

from service.domain.addresses import address_key
from service.domain.notice import Kind
from service.domain.subscription import Status
from service.store import addressees
from service.store.dialect import Tx, insert_or_update, new_id
from service.store.private_tables import private_events, private_shares
from service.store.tables import subscribers


@dataclass(frozen=True, slots=True)
class Share:
    """An invitation to remember a private event; `reader` has accepted it."""

    id: str
    event: str
    address: str
    addressee: str | None
    reader: str | None
    invited_at: datetime
    accepted_at: datetime | None


_AT_ONCE = 500
_IS_ADDRESSEE = subscribers.c.status == Status.ADDRESSEE


async def invite(tx: Tx, event: str, address: str, addressee: str | None, now: datetime) -> None:
    """Note whom an invitation was written to; who had one before has the new one only."""
    row = {
        "id": new_id(),
        "private_id": event,
        "address": address,
        "addressee_id": addressee,
        "reader_id": None,
        "invited_at": now,
        "accepted_at": None,
    }
    await tx.execute(insert_or_update(tx, private_shares, row, ("private_id", "address")))


async def accept(tx: Tx, share: Share, reader: str, now: datetime) -> bool:
    """Note who accepted; False if it was ended or accepted before."""
    own = update(private_shares).where(private_shares.c.id == share.id, private_shares.c.reader_id.is_(None))
    return bool((await tx.execute(own.values(reader_id=reader, accepted_at=now))).rowcount)


async def of_event(tx: Tx, event: str) -> list[Share]:
    """Give whom a private event is or may be shared with, in the order of the invitations."""
    own = private_shares.c.private_id == event
    wanted = select(private_shares).where(own).order_by(private_shares.c.invited_at, private_shares.c.id)
    return [_read(row) for row in await tx.execute(wanted)]


async def of_addressee(tx: Tx, addressee: str) -> Share | None:
    """Give the invitation that a letter brought."""
    row = (await tx.execute(select(private_shares).where(private_shares.c.addressee_id == addressee))).first()
    return _read(row) if row else None


async def end(tx: Tx, event: str, *, share: str = "", reader: str = "") -> Share | None:
    """End a share, by its id or by its reader, with whatever subscription came of it; None if there is none."""
    which = private_shares.c.id == share if share else private_shares.c.reader_id == reader
    own = and_(private_shares.c.private_id == event, which)
    row = (await tx.execute(select(private_shares).where(own))).first()
    if row is None:
        return None
    await tx.execute(delete(private_shares).where(private_shares.c.id == row.id))
    await tx.execute(delete(subscribers).where(subscribers.c.id == row.addressee_id, _IS_ADDRESSEE))
    return _read(row)


async def count(tx: Tx, owner: str) -> int:
    """Count the invitations of an owner, accepted or not."""
    theirs = select(private_events.c.id).where(private_events.c.subscriber_id == owner)
    counted = select(func.count()).select_from(private_shares).where(private_shares.c.private_id.in_(theirs))
    return int((await tx.execute(counted)).scalar_one())


async def forget_addressees(tx: Tx, owner: str) -> None:
    """Remove the rows of those whom an owner's invitations were written to, with the letters.

    They are found by their names: of several letters to one address, the invitation knows the last one only.
    """
    theirs = subscribers.c.address_key.startswith(f"{Kind.INVITATION}:{owner}:", autoescape=True)
    await tx.execute(delete(subscribers).where(subscribers.c.source == addressees.SOURCE, theirs))


async def forget_address(tx: Tx, address: str) -> None:
    """Remove the invitations to an address, as its owner is erased."""
    kept = (await tx.execute(select(private_shares.c.id, private_shares.c.address))).all()  # no database folds case so
    same = [id_ for id_, other in kept if address_key(other) == address_key(address)]
    for start in range(0, len(same), _AT_ONCE):
        await tx.execute(delete(private_shares).where(private_shares.c.id.in_(same[start : start + _AT_ONCE])))


def _read(row: Row[Any]) -> Share:
    return Share(row.id, row.private_id, row.address, row.addressee_id, row.reader_id, row.invited_at, row.accepted_at)
