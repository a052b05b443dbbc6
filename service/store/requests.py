"""How often something was asked for, so that a form cannot be turned against anybody."""

from datetime import datetime

from sqlalchemy import delete, func, select

from service.store.dialect import Tx, insert_or_add
from service.store.tables import requests


async def count(tx: Tx, scope: str, key: str, since: datetime) -> int:
    """Count what was asked in a scope by a key (a keyed hash) since a moment."""
    own = (requests.c.scope == scope) & (requests.c.key == key) & (requests.c.since >= since)
    return int((await tx.execute(select(func.coalesce(func.sum(requests.c.count), 0)).where(own))).scalar_one())


async def note(tx: Tx, scope: str, key: str, now: datetime) -> None:
    """Note one request, in the minute in which it came."""
    row = {"scope": scope, "key": key, "since": now.replace(second=0, microsecond=0), "count": 1}
    await tx.execute(insert_or_add(tx, requests, row, ("scope", "key", "since"), "count"))


async def forget(tx: Tx, before: datetime) -> None:
    """Forget what was asked before a moment."""
    await tx.execute(delete(requests).where(requests.c.since < before))


async def forgive(tx: Tx, scope: str, key: str) -> None:
    """Forget what was asked in a scope by a key."""
    await tx.execute(delete(requests).where(requests.c.scope == scope, requests.c.key == key))
