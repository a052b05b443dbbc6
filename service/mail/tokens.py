"""Signed links: what proves, without a row in a table, that a link came from one of our letters.

A token is its parts and a seal, joined by dots: `subscriber.notice.seal`. The seal is HMAC-SHA256 of the
purpose and the parts, cut to 128 bits, so a token for one purpose is worth nothing for another. It is on the
way of every letter, several times: the two key blocks of an HMAC (RFC 2104, section 4) are hashed once.

Rotation: put a new secret in front; it signs, and all secrets verify. What must stay the same for years
(Message-IDs, the hash of a suppressed address) is made with the last, the oldest secret: dropping that one
forgets them.
"""

import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum

from service.domain.addresses import address_key
from service.domain.errors import InvalidError

_PARTS = re.compile(r"[A-Za-z0-9_-]{1,128}+(?:\.[A-Za-z0-9_-]{1,128}+)*")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"  # RFC 4648, section 6, in small letters
_BASE32_PAIRS = tuple(first + second for first in _BASE32 for second in _BASE32)
_SEAL_BYTES = 16
_SECRET_BYTES_LEAST = 16
# 80 bits of a seal: who would guess them has to send a mail for each try.
_POSTAL = re.compile(r"[a-z0-9_-]{1,64}\.[a-z2-7]{16}")
_LONGEST = 512
_BLOCK_BYTES = hashlib.sha256().block_size
_FOR_LINKS = bytes.maketrans(b"+/", b"-_")

Seal = Callable[[bytes], bytes]


class Purpose(StrEnum):
    """What a link, or a cookie, may be used for. The value is part of the key: it never changes."""

    MANAGE = "manage"
    LEAVE = "leave"
    CONFIRM = "confirm"
    UNDO = "undo"
    STATUS = "status"
    ADDRESS = "address"
    INVITATION = "invitation"
    DOWNLOAD = "download"
    BROWSER = "browser"
    FACTOR = "factor"
    CALENDAR = "calendar"
    RETURN = "return"
    LEAVE_BY_MAIL = "leave by mail"
    CONFIRM_BY_MAIL = "confirm by mail"
    TICKET = "ticket"
    CHANNEL = "channel"
    WAY = "way"


class Tokens:
    """Signs and reads links, with secrets of which the first signs and all verify."""

    def __init__(self, secrets: tuple[bytes, ...]) -> None:
        if not secrets or any(len(secret) < _SECRET_BYTES_LEAST for secret in secrets):
            raise InvalidError(f"each secret must have at least {_SECRET_BYTES_LEAST} bytes", "secrets")
        self._seals = {purpose: tuple(_seal(secret, f"link {purpose}") for secret in secrets) for purpose in Purpose}
        self._message_seal = _seal(secrets[-1], "message-id")
        self._address_seal = _seal(secrets[-1], "address")

    def sign(self, purpose: Purpose, *parts: str) -> str:
        """Give a token of these parts, each of letters, digits, `_` and `-`; else raise InvalidError."""
        text = ".".join(parts)
        if not _PARTS.fullmatch(text) or text.count(".") != len(parts) - 1:
            raise InvalidError(f"{parts!r} cannot stand in a link (allowed: A-Z a-z 0-9 _ -)")
        token = f"{text}.{_written(self._seals[purpose][0](text.encode()))}"
        if len(token) > _LONGEST:
            raise InvalidError(f"a link of {len(token)} characters is too long (at most {_LONGEST})")
        return token

    def read(self, purpose: Purpose, token: str) -> tuple[str, ...] | None:
        """Give the parts of a token signed for this purpose, or None for anything else, whatever it is."""
        if len(token) > _LONGEST or not token.isascii():
            return None
        text, _, given_seal = token.rpartition(".")
        if not _PARTS.fullmatch(text):
            return None
        given = given_seal.encode()
        known = [hmac.compare_digest(_written(seal(text.encode())).encode(), given) for seal in self._seals[purpose]]
        return tuple(text.split(".")) if any(known) else None

    def postal(self, purpose: Purpose, id_: str) -> str:
        """Give a token that stands in an address, where 64 octets are all there is and case is lost (RFC 5321)."""
        return f"{id_}.{_base32(self._seals[purpose][0](id_.encode()))}"

    def read_postal(self, purpose: Purpose, token: str) -> str | None:
        """Give the id in a token of an address, or None for anything else, whatever it is."""
        return _of_postal(token, self._seals[purpose])

    def message_id_local(self, notice: str) -> str:
        """Give the left side of a notice's Message-ID: the same for ever, and it proves which notice it is of."""
        return f"{notice}.{_base32(self._message_seal(notice.encode()))}"

    def notice_of(self, message_id: str) -> str | None:
        """Give the notice that a Message-ID of ours is of, with or without its angle brackets; else None."""
        return _of_postal(message_id.strip("<> ").partition("@")[0], (self._message_seal,))

    def address_hash(self, address: str) -> str:
        """Give what stands for an address in logs, limits and suppressions: 32 hexadecimal digits."""
        key = address_key(address).encode("utf-8", "surrogatepass")
        return self._address_seal(key).hex()


def stamp(instant: datetime) -> str:
    """Write an instant, to the second, as a part of a link: seconds since 1970 in base 36."""
    seconds, text = int(instant.replace(microsecond=0).timestamp()), ""
    if seconds < 0:
        raise InvalidError("an instant before 1970 cannot stand in a link")
    while seconds:
        seconds, digit = divmod(seconds, 36)
        text = _DIGITS[digit] + text
    return text or "0"


def read_stamp(text: str) -> datetime | None:
    """Read an instant as `stamp` writes it; None if it is not one."""
    if not re.fullmatch(r"[0-9a-z]{1,7}", text):
        return None
    return datetime.fromtimestamp(int(text, 36), UTC)


def _seal(secret: bytes, use: str) -> Seal:
    """Make the HMAC-SHA256 of one key, cut to 128 bits; what is hashed of the key is copied, never changed."""
    block = hmac.digest(secret, f"remembrancer {use}".encode(), "sha256").ljust(_BLOCK_BYTES, b"\0")
    keyed_inner = hashlib.sha256(bytes(octet ^ 0x36 for octet in block))
    keyed_outer = hashlib.sha256(bytes(octet ^ 0x5C for octet in block))

    def seal(content: bytes) -> bytes:
        inner, outer = keyed_inner.copy(), keyed_outer.copy()
        inner.update(content)
        outer.update(inner.digest())
        return outer.digest()[:_SEAL_BYTES]

    return seal


def _of_postal(token: str, seals: Sequence[Seal]) -> str | None:
    text = token.lower()
    if not _POSTAL.fullmatch(text):
        return None
    id_, _, given = text.partition(".")
    known = [hmac.compare_digest(_base32(seal(id_.encode())), given) for seal in seals]
    return id_ if any(known) else None


def _written(seal: bytes) -> str:
    return binascii.b2a_base64(seal, newline=False).translate(_FOR_LINKS)[:22].decode()


def _base32(seal: bytes) -> str:
    """Write 80 bits as RFC 4648, section 6, has it, in small letters.

    They are taken in integers of 30 bits, which Python reckons with fastest.
    """
    bits = int.from_bytes(seal[:10], "big")
    first, second, third = bits >> 50, bits >> 20 & 0x3FFFFFFF, bits & 0xFFFFF
    pairs = _BASE32_PAIRS
    return (
        f"{pairs[first >> 20]}{pairs[first >> 10 & 1023]}{pairs[first & 1023]}"
        f"{pairs[second >> 20]}{pairs[second >> 10 & 1023]}{pairs[second & 1023]}"
        f"{pairs[third >> 10]}{pairs[third & 1023]}"
    )
