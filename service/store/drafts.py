"""Drafts of templates: what an editor has written of a piece and not yet published, one for each of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, select

from service.domain.editor import Editor
from service.store.dialect import Tx, insert_or_update
from service.store.editing_tables import template_drafts


@dataclass(frozen=True, slots=True)
class Draft:
    """What an editor has written, and the number of the version that they began from."""

    text: str
    based_on: int
    updated_at: datetime


async def of(tx: Tx, editor: Editor, name: str) -> Draft | None:
    """Give an editor's draft of a piece, None if there is none."""
    row = (await tx.execute(select(template_drafts).where(_own(editor, name)))).first()
    return Draft(row.text, row.based_on, row.updated_at) if row else None


async def names(tx: Tx, editor: Editor) -> list[str]:
    """Give the names of the pieces that an editor has drafts of."""
    wanted = select(template_drafts.c.name).where(template_drafts.c.editor_id == editor.id)
    return list((await tx.execute(wanted.order_by(template_drafts.c.name))).scalars())


async def save(tx: Tx, editor: Editor, name: str, draft: Draft) -> None:
    """Keep an editor's draft of a piece, in the place of an earlier one."""
    row = {
        "editor_id": editor.id,
        "name": name,
        "text": draft.text,
        "based_on": draft.based_on,
        "updated_at": draft.updated_at,
    }
    await tx.execute(insert_or_update(tx, template_drafts, row, ("editor_id", "name")))


async def drop(tx: Tx, editor: Editor, name: str) -> bool:
    """Forget an editor's draft of a piece; False if there is none."""
    return bool((await tx.execute(delete(template_drafts).where(_own(editor, name)))).rowcount)


def _own(editor: Editor, name: str) -> Any:
    return and_(template_drafts.c.editor_id == editor.id, template_drafts.c.name == name)
