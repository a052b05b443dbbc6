"""A passkey in software: answers as a browser's authenticator does, or as somebody who cheats with one."""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from tests.unit.web.client import HOST

_PRESENT, _VERIFIED, _WITH_KEY = 0x01, 0x04, 0x40


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Authenticator:
    """One key, for one place."""

    origin: str = f"https://{HOST}"
    host: str = HOST
    verifies: bool = True
    uses: int = 0
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def makes(self, asked: dict[str, Any]) -> str:
        """Answer who asks for a new passkey."""
        point = self.key.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        about = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(key)
        made = {"fmt": "none", "attStmt": {}, "authData": self._data(_WITH_KEY) + about}
        return self._answer(clientDataJSON=self._client("webauthn.create", asked), attestationObject=cbor2.dumps(made))

    def signs(self, asked: dict[str, Any]) -> str:
        """Answer who asks for a proof."""
        self.uses += 1
        client, data = self._client("webauthn.get", asked), self._data(0)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=client, authenticatorData=data, signature=signature)

    def _client(self, kind: str, asked: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": asked["challenge"], "origin": self.origin}).encode()

    def _data(self, flags: int) -> bytes:
        flags |= _PRESENT | (_VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.host.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4, "big")

    def _answer(self, **response: bytes) -> str:
        parts = {name: _text(value) for name, value in response.items()}
        return json.dumps({"id": _text(self.id), "rawId": _text(self.id), "type": "public-key", "response": parts})
