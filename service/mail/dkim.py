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
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from service.domain.errors import InvalidError

# RFC 6376, sections 5.4 and 8.15: named once more than they occur, so that a second one breaks the signature.
OVERSIGNED = (
    *("from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "content-type"),
    *("list-id", "list-unsubscribe", "list-unsubscribe-post"),
)
HOLE = b"\0"  # stands in a header where each letter's own value goes: no header holds it otherwise

_RSA_BITS = 2048
_RSA_BITS_MOST = 4096  # RFC 8301, section 3.2: what every verifier can check
_LINE = 76
_FOLD = b"\r\n "
_TEXT_MOST = 255  # one character string of a TXT record (RFC 1035, section 3.3)
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_SELECTOR = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_SELECTOR_MOST = 63
_WHITE = re.compile(rb"[ \t]+")
_PRIVATE_KEYS = "an RSA key of 2048 to 4096 bits or an Ed25519 key, PEM, without a passphrase"


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
        text = self.record
        strings = " ".join(f'"{text[start : start + _TEXT_MOST]}"' for start in range(0, len(text), _TEXT_MOST))
        return f"{self.record_name}. IN TXT ( {strings} )"


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


def read_keys(files: Iterable[tuple[str, Path]], domain: str) -> tuple[Signer, ...]:
    """Read the private keys of selectors, RSA first; raise InvalidError that names the file and what is allowed."""
    signers = [_read_key(check_selector(selector), path, domain) for selector, path in files]
    names = [signer.selector.lower() for signer in signers]
    for name in names:
        if names.count(name) > 1:
            raise InvalidError(f"the selector {name!r} is named twice (allowed: one key each)", "dkim_keys")
    return tuple(sorted(signers, key=lambda signer: signer.kind is not KeyKind.RSA))


def signer(pem: bytes, selector: str, domain: str) -> Signer:
    """Make a signer of a private key; raise InvalidError for what is not one that may sign."""
    try:
        key = serialization.load_pem_private_key(pem, None)
    except TypeError:
        raise InvalidError(f"the key is kept by a passphrase (allowed: {_PRIVATE_KEYS})", "dkim_keys") from None
    except (ValueError, UnsupportedAlgorithm):
        raise InvalidError(f"there is no private key in it (allowed: {_PRIVATE_KEYS})", "dkim_keys") from None
    if isinstance(key, ed25519.Ed25519PrivateKey):
        raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return Signer(domain.lower(), selector, KeyKind.ED25519, raw, key.sign)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise InvalidError(f"the key is of another kind (allowed: {_PRIVATE_KEYS})", "dkim_keys")
    if not _RSA_BITS <= key.key_size <= _RSA_BITS_MOST:
        raise InvalidError(f"the key has {key.key_size} bits (allowed: {_PRIVATE_KEYS})", "dkim_keys")
    spki = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return Signer(domain.lower(), selector, KeyKind.RSA, spki, _rsa_signature(key))


def new_key(kind: KeyKind) -> bytes:
    """Make a private key, as PEM."""
    key = (
        ed25519.Ed25519PrivateKey.generate()
        if kind is KeyKind.ED25519
        else rsa.generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    )
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def check_selector(text: str, field: str = "dkim_keys") -> str:
    """Give a selector back (RFC 6376, section 3.1); raise InvalidError for what is none."""
    if not _SELECTOR.fullmatch(text) or len(text) > _SELECTOR_MOST:
        raise InvalidError(f"{text!r} is not a selector (allowed: letters, digits and -, such as 2026a)", field)
    return text


def _read_key(selector: str, path: Path, domain: str) -> Signer:
    try:
        return signer(path.read_bytes(), selector, domain)
    except OSError as error:
        raise InvalidError(
            f"{path}: {error.strerror} (allowed: SELECTOR=PATH of {_PRIVATE_KEYS})", "dkim_keys"
        ) from None
    except InvalidError as error:
        raise InvalidError(f"{path}: {error}", error.field) from None


def _rsa_signature(key: rsa.RSAPrivateKey) -> Callable[[bytes], bytes]:
    scheme, prehashed = padding.PKCS1v15(), Prehashed(SHA256())
    return lambda digest: key.sign(digest, scheme, prehashed)


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
