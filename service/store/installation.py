"""What the whole installation has once: whether its post is held, and when its clock last looked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from service.store.dialect import Tx, insert_or_ignore
from service.store.tables import installation


@dataclass(frozen=True, slots=True)
class State:
    """How the installation stands; `fingerprint` is that of the place its database lies in, "" before it is known."""

    fingerprint: str = ""
    epoch: int = 0
    paused_at: datetime | None = None
    paused_reason: str = ""
    ticked_at: datetime | None = None


async def state(tx: Tx) -> State:
    """Give how it stands; a new one is not paused and has never ticked."""
    row = (await tx.execute(select(installation))).first()
    if row is None:
        return State()
    return State(row.fingerprint, row.epoch, row.paused_at, row.paused_reason, row.ticked_at)


async def pause(tx: Tx, reason: str, now: datetime) -> None:
    """Hold the post at its next claim; a pause that holds already keeps its moment, and takes the new reason."""
    first = (await state(tx)).paused_at or now
    await _set(tx, paused_at=first, paused_reason=reason)


async def resume(tx: Tx, *, take_over: bool = False) -> None:
    """Let the post go on; `take_over` says that this database is the one now: its place is learnt anew."""
    own: dict[str, Any] = {"fingerprint": "", "epoch": (await state(tx)).epoch + 1} if take_over else {}
    await _set(tx, paused_at=None, paused_reason="", **own)


async def ticked(tx: Tx, now: datetime) -> None:
    """Note that the clock has looked what is due."""
    await _set(tx, ticked_at=now)


async def _set(tx: Tx, **values: Any) -> None:
    new = {"id": 1, "fingerprint": "", "epoch": 0, "paused_reason": ""}
    await tx.execute(insert_or_ignore(tx, installation).values(new))
    await tx.execute(update(installation).values(values))
