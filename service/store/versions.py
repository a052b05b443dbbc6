"""What events' records were: every version that was saved, with who saved it, when and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, insert, null, select

from service.domain.editor import Editor
from service.store.dialect import Tx
from service.store.editing_tables import event_versions

_WITHDRAWN = event_versions.c.document.is_(null())


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record, without the record; `withdrawn` if the event was taken out by it."""

    event: str
    number: int
    collection: str
    who: str
    why: str
    at: datetime
    withdrawn: bool


@dataclass(frozen=True, slots=True)
class Saving:
    """Who saves a version, why and when."""

    by: Editor | str
    why: str
    now: datetime


async def newest_number(tx: Tx, event: str) -> int:
    """Give the number of the newest version of an event, 0 if none is kept."""
    newest = select(func.max(event_versions.c.number)).where(event_versions.c.event_id == event)
    return (await tx.execute(newest)).scalar() or 0


async def add(tx: Tx, event: str, collection: str, document: Mapping[str, Any] | None, saving: Saving) -> int:
    """Keep a version of a record (None: it is withdrawn) behind the others; gives its number."""
    by = saving.by
    number = await newest_number(tx, event) + 1
    row = {
        "event_id": event,
        "number": number,
        "collection_id": collection,
        "document": null() if document is None else dict(document),  # and not the JSON word null
        "editor_id": by.id if isinstance(by, Editor) else None,
        "who": by.who if isinstance(by, Editor) else by,
        "why": saving.why,
        "at": saving.now,
    }
    await tx.execute(insert(event_versions).values(row))
    return number


async def history(tx: Tx, event: str) -> list[Version]:
    """Give the versions of an event, the newest first."""
    own = _versions().where(event_versions.c.event_id == event)
    return [_read(row) for row in (await tx.execute(own.order_by(event_versions.c.number.desc()))).all()]


async def record_of(tx: Tx, event: str, number: int) -> Mapping[str, Any] | None:
    """Give the record as it was in a version; None if there is no such version, or it was withdrawn by it."""
    own = event_versions.c.event_id == event, event_versions.c.number == number
    found: Mapping[str, Any] | None = (await tx.execute(select(event_versions.c.document).where(*own))).scalar()
    return found


async def withdrawn(tx: Tx, most: int) -> list[Version]:
    """Give the events that are withdrawn, the last one first."""
    newest = (
        select(event_versions.c.event_id, func.max(event_versions.c.number).label("number"))
        .group_by(event_versions.c.event_id)
        .subquery()
    )
    own = (event_versions.c.event_id == newest.c.event_id) & (event_versions.c.number == newest.c.number)
    found = _versions().join(newest, own).where(_WITHDRAWN)
    return [_read(row) for row in (await tx.execute(found.order_by(event_versions.c.at.desc()).limit(most))).all()]


def _versions() -> Select[Any]:
    named = ("event_id", "number", "collection_id", "who", "why", "at")
    return select(*(event_versions.c[name] for name in named), _WITHDRAWN.label("withdrawn"))


def _read(row: Row[Any]) -> Version:
    return Version(row.event_id, row.number, row.collection_id, row.who, row.why, row.at, bool(row.withdrawn))
