"""What was heard in mail, and what was done about it: kept once, scored, undone (`heard_seen` shows it)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, and_, delete, select, update

from service.domain.heard import By, Did, Heard, What
from service.domain.notice import Kind
from service.domain.standing import without_addresses
from service.store.dialect import Tx, insert_or_ignore, new_id
from service.store.inbox_tables import heard
from service.store.tables import notices, subscribers

_WORDS_MOST = 500
_STATUS_MOST = 16


@dataclass(frozen=True, slots=True)
class Of:
    """The letter that a mail proves to speak of: its notice and kind, when it was first tried, and to whom it went.

    `address` is the subscriber's of today.
    """

    notice: str
    kind: Kind
    dated_at: datetime | None
    subscriber: str
    address: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, as editors see it. `mail` is the id in the inbox, where it is kept for a while."""

    id: str
    at: datetime
    what: What
    by: By
    status: str
    words: str
    mail: str
    notice: str | None
    subscriber: str | None
    reason: str
    points: float
    did: Did
    undone_at: datetime | None


async def letter(tx: Tx, notice: str) -> Of | None:
    """Give the letter of a notice; None if it is not kept any more."""
    own = select(notices.c.id, notices.c.kind, notices.c.dated_at, subscribers.c.id, subscribers.c.address)
    row = (await tx.execute(own.join_from(notices, subscribers).where(notices.c.id == notice))).first()
    return Of(row[0], Kind(row[1]), *row[2:]) if row else None


async def note(tx: Tx, mail: str, told: Heard, of: Of | None, once: str, now: datetime) -> str:
    """Keep what was heard, with nothing done yet; "" if the same was heard before (`once` says what is the same)."""
    row = {
        "id": new_id(),
        "once": hashlib.sha256(once.encode("utf-8", "surrogatepass")).hexdigest(),
        "at": now,
        "what": told.what,
        "by": told.by,
        "status": told.status[:_STATUS_MOST],
        "words": without_addresses(told.words)[:_WORDS_MOST],
        "inbox_id": mail,
        "notice_id": of.notice if of else None,
        "subscriber_id": of.subscriber if of else None,
        "reason": "",
        "points": 0.0,
        "did": Did.NOTHING,
    }
    is_new = (await tx.execute(insert_or_ignore(tx, heard).values(row))).rowcount
    return str(row["id"]) if is_new else ""


async def done(tx: Tx, id_: str, did: Did, reason: str = "", points: float = 0, subscriber: str | None = None) -> None:
    """Say what was done about it, why, and how much it counts against the address."""
    values = {"did": did, "reason": reason, "points": points}
    if subscriber is not None:
        values |= {"subscriber_id": subscriber}
    await tx.execute(update(heard).where(heard.c.id == id_).values(values))


async def points(tx: Tx, subscriber: str, since: datetime) -> list[tuple[datetime, float]]:
    """Give what counts against a subscriber's address since a moment, and was not undone."""
    own = and_(heard.c.subscriber_id == subscriber, heard.c.at >= since, heard.c.undone_at.is_(None))
    counted = select(heard.c.at, heard.c.points).where(own, heard.c.points > 0)
    return [(row.at, row.points) for row in (await tx.execute(counted)).all()]


async def undo(tx: Tx, subscriber: str, now: datetime) -> None:
    """Say of all that was done against a subscriber's address that it is undone, and counts no more."""
    own = and_(heard.c.subscriber_id == subscriber, heard.c.undone_at.is_(None))
    against = heard.c.did.in_([Did.SUPPRESSED, Did.COUNTED])  # what they asked for themselves stays as it is
    await tx.execute(update(heard).where(own, against).values(undone_at=now))


async def forget(tx: Tx, before: datetime, most: int) -> int:
    """Remove what was heard before a moment, at most so many entries."""
    old = select(heard.c.id).where(heard.c.at < before).limit(most)
    return int((await tx.execute(delete(heard).where(heard.c.id.in_(old)))).rowcount)


def entry_of(row: Row[tuple[object, ...]]) -> Entry:
    """Read an entry in its row."""
    return Entry(
        id=row.id,
        at=row.at,
        what=What(row.what),
        by=By(row.by),
        status=row.status,
        words=row.words,
        mail=row.inbox_id,
        notice=row.notice_id,
        subscriber=row.subscriber_id,
        reason=row.reason,
        points=row.points,
        did=Did(row.did),
        undone_at=row.undone_at,
    )
