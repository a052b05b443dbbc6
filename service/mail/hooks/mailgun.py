"""Mailgun, which signs a moment and a token, but not what it tells: a token is therefore taken once.

Authority: "Webhooks" of their manual: HMAC-SHA256 over timestamp and token, with the account's signing key.
"""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from service.domain.errors import InvalidError
from service.domain.heard import By, Heard, What
from service.mail.hooks.posted import Passed, Posted, is_of_now, parsed, table, words
from service.mail.reports import status_in

FORM = "mailgun=KEY, the signing key of HTTP webhooks"
_SHORTEST = 16
_OLDEST = timedelta(hours=12)  # they try again for eight; a token that was not kept could bring something else
_TOKENS = range(16, 129)  # characters; theirs have fifty
# Why they did not even try: the address is on a list of theirs.
_OF_THEIR_LISTS = {"suppress-bounce": "5.1.1", "espblock": "5.7.1", "old": "4.4.7"}
_COMPLAINED = {"suppress-complaint", "suppress-unsubscribe"}


@dataclass(frozen=True, slots=True)
class Mailgun:
    """Believes who knows the key."""

    key: bytes = field(repr=False)

    @classmethod
    def of(cls, key: str) -> "Mailgun":
        """Take the key; raise InvalidError for what is none."""
        if len(key) < _SHORTEST or not key.isascii() or " " in key:
            raise InvalidError(f"this is no signing key (allowed: {FORM}, at least {_SHORTEST} characters)", "hooks")
        return cls(key.encode())

    def certificate(self, posted: Posted) -> str:  # noqa: ARG002  (asked of every provider)
        """Need none."""
        return ""

    def check(self, posted: Posted, certificate: bytes) -> Passed | None:  # noqa: ARG002  (as above)
        """Say whether it is signed and not old."""
        try:
            signed = table(parsed(posted.body), "signature")
        except ValueError:
            return None
        stamp, token, given = (words(signed.get(name)) for name in ("timestamp", "token", "signature"))
        own = hmac.digest(self.key, f"{stamp}{token}".encode("utf-8", "replace"), hashlib.sha256).hex()
        if not hmac.compare_digest(own.encode(), given.encode("utf-8", "replace")):
            return None
        is_whole = len(token) in _TOKENS and stamp.isascii() and stamp.isdigit() and len(stamp) <= 12
        return Passed(token) if is_whole and is_of_now(int(stamp), posted.now, _OLDEST) else None


def told(body: bytes) -> list[Heard]:
    """Say what an event tells of a letter; raise ValueError for what is none."""
    return list(_told(table(parsed(body), "event-data")))


def _told(event: dict[str, Any]) -> Iterator[Heard]:
    letter = words(table(event, "message", "headers").get("message-id"))
    reason, recipient = words(event.get("reason")), words(event.get("recipient"))
    match words(event.get("event")):
        case "failed" if reason in _COMPLAINED:
            yield Heard(What.COMPLAINT, By.PROVIDER, words=reason, recipient=recipient, message_id=letter)
        case "failed":
            answer = table(event, "delivery-status")
            said = words(answer.get("message")) or words(answer.get("description")) or reason
            told = [words(answer.get("enhanced-code")), said, words(answer.get("code"))]
            status = _OF_THEIR_LISTS.get(reason, "") or status_in(told)
            what = What.BOUNCED if event.get("severity") == "permanent" else What.DELAYED
            yield Heard(what, By.PROVIDER, status, said, recipient, letter)
        case "rejected":
            said = words(table(event, "reject").get("reason")) or reason
            yield Heard(What.BOUNCED, By.PROVIDER, "5.7.0", said, recipient, letter)
        case "complained" | "unsubscribed" as said:
            yield Heard(What.COMPLAINT, By.PROVIDER, words=said, recipient=recipient, message_id=letter)
