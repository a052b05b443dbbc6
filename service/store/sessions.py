"""Sessions of the editors' room: a row each, which ends them when it goes; the cookie's secret is kept as a digest."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, delete, insert, select, update

from service.domain.editor import Editor, role_of
from service.store.dialect import Tx
from service.store.editing_tables import editor_sessions, editors

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
_SECRET_BYTES = 32
_SEEN_EVERY = timedelta(minutes=1)  # a page more in a minute writes no row


_WHOSE = tuple(editors.c[name] for name in ("address", "name", "role", "language", "totp_secret", "disabled_at"))


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
    own = select(editor_sessions, *_WHOSE).join(editors).where(editor_sessions.c.id == _digest(secret))
    row = (await tx.execute(own)).first()
    if row is None or row.disabled_at is not None:
        return None
    session = _read(row)
    if now - session.seen_at > IDLE or now - session.created_at > LONGEST:
        return None
    return session


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


def _read(row: Row[Any]) -> Session:
    has_totp = row.totp_secret is not None
    editor = Editor(row.editor_id, row.address, row.name, role_of(row.role), row.language, has_totp, row.disabled_at)
    return Session(row.id, editor, row.complete, row.created_at, row.seen_at, row.proved_at, row.network, row.agent)
