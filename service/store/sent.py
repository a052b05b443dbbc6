"""How many letters have left on a day of UTC that has a limit: each worker counts its own, and waits for no other.

Whoever claims asks alone: until its claims are committed, nobody else's question is answered.
"""

from datetime import UTC, date, datetime

from sqlalchemy import delete, func, or_, select, text

from service.domain.notice import State
from service.domain.standing import Warming
from service.domain.warm_up import read_warm_up
from service.store.dialect import GroupTx, Tx, insert_or_add
from service.store.prepared import fixed
from service.store.sent_tables import sent
from service.store.statements import WARM_UP
from service.store.tables import installation, notices

_COUNTED = select(func.coalesce(func.sum(sent.c.letters), 0))
_IN_HAND = select(func.count()).where(
    or_(notices.c.state == fixed(State.CLAIMED), notices.c.state == fixed(State.SENDING))
)
# As in the index: SQLite does not conclude that what has this reason has one.
_WAITING = text(f"notices.state = 'ready' AND notices.reason <> '' AND notices.reason = '{WARM_UP}'")


def gone(tx: GroupTx, day: date) -> int:
    """Give how many letters of a day have left or are in somebody's hands, and keep others from asking meanwhile."""
    tx.execute(select(installation.c.id).with_for_update())
    left = _COUNTED.where(sent.c.day == day).scalar_subquery()
    # In one statement: of a letter that leaves meanwhile, both numbers would miss it.
    return int(tx.execute(select(left + _IN_HAND.scalar_subquery())).scalar_one())


def note(tx: GroupTx, day: date, owner: str, letters: int) -> None:
    """Take note that so many letters of a worker have left on a day."""
    if letters:
        row = {"day": day, "owner": owner, "letters": letters}
        tx.execute(insert_or_add(tx, sent, row, ("day", "owner"), "letters"))


async def forget(tx: Tx, before: date) -> None:
    """Remove what was counted before a day: only that of today bounds anything."""
    await tx.execute(delete(sent).where(sent.c.day < before))


async def warming(tx: Tx, plan: str, now: datetime) -> Warming | None:
    """Give how the day stands by a plan as it is kept; None if it has no limit."""
    day, known = now.astimezone(UTC).date(), read_warm_up(plan)
    limit = known.limit_on(day) if known else None
    if limit is None:
        return None
    waiting = select(func.count()).select_from(notices).where(_WAITING)
    left = _COUNTED.where(sent.c.day == day).scalar_subquery()
    return Warming(limit, *(await tx.execute(select(left, waiting.scalar_subquery()))).one())
