"""DKIM: signatures that say which domain sent a letter, and that nothing in it was changed since.

Letters are written so that their bodies are their own relaxed canonical form (`quoted`), and the headers that
are the same in all letters of an edition are made canonical and hashed once; so a letter costs one hash of its
body, one of a few lines, and the signatures. Keys do not change and every call has its own state: any number of
threads may sign at once, and the signature itself lets the others run. Authorities: RFC 6376, RFC 8463 for
Ed25519, RFC 8301 for the least length of RSA keys, RFC 8058 for the List-* headers that must be signed.
"""

import binascii
import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.mail import zone

# RFC 6376, sections 5.4 and 8.15: named once more than they occur, so that a second one breaks the signature.
OVERSIGNED = (
    *("from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "content-type"),
    *("list-id", "list-unsubscribe", "list-unsubscribe-post"),
)
HOLE = b"\0"  # stands in a header where each letter's own value goes: no header holds it otherwise

_LINE = 76
_FOLD = b"\r\n "
_WHITE = re.compile(rb"[ \t]+")


class KeyKind(StrEnum):
    """What a key is, by its name in DNS records (RFC 6376, section 3.6.1; RFC 8463, section 4)."""

    RSA = "rsa"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that signs for a domain. `sign` takes the SHA-256 digest of what is signed."""

    domain: str
    selector: str
    kind: KeyKind
    public_key: bytes
    sign: Callable[[bytes], bytes]

    @property
    def record_name(self) -> str:
        """Where the public key is looked for in DNS."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """What the TXT record says."""
        return f"v=DKIM1; k={self.kind}; p={_base64(self.public_key).decode()}"

    @property
    def record_in_zone(self) -> str:
        """The record as a line of a zone file, its text in strings of 255 characters at most."""
        return zone.line(self.record_name, self.record)


class Signing:
    """What the letters of an edition have in common when they are signed; nothing in it changes.

    `headers` are the letter's own, one whole header each, with HOLE where a letter's value goes. A value holds
    neither line ends nor blanks beside another or at an end.
    """

    def __init__(self, signers: Iterable[Signer], headers: Sequence[bytes]) -> None:
        constant = [header for header in headers if HOLE not in header]
        varying = [header for header in headers if HOLE in header]
        names = [_name(header) for header in (*constant, *varying)]
        self._constant = hashlib.sha256(b"".join(map(relaxed, constant)))
        self._varying = b"".join(map(relaxed, varying)).replace(b"%", b"%%").replace(HOLE, b"%b")
        listed = _listed([*names, *OVERSIGNED])
        self._openings = [
            (signer, opening, relaxed(opening)) for signer in signers for opening in [_opening(signer, listed)]
        ]

    def headers(self, values: tuple[bytes, ...], seconds: int, body: bytes) -> bytes:
        """Give the DKIM-Signature headers of one letter.

        `values` fill the holes in their order, `seconds` (since 1970) are when it is signed, and `body` must be
        its own relaxed canonical form.
        """
        state = self._constant.copy()
        state.update(self._varying % values)
        said = b"%d; bh=%b;" % (seconds, _base64(hashlib.sha256(body).digest()))
        written = []
        for signer, opening, canonical in self._openings:
            whole = state.copy()
            whole.update(canonical + said + b" b=")
            signature = _base64(signer.sign(whole.digest()))
            lines = [signature[start : start + _LINE - 3] for start in range(0, len(signature), _LINE - 3)]
            written.append(b"%b%b\r\n b=%b\r\n" % (opening, said, _FOLD.join(lines)))
        return b"".join(written)


def relaxed(header: bytes) -> bytes:
    """Give one header in its relaxed canonical form (RFC 6376, section 3.4.2); a missing line end stays missing."""
    name, _, value = header.partition(b":")
    end = b"\r\n" if value.endswith(b"\r\n") else b""
    return name.rstrip(b" \t").lower() + b":" + _WHITE.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ") + end


def _opening(signer: Signer, listed: bytes) -> bytes:
    """Write the signature's header up to the value of t=."""
    tags = f"v=1; a={signer.kind}-sha256; c=relaxed/relaxed;\r\n d={signer.domain}; s={signer.selector};\r\n h="
    return b"DKIM-Signature: " + tags.encode() + listed + b";\r\n t="


def _listed(names: list[bytes | str]) -> bytes:
    """Write the value of h=, folded behind its colons."""
    lines, line = [], b"h="
    for number, name in enumerate(names):
        word = (name if isinstance(name, bytes) else name.encode()) + (b":" if number + 1 < len(names) else b"")
        if len(line) + len(word) > _LINE - 1:
            lines.append(line)
            line = b""
        line += word
    return _FOLD.join([*lines, line]).removeprefix(b"h=")


def _name(header: bytes) -> bytes:
    return header.partition(b":")[0].lower()


def _base64(raw: bytes) -> bytes:
    return binascii.b2a_base64(raw, newline=False)
