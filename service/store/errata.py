"""Corrections: what is told of an event was wrong, in every language, from a moment on and until withdrawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, and_, insert, select, update

from service.domain.editor import Editor
from service.domain.event import Words
from service.store.dialect import Tx, new_id
from service.store.editing_tables import errata


@dataclass(frozen=True, slots=True)
class Erratum:
    """A correction of what was told of an event; `until` is the last day of which letters tell it."""

    id: str
    event: str
    words: Words
    until: date | None
    who: str
    at: datetime
    withdrawn_at: datetime | None

    def stands_on(self, day: date) -> bool:
        """Say whether a letter that tells of a day tells the correction too."""
        return self.withdrawn_at is None and (self.until is None or day <= self.until)


def standing_words(found: Iterable[Erratum], day: date) -> tuple[Words, ...]:
    """Give the words of those corrections that a letter which tells of a day tells."""
    return tuple(one.words for one in found if one.stands_on(day))


async def add(tx: Tx, event: str, words: Words, until: date | None, editor: Editor, now: datetime) -> str:
    """Add a correction and give its id."""
    row = {
        "id": new_id(),
        "event_id": event,
        "words": dict(words),
        "until_day": until,
        "editor_id": editor.id,
        "who": editor.who,
        "at": now,
    }
    await tx.execute(insert(errata).values(row))
    return str(row["id"])


async def withdraw(tx: Tx, id_: str, now: datetime) -> bool:
    """Withdraw a correction; False if there is none, or it is withdrawn already."""
    standing = and_(errata.c.id == id_, errata.c.withdrawn_at.is_(None))
    return bool((await tx.execute(update(errata).where(standing).values(withdrawn_at=now))).rowcount)


async def named(tx: Tx, id_: str) -> Erratum | None:
    """Give a correction, None if there is none of that id."""
    row = (await tx.execute(select(errata).where(errata.c.id == id_))).first()
    return _read(row) if row else None


async def of_event(tx: Tx, event: str) -> list[Erratum]:
    """Give every correction of an event, the newest first."""
    wanted = select(errata).where(errata.c.event_id == event).order_by(errata.c.id.desc())
    return [_read(row) for row in (await tx.execute(wanted)).all()]


async def lately(tx: Tx, most: int) -> list[Erratum]:
    """Give the newest corrections."""
    return [_read(row) for row in (await tx.execute(select(errata).order_by(errata.c.id.desc()).limit(most))).all()]


async def not_withdrawn(tx: Tx, events: Iterable[str]) -> dict[str, list[Erratum]]:
    """Give the corrections of these events that are not withdrawn, the oldest first."""
    named = sorted(set(events))
    found: dict[str, list[Erratum]] = {}
    if named:
        standing = and_(errata.c.event_id.in_(named), errata.c.withdrawn_at.is_(None))
        for row in (await tx.execute(select(errata).where(standing).order_by(errata.c.id))).all():
            found.setdefault(row.event_id, []).append(_read(row))
    return found


async def since(tx: Tx, events: Iterable[str], moment: datetime | None) -> list[Erratum]:
    """Give the corrections of these events, not withdrawn, that came after a moment: a copy does not tell them."""
    found = await not_withdrawn(tx, events)
    return sorted(
        (one for of_event in found.values() for one in of_event if moment is None or one.at > moment),
        key=lambda one: one.id,
    )


def _read(row: Row[Any]) -> Erratum:
    return Erratum(row.id, row.event_id, row.words, row.until_day, row.who, row.at, row.withdrawn_at)
