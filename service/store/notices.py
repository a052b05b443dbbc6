"""Notices: claimed, intended, recorded; each by one conditional statement, the same on both databases.

Every change names the generation that it read, so that a worker that comes back late changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, exists, func, or_, select, update

from service.domain.notice import Claim, Kind, Outcome, State
from service.domain.retry import Next
from service.domain.subscription import Status
from service.store.dialect import Tx, insert_or_ignore, new_id
from service.store.tables import editions, notices, subscribers, subscriptions


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


async def add_single(tx: Tx, single: Single) -> bool:
    """Add it; False if the subscriber has one of this kind on this day already."""
    return bool((await tx.execute(insert_or_ignore(tx, notices).values(_single_row(single)))).rowcount)


async def add_singles(tx: Tx, singles: Sequence[Single]) -> None:
    """Add many, leaving out those whom the day's notice of the kind has already been made for."""
    if singles:
        await tx.execute(insert_or_ignore(tx, notices), [_single_row(single) for single in singles])


def _single_row(single: Single) -> dict[str, Any]:
    return {
        "id": new_id(),
        "subscriber_id": single.subscriber,
        "kind": single.kind,
        "day": single.day,
        "edition_id": single.edition,
        "lane": 0,
        "state": State.PLANNED,
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


async def release(tx: Tx) -> int:
    """Make ready what waited for an edition that is rendered now."""
    rendered = select(editions.c.id).where(editions.c.subject.is_not(None))
    waiting = and_(notices.c.state == State.PLANNED, notices.c.edition_id.in_(rendered))
    return int((await tx.execute(update(notices).where(waiting).values(state=State.READY))).rowcount)


async def expire(tx: Tx, now: datetime) -> int:
    """End what was not sent while it was of use."""
    late = and_(notices.c.state.in_([State.PLANNED, State.READY]), notices.c.expires_at <= now)
    ended = {"state": State.DROPPED, "reason": "expired", "finished_at": now}
    return int((await tx.execute(update(notices).where(late).values(ended))).rowcount)


async def claim(tx: Tx, owner: str, now: datetime, lease_until: datetime, most: int) -> list[Claim]:
    """Take up to `most` ready notices, each a new generation; nobody else gets them while the lease lasts.

    On PostgreSQL two workers skip each other's rows; SQLite, which has one writer, ignores that clause.
    """
    ready = and_(notices.c.state == State.READY, notices.c.due_at <= now, notices.c.expires_at > now)
    picked = (
        select(notices.c.id)
        .where(ready)
        .order_by(notices.c.lane, notices.c.due_at, notices.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("picked")
    )
    taken = (
        update(notices)
        .where(notices.c.id.in_(select(picked.c.id)), notices.c.state == State.READY)
        .values(
            state=State.CLAIMED,
            owner=owner,
            lease_until=lease_until,
            generation=notices.c.generation + 1,
            dated_at=func.coalesce(notices.c.dated_at, now),
        )
        .returning(notices.c.id)
    )
    ids = list((await tx.execute(taken)).scalars())
    if not ids:
        return []
    loaded = (
        select(notices, subscribers.c.address)
        .join_from(notices, subscribers, subscribers.c.id == notices.c.subscriber_id)
        .where(notices.c.id.in_(ids))
        .order_by(notices.c.lane, notices.c.due_at, notices.c.id)
    )
    return [_claim(row) for row in (await tx.execute(loaded)).all()]


async def extend(tx: Tx, owner: str, lease_until: datetime) -> None:
    """Prolong the leases of a worker that lives."""
    held = and_(notices.c.state.in_([State.CLAIMED, State.SENDING]), notices.c.owner == owner)
    await tx.execute(update(notices).where(held).values(lease_until=lease_until))


async def reclaim(tx: Tx, now: datetime) -> int:
    """Free what a dead worker held: what it had only claimed, and, as in doubt, what it was handing over."""
    dead = notices.c.lease_until <= now
    freed = await tx.execute(
        update(notices).where(notices.c.state == State.CLAIMED, dead).values(state=State.READY, owner=None)
    )
    doubted = await tx.execute(
        update(notices)
        .where(notices.c.state == State.SENDING, dead)
        .values(state=State.READY, owner=None, doubts=notices.c.doubts + 1, reason="in doubt")
    )
    return int(freed.rowcount + doubted.rowcount)


async def intend(tx: Tx, held: Claim, because: tuple[str, ...]) -> bool:
    """Record that a letter is about to be handed over; False if it is no longer held or no longer wanted.

    This is the moment from which a change of mind comes too late: one that was committed before wins.
    """
    wanted = exists().where(subscribers.c.id == notices.c.subscriber_id, _wants(held.kind, because))
    own = and_(_held(held, State.CLAIMED), wanted)
    return bool((await tx.execute(update(notices).where(own).values(state=State.SENDING))).rowcount)


async def drop(tx: Tx, held: Claim, reason: str, now: datetime) -> bool:
    """End a claimed notice that is not to be sent."""
    ended = {"state": State.DROPPED, "reason": reason, "finished_at": now, "owner": None}
    return bool((await tx.execute(update(notices).where(_held(held, State.CLAIMED)).values(ended))).rowcount)


async def fail(tx: Tx, held: Claim, words: str, now: datetime) -> bool:
    """End a claimed notice whose letter cannot be composed."""
    ended = {"state": State.FAILED, "reason": "not composed", "words": words, "finished_at": now, "owner": None}
    return bool((await tx.execute(update(notices).where(_held(held, State.CLAIMED)).values(ended))).rowcount)


async def give_back(tx: Tx, held: Claim) -> bool:
    """Let go of a claimed notice that was not tried."""
    back = update(notices).where(_held(held, State.CLAIMED)).values(state=State.READY, owner=None)
    return bool((await tx.execute(back)).rowcount)


async def record(tx: Tx, held: Claim, after: Next, outcome: Outcome, now: datetime) -> bool:
    """Record what became of a letter; False if the notice is no longer held: somebody else took it over."""
    values: dict[str, Any] = {
        "state": after.state,
        "reason": after.reason,
        "attempts": after.attempts,
        "doubts": after.doubts,
        "code": outcome.code,
        "words": outcome.words[:1000],
        "owner": None,
    }
    values |= {"due_at": after.due_at} if after.due_at else {"finished_at": now}
    return bool((await tx.execute(update(notices).where(_held(held, State.SENDING)).values(values))).rowcount)


async def count(tx: Tx) -> dict[State, int]:
    """Count the notices of each state."""
    counted = select(notices.c.state, func.count()).group_by(notices.c.state)
    return {State(state): number for state, number in (await tx.execute(counted))}


def _held(held: Claim, state: State) -> Any:
    return and_(notices.c.id == held.id, notices.c.generation == held.generation, notices.c.state == state)


def _wants(kind: Kind, because: tuple[str, ...]) -> Any:
    """Say that a reader still wants a letter: not left, not paused, still subscribed to what brought it."""
    if not kind.remembers:
        return subscribers.c.status.in_([Status.PENDING, Status.ACTIVE])
    running = exists().where(
        subscriptions.c.subscriber_id == subscribers.c.id,
        subscriptions.c.target.in_(because),
        subscriptions.c.confirmed_at.is_not(None),
        subscriptions.c.ended_at.is_(None),
    )
    awake = or_(subscribers.c.paused_until.is_(None), subscribers.c.paused_until <= notices.c.day)
    return and_(subscribers.c.status == Status.ACTIVE, awake, running)


def _claim(row: Row[Any]) -> Claim:
    return Claim(
        id=row.id,
        generation=row.generation,
        kind=Kind(row.kind),
        edition=row.edition_id,
        subscriber=row.subscriber_id,
        address=row.address,
        dated_at=row.dated_at,
        expires_at=row.expires_at,
        attempts=row.attempts,
        doubts=row.doubts,
    )
