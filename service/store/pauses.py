"""Pauses: an event or a collection of which nothing leaves until it is let go on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from service.domain.editor import Editor
from service.store.dialect import Tx, insert_or_ignore
from service.store.editing_tables import pauses


@dataclass(frozen=True, slots=True)
class Pause:
    """What is paused (`collection:ID` or `event:ID`), by whom and why."""

    target: str
    who: str
    why: str
    at: datetime


async def begin(tx: Tx, target: str, editor: Editor, why: str, now: datetime) -> bool:
    """Pause an event or a collection; False if it is paused already."""
    row = {"target": target, "editor_id": editor.id, "who": editor.who, "why": why, "at": now}
    return bool((await tx.execute(insert_or_ignore(tx, pauses).values(row))).rowcount)


async def end(tx: Tx, target: str) -> bool:
    """Let it go on; False if it was not paused."""
    return bool((await tx.execute(delete(pauses).where(pauses.c.target == target))).rowcount)


async def standing(tx: Tx) -> list[Pause]:
    """Give what is paused, the newest first."""
    found = (await tx.execute(select(pauses).order_by(pauses.c.at.desc()))).all()
    return [Pause(row.target, row.who, row.why, row.at) for row in found]
