"""The people of the editors' room: letting in, roles, shutting out, new passwords. Whoever changes ends the sessions.

Every change of a password, a role or a right ends the sessions and tokens it could outlive (`faults.md`, case 111).
"""

from datetime import datetime, timedelta

from service.actions.api_tokens import NEW_ROLE, SHUT_OUT, SIGN_IN_CHANGED
from service.domain.editor import Editor, Role
from service.domain.errors import InvalidError, NotFoundError
from service.store import api_tokens, audit, editors, factors, invitations, sessions
from service.store.dialect import Tx
from service.store.invitations import Invitation

FIRST_LINK_LASTS = timedelta(hours=24)
INVITATION_LASTS = timedelta(days=7)
RESET_LASTS = timedelta(hours=24)
_LAST_OWNER = "There would be no owner left. Make somebody else an owner first."
_NO_LINK = "This link is not valid, or no longer valid."

By = Editor | str


async def first_link(tx: Tx, now: datetime) -> str:
    """Give the secret of a link by which the first owner comes in; "" where there is an owner."""
    if await editors.owners(tx):
        return ""
    return await invitations.make(tx, "", Role.OWNER, None, now, now + FIRST_LINK_LASTS)


async def invite(
    tx: Tx, by: By, address: str, role: Role, name: str, language: str, now: datetime
) -> tuple[Editor, str]:
    """Let somebody in, and give the secret of the link by which they choose a password."""
    if await editors.by_address(tx, address) is not None:
        raise InvalidError("Somebody with this address is here already.", "address")
    editor = await editors.add(tx, address, name, role, language, now)
    await audit.note(tx, by, "invited", editor.who, now, {"role": role.code})
    return editor, await _link(tx, by, editor, now, INVITATION_LASTS)


async def reset(tx: Tx, by: By, editor: Editor, now: datetime, *, factors_too: bool = False) -> str:
    """End the sessions of an editor and give the secret of a link by which they choose a new password.

    The password they have is worth nothing from now on; second factors stay, unless they are lost too.
    """
    if editor.disabled_at is not None:
        raise InvalidError("They are shut out. Let them in again first.", "address")
    await editors.set_password(tx, editor.id, None)
    if factors_too:
        await editors.set_totp(tx, editor.id, None, None)
        await factors.forget_all(tx, editor.id)
    await sessions.end_all(tx, editor.id)
    await api_tokens.end_all(tx, editor.id, SIGN_IN_CHANGED, now)
    await audit.note(tx, by, "reset the password of", editor.who, now, {"factors too": factors_too})
    return await _link(tx, by, editor, now, RESET_LASTS)


async def set_role(tx: Tx, by: By, editor: Editor, role: Role, now: datetime) -> None:
    """Give an editor another role; the last owner stays one."""
    if role is editor.role:
        return
    if editor.role is Role.OWNER and editor.disabled_at is None and await editors.owners(tx) <= 1:
        raise InvalidError(_LAST_OWNER, "role")
    await editors.set_role(tx, editor.id, role)
    await sessions.end_all(tx, editor.id)
    await api_tokens.end_all(tx, editor.id, NEW_ROLE, now)
    details = {"before": editor.role.code, "role": role.code}
    await audit.note(tx, by, "changed the role of", editor.who, now, details)


async def disable(tx: Tx, by: By, editor: Editor, now: datetime) -> None:
    """Shut an editor out, at once; what they wrote stays."""
    if editor.disabled_at is not None:
        return
    if editor.role is Role.OWNER and await editors.owners(tx) <= 1:
        raise InvalidError(_LAST_OWNER, "role")
    await editors.shut_out(tx, editor.id, now)
    await sessions.end_all(tx, editor.id)
    await api_tokens.end_all(tx, editor.id, SHUT_OUT, now)
    await invitations.revoke(tx, editor.id)
    await audit.note(tx, by, "shut out", editor.who, now)


async def enable(tx: Tx, by: By, editor: Editor, now: datetime) -> None:
    """Let an editor in again, with the role and password they had."""
    if editor.disabled_at is None:
        return
    await editors.shut_out(tx, editor.id, None)
    await audit.note(tx, by, "let in again", editor.who, now)


async def invited(tx: Tx, secret: str, now: datetime) -> tuple[Invitation, Editor | None]:
    """Give what a link is for, and whose; raise NotFoundError for one that is wrong, used, or too late."""
    invitation = await invitations.of(tx, secret, now)
    if invitation is None:
        raise NotFoundError(_NO_LINK)
    if invitation.editor is None:
        if await editors.owners(tx):
            raise NotFoundError(_NO_LINK)
        return invitation, None
    editor = await editors.by_id(tx, invitation.editor)
    if editor is None or editor.disabled_at is not None:
        raise NotFoundError(_NO_LINK)
    return invitation, editor


async def came_first(tx: Tx, secret: str, address: str, name: str, language: str, hashed: str, now: datetime) -> Editor:
    """Make the first owner, by the link of the console; nobody comes in by such a link after that."""
    invitation, editor = await invited(tx, secret, now)
    if editor is not None or not await invitations.use(tx, invitation, now):
        raise NotFoundError(_NO_LINK)
    if await editors.by_address(tx, address) is not None:
        raise InvalidError("Somebody with this address is here already.", "address")
    made = await editors.add(tx, address, name, Role.OWNER, language, now)
    await editors.set_password(tx, made.id, hashed)
    await invitations.revoke(tx, None)
    await audit.note(tx, made, "became the first owner", made.who, now)
    return made


async def chose_password(tx: Tx, secret: str, hashed: str, now: datetime) -> Editor:
    """Keep the password that somebody chose by a link, which is used up by it; ends what sessions there were."""
    invitation, editor = await invited(tx, secret, now)
    if editor is None or not await invitations.use(tx, invitation, now):
        raise NotFoundError(_NO_LINK)
    await editors.set_password(tx, editor.id, hashed)
    await sessions.end_all(tx, editor.id)
    await api_tokens.end_all(tx, editor.id, SIGN_IN_CHANGED, now)
    await audit.note(tx, editor, "chose a password", editor.who, now)
    return editor


async def named(tx: Tx, address: str) -> Editor:
    """Give the editor with an address; raise NotFoundError."""
    editor = await editors.by_address(tx, address)
    if editor is None:
        raise NotFoundError(f"There is no editor {address}.")
    return editor


async def _link(tx: Tx, by: By, editor: Editor, now: datetime, lasts: timedelta) -> str:
    made_by = by.id if isinstance(by, Editor) else None
    return await invitations.make(tx, editor.address, editor.role, editor.id, now, now + lasts, made_by)
