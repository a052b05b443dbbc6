"""What was done and by whom: rows that only grow, each with a hash over the one before (`faults.md`, case 119)."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, func, insert, or_, select

from service.domain.editor import Editor
from service.store.dialect import Tx, one_at_a_time
from service.store.editing_tables import audit

PROGRAM = "program"  # who did it, if it was no person
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done: `action` in the past tense ("published"), `subject` what it was done to."""

    number: int
    at: datetime
    editor: str | None
    who: str
    action: str
    subject: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """Which entries are wanted; empty texts for any. `before` is a number, for the next page."""

    who: str = ""
    action: str = ""
    subject: str = ""
    before: int | None = None


async def note(
    tx: Tx, by: Editor | str, action: str, subject: str, now: datetime, details: Mapping[str, Any] | None = None
) -> None:
    """Add an entry, in the transaction of what was done: neither is kept without the other."""
    await one_at_a_time(tx, audit.name)
    last, before = await end(tx)
    editor, who = (by.id, by.who) if isinstance(by, Editor) else (None, by)
    row = {
        "number": last + 1,
        "at": now,
        "editor_id": editor,
        "who": who,
        "action": action,
        "subject": subject,
        "details": dict(details or {}),
    }
    await tx.execute(insert(audit).values(**row, before_hash=before, hash=_hash(before, row)))


async def is_noted(tx: Tx, action: str, subject: str, since: datetime) -> bool:
    """Say whether something was done to something since a moment."""
    own = select(audit.c.number).where(audit.c.at >= since, audit.c.action == action, audit.c.subject == subject)
    return (await tx.execute(own.limit(1))).first() is not None


async def entries(tx: Tx, asked: Asked, most: int) -> list[Entry]:
    """Give what was done, the newest first."""
    wanted = select(audit).order_by(audit.c.number.desc()).limit(most)
    if asked.before is not None:
        wanted = wanted.where(audit.c.number < asked.before)
    if asked.action:
        wanted = wanted.where(audit.c.action == asked.action)
    if asked.who:
        named = func.lower(audit.c.who).contains(asked.who.lower(), autoescape=True)
        wanted = wanted.where(or_(audit.c.editor_id == asked.who, named))
    if asked.subject:
        wanted = wanted.where(audit.c.subject.contains(asked.subject, autoescape=True))
    return [_read(row) for row in (await tx.execute(wanted)).all()]


async def end(tx: Tx) -> tuple[int, str]:
    """Give the number and the hash of the newest entry; 0 and "" if there is none."""
    newest = select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
    row = (await tx.execute(newest)).first()
    return (row.number, row.hash) if row else (0, "")


async def actions(tx: Tx) -> list[str]:
    """Give every kind of thing that was done."""
    return list((await tx.execute(select(audit.c.action).distinct().order_by(audit.c.action))).scalars())


async def broken_at(tx: Tx) -> int | None:
    """Give the number of the first entry that is not as it was written, or before which one is missing; None if none.

    What cannot be seen from the rows is a loss of the newest ones.
    """
    before, expected = "", 1
    while True:
        page = select(audit).where(audit.c.number >= expected).order_by(audit.c.number).limit(_PAGE)
        rows = (await tx.execute(page)).all()
        for row in rows:
            kept = {name: getattr(row, name) for name in _HASHED}
            if row.number != expected or row.before_hash != before or row.hash != _hash(before, kept):
                return expected
            before, expected = row.hash, expected + 1
        if not rows:
            return None


_HASHED = ("number", "at", "editor_id", "who", "action", "subject", "details")


def _hash(before: str, row: Mapping[str, Any]) -> str:
    written = {**row, "at": row["at"].astimezone(UTC).isoformat()}
    text = json.dumps([before, written], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _read(row: Row[Any]) -> Entry:
    return Entry(row.number, row.at, row.editor_id, row.who, row.action, row.subject, row.details)
