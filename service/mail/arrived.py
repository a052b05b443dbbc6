"""Mail that arrived, opened within limits: whatever its bytes are, it costs a second at most and raises nothing.

What is too large or too intricate is seen in the raw bytes, before a parser follows it (`faults.md`, case 127). Only
the tolerant, older parser of the standard library is used (`compat32`), which decodes nothing by itself.
"""

import re
from binascii import a2b_base64, a2b_qp
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import policy
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from itertools import islice

from service.domain.errors import InvalidError

LARGEST = 5_000_000  # octets
READ_MOST = 400_000  # octets that are looked at, and kept: a report comes before what it returns
_HEAD_MOST = 256_000  # octets of the mail's own headers
_HEADERS_MOST = 2_000  # lines of them
_PARTS_MOST = 60
_STRUCTURE_MOST = 8_000  # octets of the header that says how a part is made
_BOUNDARIES_MOST = 500  # lines of a mail with parts that may be the boundary of one
_TEXT_MOST = 64_000  # characters of one part that are looked at
_VALUE_MOST = 1_000
_MAILS = ("message/rfc822", "message/global", "message/news")
_MULTIPART = re.compile(rb"multipart/", re.IGNORECASE)
_END = re.compile(rb"\r?\n\r?\n")
_STRUCTURE = re.compile(rb"^content-type[ \t]*:[^\n]*+(?:\n[ \t][^\n]*+)*", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """One part that holds no others: its type in small letters, and its text, decoded as well as can be."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Arrived:
    """A mail: its own headers by their names in small letters, the first of each, decoded; and its parts.

    `message` is what the parser made of it, for who knows older forms of bounces.
    """

    headers: dict[str, str]
    kind: str
    parts: tuple[Part, ...]
    message: "Message[str, str]"

    def header(self, name: str) -> str:
        """Give a header's value; "" where there is none."""
        return self.headers.get(name, "")

    def of_kind(self, *kinds: str) -> Iterator[Part]:
        """Give the parts of these types, in their order."""
        return (part for part in self.parts if part.kind in kinds)


def opened(raw: bytes) -> Arrived:
    """Open a mail; raise InvalidError if it is larger or more intricate than any that is answered or heeded."""
    if len(raw) > LARGEST:
        raise InvalidError("this mail is too large")
    read = raw[:READ_MOST]
    _check(read)
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(read)
        parts = tuple(islice(_parts(message), _PARTS_MOST))
        headers: dict[str, str] = {}
        for name, value in islice(message.raw_items(), _HEADERS_MOST):
            headers.setdefault(name.lower(), decoded(str(value)))
        return Arrived(headers, message.get_content_type(), parts, message)
    except Exception as error:  # noqa: BLE001  (whatever odd bytes do to the parser, the reader goes on)
        raise InvalidError(f"this mail cannot be opened: {type(error).__name__}") from None


def decoded(value: str, most: int = _VALUE_MOST) -> str:
    """Give a header's value as a person reads it, on one line and at most so long; as it stands if it is odd."""
    flat = " ".join(value[:most].split())
    if "=?" not in flat:
        return _without_halves(flat)
    try:
        pieces = [
            piece if isinstance(piece, str) else text_of(piece, charset or "utf-8")
            for piece, charset in decode_header(flat)
        ]
    except Exception:  # noqa: BLE001  (whatever the library meets in it)
        return _without_halves(flat)
    return _without_halves("".join(pieces))


def text_of(octets: bytes, charset: str) -> str:
    """Decode octets by the charset that they claim; an unknown one is read as UTF-8, and nothing raises (case 132)."""
    try:
        return octets.decode(charset, "replace")
    except (LookupError, ValueError, UnicodeError):
        return octets.decode("utf-8", "replace")


def _check(raw: bytes) -> None:
    end = _END.search(raw)
    head = raw[: end.start() if end else len(raw)]
    if len(head) > _HEAD_MOST or head.count(b"\n") > _HEADERS_MOST:
        raise InvalidError("this mail has too many headers, or too long ones")
    parts = list(islice(_STRUCTURE.finditer(raw), _PARTS_MOST + 1))
    if len(parts) > _PARTS_MOST or any(len(part[0]) > _STRUCTURE_MOST for part in parts):
        raise InvalidError("this mail has too many parts, or too intricate ones")
    if _MULTIPART.search(raw) and raw.count(b"\n--") > _BOUNDARIES_MOST:
        raise InvalidError("this mail has too many parts")


def _parts(message: "Message[str, str]") -> Iterator[Part]:
    """Give the parts that hold no others; of a quoted mail only its headers: what it holds says nothing of this one."""
    kind, within = message.get_content_type(), message.get_payload()
    blocks = [one for one in within if isinstance(one, Message)] if isinstance(within, list) else []
    if kind.startswith("multipart/") and blocks:
        for one in blocks:
            yield from _parts(one)
    elif kind in _MAILS and blocks:
        yield Part(kind, _headers(blocks[0])[:_TEXT_MOST])
    elif blocks:
        yield Part(kind, _report(message, blocks)[:_TEXT_MOST])
    else:
        octets = message.get_payload(decode=True)
        told = octets[: 4 * _TEXT_MOST] if isinstance(octets, bytes) else b""
        yield Part(kind, text_of(told, _charset(message))[:_TEXT_MOST])


def _report(message: "Message[str, str]", blocks: Sequence["Message[str, str]"]) -> str:
    """Give the fields of a report, which the parser takes for headers; decoded, which RFC 6533 allows."""
    text = "\n\n".join(f"{_headers(block)}\n\n{_body(block)}" for block in blocks)
    encoding = str(message.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding not in {"base64", "quoted-printable"}:
        return text
    octets = text.encode("utf-8", "surrogateescape")
    try:
        return text_of(a2b_base64(octets) if encoding == "base64" else a2b_qp(octets), "utf-8")
    except ValueError:
        return text


def _headers(block: "Message[str, str]") -> str:
    return "\n".join(f"{name}: {' '.join(str(value)[:_VALUE_MOST].split())}" for name, value in block.raw_items())


def _body(block: "Message[str, str]") -> str:
    payload = block.get_payload()
    return payload if isinstance(payload, str) else ""


def _charset(part: "Message[str, str]") -> str:
    found = part.get_param("charset", "utf-8")
    return found if isinstance(found, str) else "utf-8"


def _without_halves(text: str) -> str:
    """Replace what no text may hold: halves of characters, which stand for octets that are none, and NUL."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\0", "\ufffd")
