"""Sessions of the editors' room: a row each, which ends them when it goes; the cookie's secret is kept as a digest."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, delete, insert, or_, select, update

from service.domain.editor import Editor
from service.store.dialect import Tx
from service.store.editing_tables import editor_sessions, editors
from service.store.editors import COLUMNS, read

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
HALF_OPEN = timedelta(minutes=10)  # how long a session may wait for its second factor
_SECRET_BYTES = 32
_SEEN_EVERY = timedelta(minutes=1)  # a page more in a minute writes no row
_SESSIONS = select(editor_sessions, *COLUMNS).join(editors)


@dataclass(frozen=True, slots=True)
class Session:
    """A session and whose it is; `complete` once every factor was shown, `proved_at` when they were last shown."""

    id: str
    editor: Editor
    complete: bool
    created_at: datetime
    seen_at: datetime
    proved_at: datetime | None
    network: str
    agent: str


async def begin(tx: Tx, editor: str, now: datetime, *, complete: bool, network: str = "", agent: str = "") -> str:
    """Begin a session and give the secret that its cookie holds; a new one at each step, so none can be fixed."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    row = {
        "id": _digest(secret),
        "editor_id": editor,
        "complete": complete,
        "created_at": now,
        "seen_at": now,
        "proved_at": now if complete else None,
        "network": network[:64],
        "agent": agent[:300],
    }
    await tx.execute(insert(editor_sessions).values(row))
    return secret


async def of(tx: Tx, secret: str, now: datetime) -> Session | None:
    """Give the session of a secret; None if there is none, it is too old, or its editor is shut out."""
    row = (await tx.execute(_SESSIONS.where(editor_sessions.c.id == _digest(secret)))).first()
    session = _read(row) if row is not None else None
    return session if session is not None and _lives(session, now) else None


async def of_editor(tx: Tx, editor: str, now: datetime) -> list[Session]:
    """Give the whole sessions of an editor, the one that was last in use first."""
    own = and_(editor_sessions.c.editor_id == editor, editor_sessions.c.complete)
    rows = (await tx.execute(_SESSIONS.where(own).order_by(editor_sessions.c.seen_at.desc()))).all()
    return [session for session in map(_read, rows) if _lives(session, now)]


async def renew(tx: Tx, session: Session, now: datetime) -> str:
    """Note that its holder showed anew who they are, and give a new secret: the one before is worth nothing.

    The session does not last longer for it.
    """
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    renewed = {"id": _digest(secret), "proved_at": now, "seen_at": now}
    await tx.execute(update(editor_sessions).where(editor_sessions.c.id == session.id).values(renewed))
    return secret


async def sweep(tx: Tx, now: datetime) -> None:
    """Take away what is over."""
    over = or_(editor_sessions.c.created_at < now - LONGEST, editor_sessions.c.seen_at < now - IDLE)
    await tx.execute(delete(editor_sessions).where(over))


async def seen(tx: Tx, session: Session, now: datetime) -> None:
    """Note that a session is in use."""
    await tx.execute(update(editor_sessions).where(editor_sessions.c.id == session.id).values(seen_at=now))


def is_to_be_noted(session: Session, now: datetime) -> bool:
    """Say whether the use of a session is to be noted again."""
    return now - session.seen_at >= _SEEN_EVERY


async def end(tx: Tx, id_: str) -> None:
    """End a session."""
    await tx.execute(delete(editor_sessions).where(editor_sessions.c.id == id_))


async def end_all(tx: Tx, editor: str, but: str = "") -> int:
    """End every session of an editor, except one; gives how many."""
    others = and_(editor_sessions.c.editor_id == editor, editor_sessions.c.id != but)
    return int((await tx.execute(delete(editor_sessions).where(others))).rowcount)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _lives(session: Session, now: datetime) -> bool:
    longest = LONGEST if session.complete else HALF_OPEN
    shut_out = session.editor.disabled_at is not None
    return not shut_out and now - session.seen_at <= IDLE and now - session.created_at <= longest


def _read(row: Row[Any]) -> Session:
    times = (row.created_at, row.seen_at, row.proved_at)
    return Session(row.id, read(row), row.complete, *times, row.network, row.agent)
