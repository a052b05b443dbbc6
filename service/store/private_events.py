"""Private events as they are kept: their owners', their coming days, their pictures.

A subscription to `private:ID` says who is told of one: its owner, and those who accepted an invitation to it. Nothing
else here gives anybody a right to anything: who may see what is for `actions/remembering.py` to say.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, delete, func, select, update

from service.domain.documents import read_private, write_private
from service.domain.occasion import next_after, returns
from service.domain.private_event import PrivateEvent
from service.domain.targets import target_of
from service.store import revisions
from service.store.dialect import Tx, insert_or_ignore, insert_or_update, new_id
from service.store.occasions import horizon_of
from service.store.private_tables import private_events, private_occasions, private_pictures
from service.store.tables import editions, subscriptions

_DAYS_BACK = timedelta(days=3)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Own:
    """A private event as it is kept, with its owner; `version` is a digest of its document."""

    id: str
    owner: str
    event: PrivateEvent
    version: str
    updated_at: datetime
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A picture as it is kept: its media type, and its bytes as they were checked."""

    media_type: str
    content: bytes


async def add(tx: Tx, owner: str, event: PrivateEvent, now: datetime) -> str:
    """Keep a new private event and reckon its days; gives its id."""
    id_ = new_id()
    row = {"id": id_, "subscriber_id": owner, "created_at": now, **_written(event, now)}
    await tx.execute(private_events.insert().values(row))
    await reckon(tx, id_, event)
    return id_


async def change(tx: Tx, id_: str, event: PrivateEvent, now: datetime) -> None:
    """Keep a private event as it is now; what was to tell of it as it was is taken back."""
    own = private_events.c.id == id_
    await tx.execute(update(private_events).where(own).values(_written(event, now)))
    await reckon(tx, id_, event)
    await supersede(tx, [id_], now)


async def remove(tx: Tx, id_: str, now: datetime) -> None:
    """Tell of it no more; it is kept for some days, for its owner to have it back."""
    await tx.execute(update(private_events).where(private_events.c.id == id_).values(removed_at=now, next_on=None))
    await tx.execute(delete(private_occasions).where(private_occasions.c.private_id == id_))
    await supersede(tx, [id_], now)


async def bring_back(tx: Tx, own: Own) -> None:
    """Have a removed one again."""
    await tx.execute(update(private_events).where(private_events.c.id == own.id).values(removed_at=None))
    await reckon(tx, own.id, own.event)


async def erase(tx: Tx, ids: Sequence[str], now: datetime) -> None:
    """Remove them with their pictures and everybody's subscriptions, and what letters said of them."""
    await supersede(tx, ids, now)
    targets = [target_of(id_) for id_ in ids]
    for edition, dues in await _telling(tx, targets):
        own = editions.c.id == edition
        because = (await tx.execute(select(editions.c.because).where(own))).scalar_one()
        left = {"dues": [due for due in dues if due[0] not in targets]}
        left["because"] = [target for target in because if target not in targets]
        blank = {"subject": None, "html": None, "text": None, "calendar": None, "findings": [], **left}
        rendered = func.coalesce(editions.c.rendered_at, now)
        await tx.execute(update(editions).where(own).values(blank).values(rendered_at=rendered))
    for start in range(0, len(ids), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        await tx.execute(delete(subscriptions).where(subscriptions.c.target.in_(targets[part])))
        await tx.execute(delete(private_events).where(private_events.c.id.in_(ids[part])))


async def removed_before(tx: Tx, moment: datetime) -> list[str]:
    """Give those that were removed before a moment."""
    return list((await tx.execute(select(private_events.c.id).where(private_events.c.removed_at < moment))).scalars())


async def named(tx: Tx, ids: Iterable[str]) -> dict[str, Own]:
    """Give those of these ids, removed ones too."""
    found = await tx.execute(select(private_events).where(private_events.c.id.in_(sorted(set(ids)))))
    return {row.id: _read(row) for row in found}


async def of_owner(tx: Tx, owner: str, *, removed: bool = False) -> list[Own]:
    """Give what somebody recorded, in the order in which they did; with `removed`, what they took away too."""
    own = private_events.c.subscriber_id == owner
    if not removed:
        own = and_(own, private_events.c.removed_at.is_(None))
    return [_read(row) for row in await tx.execute(select(private_events).where(own).order_by(private_events.c.id))]


async def count(tx: Tx, owner: str) -> int:
    """Count what somebody recorded and has not removed."""
    own = and_(private_events.c.subscriber_id == owner, private_events.c.removed_at.is_(None))
    return int((await tx.execute(select(func.count()).select_from(private_events).where(own))).scalar_one())


async def reckon(tx: Tx, id_: str, event: PrivateEvent) -> None:
    """Reckon the days of one anew, for the days of the horizon."""
    await tx.execute(delete(private_occasions).where(private_occasions.c.private_id == id_))
    known = await horizon_of(tx)
    if known is None:
        return
    await _add_occasions(tx, id_, event, *known)
    told = event.told_in(id_, "")
    days = [day for rule in event.rules if (day := next_after(told, rule, known[1]))]
    own = private_events.c.id == id_
    await tx.execute(update(private_events).where(own).values(next_on=min(days, default=None)))


async def grow(tx: Tx, last: date) -> int:
    """Reckon anew those that have something on the days by which the horizon has grown; gives how many."""
    near = and_(private_events.c.next_on <= last, private_events.c.removed_at.is_(None))
    found = [_read(row) for row in (await tx.execute(select(private_events).where(near))).all()]
    for own in found:
        await reckon(tx, own.id, own.event)
    return len(found)


async def reckon_all(tx: Tx) -> int:
    """Reckon the days of all anew; gives how many there are."""
    count, last = 0, ""
    while True:
        of_page = and_(private_events.c.id > last, private_events.c.removed_at.is_(None))
        rows = (await tx.execute(select(private_events).where(of_page).order_by(private_events.c.id).limit(500))).all()
        if not rows:
            return count
        for row in rows:
            await reckon(tx, row.id, _read(row).event)
        count, last = count + len(rows), rows[-1].id


async def supersede(tx: Tx, ids: Sequence[str], now: datetime) -> None:
    """Stop the letters that tell of them and have not left; the planner takes them back and plans anew."""
    recent = now.date() - _DAYS_BACK
    old = [id_ for id_, _ in await _telling(tx, [target_of(id_) for id_ in ids], recent)]
    await revisions.take_back_later(tx, old, now)


async def supersede_for(tx: Tx, id_: str, reader: str, now: datetime) -> None:
    """Stop one reader's letters that tell of it and have not left: it is no longer shared with them."""
    theirs = select(editions.c.id, editions.c.dues).where(editions.c.subscriber_id == reader)
    rows = (await tx.execute(theirs.where(editions.c.day >= now.date() - _DAYS_BACK))).all()
    old = [row.id for row in rows if any(event == target_of(id_) for event, *_ in row.dues)]
    await revisions.take_back_later(tx, old, now)


async def keep_picture(tx: Tx, id_: str, image: Image | None) -> None:
    """Keep the picture of one, instead of another if it had one; None takes it away."""
    if image is None:
        await tx.execute(delete(private_pictures).where(private_pictures.c.private_id == id_))
        return
    row = {"private_id": id_, "media_type": image.media_type, "content": image.content}
    await tx.execute(insert_or_update(tx, private_pictures, row, ("private_id",)))


async def picture_of(tx: Tx, id_: str) -> Image | None:
    """Give the picture of one, None if it has none."""
    row = (await tx.execute(select(private_pictures).where(private_pictures.c.private_id == id_))).first()
    return Image(row.media_type, row.content) if row else None


async def count_pictures(tx: Tx, owner: str, beside: str) -> int:
    """Count the pictures of an owner's events beside that of one."""
    own = and_(private_events.c.subscriber_id == owner, private_events.c.id != beside)
    counted = select(func.count()).select_from(private_pictures.join(private_events)).where(own)
    return int((await tx.execute(counted)).scalar_one())


async def _telling(tx: Tx, targets: Sequence[str], since: date | None = None) -> list[tuple[str, list[Any]]]:
    """Give the editions that tell of targets, with what they tell, among those of who is or was told of them."""
    found: dict[str, list[Any]] = {}
    for start in range(0, len(targets), _AT_ONCE):
        part = targets[start : start + _AT_ONCE]
        readers = select(subscriptions.c.subscriber_id).where(subscriptions.c.target.in_(part))
        theirs = select(editions.c.id, editions.c.dues).where(editions.c.subscriber_id.in_(readers))
        theirs = theirs.where(editions.c.day >= since) if since is not None else theirs
        rows = (await tx.execute(theirs)).all()
        found |= {row.id: row.dues for row in rows if any(event in part for event, *_ in row.dues)}
    return list(found.items())


async def _add_occasions(tx: Tx, id_: str, event: PrivateEvent, first: date, last: date) -> None:
    rows = [
        {
            "on_day": occasion.on,
            "private_id": id_,
            "rule_id": rule,
            "number": occasion.number,
            "day": occasion.day,
            "days": occasion.days,
            "begins_on": occasion.begins_on,
            "reason": occasion.reason,
            "provisional": occasion.provisional,
        }
        for rule, occasion in returns(event.told_in(id_, ""), first, last)
    ]
    if rows:
        await tx.execute(insert_or_ignore(tx, private_occasions), rows)


def _written(event: PrivateEvent, now: datetime) -> dict[str, Any]:
    document = write_private(event)
    digest = hashlib.sha256(json.dumps(document, sort_keys=True, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    return {"document": document, "tone": event.tone, "version": digest.hexdigest()[:16], "updated_at": now}


def _read(row: Row[Any]) -> Own:
    return Own(row.id, row.subscriber_id, read_private(row.document), row.version, row.updated_at, row.removed_at)
