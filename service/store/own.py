"""What is kept of one person: the notices made for them, with what each letter told and why."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, select

from service.domain.notice import Kind, State
from service.store.dialect import Tx
from service.store.editions import Told, read_told
from service.store.tables import editions, notices


@dataclass(frozen=True, slots=True)
class Sent:
    """A notice of one person: what became of it, what its letter tells, and the targets that it came by.

    `day` is the person's local day; `subject` is "" while the letter is not written yet.
    """

    id: str
    kind: Kind
    day: date
    state: State
    reason: str
    due_at: datetime
    finished_at: datetime | None
    edition: str
    subject: str
    told: tuple[Told, ...]
    because: tuple[str, ...]


async def letters_of(tx: Tx, subscriber: str, most: int) -> list[Sent]:
    """Give somebody's newest notices, at most so many."""
    wanted = _sent().where(notices.c.subscriber_id == subscriber).order_by(notices.c.id.desc()).limit(most)
    return [_read(row) for row in (await tx.execute(wanted)).all()]


async def letter_of(tx: Tx, subscriber: str, id_: str) -> Sent | None:
    """Give one notice of somebody; None if it is another's, or there is none of that id."""
    wanted = _sent().where(notices.c.id == id_, notices.c.subscriber_id == subscriber)
    row = (await tx.execute(wanted)).first()
    return _read(row) if row else None


def _sent() -> Select[Any]:
    columns = (
        notices.c.id,
        notices.c.kind,
        notices.c.day,
        notices.c.state,
        notices.c.reason,
        notices.c.due_at,
        notices.c.finished_at,
        notices.c.edition_id,
        editions.c.subject,
        editions.c.dues,
        editions.c.because,
    )
    return select(*columns).join_from(notices, editions)


def _read(row: Row[Any]) -> Sent:
    return Sent(
        id=row.id,
        kind=Kind(row.kind),
        day=row.day,
        state=State(row.state),
        reason=row.reason,
        due_at=row.due_at,
        finished_at=row.finished_at,
        edition=row.edition_id,
        subject=row.subject or "",
        told=read_told(row.dues),
        because=tuple(row.because),
    )
