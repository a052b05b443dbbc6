"""What providers tell of a letter, shape by shape: what it is, with which status, and of which letter."""

import json
from contextlib import suppress
from typing import Any

import pytest

from service.domain.heard import By, Heard, What, judged
from service.domain.retry import Effect
from service.mail.hooks.known import TOLD

LETTER = "<01k3x.abcdefghijklmnop@remember.example>"
LEAVE = "sub.not.seal_-0123456789"
_HEADERS = [
    {"name": "Message-ID", "value": LETTER},
    {"name": "List-Unsubscribe", "value": f"<https://remember.example/leave/{LEAVE}>, <mailto:x@remember.example>"},
]


def _ses(**event: Any) -> tuple[str, bytes]:
    mail = {"messageId": "0102-000000", "source": "b@remember.example", "headers": _HEADERS}
    return "ses", json.dumps({"Type": "Notification", "Message": json.dumps({"mail": mail} | event)}).encode()


def _ses_bounce(kind: str, status: str = "", said: str = "", sub: str = "General") -> tuple[str, bytes]:
    one = {"emailAddress": "ani@example.org", "action": "failed", "status": status, "diagnosticCode": said}
    bounce = {"bounceType": kind, "bounceSubType": sub, "bouncedRecipients": [one]}
    return _ses(notificationType="Bounce", bounce=bounce)


def _mailgun(event: str, severity: str = "", reason: str = "", **answer: Any) -> tuple[str, bytes]:
    told = {
        "event": event,
        "severity": severity,
        "reason": reason,
        "delivery-status": answer,
        "recipient": "ani@example.org",
        "message": {"headers": {"message-id": LETTER.strip("<>"), "to": "ani@example.org"}},
    }
    return "mailgun", json.dumps({"signature": {}, "event-data": told}).encode()


def _sendgrid(event: str, **told: Any) -> tuple[str, bytes]:
    return "sendgrid", json.dumps([{"event": event, "email": "ani@example.org", "smtp-id": LETTER} | told]).encode()


def _postmark(record: str, sort: str = "", said: str = "", **told: Any) -> tuple[str, bytes]:
    quoted = (
        f"Return-Path: <>\nFrom: MAILER-DAEMON\nMessage-ID: <their@own.example>\n\nSorry.\n\nMessage-ID: {LETTER}\n"
    )
    own = {"RecordType": record, "Type": sort, "Details": said, "Email": "ani@example.org", "Content": quoted}
    return "postmark", json.dumps(own | told).encode()


@pytest.mark.parametrize(
    ("posted", "what", "status", "effect"),
    [
        (_ses_bounce("Permanent", "5.1.1", "smtp; 550 5.1.1 no such user"), What.BOUNCED, "5.1.1", Effect.SUPPRESS),
        (_ses_bounce("Permanent", "", "smtp; 550 unknown"), What.BOUNCED, "5.0.0", Effect.SCORE),
        (_ses_bounce("Permanent", sub="OnAccountSuppressionList"), What.BOUNCED, "5.1.1", Effect.SUPPRESS),
        (_ses_bounce("Permanent", "5.7.1", "smtp; 550 5.7.1 policy"), What.BOUNCED, "5.7.1", Effect.CLOSE_LANE),
        (_ses_bounce("Transient", "5.2.2", "smtp; 552 5.2.2 full", "MailboxFull"), What.BOUNCED, "5.2.2", None),
        (_ses_bounce("Transient", "5.1.1", "smtp; 550 out of office"), What.BOUNCED, "4.1.1", None),
        (_ses_bounce("Undetermined"), What.BOUNCED, "4.0.0", None),
        (
            _mailgun("failed", "permanent", "bounce", code=550, message="5.1.1 unknown"),
            What.BOUNCED,
            "5.1.1",
            Effect.SUPPRESS,
        ),
        (_mailgun("failed", "permanent", "suppress-bounce", code=605), What.BOUNCED, "5.1.1", Effect.SUPPRESS),
        (_mailgun("failed", "permanent", "generic", code=552, message="5.2.2 full"), What.BOUNCED, "5.2.2", None),
        (_mailgun("failed", "permanent", "old", code=602, message="Too old"), What.BOUNCED, "4.4.7", None),
        (
            _mailgun("failed", "permanent", "espblock", code=550, message="spam"),
            What.BOUNCED,
            "5.7.1",
            Effect.CLOSE_LANE,
        ),
        (_mailgun("failed", "permanent", "generic", code=550, message="no"), What.BOUNCED, "5.0.0", Effect.SCORE),
        (_mailgun("rejected"), What.BOUNCED, "5.7.0", Effect.CLOSE_LANE),
        (
            _sendgrid("bounce", status="5.1.1", reason="550 5.1.1 unknown", type="bounce"),
            What.BOUNCED,
            "5.1.1",
            Effect.SUPPRESS,
        ),
        (
            _sendgrid("bounce", status="5.0.0", reason="unable to get mx info", type="blocked"),
            What.BOUNCED,
            "4.0.0",
            None,
        ),
        (
            _sendgrid("bounce", status="5.7.1", reason="550 5.7.1 listed", type="blocked"),
            What.BOUNCED,
            "5.7.1",
            Effect.CLOSE_LANE,
        ),
        (_sendgrid("dropped", reason="Bounced Address"), What.BOUNCED, "5.1.1", Effect.SUPPRESS),
        (_sendgrid("dropped", reason="Recipient List over Package Quota"), What.BOUNCED, "5.7.0", Effect.CLOSE_LANE),
        (_postmark("Bounce", "HardBounce", "smtp;550 5.1.1 unknown"), What.BOUNCED, "5.1.1", Effect.SUPPRESS),
        (_postmark("Bounce", "HardBounce", "no reason"), What.BOUNCED, "5.1.1", Effect.SUPPRESS),
        (_postmark("Bounce", "Blocked", "smtp;550 5.1.1 blocked"), What.BOUNCED, "5.7.1", Effect.CLOSE_LANE),
        (_postmark("Bounce", "SoftBounce", "smtp;552 5.2.2 full"), What.BOUNCED, "5.2.2", None),
        (_postmark("Bounce", "Transient", "smtp;550 5.1.1 gone?"), What.BOUNCED, "4.1.1", None),
        (_postmark("Bounce", "DnsError"), What.BOUNCED, "4.0.0", None),
        (_postmark("Bounce", "ManuallyDeactivated"), What.BOUNCED, "5.7.0", Effect.CLOSE_LANE),
    ],
)
def test_a_bounce_means_what_its_provider_says(
    posted: tuple[str, bytes], what: What, status: str, effect: Effect | None
) -> None:
    provider, body = posted
    (heard,) = TOLD[provider](body)
    assert (heard.what, heard.by, heard.status) == (what, By.PROVIDER, status)
    assert heard.recipient == "ani@example.org"
    assert heard.message_id.strip("<>") == LETTER.strip("<>")
    assert judged(heard).effect is effect


@pytest.mark.parametrize(
    ("posted", "what"),
    [
        (_ses(notificationType="Complaint", complaint={"complaintFeedbackType": "abuse"}), What.COMPLAINT),
        (_ses(eventType="Complaint", complaint={}), What.COMPLAINT),
        (_ses(notificationType="Complaint", complaint={"complaintFeedbackType": "not-spam"}), What.AUTOMATIC),
        (_ses(eventType="Reject", reject={"reason": "Bad content"}), What.BOUNCED),
        (_ses(eventType="DeliveryDelay", deliveryDelay={"delayedRecipients": [{"status": "4.4.1"}]}), What.DELAYED),
        (_mailgun("complained"), What.COMPLAINT),
        (_mailgun("unsubscribed"), What.COMPLAINT),
        (_mailgun("failed", "permanent", "suppress-complaint", code=607), What.COMPLAINT),
        (_mailgun("failed", "permanent", "suppress-unsubscribe", code=606), What.COMPLAINT),
        (_mailgun("failed", "temporary", "generic", code=451, message="4.7.1 greylisted"), What.DELAYED),
        (_sendgrid("spamreport"), What.COMPLAINT),
        (_sendgrid("unsubscribe"), What.COMPLAINT),
        (_sendgrid("group_unsubscribe"), What.COMPLAINT),
        (_sendgrid("dropped", reason="Spam Reporting Address"), What.COMPLAINT),
        (_sendgrid("dropped", reason="Unsubscribed Address"), What.COMPLAINT),
        (_sendgrid("deferred", response="451 4.7.1 later", attempt="3"), What.DELAYED),
        (_postmark("SpamComplaint", "SpamComplaint"), What.COMPLAINT),
        (_postmark("Bounce", "Unsubscribe"), What.COMPLAINT),
        (_postmark("SubscriptionChange", SuppressSending=True, Origin="Recipient"), What.COMPLAINT),
        (_postmark("Bounce", "AutoResponder"), What.AUTOMATIC),
        (_postmark("Bounce", "ChallengeVerification"), What.AUTOMATIC),
    ],
)
def test_what_is_no_bounce_is_told_for_what_it_is(posted: tuple[str, bytes], what: What) -> None:
    provider, body = posted
    (heard,) = TOLD[provider](body)
    assert (heard.what, heard.message_id.strip("<>")) == (what, LETTER.strip("<>"))


@pytest.mark.parametrize(
    "posted",
    [
        _ses(notificationType="Delivery", delivery={"recipients": ["ani@example.org"]}),
        _ses(eventType="Open", open={"ipAddress": "192.0.2.1"}),
        _ses(eventType="Click", click={"link": "https://example.org"}),
        _ses(notificationType="Bounce", bounce={"bounceType": "Permanent", "bouncedRecipients": []}),
        ("ses", json.dumps({"Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe"}).encode()),
        _mailgun("delivered"),
        _mailgun("opened"),
        _mailgun("clicked"),
        _mailgun("accepted"),
        ("mailgun", b"{}"),
        _sendgrid("processed"),
        _sendgrid("delivered"),
        _sendgrid("open"),
        _sendgrid("click"),
        ("sendgrid", b"[1, null]"),
        _postmark("Delivery"),
        _postmark("Open"),
        _postmark("Click"),
        _postmark("SubscriptionChange", SuppressSending=True, Origin="Admin"),
        _postmark("SubscriptionChange", SuppressSending=False, Origin="Recipient"),
    ],
)
def test_nothing_is_told_of_letters_that_arrive_or_are_opened(posted: tuple[str, bytes]) -> None:
    provider, body = posted
    assert TOLD[provider](body) == []


def test_a_quoted_link_to_leave_is_found_where_the_message_id_is_another() -> None:
    quoted = f"From: MAILER-DAEMON\r\nContent-Type: message/rfc822\r\n\r\nList-Unsubscribe: <https://a/leave/{LEAVE}>\r\n\r\n"
    (heard,) = TOLD["postmark"](_postmark("Bounce", "HardBounce", Content=quoted)[1])
    assert heard.leave == LEAVE
    (complaint,) = TOLD["ses"](_ses(notificationType="Complaint", complaint={})[1])
    assert complaint == Heard(What.COMPLAINT, By.PROVIDER, message_id=LETTER, leave=LEAVE)


def test_several_events_of_one_post_are_several_things() -> None:
    events = [json.loads(_sendgrid(kind)[1])[0] for kind in ("bounce", "delivered", "spamreport")]
    assert [heard.what for heard in TOLD["sendgrid"](json.dumps(events).encode())] == [What.BOUNCED, What.COMPLAINT]


@pytest.mark.parametrize("provider", TOLD)
@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b'{"Type": "Notification", "Message": "x"}'])
def test_what_nobody_can_read_is_no_event(provider: str, body: bytes) -> None:
    with suppress(ValueError):
        assert TOLD[provider](body) == []
