"""Tokens of the API: a row each, found by the digest of the token's text, which is kept nowhere."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, and_, insert, select, update

from service.domain.editor import Editor
from service.domain.scope import Scope
from service.store.dialect import Tx, new_id
from service.store.editing_tables import editors
from service.store.editors import COLUMNS, read
from service.store.token_tables import api_tokens

PREFIX: Final = "rmb_"  # by which programs that look for leaked secrets know one
_SECRET_BYTES: Final = 32
_USED_EVERY: Final = timedelta(minutes=1)  # a request more in a minute writes no row
_COLUMNS = [column.label("token_name") if column.name == "name" else column for column in api_tokens.c]
_TOKENS = select(*_COLUMNS, *COLUMNS).join_from(api_tokens, editors)


@dataclass(frozen=True, slots=True)
class Token:
    """A token, and the editor for whom it acts; it is worth something until `expires_at`, or until it was ended."""

    id: str
    editor: Editor
    name: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    ended_at: datetime | None = None
    ended_why: str = ""

    def is_alive(self, now: datetime) -> bool:
        """Say whether it opens anything at a moment."""
        return self.ended_at is None and now < self.expires_at and self.editor.disabled_at is None


async def make(
    tx: Tx, editor: Editor, name: str, scopes: Sequence[Scope], now: datetime, expires_at: datetime
) -> tuple[Token, str]:
    """Make a token, and give it with its text, which nobody can find again."""
    text = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    token = Token(new_id(), editor, name, tuple(scopes), now, expires_at)
    row = {
        "id": token.id,
        "digest": _digest(text),
        "editor_id": editor.id,
        "name": name,
        "scopes": [scope.value for scope in scopes],
        "created_at": now,
        "expires_at": expires_at,
        "ended_why": "",
    }
    await tx.execute(insert(api_tokens).values(row))
    return token, text


async def of(tx: Tx, text: str) -> Token | None:
    """Give the token of a text, dead or alive; None if there is none such."""
    if not text.startswith(PREFIX) or len(text) > 100:
        return None
    row = (await tx.execute(_TOKENS.where(api_tokens.c.digest == _digest(text)))).first()
    return _read(row) if row is not None else None


async def named(tx: Tx, id_: str) -> Token | None:
    """Give the token of an id."""
    row = (await tx.execute(_TOKENS.where(api_tokens.c.id == id_))).first()
    return _read(row) if row is not None else None


async def listed(tx: Tx) -> list[Token]:
    """Give every token, the newest first, those that are over included."""
    return [_read(row) for row in (await tx.execute(_TOKENS.order_by(api_tokens.c.id.desc()))).all()]


async def used(tx: Tx, token: Token, now: datetime) -> None:
    """Note that a token is in use."""
    await tx.execute(update(api_tokens).where(api_tokens.c.id == token.id).values(used_at=now))


def is_to_be_noted(token: Token, now: datetime) -> bool:
    """Say whether the use of a token is to be noted again."""
    return token.used_at is None or now - token.used_at >= _USED_EVERY


async def end(tx: Tx, id_: str, why: str, now: datetime) -> bool:
    """End a token for good; False if it had ended."""
    running = and_(api_tokens.c.id == id_, api_tokens.c.ended_at.is_(None))
    return bool((await tx.execute(update(api_tokens).where(running).values(ended_at=now, ended_why=why))).rowcount)


async def end_all(tx: Tx, editor: str, why: str, now: datetime) -> int:
    """End every token of an editor; gives how many (`faults.md`, case 111)."""
    running = and_(api_tokens.c.editor_id == editor, api_tokens.c.ended_at.is_(None))
    return int((await tx.execute(update(api_tokens).where(running).values(ended_at=now, ended_why=why))).rowcount)


def _digest(text: str) -> str:
    """Hash a token's text. It has 256 random bits, so that no slow hash is needed (NIST SP 800-63B, 3.1.2.2)."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _read(row: Row[Any]) -> Token:
    scopes = tuple(Scope(scope) for scope in row.scopes)
    times = (row.created_at, row.expires_at, row.used_at, row.ended_at)
    return Token(row.id, read(row), row.token_name, scopes, *times, row.ended_why)
