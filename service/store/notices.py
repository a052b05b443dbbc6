"""Notices: made, released, ended, counted; what the post does with them is in `handing`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, select, update

from service.domain.letter import Variant
from service.domain.notice import Kind, State
from service.store.dialect import Tx, insert_or_ignore, new_id
from service.store.prepared import fixed
from service.store.tables import editions, notices


@dataclass(frozen=True, slots=True)
class Single:
    """One notice of its own, outside any slot: an answer to somebody who waits for it."""

    subscriber: str
    kind: Kind
    day: date
    edition: str
    due_at: datetime
    expires_at: datetime
    dated_at: datetime | None = None
    is_ready: bool = False  # its edition is rendered already
    variant: Variant = Variant.BOTH_PARTS
    id: str = field(default_factory=new_id)


async def add_single(tx: Tx, single: Single) -> bool:
    """Add it; False if the subscriber has one of this kind on this day already."""
    return bool((await tx.execute(insert_or_ignore(tx, notices).values(_single_row(single)))).rowcount)


async def add_singles(tx: Tx, singles: Sequence[Single]) -> None:
    """Add many, leaving out those whom the day's notice of the kind has already been made for."""
    if singles:
        await tx.execute(insert_or_ignore(tx, notices), [_single_row(single) for single in singles])


def _single_row(single: Single) -> dict[str, Any]:
    return {
        "id": single.id,
        "subscriber_id": single.subscriber,
        "kind": single.kind,
        "day": single.day,
        "edition_id": single.edition,
        "variant": single.variant,
        "lane": 0,
        "state": State.READY if single.is_ready else State.PLANNED,
        "reason": "",
        "due_at": single.due_at,
        "expires_at": single.expires_at,
        "dated_at": single.dated_at,
        "generation": 0,
        "attempts": 0,
        "doubts": 0,
        "code": 0,
        "words": "",
        "created_at": single.due_at,
    }


async def count_since(tx: Tx, subscriber: str, kind: Kind, since: datetime | None) -> int:
    """Count a subscriber's notices of a kind, made after a moment or ever."""
    own = and_(notices.c.subscriber_id == subscriber, notices.c.kind == kind)
    if since is not None:
        own = and_(own, notices.c.created_at > since)
    return int((await tx.execute(select(func.count()).where(own))).scalar_one())


async def confirmation(tx: Tx, id_: str) -> tuple[str, datetime, str] | None:
    """Give whose a confirmation letter is, its date and subject; None for another kind, or one that has not left."""
    own = and_(notices.c.id == id_, notices.c.kind == Kind.CONFIRMATION, notices.c.dated_at.is_not(None))
    told = select(notices.c.subscriber_id, notices.c.dated_at, editions.c.subject).join_from(notices, editions)
    row = (await tx.execute(told.where(own))).first()
    return (row.subscriber_id, row.dated_at, row.subject or "") if row else None


async def release(tx: Tx) -> int:
    """Make ready what waited for an edition that is rendered now."""
    rendered = select(editions.c.id).where(editions.c.subject.is_not(None))
    waiting = and_(notices.c.state == fixed(State.PLANNED), notices.c.edition_id.in_(rendered))
    return int((await tx.execute(update(notices).where(waiting).values(state=State.READY))).rowcount)


async def take_out_of_hand(tx: Tx, subscriber: str) -> None:
    """Have whoever is about to hand over a subscriber's letters look again whether they are wanted.

    For a transaction that ends what they asked for, first of all. Its lock makes an intent commit before it, or see
    what it has changed: of a statement that began earlier, PostgreSQL would commit the intent later (P4).
    """
    in_hand = notices.c.state.in_([State.READY, State.CLAIMED])
    again = update(notices).where(notices.c.subscriber_id == subscriber, in_hand)
    await tx.execute(again.values(state=State.READY, owner=None))


async def expire(tx: Tx, now: datetime) -> int:
    """End what was not sent while it was of use."""
    ended = {"state": State.DROPPED, "reason": "expired", "finished_at": now}
    return sum([(await tx.execute(update(notices).where(late).values(ended))).rowcount for late in _late(now)])


async def any_late(tx: Tx, now: datetime) -> bool:
    """Say whether there is anything for `expire` to end."""
    found = [(await tx.execute(select(notices.c.id).where(late).limit(1))).first() for late in _late(now)]
    return any(one is not None for one in found)


def _late(now: datetime) -> list[Any]:
    """Say what is too late, in two conditions: each is found by the index of what is planned, or ready."""
    too_late = and_(notices.c.due_at <= now, notices.c.expires_at <= now)
    return [and_(notices.c.state == fixed(state), too_late) for state in (State.PLANNED, State.READY)]


async def count(tx: Tx) -> dict[State, int]:
    """Count the notices of each state."""
    counted = select(notices.c.state, func.count()).group_by(notices.c.state)
    return {State(state): number for state, number in (await tx.execute(counted))}
