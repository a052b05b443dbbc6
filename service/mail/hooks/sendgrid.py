"""Twilio SendGrid, which signs a moment and the whole body with a key of its own for each account (ECDSA, P-256).

Authority: "Getting Started with the Event Webhook Security Features" and "Event Webhook Reference" of their manual.
"""

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from service.domain.heard import By, Heard, What
from service.mail.hooks.posted import IsSigned, Passed, Posted, is_of_now, parsed, rows, words
from service.mail.reports import status_in

FORM = "sendgrid=KEY, the verification key of the signed event webhook"
_SIGNATURE = "x-twilio-email-event-webhook-signature"
_STAMP = "x-twilio-email-event-webhook-timestamp"
# Why they did not even try; what is not here speaks of the account, or of the letter.
_DROPPED = {"bounced address": "5.1.1", "invalid": "5.1.3", "invalid address": "5.1.3"}
_COMPLAINED = {"spam reporting address", "unsubscribed address", "group unsubscribe"}


@dataclass(frozen=True, slots=True)
class SendGrid:
    """Believes what is signed with the account's key."""

    is_signed: IsSigned

    @classmethod
    def of(cls, key: str) -> "SendGrid":
        """Take the key; raise InvalidError for what is none."""
        from service.mail.keys import ecdsa_check  # noqa: PLC0415  (seven megabytes, for those who need it)

        return cls(ecdsa_check(key, FORM))

    def certificate(self, posted: Posted) -> str:  # noqa: ARG002  (asked of every provider)
        """Need none."""
        return ""

    def check(self, posted: Posted, certificate: bytes) -> Passed | None:  # noqa: ARG002  (as above)
        """Say whether it is signed and not old."""
        stamp = posted.headers.get(_STAMP, "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            return None
        try:
            signature = b64decode(posted.headers.get(_SIGNATURE, ""), validate=True)
        except ValueError:
            return None
        is_theirs = self.is_signed(signature, stamp.encode() + posted.body)
        return Passed() if is_theirs and is_of_now(int(stamp), posted.now) else None


def told(body: bytes) -> list[Heard]:
    """Say what events tell of letters; raise ValueError for what is none."""
    return [heard for event in rows(parsed(body)) for heard in _told(event)]


def _told(event: dict[str, Any]) -> Iterator[Heard]:
    letter, recipient = words(event.get("smtp-id")), words(event.get("email"))
    said = words(event.get("reason")) or words(event.get("response"))
    status = status_in([words(event.get("status")), said])
    match words(event.get("event")):
        case "bounce":  # "blocked" is what is not for good: it costs nobody an address
            is_for_good = event.get("type") != "blocked" or status.startswith("5.7.")
            status = status or ("5.1.1" if is_for_good else "4.0.0")
            status = status if is_for_good else f"4{status[1:]}"
            yield Heard(What.BOUNCED, By.PROVIDER, status, said, recipient, letter)
        case "deferred":
            yield Heard(What.DELAYED, By.PROVIDER, status, said, recipient, letter)
        case "dropped" if said.lower() in _COMPLAINED:
            yield Heard(What.COMPLAINT, By.PROVIDER, words=said, recipient=recipient, message_id=letter)
        case "dropped":
            yield Heard(What.BOUNCED, By.PROVIDER, _DROPPED.get(said.lower(), "5.7.0"), said, recipient, letter)
        case "spamreport" | "unsubscribe" | "group_unsubscribe" as kind:
            yield Heard(What.COMPLAINT, By.PROVIDER, words=kind, recipient=recipient, message_id=letter)
