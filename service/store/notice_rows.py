"""The columns of new notices in a set-based INSERT, as far as they are the same for all or follow from the edition."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, Integer, SmallInteger, cast, literal, null

from service.domain.notice import Kind, State
from service.store.dialect import Instant
from service.store.editions import Kept
from service.store.holding import STOPPED
from service.store.ids import new_ids

NEVER = cast(null(), Instant)


def new_notice(kind: Kind, day: date, due_at: datetime, now: datetime) -> dict[str, Any]:
    """Give the columns that are the same for all."""
    return {
        "id": new_ids(),
        "kind": literal(kind.value),
        "day": literal(day, Date),
        "lane": literal(1, SmallInteger),
        "due_at": literal(due_at, Instant),
        "generation": literal(0, BigInteger),
        "attempts": literal(0, Integer),
        "doubts": literal(0, Integer),
        "crashes": literal(0, SmallInteger),
        "code": literal(0, SmallInteger),
        "words": literal(""),
        "created_at": literal(now, Instant),
        "dated_at": NEVER,
    }


def begins(kept: Kept) -> tuple[State, str]:
    """Give the state in which a notice of an edition begins, and the reason."""
    if kept.held:
        return State.HELD, STOPPED
    return (State.READY if kept.rendered else State.PLANNED), ""
