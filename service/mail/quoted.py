"""Quoted-printable, in pieces: texts that are divided at slots, and values that fit into any slot.

Every slot begins on a line of its own and so does what follows it, by soft line breaks; so lines keep to 76
octets whatever a value holds, and a value can be put in without looking at its neighbours. A dot, and the
`F` of `From `, are encoded where a line begins: the relay's transparency has nothing to double, and a
mailbox file has nothing to mask (which would break a signature). Tabs, every second blank of a run, and blanks
that end a line are encoded too: the body is then its own relaxed canonical form (RFC 6376, section 3.4.4), and
is hashed for a signature as it is. Authority: RFC 2045, section 6.7.
"""

import binascii
import re

from service.domain.errors import InvalidError

_LINE = 76
_LINE_START = re.compile(rb"^(?:\.|From ).*$", re.MULTILINE)
_BLANK_TOO_FAR = re.compile(rb"^(.{74,})=20$", re.MULTILINE)  # binascii encodes it and forgets to break
# Characters that stand for themselves, in as many whole lines as they fill, none beginning with a dot.
_PLAIN_LINES = re.compile(r"(?:[!-\-/-<>-~][!-<>-~]{0,74}+)+")
_SENTINEL = b"="  # encoded as =3D and cut off again: it keeps three columns free and blanks from ending a line
_CRLF = b"\r\n"
_SOFT = b"=\r\n"
# Octets that no UTF-8 has stand for blanks to be encoded while binascii counts its columns.
_BLANK, _TAB = b"\xff", b"\xfe"


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
    if _PLAIN_LINES.fullmatch(text):  # nearly every value, in a third of the time
        return _folded(text.encode())
    encoded = _open_ended(_octets(text))
    if encoded.endswith((b" ", b"\t")):
        return encoded[:-1] + b"=%02X" % encoded[-1]
    return encoded


def attached(content: str) -> bytes:
    """Encode a file in base64 (RFC 2045, section 6.8), whose lines need none of all that; its own line ends stay."""
    whole = binascii.b2a_base64(content.encode(), newline=False)
    return b"".join(whole[start : start + _LINE] + _CRLF for start in range(0, len(whole), _LINE))


def _folded(plain: bytes) -> bytes:
    """Divide octets that stand for themselves as binascii does, with the sentinel behind them."""
    lines = [plain[start : start + _LINE - 1] for start in range(0, len(plain), _LINE - 1)]
    if len(lines[-1]) > _LINE - len(b"=3D="):
        lines.append(b"")
    return _SOFT.join(lines)


def _octets(text: str) -> bytes:
    try:
        plain = text.encode()
    except UnicodeEncodeError:
        raise InvalidError("the words hold half a character and cannot be sent", "words") from None
    if b"\r" in plain:
        plain = plain.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\t" in plain or b"  " in plain:
        plain = plain.replace(b"\t", _TAB).replace(b"  ", b" " + _BLANK)
    return plain


def _open_ended(plain: bytes) -> bytes:
    return _lines(binascii.b2a_qp(plain + _SENTINEL)[: -len(b"=3D")])


def _lines(encoded: bytes) -> bytes:
    if b"=20" in encoded:
        encoded = _BLANK_TOO_FAR.sub(rb"\1=\n=20", encoded)
    if b"=F" in encoded:
        encoded = encoded.replace(b"=FF", b"=20").replace(b"=FE", b"=09")
    if encoded.startswith(b".") or b"\n." in encoded or b"From " in encoded:
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
