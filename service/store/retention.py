"""What is removed in time: notices that ended long ago, what was said of their tries, words that were one reader's own.

Never removed here: what waits, is held or in quarantine; the archive; slots that ran, by which a day is not planned
twice when its notices are gone; consents and suppressions. Each question removes some rows, found by their ids, which
are in the order of time: no writer waits long, whatever the number of notices.
"""

from datetime import datetime

from sqlalchemy import and_, delete, select, tuple_, update

from service.domain.notice import ENDED
from service.store.dialect import Tx, id_at
from service.store.tables import attempts, editions, notices

_MOST = 500


async def forget_attempts(tx: Tx, before: datetime) -> int:
    """Remove some of what was said of tries, of notices made before a moment that have ended; gives how much."""
    key = (attempts.c.notice_id, attempts.c.generation, attempts.c.result)
    over = and_(attempts.c.notice_id < id_at(before), attempts.c.at < before, notices.c.state.in_(ENDED))
    wanted = select(*key).join_from(attempts, notices).where(over).order_by(attempts.c.notice_id).limit(_MOST)
    rows = [tuple(row) for row in (await tx.execute(wanted)).all()]
    if rows:
        await tx.execute(delete(attempts).where(tuple_(*key).in_(rows)))
    return len(rows)


async def forget_notices(tx: Tx, before: datetime) -> int:
    """Remove some notices made before a moment that ended before it, with what was said of them; gives how many."""
    over = and_(notices.c.id < id_at(before), notices.c.finished_at < before, notices.c.state.in_(ENDED))
    ids = (await tx.execute(select(notices.c.id).where(over).order_by(notices.c.id).limit(_MOST))).scalars().all()
    if ids:
        await tx.execute(delete(notices).where(notices.c.id.in_(ids)))
    return len(ids)


async def forget_own_words(tx: Tx, before: datetime) -> int:
    """Empty some editions of days before a moment that told of one reader's own dates; gives how many."""
    own = and_(editions.c.subscriber_id.is_not(None), editions.c.day < before.date(), editions.c.html.is_not(None))
    ids = (await tx.execute(select(editions.c.id).where(own).limit(_MOST))).scalars().all()
    if ids:
        empty: dict[str, object] = {
            "subject": None,
            "html": None,
            "text": None,
            "calendar": None,
            "dues": [],
            "because": [],
        }
        await tx.execute(update(editions).where(editions.c.id.in_(ids)).values(empty))
    return len(ids)
