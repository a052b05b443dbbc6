"""Signing in: a password, then the second factor if there is one; each step begins a session with a secret of its own.

Nothing here hashes: that takes long, and no transaction is open meanwhile. So what was true before the hash is looked
at again after it.
"""

from dataclasses import dataclass
from datetime import datetime

from service.actions import passkeys
from service.actions.passkeys import DOOR, Place
from service.actions.subscribing import Desk
from service.domain.editor import Editor
from service.domain.errors import InvalidError
from service.store import audit, editors, factors, sessions
from service.store.dialect import Tx
from service.store.sessions import Session

NOBODY = "somebody"


@dataclass(frozen=True, slots=True)
class Caller:
    """From where somebody signs in, as their list of sessions shows it."""

    network: str
    agent: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a browser answered: of whom it was asked (a session, or `DOOR`), the signed challenge, and its answer."""

    subject: str
    asked: str
    signed: str


async def asked(tx: Tx, address: str) -> tuple[Editor | None, str | None]:
    """Give who has an address, and the hash of their password; nothing of somebody who is shut out."""
    editor = await editors.by_address(tx, address)
    if editor is None or editor.disabled_at is not None:
        return None, None
    return editor, (await editors.secrets_of(tx, editor.id)).password


async def refused(tx: Tx, editor: Editor | None, caller: Caller, what: str, now: datetime) -> None:
    """Note that somebody was not let in; the address that was typed is not kept, as it may be a password."""
    subject = editor.who if editor else "an unknown address"
    await audit.note(tx, NOBODY, "was not let in", subject, now, {"network": caller.network, "wrong": what})


async def entered(tx: Tx, editor: Editor, kept: str, caller: Caller, now: datetime) -> str | None:
    """Begin the session of somebody who showed the password of which `kept` is the hash; give its secret.

    It is whole only if there is no second factor to be shown. None, if meanwhile the password is another, or they
    were shut out.
    """
    present = await editors.by_id(tx, editor.id)
    if present is None or present.disabled_at is not None:
        return None
    if (await editors.secrets_of(tx, editor.id)).password != kept:
        return None
    if not present.has_factor:
        return await _whole(tx, present, caller, "password", now)
    await sessions.sweep(tx, now)
    return await sessions.begin(tx, editor.id, now, complete=False, network=caller.network, agent=caller.agent)


async def completed(tx: Tx, session: Session, by: str, caller: Caller, now: datetime) -> str:
    """End the session that waited for a second factor, and begin the whole one; give its secret."""
    await sessions.end(tx, session.id)
    return await _whole(tx, session.editor, caller, f"password and {by}", now)


async def entered_alone(tx: Tx, editor: Editor, caller: Caller, now: datetime) -> str:
    """Begin the session of somebody whose passkey asked who they are, which is two factors in one; give its secret."""
    return await _whole(tx, editor, caller, "passkey", now)


async def took_passkey(tx: Tx, desk: Desk, answer: Answer, place: Place, now: datetime) -> Editor | None:
    """Give whose passkey signed what was asked; None if none did, or it was answered before."""
    challenge = await passkeys.take_challenge(tx, desk, answer.asked, answer.subject, now)
    passkey = await factors.passkey(tx, passkeys.id_in(answer.signed)) if challenge else None
    if challenge is None or passkey is None:
        return None
    try:
        count = passkeys.proved(place, passkey, answer.signed, challenge, alone=answer.subject == DOOR)
    except InvalidError:
        return None
    editor = await editors.by_id(tx, passkey.editor)
    if editor is None or editor.disabled_at is not None:
        return None
    await factors.passkey_used(tx, passkey, count, now)
    return editor


async def left(tx: Tx, session: Session, now: datetime) -> None:
    """End a session, as its holder wants."""
    await sessions.end(tx, session.id)
    if session.complete:
        await audit.note(tx, session.editor, "signed out", session.editor.who, now)


async def _whole(tx: Tx, editor: Editor, caller: Caller, by: str, now: datetime) -> str:
    await sessions.sweep(tx, now)
    details = {"network": caller.network, "by": by}
    await audit.note(tx, editor, "signed in", editor.who, now, details)
    return await sessions.begin(tx, editor.id, now, complete=True, network=caller.network, agent=caller.agent)
