"""Keys: the private ones that sign letters, read, checked and made; and those by which providers are believed.

`cryptography` is needed here and nowhere else.

Authorities: RFC 6376 and RFC 8463 for what a key may be, RFC 8301 for the least length of RSA keys.
"""

import re
from base64 import b64decode
from collections.abc import Callable, Iterable
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from service.domain.errors import InvalidError
from service.mail.dkim import KeyKind, Signer
from service.mail.hooks.posted import IsSigned

_RSA_BITS = 2048
_RSA_BITS_MOST = 4096  # RFC 8301, section 3.2: what every verifier can check
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_SELECTOR = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_SELECTOR_MOST = 63
_PRIVATE_KEYS = "an RSA key of 2048 to 4096 bits or an Ed25519 key, PEM, without a passphrase"

_HASHES = {"sha1": SHA1(), "sha256": SHA256()}  # noqa: S303  (what SNS signs with unless it is told otherwise)


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


def bits_of(signer: Signer) -> int:
    """Give how long a signer's key is, in bits."""
    if signer.kind is KeyKind.ED25519:
        return len(signer.public_key) * 8
    key = serialization.load_der_public_key(signer.public_key)
    return key.key_size if isinstance(key, rsa.RSAPublicKey) else 0


def check_selector(text: str, field: str = "dkim_keys") -> str:
    """Give a selector back (RFC 6376, section 3.1); raise InvalidError for what is none."""
    if not _SELECTOR.fullmatch(text) or len(text) > _SELECTOR_MOST:
        raise InvalidError(f"{text!r} is not a selector (allowed: letters, digits and -, such as 2026a)", field)
    return text


def ecdsa_check(key: str, allowed: str) -> IsSigned:
    """Make what checks signatures (ECDSA, SHA-256) by a public key in base64; raise InvalidError for what is none."""
    try:
        public = serialization.load_der_public_key(b64decode(key, validate=True))
    except (ValueError, UnsupportedAlgorithm):
        public = None
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise InvalidError(f"this is no public key of a curve, in base64 (allowed: {allowed})", "hooks")
    curve = public

    def is_signed(signature: bytes, content: bytes) -> bool:
        try:
            curve.verify(signature, content, ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True

    return is_signed


def is_rsa_of(certificate: bytes, signature: bytes, content: bytes, hashed: str) -> bool:
    """Say whether a signature (RSA, PKCS #1 v1.5) is by the key of a certificate, PEM; not if that is none."""
    try:
        public = x509.load_pem_x509_certificate(certificate).public_key()
        if not isinstance(public, rsa.RSAPublicKey) or public.key_size < _RSA_BITS:
            return False
        public.verify(signature, content, padding.PKCS1v15(), _HASHES[hashed])
    except (ValueError, UnsupportedAlgorithm, InvalidSignature):
        return False
    return True


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
