"""Quoted-printable, in pieces: texts that are divided at slots, and values that fit into any slot.

Every slot begins on a line of its own and so does what follows it, by soft line breaks; so lines keep to 76
octets whatever a value holds, and a value can be put in without looking at its neighbours. A dot, and the
`F` of `From `, are encoded where a line begins: the relay's transparency has nothing to double, and a
mailbox file has nothing to mask (which would break a signature). Authority: RFC 2045, section 6.7.
"""

import binascii
import re

from service.domain.errors import InvalidError

_LINE = 76
_LINE_START = re.compile(rb"^(?:\.|From ).*$", re.MULTILINE)
_BLANK_TOO_FAR = re.compile(rb"^(.{74,})(=20|=09)$", re.MULTILINE)  # binascii encodes it and forgets to break
_SENTINEL = b"="  # encoded as =3D and cut off again: it keeps three columns free and blanks from ending a line
_CRLF = b"\r\n"
_SOFT = b"=\r\n"


def piece(text: str, *, slot_before: bool, slot_after: bool) -> bytes:
    """Encode what stands between two slots, or between a slot and an end of the text."""
    plain = _octets(text)
    opening = _SOFT if slot_before and plain and not plain.startswith(b"\n") else b""
    if slot_before and slot_after and not plain:
        opening = _SOFT
    if not slot_after:
        return opening + _lines(binascii.b2a_qp(plain))
    encoded = _open_ended(plain)
    closing = b"" if not encoded or encoded.endswith(_CRLF) else _SOFT
    return opening + encoded + closing


def value(text: str) -> bytes:
    """Encode what goes into a slot; the last line leaves room for the soft break that may follow."""
    encoded = _open_ended(_octets(text))
    if encoded.endswith((b" ", b"\t")):
        return encoded[:-1] + b"=%02X" % encoded[-1]
    return encoded


def _octets(text: str) -> bytes:
    try:
        return text.replace("\r\n", "\n").replace("\r", "\n").encode()
    except UnicodeEncodeError:
        raise InvalidError("the words hold half a character and cannot be sent", "words") from None


def _open_ended(plain: bytes) -> bytes:
    return _lines(binascii.b2a_qp(plain + _SENTINEL)[: -len(b"=3D")])


def _lines(encoded: bytes) -> bytes:
    if b"=20" in encoded or b"=09" in encoded:
        encoded = _BLANK_TOO_FAR.sub(rb"\1=\n\2", encoded)
    if b"." in encoded or b"From " in encoded:
        encoded = _LINE_START.sub(_armoured, encoded)
    return encoded.replace(b"\n", _CRLF)


def _armoured(match: re.Match[bytes]) -> bytes:
    """Encode the first character of a line, and divide the line where that makes it too long."""
    lines: list[bytes] = []
    rest = match[0]
    while rest.startswith((b".", b"From ")):
        first, rest = b"=%02X" % rest[0], rest[1:]
        if len(first) + len(rest) <= _LINE:
            return b"\n".join([*lines, first + rest])
        lines.append(first + b"=")
    return b"\n".join([*lines, rest])
