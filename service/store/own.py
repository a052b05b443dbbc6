"""What is kept of one person: the notices made for them, with what each letter told and why."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, RowMapping, Select, Table, or_, select

from service.domain.notice import Kind, State
from service.store.all_tables import everything
from service.store.dialect import Tx
from service.store.editions import Told, read_told
from service.store.tables import attempts, editions, notices, subscribers
from service.store.webhook_tables import webhook_messages


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
    edition: str  # "" if it is theirs alone, so that it has no copy on the web
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
        editions.c.subscriber_id.label("alone"),
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
        edition="" if row.alone else row.edition_id,
        subject=row.subject or "",
        told=read_told(row.dues),
        because=tuple(row.because),
    )


async def everything_of(tx: Tx, subscriber: str) -> dict[str, Any]:
    """Give every row that names somebody or belongs to them, by table, as JSON has it but for bytes; each in its order.

    Tables are found by what they refer to, so that one that is added later is not forgotten here; what webhooks were
    told refers to nobody.
    """
    person = (await tx.execute(select(subscribers).where(subscribers.c.id == subscriber))).mappings().one()
    found: dict[str, Any] = {"subscriber": _plain(person)}
    theirs: dict[Table, Any] = {}
    for table in everything.sorted_tables:
        keys = [key for key in table.foreign_keys if table is not notices]
        of_person = [key.parent == subscriber for key in keys if key.column is subscribers.c.id]
        if table is webhook_messages:
            of_person.append(webhook_messages.c.subscriber_id == subscriber)
        of_theirs = [key.parent.in_(theirs[of]) for key in keys if (of := key.column.table) in theirs]
        if not of_person and not of_theirs:
            continue
        own_rows = or_(*of_person, *of_theirs)
        rows = (await tx.execute(select(table).where(own_rows).order_by(*table.primary_key))).mappings().all()
        found[table.name] = [_plain(row) for row in rows]
        if "id" in table.c:
            theirs[table] = select(table.c.id).where(own_rows)
    return found | {"letters": await _letters(tx, subscriber)}


async def _letters(tx: Tx, subscriber: str) -> list[dict[str, Any]]:
    told = (editions.c.subject, editions.c.dues.label("told"), editions.c.because)
    joined = select(notices, *told).join_from(notices, editions).where(notices.c.subscriber_id == subscriber)
    own_notices = select(notices.c.id).where(notices.c.subscriber_id == subscriber)
    tried = select(attempts).where(attempts.c.notice_id.in_(own_notices)).order_by(attempts.c.at)
    by_notice: dict[str, list[dict[str, Any]]] = {}
    for row in (await tx.execute(tried)).mappings():
        by_notice.setdefault(row["notice_id"], []).append(_plain(row))
    rows = (await tx.execute(joined.order_by(notices.c.id))).mappings()
    return [_plain(row) | {"attempts": by_notice.get(row["id"], [])} for row in rows]


def _plain(row: RowMapping) -> dict[str, Any]:
    return {str(name): _written(value) for name, value in row.items()}


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value  # a moment is one too
