"""What editors change of their own: name, language, password, sessions, second factors."""

from datetime import datetime

from service.actions import second_factors
from service.actions.api_tokens import SIGN_IN_CHANGED
from service.domain.editor import Editor
from service.store import api_tokens, audit, editors, factors, sessions
from service.store.dialect import Tx
from service.store.factors import Passkey
from service.store.sessions import Session


async def change(tx: Tx, editor: Editor, name: str, language: str, now: datetime) -> None:
    """Keep how an editor is called and written to."""
    if (name, language) == (editor.name, editor.language):
        return
    await editors.change(tx, editor.id, name, language)
    before = {"name": editor.name, "language": editor.language}
    await audit.note(tx, editor, "changed their own", editor.who, now, before | {"new name": name, "new": language})


async def change_password(tx: Tx, session: Session, hashed: str, now: datetime) -> str:
    """Keep a new password, end every other session and every token, and give this one a new secret."""
    await editors.set_password(tx, session.editor.id, hashed)
    await sessions.end_all(tx, session.editor.id, but=session.id)
    await api_tokens.end_all(tx, session.editor.id, SIGN_IN_CHANGED, now)
    await audit.note(tx, session.editor, "changed their password", session.editor.who, now)
    return await sessions.renew(tx, session, now)


async def end_session(tx: Tx, session: Session, which: str, now: datetime) -> bool:
    """End one session of the editor of this, or with "others" all but this; False if it is not theirs."""
    if which == "others":
        ended = await sessions.end_all(tx, session.editor.id, but=session.id)
    else:
        own = {one.id for one in await sessions.of_editor(tx, session.editor.id, now)} - {session.id}
        if which not in own:
            return False
        await sessions.end(tx, which)
        ended = 1
    if ended:
        await audit.note(tx, session.editor, "ended sessions of their own", session.editor.who, now, {"ended": ended})
    return True


async def keep_authenticator(tx: Tx, editor: Editor, secret: str, step: int, now: datetime) -> list[str]:
    """Keep an authenticator that was proved; give new recovery codes, if there were none."""
    await editors.set_totp(tx, editor.id, secret, step)
    await audit.note(tx, editor, "set up an authenticator", editor.who, now)
    return await _first_codes(tx, editor)


async def keep_passkey(tx: Tx, editor: Editor, passkey: Passkey, now: datetime) -> list[str]:
    """Keep a passkey; give new recovery codes, if there were none."""
    await factors.add_passkey(tx, passkey)
    await audit.note(tx, editor, "added a passkey", editor.who, now, {"label": passkey.label})
    return await _first_codes(tx, editor)


async def forget_authenticator(tx: Tx, editor: Editor, now: datetime) -> None:
    """Forget the authenticator."""
    await editors.set_totp(tx, editor.id, None, None)
    await audit.note(tx, editor, "removed their authenticator", editor.who, now)
    await _no_codes_alone(tx, editor)


async def forget_passkey(tx: Tx, editor: Editor, id_: str, now: datetime) -> bool:
    """Forget a passkey; False if it is not theirs."""
    if not await factors.remove_passkey(tx, editor.id, id_):
        return False
    await audit.note(tx, editor, "removed a passkey", editor.who, now)
    await _no_codes_alone(tx, editor)
    return True


async def renew_codes(tx: Tx, editor: Editor, now: datetime) -> list[str]:
    """Make new recovery codes in place of all others."""
    await audit.note(tx, editor, "made new recovery codes", editor.who, now)
    return await second_factors.new_codes(tx, editor.id)


async def _first_codes(tx: Tx, editor: Editor) -> list[str]:
    return [] if await factors.codes_left(tx, editor.id) else await second_factors.new_codes(tx, editor.id)


async def _no_codes_alone(tx: Tx, editor: Editor) -> None:
    """Forget the recovery codes with the last second factor, whose place they take."""
    present = await editors.by_id(tx, editor.id)
    if present is not None and not present.has_factor:
        await factors.set_codes(tx, editor.id, ())
