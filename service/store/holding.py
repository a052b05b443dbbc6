"""Holding notices back by hand, and letting them go on: what an operator does to an edition or to one notice.

The conditions stand as in the partial indexes, whatever they say twice (see `status`). What a worker has claimed is
taken out of its hands: an intent commits before, or finds it gone (P4).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, insert, literal, select, text, update

from service.domain.notice import State
from service.store.dialect import Tx
from service.store.tables import attempts, editions, notices

STOPPED = "stopped"
RELEASED = "released"
CANCELLED = "cancelled"

_WAITING = (
    text("notices.state = 'planned'"),
    text("notices.state = 'ready'"),
    text("notices.state = 'claimed' AND notices.state IN ('claimed', 'sending')"),
)
_HELD = text("notices.state = 'held' AND notices.state IN ('failed', 'held', 'quarantine')")
IS_STOPPED = and_(_HELD, notices.c.reason == STOPPED)
_SET_ASIDE = text("notices.state IN ('held', 'quarantine')")


async def stop(tx: Tx, edition: str, reason: str, now: datetime) -> int:
    """Stop an edition and hold what waits for it; gives how many notices. An edition stopped before stays as it is."""
    running = and_(editions.c.id == edition, editions.c.stopped_at.is_(None))
    await tx.execute(update(editions).where(running).values(stopped_at=now, stopped_reason=reason))
    held = {"state": State.HELD, "reason": STOPPED, "finished_at": now, "owner": None}
    waiting = [update(notices).where(state, notices.c.edition_id == edition).values(held) for state in _WAITING]
    return sum([int((await tx.execute(statement)).rowcount) for statement in waiting])


async def release_edition(tx: Tx, edition: str, now: datetime) -> int:
    """Let a stopped edition go on, with the notices that were held for it and are still of use; gives how many."""
    await tx.execute(update(editions).where(editions.c.id == edition).values(stopped_at=None, stopped_reason=None))
    rendered = select(editions.c.id).where(editions.c.id == edition, editions.c.subject.is_not(None))
    state = State.READY if (await tx.execute(rendered)).first() else State.PLANNED
    which = and_(IS_STOPPED, notices.c.edition_id == edition)
    return await _let_go(tx, which, state, now)


async def release_first(tx: Tx, edition: str, first: int, now: datetime) -> int:
    """Let so many letters of a stopped edition leave ahead of the others, which stay held; gives how many.

    The exception is to this stop alone: whoever stops the edition anew stops these too.
    """
    row = (await tx.execute(select(editions).where(editions.c.id == edition))).one()
    own = and_(IS_STOPPED, notices.c.edition_id == edition, notices.c.expires_at > now)
    ids = list((await tx.execute(select(notices.c.id).where(own).order_by(notices.c.id).limit(first))).scalars())
    which = and_(IS_STOPPED, notices.c.id.in_(ids))
    await tx.execute(update(notices).where(which).values(ahead_at=row.stopped_at))
    return await _let_go(tx, which, State.PLANNED if row.subject is None else State.READY, now)


async def count_held(tx: Tx, edition: str) -> int:
    """Count the notices that are held with an edition."""
    held = select(func.count()).select_from(notices).where(IS_STOPPED, notices.c.edition_id == edition)
    return int((await tx.execute(held)).scalar_one())


async def cancel(tx: Tx, edition: str, reason: str, now: datetime) -> int:
    """Stop an edition for good: what waits for it is dropped; gives how many notices."""
    await stop(tx, edition, reason, now)
    dropped = {"state": State.DROPPED, "reason": CANCELLED, "finished_at": now, "owner": None}
    which = and_(IS_STOPPED, notices.c.edition_id == edition)
    count = int((await tx.execute(update(notices).where(which).values(dropped))).rowcount)
    ended = update(editions).where(editions.c.id == edition).values(stopped_reason=f"{CANCELLED}: {reason}")
    await tx.execute(ended)
    return count


async def release_notice(tx: Tx, notice: str, now: datetime) -> bool:
    """Let one notice go on that is held or in quarantine; False if it is neither, or of no more use."""
    return bool(await _let_go(tx, and_(_SET_ASIDE, notices.c.id == notice), State.READY, now))


async def _let_go(tx: Tx, which: Any, state: State, now: datetime) -> int:
    """Note it among the attempts, then make the notices a new generation that is due now."""
    which = and_(which, notices.c.expires_at > now)
    columns = ("notice_id", "generation", "result", "code", "words", "at")
    told = select(
        notices.c.id,
        notices.c.generation,
        literal(RELEASED),
        notices.c.code,
        notices.c.words,
        literal(now, attempts.c.at.type),
    ).where(which)
    await tx.execute(insert(attempts).from_select(columns, told, include_defaults=False))
    ready = {
        "state": state,
        "reason": "",
        "owner": None,
        "due_at": now,
        "finished_at": None,
        "crashes": 0,
        "generation": notices.c.generation + 1,
    }
    return int((await tx.execute(update(notices).where(which).values(ready))).rowcount)
