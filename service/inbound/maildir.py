"""A Maildir of this machine, into which a mail server delivers: what is new is kept, and moved to what was seen.

A mail of ours moves from `new/` to `cur/` as seen (`:2,S`); one that is somebody else's, or too large to be read, moves
there unseen, so that whoever reads mail there finds it, and it is not looked at again.
"""

import asyncio
import heapq
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from service.domain.letter_box import LetterBox
from service.inbound.mailboxes import AT_ONCE, OCTETS_AT_ONCE, UnreachedError, arrival
from service.mail.arrived import LARGEST
from service.observability import log
from service.store.inbox import Arrival, Keep

DOOR = "maildir"


@dataclass(frozen=True, slots=True)
class _Found:
    """A file, and what it holds for us."""

    name: str
    holds: Arrival | None


class Maildir:
    """One folder with `new` and `cur` in it. Two who look into it take each mail once."""

    door = DOOR

    def __init__(self, path: Path, box: LetterBox) -> None:
        self._path = path
        self._box = box

    def __str__(self) -> str:
        return f"the Maildir {self._path}"

    async def take(self, keep: Keep) -> int:
        """Have what is new and ours kept, then move it; see `Mailbox`."""
        found = await asyncio.to_thread(self._found)
        if ours := [one.holds for one in found if one.holds]:
            await keep(ours)
        await asyncio.to_thread(self._move, found)
        return len(found)

    async def close(self) -> None:
        """Nothing is held."""

    def _found(self) -> list[_Found]:
        """Read the oldest of what is new, as much as is kept at once."""
        found: list[_Found] = []
        octets = 0
        try:
            (self._path / "cur").stat()
            with os.scandir(self._path / "new") as entries:
                names = heapq.nsmallest(AT_ONCE, (one.name for one in entries if _is_mail(one)))
            for name in names:
                content = _read(self._path / "new" / name)
                if content is None:
                    continue
                octets += len(content)
                if found and octets > OCTETS_AT_ONCE:
                    break
                found.append(_Found(name, self._holds(content)))
        except FileNotFoundError:
            raise UnreachedError(f"{self._path} is no Maildir: it has no folders new and cur") from None
        except OSError as error:
            raise UnreachedError(f"{self._path} cannot be read: {error.strerror}") from None
        return found

    def _holds(self, content: bytes) -> Arrival | None:
        if len(content) <= LARGEST:
            return arrival(DOOR, content, self._box)
        log.warning("mail_too_large", door=DOOR, most_octets=LARGEST)
        return None

    def _move(self, found: Sequence[_Found]) -> None:
        for one in found:
            base = one.name.partition(":")[0]
            try:
                (self._path / "new" / one.name).rename(self._path / "cur" / f"{base}:2,{'S' if one.holds else ''}")
            except FileNotFoundError:
                continue  # somebody else has moved it
            except OSError as error:
                raise UnreachedError(f"{self._path} cannot be written to: {error.strerror}") from None


def _is_mail(entry: "os.DirEntry[str]") -> bool:
    return not entry.name.startswith(".") and entry.is_file(follow_symlinks=False)


def _read(path: Path) -> bytes | None:
    """Read a file, up to one octet more than is kept of any; None if somebody else has moved it."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
