"""Signed links: what proves, without a row in a table, that a link came from one of our letters.

A token is its parts and a seal, joined by dots: `subscriber.notice.seal`. The seal is HMAC-SHA256 of the
purpose and the parts, cut to 128 bits, so a token for one purpose is worth nothing for another. The
standard library's `hmac.digest` makes it, because it is on the way of every letter (3 microseconds).

Rotation: put a new secret in front; it signs, and all secrets verify. What must stay the same for years
(Message-IDs, the hash of a suppressed address) is made with the last, the oldest secret: dropping that one
forgets them.
"""

import base64
import binascii
import hmac
import re
from datetime import UTC, datetime
from enum import StrEnum

from service.domain.errors import InvalidError
from service.domain.subscription import address_key

_PART = re.compile(r"[A-Za-z0-9_-]{1,128}")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_SEAL_BYTES = 16
_SECRET_BYTES_LEAST = 16
_LONGEST = 512


class Purpose(StrEnum):
    """What a link may be used for. The value is part of the key: it never changes."""

    MANAGE = "manage"
    LEAVE = "leave"
    CONFIRM = "confirm"
    UNDO = "undo"
    STATUS = "status"


class Tokens:
    """Signs and reads links, with secrets of which the first signs and all verify."""

    def __init__(self, secrets: tuple[bytes, ...]) -> None:
        if not secrets or any(len(secret) < _SECRET_BYTES_LEAST for secret in secrets):
            raise InvalidError(f"each secret must have at least {_SECRET_BYTES_LEAST} bytes", "secrets")
        self._keys = {purpose: tuple(_derived(secret, f"link {purpose}") for secret in secrets) for purpose in Purpose}
        self._message_key = _derived(secrets[-1], "message-id")
        self._address_key = _derived(secrets[-1], "address")

    def sign(self, purpose: Purpose, *parts: str) -> str:
        """Give a token of these parts, each of letters, digits, `_` and `-`; else raise InvalidError."""
        if not parts or not all(map(_PART.fullmatch, parts)):
            raise InvalidError(f"{parts!r} cannot stand in a link (allowed: A-Z a-z 0-9 _ -)")
        text = ".".join(parts)
        token = f"{text}.{_seal(self._keys[purpose][0], text)}"
        if len(token) > _LONGEST:
            raise InvalidError(f"a link of {len(token)} characters is too long (at most {_LONGEST})")
        return token

    def read(self, purpose: Purpose, token: str) -> tuple[str, ...] | None:
        """Give the parts of a token signed for this purpose, or None for anything else, whatever it is."""
        if len(token) > _LONGEST or not token.isascii():
            return None
        text, _, seal = token.rpartition(".")
        parts = tuple(text.split("."))
        if not all(map(_PART.fullmatch, parts)):
            return None
        given = seal.encode()
        known = [hmac.compare_digest(_seal(key, text).encode(), given) for key in self._keys[purpose]]
        return parts if any(known) else None

    def message_id_local(self, notice: str) -> str:
        """Give the left side of a notice's Message-ID: the same for ever, and it tells nothing."""
        seal = hmac.digest(self._message_key, notice.encode(), "sha256")[:_SEAL_BYTES]
        return base64.b32encode(seal).rstrip(b"=").lower().decode()

    def address_hash(self, address: str) -> str:
        """Give what stands for an address in logs, limits and suppressions: 32 hexadecimal digits."""
        key = address_key(address).encode("utf-8", "surrogatepass")
        return hmac.digest(self._address_key, key, "sha256")[:_SEAL_BYTES].hex()


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


def _derived(secret: bytes, use: str) -> bytes:
    return hmac.digest(secret, f"remembrancer {use}".encode(), "sha256")


def _seal(key: bytes, text: str) -> str:
    seal = hmac.digest(key, text.encode(), "sha256")[:_SEAL_BYTES]
    return binascii.b2a_base64(seal, newline=False)[:22].decode().replace("+", "-").replace("/", "_")
