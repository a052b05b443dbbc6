"""What the whole installation has once: who it is, whether its post is held and why, when its clock last looked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from service.store.dialect import GroupTx, Tx, insert_or_ignore, place
from service.store.tables import installation

MOVED_AWAY = "moved away"


@dataclass(frozen=True, slots=True)
class Installation:
    """The one row."""

    fingerprint: str
    epoch: int
    paused_at: datetime | None
    paused_reason: str
    ticked_at: datetime | None
    warm_up: str  # the plan by which letters leave, "" for none


async def state(tx: Tx) -> Installation | None:
    """Give the installation as it stands; None before its first start."""
    row = (await tx.execute(select(installation))).first()
    return _read(row) if row else None


async def pause(tx: Tx, reason: str, now: datetime) -> bool:
    """Hold the post: no further notice is claimed; False if it is held already."""
    await _enter(tx)
    held = update(installation).where(installation.c.paused_at.is_(None))
    return bool((await tx.execute(held.values(paused_at=now, paused_reason=reason))).rowcount)


async def resume(tx: Tx, fingerprint: str | None = None) -> bool:
    """Let the post go on; False if it was not held. A new `fingerprint` takes the installation over."""
    values = {"paused_at": None, "paused_reason": ""} | ({"fingerprint": fingerprint} if fingerprint else {})
    freed = update(installation).where(installation.c.paused_at.is_not(None)).values(values)
    return bool((await tx.execute(freed)).rowcount)


async def leave(tx: Tx) -> None:
    """Say that another database has this one's place: it is a copy from now on, wherever it lies."""
    await tx.execute(update(installation).values(fingerprint=MOVED_AWAY))


async def ticked(tx: Tx, now: datetime) -> None:
    """Note that the clock has looked what is due."""
    await _enter(tx)
    await tx.execute(update(installation).values(ticked_at=now))


async def here(tx: Tx) -> str:
    """Give the fingerprint of the place in which this database lies now."""
    return await tx.run_sync(place)


async def _enter(tx: Tx) -> None:
    """See to it that the row is there before the first worker begins."""
    if await state(tx) is None:
        new = {"id": 1, "fingerprint": await here(tx), "epoch": 0, "paused_reason": ""}
        await tx.execute(insert_or_ignore(tx, installation).values(new))


def begin(tx: GroupTx, fingerprint: str) -> Installation:
    """Enter the installation at its first start; gives it as it stands, one epoch further."""
    row = {"id": 1, "fingerprint": fingerprint, "epoch": 0, "paused_reason": ""}
    tx.execute(insert_or_ignore(tx, installation).values(row))
    tx.execute(update(installation).values(epoch=installation.c.epoch + 1))
    now = tx.execute(select(installation)).one()
    return _read(now)


def plan(tx: GroupTx, warm_up: str) -> None:
    """Keep the plan by which letters leave from now on, for whoever wants to see it."""
    tx.execute(update(installation).where(installation.c.warm_up != warm_up).values(warm_up=warm_up))


def hold(tx: GroupTx, reason: str, now: datetime) -> None:
    """Hold the post, unless it is held already."""
    tx.execute(
        update(installation).where(installation.c.paused_at.is_(None)).values(paused_at=now, paused_reason=reason)
    )


def _read(row: Row[Any]) -> Installation:
    return Installation(row.fingerprint, row.epoch, row.paused_at, row.paused_reason, row.ticked_at, row.warm_up)
