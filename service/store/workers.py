"""Workers: which processes send, how long each may be silent, and which of them are dead.

A lease ends at a moment of `dialect.lease_now`. Every question is for a group (`Store.group`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from service.store.dialect import GroupTx
from service.store.tables import workers


@dataclass(frozen=True, slots=True)
class Seen:
    """A worker's row, and whether its lease has ended."""

    id: str
    host: str
    is_late: bool


def register(tx: GroupTx, id_: str, host: str, lease_until: Any, now: datetime) -> None:
    """Enter a worker that begins."""
    tx.execute(workers.insert().values(id=id_, host=host, started_at=now, lease_until=lease_until))


def extend(tx: GroupTx, id_: str, lease_until: Any) -> bool:
    """Prolong a worker's lease; False if it was declared dead meanwhile."""
    return bool(tx.execute(update(workers).where(workers.c.id == id_).values(lease_until=lease_until)).rowcount)


def remove(tx: GroupTx, id_: str) -> bool:
    """Strike a worker that ends, or is dead; False if somebody else has."""
    return bool(tx.execute(delete(workers).where(workers.c.id == id_)).rowcount)


def others(tx: GroupTx, id_: str, now: Any) -> Sequence[Seen]:
    """Give every other worker."""
    late = (workers.c.lease_until < now).label("is_late")
    found = tx.execute(select(workers.c.id, workers.c.host, late).where(workers.c.id != id_))
    return [Seen(other, host, bool(is_late)) for other, host, is_late in found]
