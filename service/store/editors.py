"""Editors: who may enter the editors' room, and with what role."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, insert, select

from service.domain.alert import Alert
from service.domain.editor import Editor, Role, role_of
from service.domain.subscription import address_key
from service.store.dialect import Tx, new_id
from service.store.editing_tables import editors

Tell = Callable[[Tx, Alert, datetime], Awaitable[object]]
"""Have editors told of something in the transaction in which it comes about; what finds it is handed this."""


async def nobody_told(_tx: Tx, _alert: Alert, _now: datetime) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Secrets:
    """What proves who an editor is; it never leaves the actions that check it."""

    password: str | None
    totp_secret: str | None
    totp_step: int | None


async def add(tx: Tx, address: str, name: str, role: Role, language: str, now: datetime) -> Editor:
    """Let somebody in, without a password yet; the address must not be there before."""
    editor = Editor(new_id(), address, name, role, language)
    row = {
        "id": editor.id,
        "address": address,
        "address_key": address_key(address),
        "name": name,
        "role": role.code,
        "language": language,
        "created_at": now,
    }
    await tx.execute(insert(editors).values(row))
    return editor


async def by_id(tx: Tx, id_: str) -> Editor | None:
    """Give an editor, None if there is none of that id."""
    return _read((await tx.execute(select(editors).where(editors.c.id == id_))).first())


async def by_address(tx: Tx, address: str) -> Editor | None:
    """Give the editor with that address, None if there is none."""
    return _read((await tx.execute(select(editors).where(editors.c.address_key == address_key(address)))).first())


async def listed(tx: Tx) -> list[Editor]:
    """Give every editor, in the order in which they came."""
    found = [_read(row) for row in (await tx.execute(select(editors).order_by(editors.c.id))).all()]
    return [editor for editor in found if editor is not None]


async def count(tx: Tx) -> int:
    """Count the editors."""
    return int((await tx.execute(select(func.count()).select_from(editors))).scalar_one())


def _read(row: Row[Any] | None) -> Editor | None:
    if row is None:
        return None
    has_totp = row.totp_secret is not None
    return Editor(row.id, row.address, row.name, role_of(row.role), row.language, has_totp, row.disabled_at)
