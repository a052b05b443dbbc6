"""Reading letters back: what a person sees of the bytes, for the outbox page.

Only the tolerant, older parser of the standard library is used (`compat32`): the newer one takes a minute of
processor for a hostile subject (`faults.md`, case 127). Nothing here raises for what the bytes hold.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import Message
from email.parser import BytesParser
from email.utils import parseaddr, parsedate_to_datetime
from itertools import islice
from pathlib import Path

from service.domain.errors import InvalidError
from service.mail.arrived import decoded, text_of

_NOTICE = re.compile(r"[A-Za-z0-9_-]{1,128}")
_LONGEST_VALUE = 4_000
_HEADERS_MOST = 200
_PARTS_MOST = 100


@dataclass(frozen=True, slots=True)
class Opened:
    """A letter as a person reads it. `headers` are names and values in their order, decoded."""

    subject: str = ""
    sender: str = ""
    to: str = ""
    date: datetime | None = None
    headers: tuple[tuple[str, str], ...] = ()
    html: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Filed:
    """A letter that lies in the outbox folder."""

    notice: str
    written_at: datetime
    opened: Opened


def read(content: bytes) -> Opened:
    """Read a letter's bytes, whatever they are; what cannot be made out stays empty."""
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(content)
        bodies = dict(reversed(list(_bodies(message))))
        headers = tuple(
            (name, decoded(str(value), _LONGEST_VALUE)) for name, value in islice(message.raw_items(), _HEADERS_MOST)
        )
    except Exception:  # noqa: BLE001 - whatever odd bytes do to the parser, the page opens
        return Opened(text=content[:_LONGEST_VALUE].decode("utf-8", "replace"))
    first = {name.lower(): value for name, value in reversed(headers)}
    return Opened(
        subject=first.get("subject", ""),
        sender=first.get("from", ""),
        to=first.get("to", ""),
        date=_date(first.get("date", "")),
        headers=headers,
        html=bodies.get("text/html", ""),
        text=bodies.get("text/plain", ""),
    )


def forget(folder: Path, addresses: Iterable[str]) -> int:
    """Remove the letters of a folder that go to any of these addresses; gives how many there were."""
    wanted, gone = {address.casefold() for address in addresses}, 0
    for path in folder.glob("*.eml"):
        try:
            if parseaddr(read(path.read_bytes()).to)[1].casefold() in wanted:
                path.unlink()
                gone += 1
        except OSError:  # gone since it was listed
            continue
    return gone


def letters(folder: Path, most: int = 200) -> list[Filed]:
    """Give the letters of a folder, the newest first; an absent folder holds none."""
    dated = []
    for path in folder.glob("*.eml"):
        try:
            dated.append((path.stat().st_mtime_ns, path))
        except OSError:  # gone since it was listed
            continue
    found = (_filed(path) for _, path in sorted(dated, reverse=True)[:most])
    return [filed for filed in found if filed is not None]


def letter(folder: Path, notice: str) -> Filed | None:
    """Give one letter of a folder by its notice, or None; any text may be asked for."""
    return _filed(letter_path(folder, notice)) if _NOTICE.fullmatch(notice) else None


def letter_path(folder: Path, notice: str) -> Path:
    """Give where a notice's letter lies; raise InvalidError for a name that could lead elsewhere."""
    if not _NOTICE.fullmatch(notice):
        raise InvalidError(f"{notice!r} cannot be the name of a file", "notice")
    return folder / f"{notice}.eml"


def _filed(path: Path) -> Filed | None:
    try:
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return Filed(path.stem, written_at, read(path.read_bytes()))
    except OSError:
        return None


def _bodies(message: Message) -> Iterator[tuple[str, str]]:
    """Give the texts of a message with their types, the first hundred parts of it."""
    for number, part in enumerate(message.walk()):
        if number >= _PARTS_MOST:
            return
        if part.get_content_type() in {"text/plain", "text/html"}:
            payload = part.get_payload(decode=True)
            yield part.get_content_type(), _text(payload, part.get_content_charset())


def _text(payload: object, charset: str | None) -> str:
    return text_of(payload, charset or "utf-8").replace("\r\n", "\n") if isinstance(payload, bytes) else ""


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError, AttributeError):
        return None
