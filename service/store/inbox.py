"""The letter box's mail: kept before it is answered for, read once, and set aside if it cannot be read."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, func, select, update

from service.store.dialect import Tx, insert_or_ignore, new_id
from service.store.inbox_tables import inbox

_TRIES_MOST = 3
_ADDRESS_MOST = 320
_WORDS_MOST = 500


@dataclass(frozen=True, slots=True)
class Arrival:
    """One mail for one address of ours, as a door takes it in: its bytes, and its envelope as that was told.

    `mark` is what makes it the same one whatever its bytes are, "" if they do.
    """

    door: str
    sender: str
    recipient: str
    content: bytes
    mark: str = ""

    @property
    def key(self) -> str:
        """Give what is the same if a door takes it in again."""
        parts = (self.door, self.recipient.lower(), self.sender.lower(), *filter(None, [self.mark]))
        head = "\0".join(parts).encode("utf-8", "surrogateescape")
        return hashlib.sha256(head + b"\0" + (b"" if self.mark else self.content)).hexdigest()


Keep = Callable[[Sequence[Arrival]], Awaitable[None]]
"""Store what arrived, durably; raise whatever goes wrong."""

UNREAD = inbox.c.read_at.is_(None)
ASIDE = and_(inbox.c.read_at.is_not(None), inbox.c.trouble != "")


@dataclass(frozen=True, slots=True)
class Mail:
    """One that is kept. `tries` counts how often its reading was begun, this time included."""

    id: str
    door: str
    sender: str
    recipient: str
    content: bytes
    arrived_at: datetime
    tries: int


async def keep(tx: Tx, arrivals: Sequence[Arrival], now: datetime) -> int:
    """Keep what arrived; gives how many of it are new."""
    rows = [
        {
            "id": new_id(),
            "key": one.key,
            "door": one.door,
            "sender": _written(one.sender),
            "recipient": _written(one.recipient),
            "content": one.content,
            "arrived_at": now,
            "tries": 0,
            "trouble": "",
        }
        for one in arrivals
    ]
    return int((await tx.execute(insert_or_ignore(tx, inbox), rows)).rowcount) if rows else 0


async def any_unread(tx: Tx) -> bool:
    """Say whether anything waits to be read."""
    return (await tx.execute(select(inbox.c.id).where(inbox.c.read_at.is_(None)).limit(1))).first() is not None


async def take(tx: Tx, most: int, now: datetime) -> list[Mail]:
    """Begin to read the oldest, at most so many, and count it; what has been begun three times is set aside.

    One that was begun before is taken alone: if reading it ends the process, no other mail is to blame.
    """
    hopeless = and_(inbox.c.read_at.is_(None), inbox.c.tries >= _TRIES_MOST)
    why = func.coalesce(func.nullif(inbox.c.trouble, ""), "its reading never came to an end")
    await tx.execute(update(inbox).where(hopeless).values(read_at=now, trouble=why))
    waiting = select(inbox.c.id, inbox.c.tries).where(UNREAD).order_by(inbox.c.tries, inbox.c.id).limit(most)
    found = (await tx.execute(waiting)).all()
    ids = [row.id for row in found if not row.tries] or [row.id for row in found[:1]]
    await tx.execute(update(inbox).where(inbox.c.id.in_(ids)).values(tries=inbox.c.tries + 1))
    taken = select(inbox).where(inbox.c.id.in_(ids)).order_by(inbox.c.id)
    return [_mail(row) for row in (await tx.execute(taken)).all()]


async def read(tx: Tx, id_: str, now: datetime) -> bool:
    """Say that a mail is read; False if somebody has read it: then nothing may follow from it."""
    unread = update(inbox).where(inbox.c.id == id_, inbox.c.read_at.is_(None))
    return bool((await tx.execute(unread.values(read_at=now, trouble=""))).rowcount)


async def belongs(tx: Tx, id_: str, subscriber: str) -> None:
    """Say whose a mail turned out to be: it goes when they are erased."""
    await tx.execute(update(inbox).where(inbox.c.id == id_).values(subscriber_id=subscriber))


async def give_back(tx: Tx, id_: str) -> None:
    """Say that it was not a mail's fault that it could not be read now."""
    mine = update(inbox).where(inbox.c.id == id_, inbox.c.tries > 0)
    await tx.execute(mine.values(tries=inbox.c.tries - 1))


async def trouble(tx: Tx, id_: str, words: str) -> None:
    """Note why the reading of a mail failed; it is begun again until it was three times."""
    await tx.execute(update(inbox).where(inbox.c.id == id_).values(trouble=words[:_WORDS_MOST]))


async def by_id(tx: Tx, id_: str) -> Mail | None:
    """Give one mail, while it is kept."""
    row = (await tx.execute(select(inbox).where(inbox.c.id == id_))).first()
    return _mail(row) if row else None


async def count(tx: Tx) -> tuple[int, int]:
    """Count what waits to be read, and what was set aside."""
    unread = select(func.count()).select_from(inbox).where(UNREAD)
    aside = select(func.count()).select_from(inbox).where(ASIDE)
    return int((await tx.execute(unread)).scalar_one()), int((await tx.execute(aside)).scalar_one())


async def again(tx: Tx, id_: str) -> None:
    """Have a mail read that was set aside."""
    aside = update(inbox).where(inbox.c.id == id_, inbox.c.trouble != "")
    await tx.execute(aside.values(read_at=None, tries=0, trouble=""))


async def forget(tx: Tx, before: datetime, most: int) -> int:
    """Remove mail that was read before a moment, at most so much of it."""
    old = select(inbox.c.id).where(inbox.c.read_at < before).limit(most)
    return int((await tx.execute(delete(inbox).where(inbox.c.id.in_(old)))).rowcount)


async def forget_from(tx: Tx, address: str) -> None:
    """Remove what came from an address: its owner is erased."""
    await tx.execute(delete(inbox).where(func.lower(inbox.c.sender) == address.lower()))


def _mail(row: Row[Any]) -> Mail:
    return Mail(row.id, row.door, row.sender, row.recipient, row.content, row.arrived_at, row.tries)


def _written(address: str) -> str:
    """Give an address as every database can keep it."""
    text = address.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\0", "\ufffd")
    return text[:_ADDRESS_MOST]
