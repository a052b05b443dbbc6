"""What was answered to a request that a client may send again under the same key: kept for a day."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select

from service.store.dialect import Tx, one_at_a_time
from service.store.token_tables import api_answers

KEPT: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it was given; `asked` is the keyed hash of what it answers."""

    asked: str
    status: int
    headers: Mapping[str, str]
    body: str


async def of(tx: Tx, token: str, key: str, now: datetime) -> Kept | None:
    """Give what was answered under a key of a token within a day; nobody else asks by it until this transaction ends.

    An answer of which the hash is not its own is none.
    """
    hashed = _digest(key)
    await one_at_a_time(tx, f"{api_answers.name} {token} {hashed}")
    own = (api_answers.c.token_id == token) & (api_answers.c.key == hashed)
    row = (await tx.execute(select(api_answers).where(own))).first()
    if row is None:
        return None
    if row.created_at <= now - KEPT or _digest(row.body) != row.body_hash:
        await tx.execute(delete(api_answers).where(own))
        return None
    return Kept(row.asked, row.status, row.headers, row.body)


async def keep(tx: Tx, token: str, key: str, kept: Kept, now: datetime) -> None:
    """Keep an answer, in the transaction of what it tells."""
    row = {
        "token_id": token,
        "key": _digest(key),
        "asked": kept.asked,
        "status": kept.status,
        "headers": dict(kept.headers),
        "body": kept.body,
        "body_hash": _digest(kept.body),
        "created_at": now,
    }
    await tx.execute(insert(api_answers).values(row))


async def forget(tx: Tx, now: datetime) -> None:
    """Forget what is older than a day."""
    await tx.execute(delete(api_answers).where(api_answers.c.created_at <= now - KEPT))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
