"""What editors have typed into the form of an event and not saved yet: one draft for each editor and event."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select

from service.store.dialect import Tx, insert_or_update
from service.store.editing_tables import event_drafts


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as it was typed; `based_on` is the number of the version that it began from."""

    event: str
    collection: str
    fields: Mapping[str, Any]
    based_on: int
    updated_at: datetime


async def draft_of(tx: Tx, editor: str, event: str) -> Draft | None:
    """Give an editor's draft of an event, None if there is none."""
    own = event_drafts.c.editor_id == editor, event_drafts.c.event_id == event
    row = (await tx.execute(select(event_drafts).where(*own))).first()
    return _read(row) if row else None


async def drafts_of(tx: Tx, editor: str) -> list[Draft]:
    """Give every draft of an editor, the newest first."""
    own = select(event_drafts).where(event_drafts.c.editor_id == editor)
    return [_read(row) for row in (await tx.execute(own.order_by(event_drafts.c.updated_at.desc()))).all()]


async def save_draft(tx: Tx, editor: str, draft: Draft) -> None:
    """Keep a draft in place of the one before."""
    row = {
        "editor_id": editor,
        "event_id": draft.event,
        "collection_id": draft.collection,
        "fields": dict(draft.fields),
        "based_on": draft.based_on,
        "updated_at": draft.updated_at,
    }
    await tx.execute(insert_or_update(tx, event_drafts, row, ("editor_id", "event_id")))


async def drop_draft(tx: Tx, editor: str, event: str) -> None:
    """Forget an editor's draft of an event."""
    own = event_drafts.c.editor_id == editor, event_drafts.c.event_id == event
    await tx.execute(delete(event_drafts).where(*own))


def _read(row: Row[Any]) -> Draft:
    return Draft(row.event_id, row.collection_id, row.fields, row.based_on, row.updated_at)
