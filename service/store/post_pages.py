"""Pages of notices and editions in the order of their ids, which is that of their making: none of a reader's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, func, select

from service.domain.notice import Kind, State
from service.domain.standing import without_addresses
from service.store.dialect import Tx
from service.store.editions import IS_PUBLIC, Told, read_told
from service.store.tables import attempts, editions, notices

_TO_READERS = notices.c.kind.not_in([kind for kind in Kind if kind.is_to_editors])
_OF_OCCASIONS = and_(IS_PUBLIC, editions.c.kind.in_([kind for kind in Kind if kind.remembers]))
_SHOWN = [column for column in editions.c if column.name not in {"html", "text", "calendar", "because", "facts"}]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which notices are wanted; None for any."""

    state: State | None = None
    day: date | None = None
    subscriber: str | None = None
    edition: str | None = None


@dataclass(frozen=True, slots=True)
class NoticeKept:
    """A notice and what became of it. `edition` is None where that is its reader's own; words are without addresses."""

    id: str
    subscriber: str
    kind: Kind
    day: date
    edition: str | None
    state: State
    reason: str
    due_at: datetime
    expires_at: datetime
    attempts: int
    code: int
    words: str
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one attempt to hand a letter over, before the last."""

    at: datetime
    result: str
    code: int
    words: str


@dataclass(frozen=True, slots=True)
class EditionKept:
    """An edition that tells of occasions, without its words."""

    id: str
    kind: Kind
    language: str
    day: date
    template_version: str
    told: tuple[Told, ...]
    subject: str | None
    findings: tuple[str, ...]
    stopped_at: datetime | None
    stopped_reason: str | None
    created_at: datetime
    rendered_at: datetime | None
    sent_at: datetime | None


async def notice_page(tx: Tx, asked: Asked, after: str, most: int) -> list[NoticeKept]:
    """Give notices to readers with ids behind one."""
    own: Any = and_(notices.c.id > after, _TO_READERS)
    if asked.state is not None:
        own = and_(own, notices.c.state == asked.state)
    if asked.day is not None:
        own = and_(own, notices.c.day == asked.day)
    if asked.subscriber is not None:
        own = and_(own, notices.c.subscriber_id == asked.subscriber)
    if asked.edition is not None:
        own = and_(own, notices.c.edition_id == asked.edition, IS_PUBLIC)
    rows = (await tx.execute(_notices().where(own).order_by(notices.c.id).limit(most))).all()
    return [_notice(row) for row in rows]


async def notice(tx: Tx, id_: str) -> tuple[NoticeKept, list[Tried]] | None:
    """Give a notice to a reader with its earlier attempts, None if there is none of that id."""
    row = (await tx.execute(_notices().where(notices.c.id == id_, _TO_READERS))).first()
    if row is None:
        return None
    wanted = select(attempts).where(attempts.c.notice_id == id_).order_by(attempts.c.at, attempts.c.generation)
    tried = [Tried(one.at, one.result, one.code, without_addresses(one.words)) for one in await tx.execute(wanted)]
    return _notice(row), tried


async def edition_page(tx: Tx, day: date | None, language: str | None, after: str, most: int) -> list[EditionKept]:
    """Give editions that tell of occasions and are nobody's own, with ids behind one."""
    own: Any = and_(editions.c.id > after, _OF_OCCASIONS)
    if day is not None:
        own = and_(own, editions.c.day == day)
    if language is not None:
        own = and_(own, editions.c.language == language)
    rows = (await tx.execute(select(*_SHOWN).where(own).order_by(editions.c.id).limit(most))).all()
    return [_edition(row) for row in rows]


async def edition(tx: Tx, id_: str) -> EditionKept | None:
    """Give such an edition, None if there is none of that id."""
    row = (await tx.execute(select(*_SHOWN).where(editions.c.id == id_, _OF_OCCASIONS))).first()
    return _edition(row) if row else None


async def words_of(tx: Tx, id_: str) -> tuple[str | None, str | None]:
    """Give the HTML and the text of such an edition, as they stand before a reader's own values are put in."""
    row = (
        await tx.execute(select(editions.c.html, editions.c.text).where(editions.c.id == id_, _OF_OCCASIONS))
    ).first()
    return (row.html, row.text) if row else (None, None)


async def counts(tx: Tx, id_: str) -> Mapping[State, int]:
    """Count the notices of an edition by their states."""
    counted = select(notices.c.state, func.count()).where(notices.c.edition_id == id_).group_by(notices.c.state)
    return {State(state): number for state, number in (await tx.execute(counted)).all()}


def _notices() -> Any:
    whose = editions.c.subscriber_id.label("reader")
    return select(notices, whose).join_from(notices, editions, editions.c.id == notices.c.edition_id)


def _notice(row: Row[Any]) -> NoticeKept:
    return NoticeKept(
        id=row.id,
        subscriber=row.subscriber_id,
        kind=Kind(row.kind),
        day=row.day,
        edition=None if row.reader else row.edition_id,
        state=State(row.state),
        reason=row.reason,
        due_at=row.due_at,
        expires_at=row.expires_at,
        attempts=row.attempts,
        code=row.code,
        words=without_addresses(row.words),
        created_at=row.created_at,
        finished_at=row.finished_at,
    )


def _edition(row: Row[Any]) -> EditionKept:
    return EditionKept(
        id=row.id,
        kind=Kind(row.kind),
        language=row.language,
        day=row.day,
        template_version=row.template_version,
        told=read_told(row.dues),
        subject=row.subject,
        findings=tuple(row.findings or ()),
        stopped_at=row.stopped_at,
        stopped_reason=row.stopped_reason,
        created_at=row.created_at,
        rendered_at=row.rendered_at,
        sent_at=row.sent_at,
    )
