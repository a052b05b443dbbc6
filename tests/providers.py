"""Providers, as they sign and post: with keys made on the spot, by code that is not ours."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

TOPIC = "arn:aws:sns:eu-west-1:123456789012:letters"
CERTIFICATE_URL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
Request = tuple[dict[str, str], bytes]


@dataclass
class SesSide:
    """Amazon SNS: RSA over the fields that its manual names, in their order."""

    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    setting: str = f"ses={TOPIC}"

    @property
    def certificate(self) -> bytes:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
        made = x509.CertificateBuilder(name, name, self.key.public_key(), x509.random_serial_number())
        now = datetime.now(UTC)
        made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        return made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def post(self, event: Any, now: datetime, *, version: str = "2", **changed: str) -> Request:
        """Post an event; `changed` before it is signed."""
        message = {
            "Type": "Notification",
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": TOPIC,
            "Subject": "Amazon SES Email Event Notification",
            "Message": json.dumps(event),
            "Timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "SignatureVersion": version,
            "SigningCertURL": CERTIFICATE_URL,
        } | changed
        names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
        if message["Type"] != "Notification":
            names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
        hashed = hashes.SHA1() if version == "1" else hashes.SHA256()  # noqa: S303
        signature = self.key.sign(text.encode(), padding.PKCS1v15(), hashed)
        message["Signature"] = base64.b64encode(signature).decode()
        return {"content-type": "text/plain; charset=UTF-8"}, json.dumps(message).encode()


@dataclass
class MailgunSide:
    """Mailgun: HMAC-SHA256 over the moment and a token of fifty characters."""

    key: str = "key-0123456789abcdef0123456789abcdef"
    token: str = "7f" * 25

    @property
    def setting(self) -> str:
        return f"mailgun={self.key}"

    def post(self, event: Any, now: datetime) -> Request:
        """Post an event."""
        stamp = str(int(now.timestamp()))
        signature = hmac.new(self.key.encode(), f"{stamp}{self.token}".encode(), hashlib.sha256).hexdigest()
        signed = {"timestamp": stamp, "token": self.token, "signature": signature}
        return {"content-type": "application/json"}, json.dumps({"signature": signed, "event-data": event}).encode()


@dataclass
class SendGridSide:
    """SendGrid: ECDSA on P-256 over the moment and the body."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def setting(self) -> str:
        public = self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return f"sendgrid={base64.b64encode(public).decode()}"

    def post(self, event: Any, now: datetime) -> Request:
        """Post an event, or several."""
        body = json.dumps(event if isinstance(event, list) else [event]).encode() + b"\r\n"
        stamp = str(int(now.timestamp()))
        signature = self.key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "content-type": "application/json",
            "x-twilio-email-event-webhook-signature": base64.b64encode(signature).decode(),
            "x-twilio-email-event-webhook-timestamp": stamp,
        }, body


@dataclass
class PostmarkSide:
    """Postmark: a name and a password."""

    password: str = "letters:a long p%ssword indeed"

    @property
    def setting(self) -> str:
        return f"postmark={self.password}"

    def post(self, event: Any, now: datetime) -> Request:  # noqa: ARG002  (as the others)
        """Post a record."""
        given = base64.b64encode(self.password.encode()).decode()
        return {"content-type": "application/json", "authorization": f"Basic {given}"}, json.dumps(event).encode()


Side = SesSide | MailgunSide | SendGridSide | PostmarkSide
