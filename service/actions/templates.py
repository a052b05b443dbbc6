"""What editors do with what letters are made of: look at a piece and its versions, draft, publish, return.

Whoever publishes says which version they began from; if there is a newer one they are told, and nothing is
overwritten. Whether the checks let a text be published is asked by the door, which has the proofs.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from service.actions.sampling import samples
from service.domain.editor import Editor, Role
from service.domain.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from service.domain.templates import LOCALES, Templates
from service.rendering.locales import is_language
from service.store import audit, drafts
from service.store import templates as store
from service.store.dialect import Tx
from service.store.drafts import Draft
from service.store.templates import Piece, Version

__all__ = [
    "Draft",
    "Piece",
    "Version",
    "checked_name",
    "checked_text",
    "draft_of",
    "drafted",
    "drop_draft",
    "history",
    "in_use",
    "piece",
    "pieces",
    "publish",
    "publish_all",
    "return_to",
    "samples",
    "save_draft",
    "text_of",
]

LARGEST_TEXT = 500_000  # characters of a piece; a catalogue has some tens of thousands
_LONGEST_WHY = 500
_NAME = re.compile(
    r"letters/(?:[a-z][a-z0-9-]{0,40}/)?_?[a-z][a-z0-9-]{0,40}\.(?:mjml|txt)|locales/[A-Za-z0-9-]{2,20}\.po"
)


async def in_use(tx: Tx) -> Templates:
    """Give everything that letters are made of now; raise NotFoundError before anything was ever in use."""
    found = await store.in_use(tx)
    if found is None:
        raise NotFoundError("There are no templates in use yet.")
    return found


async def piece(tx: Tx, name: str) -> Piece:
    """Give a piece as it is in use; raise NotFoundError."""
    found = await store.piece(tx, name)
    if found is None:
        raise NotFoundError(f"There is no template {name!r}.")
    return found


async def pieces(tx: Tx) -> list[Piece]:
    """Give every piece in use by name, without its text."""
    return await store.pieces(tx)


async def history(tx: Tx, name: str) -> list[Version]:
    """Give the versions of a piece, the newest first, and last what ships (number 0); raise NotFoundError."""
    found = await store.history(tx, name)
    if not found:
        raise NotFoundError(f"There is no template {name!r}.")
    return found


async def text_of(tx: Tx, name: str, number: int) -> str:
    """Give the text of a version of a piece, 0 for what ships; raise NotFoundError."""
    found = await store.text_of(tx, name, number)
    if found is None:
        raise NotFoundError(f"There is no version {number} of {name!r}.")
    return found


async def draft_of(tx: Tx, editor: Editor, name: str) -> Draft | None:
    """Give an editor's draft of a piece, None if there is none."""
    return await drafts.of(tx, editor, name)


async def drafted(tx: Tx, editor: Editor) -> list[str]:
    """Give the names of the pieces that an editor has drafts of."""
    return await drafts.names(tx, editor)


async def save_draft(tx: Tx, editor: Editor, name: str, text: str, based_on: int, now: datetime) -> None:
    """Keep what an editor has written, whatever the checks say of it; it is theirs alone and in no letter."""
    _needs(editor, Role.EDITOR)
    await drafts.save(tx, editor, checked_name(name), Draft(checked_text(text), based_on, now))


async def drop_draft(tx: Tx, editor: Editor, name: str) -> None:
    """Forget an editor's draft of a piece."""
    await drafts.drop(tx, editor, name)


async def publish(tx: Tx, editor: Editor, name: str, text: str, based_on: int, why: str, now: datetime) -> int:
    """Have a text in use from now on; gives its number, or that of the version in use if it says the same.

    Raises ConflictError with the number of a newer version than the one it is based on, NotAllowedError, InvalidError.
    """
    _needs(editor, Role.APPROVER)
    await store.alone(tx)
    newest = await store.newest_number(tx, checked_name(name))
    if newest != based_on:
        raise ConflictError(newest)
    number = (await publish_all(tx, editor, {name: text}, why, now)).get(name, newest)
    await drafts.drop(tx, editor, name)
    return number


async def publish_all(tx: Tx, by: Editor | str, texts: Mapping[str, str], why: str, now: datetime) -> dict[str, int]:
    """Have texts in use from now on, together, whatever is in use; gives the number of each that says anything new."""
    reason = checked_why(why)
    await store.alone(tx)
    used = await store.in_use(tx)
    before = used.pieces if used else {}
    checked = {checked_name(name): checked_text(text) for name, text in texts.items()}
    new = {name: text for name, text in checked.items() if before.get(name) != text}
    if not new:
        return {}
    numbers = await store.put(tx, new, by, reason, now)
    version = await store.version_in_use(tx)
    for name, number in numbers.items():
        told = {"number": number, "why": reason, "set": version}
        await audit.note(tx, by, "published", f"template {name}", now, told)
    return numbers


async def return_to(tx: Tx, editor: Editor, name: str, number: int, why: str, now: datetime) -> int:
    """Publish the text of an earlier version again, 0 for what ships; gives the new number."""
    _needs(editor, Role.APPROVER)
    await store.alone(tx)
    text = await text_of(tx, name, number)
    newest = await store.newest_number(tx, name)
    return (await publish_all(tx, editor, {name: text}, why, now)).get(name, newest)


def checked_name(name: str) -> str:
    """Give the name of a piece; raise NotFoundError for what cannot be one."""
    code = name.removeprefix(LOCALES).removesuffix(".po")
    if not _NAME.fullmatch(name) or (name.startswith(LOCALES) and not is_language(code)):
        raise NotFoundError(f"There is no template {name!r}.")
    return name


def checked_text(text: str) -> str:
    """Give a text as it is kept, with line feeds alone; raise InvalidError for what cannot be kept."""
    kept = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(kept) > LARGEST_TEXT:
        raise InvalidError(f"This is too long (allowed: {LARGEST_TEXT:,} characters).", "text")
    if "\0" in kept or any("\ud800" <= char <= "\udfff" for char in kept):
        raise InvalidError("This holds characters that no text may hold.", "text")
    return kept


def checked_why(why: str) -> str:
    """Give the reason of a publication in one line; raise InvalidError if there is none, or too much of it."""
    reason = " ".join("".join(char if char.isprintable() else " " for char in why).split())
    if not reason:
        raise InvalidError("Please say why, for those who come after you.", "why")
    if len(reason) > _LONGEST_WHY:
        raise InvalidError(f"This is too long (allowed: {_LONGEST_WHY} characters).", "why")
    return reason


def _needs(editor: Editor, role: Role) -> None:
    if editor.role < role:
        raise NotAllowedError
