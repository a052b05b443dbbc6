"""What must hold of the notices whatever happened (`faults.md`, D.4), asked of the rows: what does not is named.

I1 and the uniqueness of keys are the database's own, if its tables are as they should be (`migrating.differences`).
I4, I8 and I11 cannot be asked of rows: an intent is a state here, what servers took is known by them, and every figure
is counted when it is shown.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from service.domain.notice import ENDED, Kind, State
from service.store.dialect import Tx
from service.store.tables import attempts, editions, installation, notices, subscribers

_IN_HAND = (State.CLAIMED, State.SENDING)
_WAITING = (State.PLANNED, State.READY)
_SKEW = timedelta(minutes=5)
_GRACE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that does not hold: which, in words, of how many rows, and one of them ("" if it is none)."""

    name: str
    words: str
    rows: int
    example: str


async def broken(tx: Tx, now: datetime, most_in_hand: int) -> list[Broken]:
    """Give what does not hold; a worker may have `most_in_hand` letters under way at once."""
    found = []
    for name, (words, condition) in _conditions(now).items():
        asked = select(func.count(), func.min(notices.c.id)).select_from(notices).where(condition)
        count, example = (await tx.execute(asked)).one()
        if count:
            found.append(Broken(name, words, count, example))
    sending = notices.c.state == State.SENDING
    crowded = select(notices.c.owner, func.count().label("rows")).where(sending).group_by(notices.c.owner)
    too_many = (await tx.execute(crowded.having(func.count() > most_in_hand))).all()
    words = "a worker has more letters under way than connections"
    found += [Broken("I7", words, count, owner or "") for owner, count in too_many]
    ticked = (await tx.execute(select(installation.c.ticked_at))).scalar()
    if ticked is not None and ticked > now + _SKEW:
        found.append(Broken("I12", "the clock has looked at a moment that is still to come", 1, ""))
    return found


def _conditions(now: datetime) -> dict[str, tuple[str, ColumnElement[bool]]]:
    """Give what is true of a notice that breaks an invariant."""
    newer = exists().where(attempts.c.notice_id == notices.c.id, attempts.c.generation > notices.c.generation)
    had_left = exists().where(
        subscribers.c.id == notices.c.subscriber_id,
        subscribers.c.status == "left",
        subscribers.c.left_at < notices.c.dated_at,
    )
    of_nobody = ~exists().where(editions.c.id == notices.c.edition_id)
    in_hand = notices.c.state.in_(_IN_HAND)
    remembering = notices.c.kind.in_([kind for kind in Kind if kind.remembers])
    undated = or_(notices.c.dated_at.is_(None), notices.c.generation < 1)
    return {
        "I1": ("a notice names an edition that is not there", of_nobody),
        "I2": ("an attempt is of a later generation than its notice", newer),
        "I3": ("a notice is in hand, and in nobody's", and_(in_hand, notices.c.owner.is_(None))),
        "I5": ("a letter was taken that no intent was committed for", and_(notices.c.state == State.ACCEPTED, undated)),
        "I6": (
            "a notice has ended, and at no time",
            and_(notices.c.state.in_(ENDED), notices.c.finished_at.is_(None)),
        ),
        "I9": ("a letter was claimed and taken after its reader had left", and_(remembering, _taken(), had_left)),
        "I10": (
            "a notice waits beyond the time in which it is of use",
            and_(notices.c.state.in_(_WAITING), notices.c.expires_at < now - _GRACE),
        ),
    }


def _taken() -> ColumnElement[bool]:
    return notices.c.state == State.ACCEPTED
