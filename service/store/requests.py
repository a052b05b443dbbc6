"""How often something was asked for, so that a form cannot be turned against anybody."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select

from service.store.dialect import Tx, insert_or_add
from service.store.tables import requests


async def count(tx: Tx, scope: str, key: str, since: datetime) -> int:
    """Count what was asked in a scope by a key (a keyed hash) since a moment."""
    own = (requests.c.scope == scope) & (requests.c.key == key) & (requests.c.since >= _minute(since))
    return int((await tx.execute(select(func.coalesce(func.sum(requests.c.count), 0)).where(own))).scalar_one())


async def counts(tx: Tx, asked: Sequence[tuple[str, str]], since: datetime) -> list[int]:
    """Count, by one question, what was asked in several scopes, each by a key."""
    any_of = or_(*((requests.c.scope == scope) & (requests.c.key == key) for scope, key in asked))
    own = any_of & (requests.c.since >= _minute(since))
    by = (requests.c.scope, requests.c.key)
    rows = await tx.execute(select(*by, func.sum(requests.c.count)).where(own).group_by(*by))
    found = {(scope, key): int(n) for scope, key, n in rows}
    return [found.get(one, 0) for one in asked]


async def note(tx: Tx, scope: str, key: str, now: datetime) -> None:
    """Note one request, in the minute in which it came."""
    row = {"scope": scope, "key": key, "since": _minute(now), "count": 1}
    await tx.execute(insert_or_add(tx, requests, row, ("scope", "key", "since"), "count"))


async def forget(tx: Tx, before: datetime, *, longer: Mapping[str, datetime]) -> None:
    """Forget what was asked before a moment, which may be another for some scopes."""
    await tx.execute(delete(requests).where(requests.c.since < before, requests.c.scope.not_in(longer)))
    for scope, moment in longer.items():
        await tx.execute(delete(requests).where(requests.c.scope == scope, requests.c.since < moment))


async def forgive(tx: Tx, scope: str, key: str) -> None:
    """Forget what was asked in a scope by a key."""
    await tx.execute(delete(requests).where(requests.c.scope == scope, requests.c.key == key))


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)
