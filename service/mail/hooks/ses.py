"""Amazon SES, whose notices come by Amazon SNS: signed with a key whose certificate lies at an address of theirs.

Authority: "Verifying the signatures of Amazon SNS messages" and "Amazon SNS notification contents for Amazon SES" of
their manuals. SES gives letters another Message-ID and quotes ours only if the topic has the original headers with it.
"""

import re
from base64 import b64decode
from binascii import Error as NotBase64Error
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.domain.errors import InvalidError
from service.domain.heard import By, Heard, What
from service.mail.hooks.posted import Passed, Posted, is_of_now, parsed, rows, table, words
from service.mail.reports import leave_in, status_in

FORM = "ses=arn:aws:sns:REGION:ACCOUNT:TOPIC"
_TOPIC = re.compile(r"arn:aws(?:-cn|-us-gov)?:sns:([a-z0-9-]{4,30}):\d{12}:[A-Za-z0-9_-]{1,256}")
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_SIGNED["UnsubscribeConfirmation"] = _SIGNED["SubscriptionConfirmation"]
_URL_MOST = 2000
_HASHES = {"1": "sha1", "2": "sha256"}
_NO_COMPLAINT = {"not-spam", "auth-failure", "virus"}


@dataclass(frozen=True, slots=True)
class Ses:
    """Believes what is signed and of this topic."""

    topic: str

    @classmethod
    def of(cls, key: str) -> "Ses":
        """Take the name of the topic; raise InvalidError for what is none."""
        if not _TOPIC.fullmatch(key):
            raise InvalidError(f"{key!r} is not the name of a topic (allowed: {FORM})", "hooks")
        return cls(key)

    def certificate(self, posted: Posted) -> str:
        """Give where the certificate lies, if it is where SNS of this topic's region keeps them."""
        message = _message(posted.body)
        url = words(message.get("SigningCertURL"))
        is_right = message.get("TopicArn") == self.topic and self._is_of_sns(url) and url.endswith(".pem")
        return url if is_right else ""

    def check(self, posted: Posted, certificate: bytes) -> Passed | None:
        """Say whether it is signed with the key of the certificate, of this topic, and not old."""
        from service.mail.keys import is_rsa_of  # noqa: PLC0415  (seven megabytes, for those who need it)

        message = _message(posted.body)
        names = _SIGNED.get(words(message.get("Type")), ())
        given = [(name, message[name]) for name in names if message.get(name) is not None]
        if not certificate or not given or any(not isinstance(value, str) for _, value in given):
            return None
        if message.get("TopicArn") != self.topic or not is_of_now(_seconds(message), posted.now):
            return None
        hashed = _HASHES.get(words(message.get("SignatureVersion")), "")
        signed = "".join(f"{name}\n{value}\n" for name, value in given).encode("utf-8", "surrogatepass")
        if not hashed or not is_rsa_of(certificate, _octets(message.get("Signature")), signed, hashed):
            return None
        return Passed(words(message.get("MessageId")))

    def to_confirm(self, posted: Posted) -> str:
        """Give the address by which the topic is confirmed, if this asks for it; "" else."""
        message = _message(posted.body)
        url = words(message.get("SubscribeURL"), _URL_MOST)
        return url if message.get("Type") == "SubscriptionConfirmation" and self._is_of_sns(url) else ""

    def _is_of_sns(self, url: str) -> bool:
        region = _TOPIC.fullmatch(self.topic)
        host = re.escape(f"sns.{region[1] if region else ''}.amazonaws.com")
        return re.fullmatch(rf"https://{host}(?:\.cn)?/[A-Za-z0-9_.?&=:%-]+", url) is not None


def told(body: bytes) -> list[Heard]:
    """Say what a notification tells of a letter; raise ValueError for what is none."""
    return list(_told(parsed(parsed(body)["Message"]))) if _message(body).get("Type") == "Notification" else []


def _told(said: Any) -> Iterator[Heard]:
    mail = table(said, "mail")
    own = {words(one.get("name")).lower(): words(one.get("value")) for one in rows(mail.get("headers"))}
    letter = words(table(mail, "commonHeaders").get("messageId")) or own.get("message-id", "")
    of = {"message_id": letter, "leave": leave_in(own.get("list-unsubscribe", ""))}
    match words(table(said).get("notificationType") or table(said).get("eventType")):
        case "Bounce":
            bounce = table(said, "bounce")
            for one in rows(bounce.get("bouncedRecipients")):
                yield _bounced(one, is_for_good=bounce.get("bounceType") == "Permanent", of=of)
        case "Complaint":
            kind = words(table(said, "complaint").get("complaintFeedbackType"))
            what = What.AUTOMATIC if kind in _NO_COMPLAINT else What.COMPLAINT
            yield Heard(what, By.PROVIDER, words=kind, **of)
        case "DeliveryDelay":
            delay = table(said, "deliveryDelay")
            for one in rows(delay.get("delayedRecipients")):
                yield Heard(What.DELAYED, By.PROVIDER, words(one.get("status")), words(delay.get("delayType")), **of)
        case "Reject":
            yield Heard(What.BOUNCED, By.PROVIDER, "5.7.0", words(table(said, "reject").get("reason")), **of)


def _bounced(one: dict[str, Any], *, is_for_good: bool, of: dict[str, str]) -> Heard:
    """Read one recipient's bounce: what is not for good costs nobody an address, whatever its status says."""
    said = words(one.get("diagnosticCode")).partition(";")[2].strip() or words(one.get("diagnosticCode"))
    status = status_in([words(one.get("status")), said]) or ("5.1.1" if is_for_good else "4.0.0")
    if not is_for_good and status != "5.2.2":
        status = f"4{status[1:]}"
    return Heard(What.BOUNCED, By.PROVIDER, status, said, words(one.get("emailAddress")), **of)


def _message(body: bytes) -> dict[str, Any]:
    try:
        return table(parsed(body))
    except ValueError:
        return {}


def _seconds(message: dict[str, Any]) -> float:
    try:
        return datetime.fromisoformat(words(message.get("Timestamp"))).timestamp()
    except (ValueError, OverflowError):
        return -1


def _octets(value: Any) -> bytes:
    try:
        return b64decode(value, validate=True) if isinstance(value, str) else b""
    except (NotBase64Error, ValueError):
        return b""
