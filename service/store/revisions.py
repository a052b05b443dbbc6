"""What becomes of notices when an event changes: what has not started is taken back and planned anew.

Editions that tell of the event as it was are stopped in the transaction that changes it. What has been handed to
the relay once keeps its words, and the stop is lifted for it when everything else is taken back.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, or_, select, update

from service.domain.approval import HOLDING
from service.domain.notice import State
from service.store.dialect import Tx, id_at
from service.store.editions import NEVER_RENDERED, SUPERSEDED
from service.store.tables import editions, events, notices, subscribers

_AT_ONCE = 500
_STOPPED = "stopped"  # the reason that the sender gives to what it was about to send of a stopped edition
_DAYS_BACK = timedelta(days=3)  # a letter is of use on its day, which somewhere lasts until the day after tomorrow
_UNTRIED = and_(notices.c.attempts == 0, notices.c.doubts == 0)


async def supersede(tx: Tx, events: Collection[str], now: datetime) -> int:
    """Stop the editions that tell of events which have just changed; gives how many there are."""
    # What waits for an approval waits for that of the event as it is now.
    held = editions.c.stopped_reason.in_([fate.value for fate in HOLDING])
    recent = select(editions.c.id, editions.c.dues).where(
        editions.c.day >= now.date() - _DAYS_BACK, or_(editions.c.stopped_at.is_(None), held)
    )
    old = [id_ for id_, dues in await tx.execute(recent) if any(event in events for event, *_ in dues)]
    await take_back_later(tx, old, now)
    return len(old)


async def take_back_later(tx: Tx, old: Sequence[str], now: datetime) -> None:
    """Stop editions that are not to tell what they do; the planner takes their notices back and plans anew."""
    stopped = update(editions).values(stopped_at=now, stopped_reason=SUPERSEDED)
    for start in range(0, len(old), _AT_ONCE):
        await tx.execute(stopped.where(editions.c.id.in_(old[start : start + _AT_ONCE])))


async def superseded(tx: Tx) -> list[str]:
    """Give the ids of the editions that are stopped for that reason."""
    ours = and_(editions.c.stopped_at.is_not(None), editions.c.stopped_reason == SUPERSEDED)
    return list((await tx.execute(select(editions.c.id).where(ours).order_by(editions.c.id))).scalars())


async def take_back(tx: Tx, edition: str, most: int, now: datetime) -> bool:
    """Take back up to so many notices of a superseded edition; False if there were none left, and it is settled."""
    for waiting in (notices.c.state == State.PLANNED, notices.c.state == State.READY, _held()):
        found = select(notices.c.id, notices.c.subscriber_id).where(notices.c.edition_id == edition, waiting, _UNTRIED)
        rows = (await tx.execute(found.limit(most).with_for_update())).all()
        if rows:
            ids, readers = [row.id for row in rows], [row.subscriber_id for row in rows]
            for start in range(0, len(rows), _AT_ONCE):
                part = slice(start, start + _AT_ONCE)
                ended = update(notices).values(state=State.DROPPED, reason=SUPERSEDED, finished_at=now)
                await tx.execute(ended.where(notices.c.id.in_(ids[part])))
                moved = update(subscribers).where(subscribers.c.id.in_(readers[part]))
                await tx.execute(moved.values(moved=True))
            return True
    await _settle(tx, edition)
    return False


async def is_outdated(tx: Tx, edition: str) -> bool:
    """Say whether an event of which an edition tells was changed after the edition was planned."""
    row = (await tx.execute(select(editions.c.dues, editions.c.created_at).where(editions.c.id == edition))).first()
    if row is None or not row.dues:
        return False
    named = events.c.id.in_(sorted({event for event, *_ in row.dues}))
    later = select(events.c.id).where(named, events.c.updated_at > row.created_at)
    return (await tx.execute(later.limit(1))).first() is not None


async def plan_again(tx: Tx, now: datetime) -> None:
    """Have those planned anew whose letters were taken back lately: there is something to tell them after all."""
    lately = and_(notices.c.id >= id_at(now - _DAYS_BACK), notices.c.day >= now.date() - _DAYS_BACK)
    back = and_(lately, notices.c.state == State.DROPPED, notices.c.reason == SUPERSEDED)
    readers = select(notices.c.subscriber_id).where(back)
    await tx.execute(update(subscribers).where(subscribers.c.id.in_(readers)).values(moved=True))


async def _settle(tx: Tx, edition: str) -> None:
    """Let go on what had been tried before the change; what a worker still holds is waited for."""
    claimed = exists().where(notices.c.edition_id == edition, notices.c.state == State.CLAIMED)
    if (await tx.execute(select(claimed))).scalar():
        return
    of_edition = editions.c.id == edition
    lifted = update(editions).where(of_edition, editions.c.rendered_at.is_not(None))
    await tx.execute(lifted.values(stopped_at=None, stopped_reason=None))
    tried = update(notices).where(notices.c.edition_id == edition, _held())
    await tx.execute(tried.values(state=State.READY, reason="", finished_at=None))
    # Never rendered, it never had anything to say; and the event of which it was to tell may be gone.
    told = update(editions).where(of_edition, editions.c.rendered_at.is_(None))
    await tx.execute(told.values(rendered_at=editions.c.stopped_at, stopped_reason=NEVER_RENDERED))


def _held() -> Any:
    """Say that the sender was about to hand a notice over when its edition was stopped."""
    return and_(notices.c.state == State.HELD, notices.c.reason == _STOPPED)
