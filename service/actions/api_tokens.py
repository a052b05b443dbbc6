"""Tokens of the API: made, ended, and looked at when a program shows one.

A token acts for the editor who made it, within the scopes it was given and never beyond that editor's role. It ends
with a change of their password or role, and when they are shut out (`faults.md`, case 111).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from service.domain.editor import Editor, plain_name
from service.domain.errors import InvalidError, NotFoundError
from service.domain.scope import Scope
from service.store import api_tokens, audit
from service.store.api_tokens import Token
from service.store.dialect import Tx

DAYS: Final = 90
DAYS_MOST: Final = 366
SIGN_IN_CHANGED: Final = "the password changed"
NEW_ROLE: Final = "the role changed"
SHUT_OUT: Final = "its editor was shut out"
_BY_HAND: Final = "ended by hand"
_LONGEST_WHO: Final = 320  # of what versions keep


async def make(
    tx: Tx, by: Editor | str, editor: Editor, name: str, scopes: Sequence[Scope], days: int, now: datetime
) -> tuple[Token, str]:
    """Make a token that acts for an editor, for so many days; give it with its text, which is shown this once.

    Raise InvalidError for an editor who is shut out or may not do what it would allow, no name, or wrong days.
    """
    called = plain_name(name)
    if not called:
        raise InvalidError("Please give it a name that says what it is for.", "name")
    if not 1 <= days <= DAYS_MOST:
        raise InvalidError(f"{days} days cannot be (allowed: 1 to {DAYS_MOST})", "days")
    if editor.disabled_at is not None:
        raise InvalidError("They are shut out. Let them in again first.", "address")
    above = [scope for scope in scopes if scope.role > editor.role]
    if above or not scopes:
        needed = f"{above[0]} needs the role {above[0].role.code}" if above else f"allowed: {', '.join(Scope)}"
        raise InvalidError(f"the scopes cannot be given: {needed}", "scopes")
    token, text = await api_tokens.make(tx, editor, called, scopes, now, now + timedelta(days=days))
    told = {"name": called, "scopes": [*scopes], "for": editor.who, "days": days}
    await audit.note(tx, by, "made", f"token {token.id}", now, told)
    return token, text


async def end(tx: Tx, by: Editor | str, id_: str, now: datetime) -> Token:
    """End a token, at once and for good; raise NotFoundError."""
    token = await api_tokens.named(tx, id_)
    if token is None:
        raise NotFoundError(f"There is no token {id_!r}.")
    if await api_tokens.end(tx, id_, _BY_HAND, now):
        await audit.note(tx, by, "ended", f"token {id_}", now, {"name": token.name})
    return token


def acting(token: Token) -> Editor:
    """Give the editor for whom a token acts, named so that the audit and versions tell that it was not by hand."""
    named = replace(token.editor, name=f"{token.editor.name} (token {token.name})".strip())
    return named if len(named.who) <= _LONGEST_WHO else token.editor


def allows(token: Token, scope: Scope) -> bool:
    """Say whether a token may do what a scope names, as its editor's role is now."""
    return scope in token.scopes and token.editor.role >= scope.role
