"""Second factors that have rows of their own: passkeys, and the recovery codes for when everything else is lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, func, insert, select, update

from service.store.dialect import Tx
from service.store.editing_tables import passkeys, recovery_codes


@dataclass(frozen=True, slots=True)
class Passkey:
    """A key that an editor registered; `label` is what they call it."""

    id: str
    editor: str
    public_key: bytes
    sign_count: int
    label: str
    created_at: datetime
    used_at: datetime | None = None


async def add_passkey(tx: Tx, passkey: Passkey) -> None:
    """Keep a passkey; its id must not be there before."""
    row = {
        "id": passkey.id,
        "editor_id": passkey.editor,
        "public_key": passkey.public_key,
        "sign_count": passkey.sign_count,
        "label": passkey.label,
        "created_at": passkey.created_at,
    }
    await tx.execute(insert(passkeys).values(row))


async def passkeys_of(tx: Tx, editor: str) -> list[Passkey]:
    """Give an editor's passkeys, the oldest first."""
    own = select(passkeys).where(passkeys.c.editor_id == editor).order_by(passkeys.c.created_at, passkeys.c.id)
    return [_passkey(row) for row in (await tx.execute(own)).all()]


async def passkey(tx: Tx, id_: str) -> Passkey | None:
    """Give a passkey, None if there is none of that id."""
    row = (await tx.execute(select(passkeys).where(passkeys.c.id == id_))).first()
    return _passkey(row) if row is not None else None


async def passkey_used(tx: Tx, passkey: Passkey, sign_count: int, now: datetime) -> None:
    """Note the use of a passkey and its counter, by which a copy is known."""
    await tx.execute(update(passkeys).where(passkeys.c.id == passkey.id).values(sign_count=sign_count, used_at=now))


async def remove_passkey(tx: Tx, editor: str, id_: str) -> bool:
    """Forget a passkey of an editor; False if it is not theirs."""
    own = and_(passkeys.c.id == id_, passkeys.c.editor_id == editor)
    return bool((await tx.execute(delete(passkeys).where(own))).rowcount)


async def set_codes(tx: Tx, editor: str, hashes: Sequence[str]) -> None:
    """Keep new recovery codes in place of all that there were."""
    await tx.execute(delete(recovery_codes).where(recovery_codes.c.editor_id == editor))
    if hashes:
        await tx.execute(insert(recovery_codes), [{"editor_id": editor, "code_hash": hashed} for hashed in hashes])


async def take_code(tx: Tx, editor: str, hashed: str, now: datetime) -> bool:
    """Use up a recovery code; False if there is none such, or it was used before."""
    own = and_(recovery_codes.c.editor_id == editor, recovery_codes.c.code_hash == hashed)
    taking = update(recovery_codes).where(own, recovery_codes.c.used_at.is_(None)).values(used_at=now)
    return bool((await tx.execute(taking)).rowcount)


async def codes_left(tx: Tx, editor: str) -> int:
    """Count the recovery codes that were not used."""
    own = and_(recovery_codes.c.editor_id == editor, recovery_codes.c.used_at.is_(None))
    return int((await tx.execute(select(func.count()).select_from(recovery_codes).where(own))).scalar_one())


async def forget_all(tx: Tx, editor: str) -> None:
    """Forget every passkey and recovery code of an editor."""
    await tx.execute(delete(passkeys).where(passkeys.c.editor_id == editor))
    await set_codes(tx, editor, ())


def _passkey(row: Row[Any]) -> Passkey:
    times = (row.created_at, row.used_at)
    return Passkey(row.id, row.editor_id, bytes(row.public_key), row.sign_count, row.label, *times)
