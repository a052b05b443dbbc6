"""Postmark, which signs nothing: it brings a name and a password (RFC 7617), over HTTPS.

Authority: "Bounce webhook", "Spam complaint webhook" and "Bounce types" of their manual. It gives letters a
Message-ID of its own; which one it was stands in the content of the bounce, which the webhook has to be told to bring.
"""

import hmac
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from service.domain.errors import InvalidError
from service.domain.heard import By, Heard, What
from service.mail.hooks.posted import Passed, Posted, parsed, table, words
from service.mail.reports import quoted_letter, status_in

FORM = "postmark=USER:PASSWORD, with a password of at least 16 characters"
_SHORTEST = 16
# Of what they call a bounce: the status that says the same.
_STATUS = {
    "HardBounce": "5.1.1",
    "BadEmailAddress": "5.1.3",
    "Blocked": "5.7.1",
    "SpamNotification": "5.7.1",
    "DMARCPolicy": "5.7.1",
    "SMTPApiError": "5.7.0",
    "ManuallyDeactivated": "5.7.0",
}
_AUTOMATIC = {"AutoResponder", "AddressChange", "ChallengeVerification", "Subscribe", "OpenRelayTest"}
_COMPLAINED = {"SpamComplaint", "Unsubscribe"}


@dataclass(frozen=True, slots=True)
class Postmark:
    """Believes who knows the password."""

    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, key: str) -> "Postmark":
        """Take name and password; raise InvalidError for what is neither."""
        user, _, password = key.partition(":")
        if not user or len(password) < _SHORTEST:
            raise InvalidError(f"this is no name and password (allowed: {FORM})", "hooks")
        return cls(key.encode())

    def certificate(self, posted: Posted) -> str:  # noqa: ARG002  (asked of every provider)
        """Need none."""
        return ""

    def check(self, posted: Posted, certificate: bytes) -> Passed | None:  # noqa: ARG002  (as above)
        """Say whether name and password are the right ones."""
        scheme, _, given = posted.headers.get("authorization", "").partition(" ")
        try:
            secret = b64decode(given.strip(), validate=True)
        except ValueError:
            return None
        return Passed() if hmac.compare_digest(secret, self.secret) and scheme.lower() == "basic" else None


def told(body: bytes) -> list[Heard]:
    """Say what a record tells of a letter; raise ValueError for what is none."""
    return list(_told(table(parsed(body))))


def _told(record: dict[str, Any]) -> Iterator[Heard]:
    kind, sort = words(record.get("RecordType")), words(record.get("Type"))
    recipient = words(record.get("Email")) or words(record.get("Recipient"))
    content = record.get("Content")
    letter, leave = quoted_letter(content.encode("utf-8", "replace") if isinstance(content, str) else b"")
    of = {"recipient": recipient, "message_id": letter, "leave": leave}
    said = words(record.get("Details")) or words(record.get("Description"))
    if kind == "SpamComplaint" or (kind == "Bounce" and sort in _COMPLAINED):
        yield Heard(What.COMPLAINT, By.PROVIDER, words=sort, **of)
    elif kind == "SubscriptionChange" and record.get("SuppressSending") and record.get("Origin") == "Recipient":
        yield Heard(What.COMPLAINT, By.PROVIDER, words=words(record.get("SuppressionReason")), **of)
    elif kind == "Bounce" and sort in _AUTOMATIC:
        yield Heard(What.AUTOMATIC, By.PROVIDER, words=sort, **of)
    elif kind == "Bounce":
        status = _STATUS.get(sort, "")
        found = status_in([said])
        if not status:  # not for good: it costs nobody an address, whatever its status says
            status = found if found == "5.2.2" else f"4{found[1:] or '.0.0'}"
        elif sort == "HardBounce" and found.startswith("5."):
            status = found
        yield Heard(What.BOUNCED, By.PROVIDER, status, said, **of)
