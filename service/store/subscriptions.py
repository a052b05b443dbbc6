"""Subscriptions: what each subscriber asked to remember, and how many days ahead.

Those to private events are changed with them alone (`private_events`): whoever changes what they asked for from the
public record, on a page or by a file, leaves them as they are.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select, tuple_, update

from service.domain.subscription import Wish, read_target
from service.domain.targets import target_of
from service.store.dialect import Tx, insert_or_ignore, new_id
from service.store.tables import subscriptions

_IS_PUBLIC = subscriptions.c.target.not_like(f"{target_of('')}%")


async def add(tx: Tx, subscriber: str, wishes: Iterable[Wish], confirmed_at: datetime | None, now: datetime) -> None:
    """Add wishes; one that had ended begins again, one that only waited is confirmed if `confirmed_at` is given."""
    wanted = list(wishes)
    await add_many(tx, [wish_row(subscriber, wish, confirmed_at, now) for wish in wanted])
    again = _of(subscriber, wanted)
    await tx.execute(
        update(subscriptions)
        .where(again, subscriptions.c.ended_at.is_not(None))
        .values(ended_at=None, confirmed_at=None)
    )
    if confirmed_at is not None:
        await tx.execute(
            update(subscriptions).where(again, subscriptions.c.confirmed_at.is_(None)).values(confirmed_at=confirmed_at)
        )


async def add_many(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """Add rows of `wish_row`, leaving those alone that are already there."""
    if rows:
        await tx.execute(insert_or_ignore(tx, subscriptions), rows)


def wish_row(subscriber: str, wish: Wish, confirmed_at: datetime | None, now: datetime) -> dict[str, Any]:
    """Make the row of a new subscription."""
    return _row(subscriber, wish.target, wish.lead_days, confirmed_at, now)


def _row(subscriber: str, target: str, lead_days: int, confirmed_at: datetime | None, now: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "subscriber_id": subscriber,
        "target": target,
        "lead_days": lead_days,
        "created_at": now,
        "confirmed_at": confirmed_at,
    }


async def confirm_all(tx: Tx, subscriber: str, now: datetime) -> None:
    """Confirm everything that somebody asked for and has not ended."""
    waiting = and_(
        subscriptions.c.subscriber_id == subscriber,
        subscriptions.c.confirmed_at.is_(None),
        subscriptions.c.ended_at.is_(None),
    )
    await tx.execute(update(subscriptions).where(waiting).values(confirmed_at=now))


async def end(tx: Tx, subscriber: str, target: str, now: datetime, lead_days: int | None = None) -> bool:
    """End a target at every lead, or at one; False if it was not asked for, or had ended."""
    own = and_(subscriptions.c.subscriber_id == subscriber, subscriptions.c.target == target)
    if lead_days is not None:
        own = and_(own, subscriptions.c.lead_days == lead_days)
    running = update(subscriptions).where(own, subscriptions.c.ended_at.is_(None))
    return bool((await tx.execute(running.values(ended_at=now))).rowcount)


async def keep_only(tx: Tx, subscriber: str, wishes: Iterable[Wish], now: datetime) -> None:
    """Make these the confirmed wishes of a subscriber: add what is new, end what is not among them."""
    wanted = list(wishes)
    await add(tx, subscriber, wanted, now, now)
    others = and_(
        subscriptions.c.subscriber_id == subscriber,
        subscriptions.c.ended_at.is_(None),
        ~_of(subscriber, wanted),
        _IS_PUBLIC,
    )
    await tx.execute(update(subscriptions).where(others).values(ended_at=now))


async def readers_of(tx: Tx, target: str, most: int) -> list[str]:
    """Give some of those who asked to remember a target, confirmed or not, and have not ended it."""
    own = and_(subscriptions.c.target == target, subscriptions.c.ended_at.is_(None))
    wanted = select(subscriptions.c.subscriber_id).where(own).distinct().order_by(subscriptions.c.subscriber_id)
    return list((await tx.execute(wanted.limit(most))).scalars())


async def wishes_of(tx: Tx, subscriber: str, *, confirmed: bool = True) -> list[Wish]:
    """Give what a subscriber asked to remember and has not ended."""
    found = await wishes_of_many(tx, [subscriber], confirmed=confirmed)
    return found.get(subscriber, [])


async def wishes_of_many(tx: Tx, ids: Sequence[str], *, confirmed: bool = True) -> dict[str, list[Wish]]:
    """Give the same for many subscribers at once."""
    own = select(subscriptions.c.subscriber_id, subscriptions.c.target, subscriptions.c.lead_days).where(
        subscriptions.c.subscriber_id.in_(ids), subscriptions.c.ended_at.is_(None), _IS_PUBLIC
    )
    if confirmed:
        own = own.where(subscriptions.c.confirmed_at.is_not(None))
    found: dict[str, list[Wish]] = {}
    for subscriber, target, lead_days in await tx.execute(own.order_by(subscriptions.c.id)):
        found.setdefault(subscriber, []).append(read_target(target, lead_days))
    return found


def _of(subscriber: str, wishes: Sequence[Wish]) -> Any:
    """Select these wishes of a subscriber."""
    pairs = [(wish.target, wish.lead_days) for wish in wishes]
    return and_(
        subscriptions.c.subscriber_id == subscriber,
        tuple_(subscriptions.c.target, subscriptions.c.lead_days).in_(pairs),
    )


async def leads_private(tx: Tx, subscriber: str, targets: Sequence[str] | None = None) -> dict[str, tuple[int, ...]]:
    """Give the private events that a subscriber is told of, each with its days ahead: of these, or all."""
    own = and_(subscriptions.c.subscriber_id == subscriber, ~_IS_PUBLIC, subscriptions.c.ended_at.is_(None))
    if targets is not None:
        own = and_(own, subscriptions.c.target.in_(targets))
    found: dict[str, tuple[int, ...]] = {}
    for row in await tx.execute(select(subscriptions).where(own).order_by(subscriptions.c.lead_days)):
        found[row.target] = (*found.get(row.target, ()), row.lead_days)
    return found


async def set_private(tx: Tx, subscriber: str, target: str, leads: Iterable[int], now: datetime) -> None:
    """Have a subscriber told of a private event so many days ahead, and at no other time; with none, no more at all."""
    wanted = sorted(set(leads))
    await add_many(tx, [_row(subscriber, target, lead, now, now) for lead in wanted])
    own = and_(subscriptions.c.subscriber_id == subscriber, subscriptions.c.target == target)
    ended = update(subscriptions).where(own, subscriptions.c.ended_at.is_(None))
    await tx.execute(ended.where(subscriptions.c.lead_days.not_in(wanted)).values(ended_at=now))
    again = update(subscriptions).where(own, subscriptions.c.lead_days.in_(wanted))
    await tx.execute(again.values(ended_at=None, confirmed_at=now))
