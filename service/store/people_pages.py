"""Pages of people in the order of keys: subscribers, what they asked to remember, addresses that are not written to."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, select

from service.domain.channel import Channel
from service.domain.subscription import Habit, Status
from service.domain.targets import target_of
from service.store.channel_tables import channels
from service.store.dialect import Tx
from service.store.subscribers import habit_of
from service.store.tables import subscribers, subscriptions, suppressions

_IS_PUBLIC = subscriptions.c.target.not_like(f"{target_of('')}%")
_IS_A_SUBSCRIBER = subscribers.c.status != Status.ADDRESSEE
_KEPT = select(subscribers, channels.c.name.label("channel")).outerjoin(
    channels, and_(channels.c.reader_id == subscribers.c.id, channels.c.set_aside_at.is_(None))
)


@dataclass(frozen=True, slots=True)
class SubscriberKept:
    """A subscriber as they are kept, with when they came, confirmed and left."""

    id: str
    address: str
    habit: Habit
    status: Status
    paused_until: date | None
    source: str
    created_at: datetime
    confirmed_at: datetime | None
    left_at: datetime | None
    channel: Channel | None = None  # by which notices come instead of by e-mail


@dataclass(frozen=True, slots=True)
class SubscriptionKept:
    """One thing that a subscriber asked to remember, so many days ahead; never a private event."""

    id: str
    subscriber: str
    target: str
    lead_days: int
    created_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address that must not be written to unasked, by its keyed hash."""

    address_hash: str
    reason: str
    created_at: datetime


async def page(tx: Tx, status: Status | None, after: str, most: int) -> list[SubscriberKept]:
    """Give subscribers with ids behind one, of a status or of all."""
    wanted = _KEPT.where(subscribers.c.id > after, _IS_A_SUBSCRIBER)
    if status is not None:
        wanted = wanted.where(subscribers.c.status == status)
    return [_read(row) for row in (await tx.execute(wanted.order_by(subscribers.c.id).limit(most))).all()]


async def one(tx: Tx, id_: str) -> SubscriberKept | None:
    """Give a subscriber, None if there is none of that id."""
    row = (await tx.execute(_KEPT.where(subscribers.c.id == id_, _IS_A_SUBSCRIBER))).first()
    return _read(row) if row else None


async def subscription_page(
    tx: Tx, subscriber: str | None, target: str | None, after: str, most: int
) -> list[SubscriptionKept]:
    """Give subscriptions with ids behind one, of a subscriber and to a target or of all; none to private events."""
    own: Any = and_(subscriptions.c.id > after, _IS_PUBLIC)
    if subscriber is not None:
        own = and_(own, subscriptions.c.subscriber_id == subscriber)
    if target is not None:
        own = and_(own, subscriptions.c.target == target)
    wanted = select(subscriptions).where(own).order_by(subscriptions.c.id).limit(most)
    return [_subscription(row) for row in (await tx.execute(wanted)).all()]


async def subscription(tx: Tx, id_: str) -> SubscriptionKept | None:
    """Give a subscription, None if there is none of that id, or it is to a private event."""
    row = (await tx.execute(select(subscriptions).where(subscriptions.c.id == id_, _IS_PUBLIC))).first()
    return _subscription(row) if row else None


async def suppression_page(tx: Tx, after: str, most: int) -> list[Suppression]:
    """Give suppressed addresses with hashes behind one."""
    wanted = select(suppressions).where(suppressions.c.address_hash > after)
    rows = (await tx.execute(wanted.order_by(suppressions.c.address_hash).limit(most))).all()
    return [Suppression(row.address_hash, row.reason, row.created_at) for row in rows]


def _read(row: Row[Any]) -> SubscriberKept:
    own = (row.paused_until, row.source, row.created_at, row.confirmed_at, row.left_at)
    channel = Channel(row.channel) if row.channel else None
    return SubscriberKept(row.id, row.address, habit_of(row), Status(row.status), *own, channel)


def _subscription(row: Row[Any]) -> SubscriptionKept:
    times = (row.created_at, row.confirmed_at, row.ended_at)
    return SubscriptionKept(row.id, row.subscriber_id, row.target, row.lead_days, *times)
