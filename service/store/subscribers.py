"""Subscribers: addresses, habits and where each stands."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, delete, exists, func, select, update

from service.domain.addresses import address_key
from service.domain.letter import Variant
from service.domain.subscription import Cadence, Habit, Rhythm, Status, Subscriber
from service.store.dialect import Tx, insert_or_ignore, new_id
from service.store.tables import subscribers, subscriptions, suppressions

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody who comes: an address with habits, where they stand, and how they came."""

    address: str
    habit: Habit
    status: Status
    source: str
    confirmed_at: datetime | None = None


async def by_id(tx: Tx, id_: str) -> Subscriber | None:
    """Give the subscriber of that id."""
    own = and_(subscribers.c.id == id_, subscribers.c.status != Status.ADDRESSEE)
    row = (await tx.execute(select(subscribers).where(own))).first()
    return _read(row) if row else None


async def by_address(tx: Tx, address: str) -> Subscriber | None:
    """Give the subscriber of that address, whatever the case of its letters."""
    wanted = select(subscribers).where(subscribers.c.address_key == address_key(address))
    row = (await tx.execute(wanted)).first()
    return _read(row) if row else None


async def add(tx: Tx, arrival: Arrival, now: datetime) -> str:
    """Add a subscriber who is not kept yet and give the new id."""
    row = arrival_row(arrival, now)
    await tx.execute(subscribers.insert().values(row))
    id_: str = row["id"]
    return id_


async def add_many(tx: Tx, rows: list[dict[str, Any]]) -> dict[str, str]:
    """Add rows of `arrival_row`, leaving known addresses as they are; give address key → id for all of them."""
    if rows:
        await tx.execute(insert_or_ignore(tx, subscribers), rows)
    keys = [row["address_key"] for row in rows]
    wanted = select(subscribers.c.address_key, subscribers.c.id).where(subscribers.c.address_key.in_(keys))
    return dict((await tx.execute(wanted)).all())


async def standing(tx: Tx, keys: list[str]) -> dict[str, tuple[str, Status]]:
    """Give id and status of those addresses (by key) that are kept."""
    wanted = select(subscribers.c.address_key, subscribers.c.id, subscribers.c.status)
    found = await tx.execute(wanted.where(subscribers.c.address_key.in_(keys)))
    return {key: (id_, Status(status)) for key, id_, status in found}


def arrival_row(arrival: Arrival, now: datetime) -> dict[str, Any]:
    """Make the row of a new subscriber."""
    return {
        "id": new_id(),
        "address": arrival.address,
        "address_key": address_key(arrival.address),
        **_habit_row(arrival.habit),
        "status": arrival.status,
        "source": arrival.source,
        "moved": True,
        "created_at": now,
        "confirmed_at": arrival.confirmed_at,
    }


async def change_habit(tx: Tx, id_: str, habit: Habit) -> None:
    """Set how a subscriber wants to be written to; whoever moves to another slot is planned anew."""
    await tx.execute(update(subscribers).where(subscribers.c.id == id_).values(**_habit_row(habit), moved=True))


async def move(tx: Tx, id_: str, address: str) -> None:
    """Have a subscriber's letters go to another address, which is no other subscriber's."""
    moved = {"address": address, "address_key": address_key(address)}
    await tx.execute(update(subscribers).where(subscribers.c.id == id_).values(moved))


async def pause(tx: Tx, id_: str, until: date | None) -> None:
    """Send nothing before that local day; None ends a pause."""
    await tx.execute(update(subscribers).where(subscribers.c.id == id_).values(paused_until=until, moved=True))


async def move_again(tx: Tx, id_: str) -> None:
    """Have a subscriber planned anew, since what they asked for has changed."""
    await tx.execute(update(subscribers).where(subscribers.c.id == id_).values(moved=True))


async def set_status(tx: Tx, id_: str, status: Status, now: datetime) -> None:
    """Set where a subscriber stands, with the time of confirming or leaving."""
    values: dict[str, Any] = {"status": status, "moved": True}
    if status is Status.ACTIVE:
        values |= {"confirmed_at": now, "left_at": None}
    elif status is Status.LEFT:
        values |= {"left_at": now}
    await tx.execute(update(subscribers).where(subscribers.c.id == id_).values(values))


async def take_back(tx: Tx, id_: str) -> Status | None:
    """Let a subscriber who was suppressed stand where they stood before; None if they are not suppressed."""
    own = and_(subscribers.c.id == id_, subscribers.c.status == Status.SUPPRESSED)
    row = (await tx.execute(select(subscribers.c.confirmed_at, subscribers.c.left_at).where(own))).first()
    if row is None:
        return None
    status = Status.LEFT if row.left_at else Status.ACTIVE if row.confirmed_at else Status.PENDING
    await tx.execute(update(subscribers).where(own).values(status=status, moved=True))
    return status


async def forget_unconfirmed(tx: Tx, before: datetime) -> None:
    """Remove those who asked before a moment, by themselves, and never confirmed; who ever was a reader stays."""
    never = and_(subscribers.c.status == Status.PENDING, subscribers.c.confirmed_at.is_(None))
    old = and_(never, subscribers.c.source.in_(["page", "mail", "api"]), subscribers.c.created_at < before)
    recent = exists().where(subscriptions.c.subscriber_id == subscribers.c.id, subscriptions.c.created_at >= before)
    await tx.execute(delete(subscribers).where(old, ~recent))


async def ids_from(tx: Tx, source: str) -> list[str]:
    """Give the ids of those who came that way and have not left."""
    wanted = select(subscribers.c.id).where(subscribers.c.source == source, subscribers.c.status != Status.LEFT)
    return list((await tx.execute(wanted)).scalars())


async def count(tx: Tx) -> dict[Status, int]:
    """Count the subscribers of each status."""
    counted = select(subscribers.c.status, func.count()).group_by(subscribers.c.status)
    found = {Status(status): number for status, number in (await tx.execute(counted))}
    return {status: number for status, number in found.items() if status is not Status.ADDRESSEE}


async def pages(tx: Tx) -> AsyncIterator[list[Row[Any]]]:
    """Stream every subscriber's row in the order of their coming, a thousand at a time."""
    last = ""
    while True:
        own = and_(subscribers.c.id > last, subscribers.c.status != Status.ADDRESSEE)
        wanted = select(subscribers).where(own).order_by(subscribers.c.id).limit(_PAGE)
        page = list((await tx.execute(wanted)).all())
        if not page:
            return
        yield page
        last = page[-1].id


async def suppress(tx: Tx, address_hash: str, reason: str, now: datetime) -> None:
    """Keep in mind, by a keyed hash alone, that an address is not to be written to unasked."""
    row = {"address_hash": address_hash, "reason": reason, "created_at": now}
    await tx.execute(insert_or_ignore(tx, suppressions).values(row))


async def lift(tx: Tx, address_hash: str) -> None:
    """Forget a suppression, since the address's owner came back."""
    await tx.execute(delete(suppressions).where(suppressions.c.address_hash == address_hash))


async def suppression(tx: Tx, address_hash: str) -> tuple[str, datetime] | None:
    """Give why and since when an address is not to be written to unasked; None if it may be."""
    own = select(suppressions.c.reason, suppressions.c.created_at)
    row = (await tx.execute(own.where(suppressions.c.address_hash == address_hash))).first()
    return (row.reason, row.created_at) if row else None


async def suppressed(tx: Tx, hashes: list[str]) -> set[str]:
    """Give those of the hashes that are suppressed."""
    wanted = select(suppressions.c.address_hash).where(suppressions.c.address_hash.in_(hashes))
    return set((await tx.execute(wanted)).scalars())


async def barred(tx: Tx, most: int) -> list[str]:
    """Give addresses of subscribers that are not to be written to, whoever asks; at most so many, who came first."""
    wanted = select(subscribers.c.address).where(subscribers.c.status == Status.SUPPRESSED)
    return list((await tx.execute(wanted.order_by(subscribers.c.id).limit(most))).scalars())


def habit_of(row: Row[Any]) -> Habit:
    """Read the habits in a subscriber's row."""
    rhythm = Rhythm(Cadence(row.cadence), row.summary_on or 1)
    return Habit(row.language, row.zone, row.hour, rhythm, Variant(row.variant), row.late_hours)


def _habit_row(habit: Habit) -> dict[str, Any]:
    return {
        "language": habit.language,
        "zone": habit.zone,
        "hour": habit.hour,
        "cadence": habit.cadence,
        "summary_on": None if habit.cadence is Cadence.DAILY else habit.rhythm.on,
        "variant": habit.variant,
        "late_hours": habit.late_hours,
    }


def _read(row: Row[Any]) -> Subscriber:
    return Subscriber(row.id, row.address, habit_of(row), Status(row.status), row.paused_until)
