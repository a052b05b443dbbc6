"""Webhooks: where other programs are told what happens, of what, and by which secret they know that it is us."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, func, select, update

from service.domain.standing import Webhooks
from service.domain.webhook import OVERLAP, SECRET_BYTES, Answered, Happening, State, written_secret
from service.store.dialect import Tx, new_id
from service.store.webhook_tables import webhook_messages, webhooks

IS_OPEN = and_(webhooks.c.off_at.is_(None), webhooks.c.ended_at.is_(None))
SWITCHED_OFF = "its webhook was switched off"
_WORDS_MOST = 500


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook. `secrets` sign what is told: the newest first, and for a while the one before.

    `failing_since` is the first try that failed since one was taken; `code` and `words` are of the last answer.
    """

    id: str
    url: str
    is_near: bool
    happenings: tuple[Happening, ...]
    secret: str
    old_secret: str | None
    old_until: datetime | None
    created_at: datetime
    failing_since: datetime | None
    answered_at: datetime | None
    code: int
    words: str
    off_at: datetime | None
    off_why: str

    def secrets(self, now: datetime) -> tuple[str, ...]:
        """Give the secrets that sign at a moment."""
        is_old_good = self.old_secret is not None and self.old_until is not None and now < self.old_until
        return (self.secret, self.old_secret) if is_old_good and self.old_secret else (self.secret,)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many messages of a webhook wait, and how many failed for good and are still kept."""

    waiting: int = 0
    failed: int = 0


async def add(tx: Tx, url: str, happenings: Iterable[Happening], now: datetime, *, is_near: bool) -> Webhook:
    """Keep a webhook, with a secret of its own."""
    row = {
        "id": new_id(),
        "url": url,
        "is_near": is_near,
        "types": f" {' '.join(happenings)} ",
        "secret": _new_secret(),
        "created_at": now,
        "code": 0,
        "words": "",
        "off_why": "",
    }
    await tx.execute(webhooks.insert().values(row))
    return _read((await tx.execute(select(webhooks).where(webhooks.c.id == row["id"]))).one())


async def named(tx: Tx, id_: str) -> Webhook | None:
    """Give the webhook of an id; None if there is none, or it was ended."""
    own = and_(webhooks.c.id == id_, webhooks.c.ended_at.is_(None))
    row = (await tx.execute(select(webhooks).where(own))).first()
    return _read(row) if row else None


async def listed(tx: Tx) -> list[Webhook]:
    """Give every webhook in the order of their coming, those that were switched off included."""
    wanted = select(webhooks).where(webhooks.c.ended_at.is_(None)).order_by(webhooks.c.id)
    return [_read(row) for row in (await tx.execute(wanted)).all()]


async def counts(tx: Tx) -> dict[str, Counts]:
    """Count the messages of each webhook that have any."""
    of = (webhook_messages.c.webhook_id, webhook_messages.c.state)
    every = webhook_messages.c.webhook_id.in_(select(webhooks.c.id))  # so that the index leads past what was taken
    kept = and_(every, webhook_messages.c.state.in_([State.WAITING, State.FAILED]))
    found: dict[str, dict[str, int]] = {}
    for id_, state, number in await tx.execute(select(*of, func.count()).where(kept).group_by(*of)):
        found.setdefault(id_, {})[state] = number
    return {id_: Counts(own.get(State.WAITING, 0), own.get(State.FAILED, 0)) for id_, own in found.items()}


async def standing(tx: Tx) -> Webhooks:
    """Give how webhooks stand, all together."""
    hooks, counted = await listed(tx), await counts(tx)
    off = sum(one.off_at is not None for one in hooks)
    failing = sum(one.off_at is None and one.failing_since is not None for one in hooks)
    waiting, failed = (sum(getattr(one, name) for one in counted.values()) for name in ("waiting", "failed"))
    return Webhooks(off, failing, waiting, failed)


async def renew(tx: Tx, id_: str, now: datetime) -> str:
    """Give a webhook a new secret; the one before signs beside it for a while. Gives the new one."""
    secret = _new_secret()
    renewed = {"old_secret": webhooks.c.secret, "old_until": now + OVERLAP, "secret": secret}
    await tx.execute(update(webhooks).where(webhooks.c.id == id_).values(renewed))
    return secret


async def end(tx: Tx, id_: str, now: datetime) -> None:
    """Tell a webhook nothing more, and forget what it was told and its secrets. Its row goes later (`forget`)."""
    ended: dict[str, Any] = {"ended_at": now, "secret": "", "old_secret": None, "url": ""}
    await tx.execute(update(webhooks).where(webhooks.c.id == id_).values(ended))
    await tx.execute(delete(webhook_messages).where(webhook_messages.c.webhook_id == id_))


async def switch_off(tx: Tx, id_: str, why: str, now: datetime) -> None:
    """Tell a webhook nothing until somebody says `resume`; what waits for it has failed."""
    own = and_(webhooks.c.id == id_, IS_OPEN)
    await tx.execute(update(webhooks).where(own).values(off_at=now, off_why=why))
    waiting = and_(webhook_messages.c.webhook_id == id_, webhook_messages.c.state == State.WAITING)
    failed = {"state": State.FAILED, "words": SWITCHED_OFF, "finished_at": now}
    await tx.execute(update(webhook_messages).where(waiting).values(failed))


async def resume(tx: Tx, id_: str, now: datetime) -> int:
    """Tell a webhook again, first what failed and is still kept; gives how much that is."""
    on = {"off_at": None, "off_why": "", "failing_since": None}
    await tx.execute(update(webhooks).where(webhooks.c.id == id_).values(on))
    failed = and_(webhook_messages.c.webhook_id == id_, webhook_messages.c.state == State.FAILED)
    again: dict[str, Any] = {"state": State.WAITING, "due_at": now, "attempts": 0, "finished_at": None}
    return int((await tx.execute(update(webhook_messages).where(failed).values(again))).rowcount)


async def alone(tx: Tx, id_: str) -> None:
    """Let nobody else change a webhook until this transaction ends: before its messages, as everybody does.

    What is to be told is added meanwhile all the same.
    """
    await tx.execute(select(webhooks.c.id).where(webhooks.c.id == id_).with_for_update(key_share=True))


async def answered(tx: Tx, id_: str, last: Answered, now: datetime, *, is_any_taken: bool) -> None:
    """Keep what a webhook answered last, and since when it takes nothing."""
    told: dict[str, Any] = {"answered_at": now, "code": last.code, "words": last.words[:_WORDS_MOST]}
    told["failing_since"] = None if is_any_taken else func.coalesce(webhooks.c.failing_since, now)
    await tx.execute(update(webhooks).where(webhooks.c.id == id_).values(told))


async def forget(tx: Tx, before: datetime) -> None:
    """Remove webhooks that were ended before a moment: no process has them in hand any more."""
    await tx.execute(delete(webhooks).where(webhooks.c.ended_at < before))


def _new_secret() -> str:
    return written_secret(secrets.token_bytes(SECRET_BYTES))


def _read(row: Row[Any]) -> Webhook:
    happenings = tuple(map(Happening, row.types.split()))
    own = (row.secret, row.old_secret, row.old_until, row.created_at, row.failing_since, row.answered_at)
    return Webhook(row.id, row.url, row.is_near, happenings, *own, row.code, row.words, row.off_at, row.off_why)
