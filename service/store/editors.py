"""Editors: who may enter the editors' room, and with what role."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, exists, func, insert, or_, select, update

from service.domain.addresses import address_key
from service.domain.alert import Alert
from service.domain.editor import Editor, Role, role_of
from service.store.dialect import Tx, new_id, one_at_a_time
from service.store.editing_tables import editors, passkeys

# What an Editor is read from, beside the id: for statements that join editors to something of theirs.
COLUMNS = (
    *(editors.c[name] for name in ("address", "name", "role", "language", "totp_secret", "disabled_at")),
    exists(select(1).where(passkeys.c.editor_id == editors.c.id)).label("has_passkey"),
)
_EDITORS = select(editors.c.id.label("editor_id"), *COLUMNS)

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
    return _read((await tx.execute(_EDITORS.where(editors.c.id == id_))).first())


async def by_address(tx: Tx, address: str) -> Editor | None:
    """Give the editor with that address, None if there is none."""
    return _read((await tx.execute(_EDITORS.where(editors.c.address_key == address_key(address)))).first())


async def listed(tx: Tx) -> list[Editor]:
    """Give every editor, in the order in which they came."""
    return [read(row) for row in (await tx.execute(_EDITORS.order_by(editors.c.id))).all()]


async def count(tx: Tx) -> int:
    """Count the editors."""
    return int((await tx.execute(select(func.count()).select_from(editors))).scalar_one())


async def owners(tx: Tx) -> int:
    """Count the owners who are not shut out, and let nobody else change who they are until this transaction ends."""
    await one_at_a_time(tx, editors.name)
    own = and_(editors.c.role == Role.OWNER.code, editors.c.disabled_at.is_(None))
    return int((await tx.execute(select(func.count()).select_from(editors).where(own))).scalar_one())


async def secrets_of(tx: Tx, id_: str) -> Secrets:
    """Give what proves who an editor is; nothing, for one that is not there."""
    own = select(editors.c.password, editors.c.totp_secret, editors.c.totp_step).where(editors.c.id == id_)
    row = (await tx.execute(own)).first()
    return Secrets(row.password, row.totp_secret, row.totp_step) if row else Secrets(None, None, None)


async def set_password(tx: Tx, id_: str, hashed: str | None) -> None:
    """Keep a password's hash; with None, no password is the right one."""
    await tx.execute(update(editors).where(editors.c.id == id_).values(password=hashed))


async def set_totp(tx: Tx, id_: str, secret: str | None, step: int | None) -> None:
    """Keep an authenticator's secret and the step of the code that proved it; None to forget it."""
    await tx.execute(update(editors).where(editors.c.id == id_).values(totp_secret=secret, totp_step=step))


async def take_step(tx: Tx, id_: str, step: int) -> bool:
    """Take an authenticator's time step, so that no code of it is taken again; False if it was taken before."""
    later = or_(editors.c.totp_step.is_(None), editors.c.totp_step < step)
    taking = update(editors).where(editors.c.id == id_, later).values(totp_step=step)
    return bool((await tx.execute(taking)).rowcount)


async def change(tx: Tx, id_: str, name: str, language: str) -> None:
    """Keep how an editor is called and written to."""
    await tx.execute(update(editors).where(editors.c.id == id_).values(name=name, language=language))


async def set_role(tx: Tx, id_: str, role: Role) -> None:
    """Give an editor another role."""
    await tx.execute(update(editors).where(editors.c.id == id_).values(role=role.code))


async def shut_out(tx: Tx, id_: str, at: datetime | None) -> None:
    """Shut an editor out since a moment, or with None let them in again."""
    await tx.execute(update(editors).where(editors.c.id == id_).values(disabled_at=at))


def read(row: Row[Any]) -> Editor:
    """Read an editor from a row with `editor_id` and COLUMNS."""
    has_totp = row.totp_secret is not None
    role = role_of(row.role)
    return Editor(
        row.editor_id, row.address, row.name, role, row.language, has_totp, row.disabled_at, bool(row.has_passkey)
    )


def _read(row: Row[Any] | None) -> Editor | None:
    return read(row) if row is not None else None
