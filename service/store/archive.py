"""The archive: editions of which at least one letter was taken, for everybody to read.

What may be shown to everybody is decided here and nowhere else: `mark_sent` lets an edition into the archive, and
everything that lists or shows one asks only for what was let in, or, for the copy that a letter itself links to,
asks `is_public`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, select, tuple_, update

from service.domain.notice import Kind
from service.store.dialect import GroupTx, Tx, insert_or_ignore
from service.store.editing_tables import errata, told
from service.store.editions import IS_PUBLIC, Edition
from service.store.tables import editions

_SHOWN = (editions.c.id, editions.c.kind, editions.c.language, editions.c.day, editions.c.subject)
_SENT = editions.c.sent_at.is_not(None)
_MAY_COME = and_(editions.c.kind.in_([kind for kind in Kind if kind.remembers]), IS_PUBLIC)


@dataclass(frozen=True, slots=True)
class Sent:
    """An edition of the archive, without its words."""

    id: str
    kind: Kind
    language: str
    day: date
    subject: str


def is_public(edition: Edition) -> bool:
    """Say whether an edition may be read by everybody: it is rendered, and tells of occasions and of nobody."""
    return edition.words is not None and edition.plan.kind.remembers and edition.plan.reader is None


def mark_sent(tx: GroupTx, edition: str, now: datetime) -> bool:
    """Let an edition into the archive, as a letter of it was taken; False if it is there, or none that may be."""
    first = and_(editions.c.id == edition, editions.c.sent_at.is_(None), _MAY_COME)
    if not tx.execute(update(editions).where(first).values(sent_at=now)).rowcount:
        return False
    dues = tx.execute(select(editions.c.dues).where(editions.c.id == edition)).scalar_one()
    rows = [{"event_id": event, "edition_id": edition} for event in dict.fromkeys(event for event, *_ in dues)]
    if rows:
        tx.execute(insert_or_ignore(tx, told), rows)
    return True


async def listed(tx: Tx, language: str | None, before: tuple[date, str] | None, most: int) -> list[Sent]:
    """Give editions of a language, or of all, the newest first; `before` is the day and id of the last one seen."""
    wanted = _newest(select(*_SHOWN).where(_SENT), most)
    if language is not None:
        wanted = wanted.where(editions.c.language == language)
    if before is not None:
        wanted = wanted.where(tuple_(editions.c.day, editions.c.id) < before)
    return [_read(row) for row in (await tx.execute(wanted)).all()]


async def languages(tx: Tx) -> list[str]:
    """Give the languages that the archive has editions in."""
    return sorted((await tx.execute(select(editions.c.language).where(_SENT).distinct())).scalars())


async def telling_of(tx: Tx, event: str, language: str | None, most: int) -> list[Sent]:
    """Give the editions in a language, or in any, in which an event was told, the newest first."""
    own = select(*_SHOWN).join(told, told.c.edition_id == editions.c.id).where(told.c.event_id == event, _SENT)
    if language is not None:
        own = own.where(editions.c.language == language)
    return [_read(row) for row in (await tx.execute(_newest(own, most))).all()]


async def corrected_among(tx: Tx, ids: Sequence[str]) -> dict[str, datetime]:
    """Give those of these editions that tell of an event which was corrected after they were rendered, with when."""
    later = and_(errata.c.withdrawn_at.is_(None), errata.c.at > editions.c.rendered_at)
    found = (
        select(told.c.edition_id, func.max(errata.c.at))
        .join(editions, editions.c.id == told.c.edition_id)
        .join(errata, and_(errata.c.event_id == told.c.event_id, later))
        .where(told.c.edition_id.in_(ids))
        .group_by(told.c.edition_id)
    )
    return {row[0]: row[1] for row in (await tx.execute(found)).all()}


async def others(tx: Tx, edition: Edition) -> list[Sent]:
    """Give the editions that tell the same in other languages, one for each: the newest words of it."""
    plan = edition.plan
    same = and_(editions.c.kind == plan.kind, editions.c.day == plan.day, editions.c.key == plan.key)
    found = select(*_SHOWN).where(same, editions.c.language != plan.language, _SENT).order_by(editions.c.id)
    return list({row.language: _read(row) for row in (await tx.execute(found)).all()}.values())


def _newest(wanted: Select[Any], most: int) -> Select[Any]:
    return wanted.order_by(editions.c.day.desc(), editions.c.id.desc()).limit(most)


def _read(row: Any) -> Sent:
    return Sent(row.id, Kind(row.kind), row.language, row.day, row.subject)
