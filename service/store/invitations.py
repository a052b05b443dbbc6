"""One-time links: the first owner's, an invitation, a new password. Only a digest of what a link holds is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, insert, select, update

from service.domain.editor import Role, role_of
from service.store.dialect import Tx
from service.store.editing_tables import invitations

_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link is for: `editor` chooses a password; without one, whoever comes first becomes the first owner."""

    id: str
    address: str
    role: Role
    editor: str | None
    expires_at: datetime


async def make(
    tx: Tx,
    address: str,
    role: Role,
    editor: str | None,
    now: datetime,
    expires_at: datetime,
    made_by: str | None = None,
) -> str:
    """Make a link and give the secret in it; whatever link the same editor had before is worth nothing."""
    await tx.execute(delete(invitations).where(invitations.c.expires_at < now))
    if editor is not None:
        await revoke(tx, editor)
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    row = {
        "id": _digest(secret),
        "address": address,
        "role": role.code,
        "editor_id": editor,
        "made_by": made_by,
        "created_at": now,
        "expires_at": expires_at,
    }
    await tx.execute(insert(invitations).values(row))
    return secret


async def of(tx: Tx, secret: str, now: datetime) -> Invitation | None:
    """Give what a link is for; None if there is none such, it was used, or it is too old."""
    row = (await tx.execute(select(invitations).where(invitations.c.id == _digest(secret)))).first()
    if row is None or row.used_at is not None or row.expires_at < now:
        return None
    return _read(row)


async def use(tx: Tx, invitation: Invitation, now: datetime) -> bool:
    """Use a link up; False if somebody else did."""
    own = and_(invitations.c.id == invitation.id, invitations.c.used_at.is_(None))
    return bool((await tx.execute(update(invitations).where(own).values(used_at=now))).rowcount)


async def revoke(tx: Tx, editor: str | None) -> None:
    """End the links of an editor that were not used; None for those that make the first owner."""
    whose = invitations.c.editor_id.is_(None) if editor is None else invitations.c.editor_id == editor
    await tx.execute(delete(invitations).where(whose, invitations.c.used_at.is_(None)))


async def open_until(tx: Tx, now: datetime) -> dict[str, datetime]:
    """Give until when each editor who has a link may use it."""
    waiting = and_(invitations.c.used_at.is_(None), invitations.c.expires_at >= now)
    waiting = and_(waiting, invitations.c.editor_id.is_not(None))
    found = select(invitations.c.editor_id, invitations.c.expires_at).where(waiting)
    return {row.editor_id: row.expires_at for row in (await tx.execute(found)).all()}


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _read(row: Row[Any]) -> Invitation:
    return Invitation(row.id, row.address, role_of(row.role), row.editor_id, row.expires_at)
