"""Who is believed: a provider that signs as its manual says, of now; and nobody else, whatever they send."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from service.domain.errors import InvalidError
from service.mail.hooks.known import hooks_of
from service.mail.hooks.posted import Passed, Posted
from tests.builders import at
from tests.providers import CERTIFICATE_URL, TOPIC, MailgunSide, PostmarkSide, SendGridSide, SesSide, Side

NOW = at("2026-09-01T08:00")
EVENT = {"event": "anything", "Ð": "é"}
SIDES: list[Side] = [SesSide(), MailgunSide(), SendGridSide(), PostmarkSide()]
SIGNING = SIDES[:3]


def _named(side: object) -> str:
    return type(side).__name__


def _check(side: Side, headers: dict[str, str], body: bytes, now: Any = NOW, believed: Side | None = None) -> Any:
    (hook,) = hooks_of((believed or side).setting).values()
    posted = Posted(headers, body, now)
    url = hook.certificate(posted)
    assert url in {"", CERTIFICATE_URL}
    signer = believed or side
    return hook.check(posted, signer.certificate if url and isinstance(signer, SesSide) else b"")


@pytest.mark.parametrize("side", SIDES, ids=_named)
def test_what_a_provider_signs_is_believed(side: Side) -> None:
    assert _check(side, *side.post(EVENT, NOW)) is not None


def test_what_sns_signs_in_its_older_way_is_believed() -> None:
    side = SesSide()
    assert _check(side, *side.post(EVENT, NOW, version="1")) == Passed("22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324")


@pytest.mark.parametrize("side", SIDES, ids=_named)
def test_what_another_key_signs_is_not_believed(side: Side) -> None:
    other = PostmarkSide("letters:another password") if isinstance(side, PostmarkSide) else type(side)()
    if isinstance(other, MailgunSide):
        other.key = "another key of some length".replace(" ", "-")
    assert _check(side, *side.post(EVENT, NOW), believed=other) is None


@pytest.mark.parametrize("side", [SesSide(), SendGridSide()], ids=_named)
def test_another_body_is_not_believed(side: SesSide | SendGridSide) -> None:
    headers, body = side.post(EVENT, NOW)
    assert _check(side, headers, body.replace(b"anything", b"anythinG")) is None
    assert _check(side, headers, b"") is None


def test_another_token_or_moment_of_mailgun_is_not_believed() -> None:
    side = MailgunSide()
    headers, body = side.post(EVENT, NOW)
    stamp = str(int(NOW.timestamp())).encode()
    assert _check(side, headers, body.replace(b"7f7f", b"7f7e", 1)) is None
    assert _check(side, headers, body.replace(stamp, str(int(NOW.timestamp()) + 1).encode())) is None


@pytest.mark.parametrize("side", SIGNING, ids=_named)
@pytest.mark.parametrize(
    ("age", "is_believed"),
    [
        (timedelta(hours=11), True),
        (timedelta(days=4), False),
        (timedelta(minutes=-5), True),
        (timedelta(minutes=-11), False),
    ],
)
def test_what_was_signed_long_ago_or_is_yet_to_be_is_not_believed(
    side: Side, age: timedelta, *, is_believed: bool
) -> None:
    assert (_check(side, *side.post(EVENT, NOW - age)) is not None) is is_believed


def test_a_token_of_mailgun_is_what_makes_it_the_same_whatever_it_tells() -> None:
    side = MailgunSide()
    assert (
        _check(side, *side.post(EVENT, NOW)) == _check(side, *side.post({"event": "failed"}, NOW)) == Passed(side.token)
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"TopicArn": TOPIC.replace("letters", "others")},
        {"SigningCertURL": "https://sns.us-east-1.amazonaws.com/a.pem"},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com.example.org/a.pem"},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com@example.org/a.pem"},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com:8443/a.pem"},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com/../a.pem\n"},
        {"SigningCertURL": "http://sns.eu-west-1.amazonaws.com/a.pem"},
        {"SigningCertURL": "https://example.org/sns.eu-west-1.amazonaws.com/a.pem"},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com/a.html"},
        {"SigningCertURL": ""},
    ],
)
def test_a_certificate_is_asked_for_of_sns_alone_and_for_our_topic(changed: dict[str, str]) -> None:
    side = SesSide()
    (hook,) = hooks_of(side.setting).values()
    posted = Posted(*side.post(EVENT, NOW, **changed), NOW)
    assert hook.certificate(posted) == ""
    assert hook.check(posted, b"") is None


def test_no_certificate_and_one_that_is_none_prove_nothing() -> None:
    side = SesSide()
    (hook,) = hooks_of(side.setting).values()
    posted = Posted(*side.post(EVENT, NOW), NOW)
    for certificate in (b"", b"<html>", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        assert hook.check(posted, certificate) is None


def test_a_topic_to_confirm_is_told_with_its_address() -> None:
    side = SesSide()
    (hook,) = hooks_of(side.setting).values()
    url = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns&Token=2336412f"
    kind = {"Type": "SubscriptionConfirmation", "SubscribeURL": url, "Token": "2336412f"}
    posted = Posted(*side.post(EVENT, NOW, **kind), NOW)
    assert hook.check(posted, side.certificate) is not None
    assert hook.to_confirm(posted) == url
    elsewhere = Posted(*side.post(EVENT, NOW, **kind | {"SubscribeURL": "https://example.org/"}), NOW)
    assert hook.to_confirm(elsewhere) == ""


def test_the_example_that_sendgrid_publishes_with_its_library_is_believed() -> None:
    curve = (
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEDr2LjtURuePQzplybdC+u4CwrqDqBaWjcMMsTbhdbcwHBcepxo7yAQGhHPTnlvFYPAZFceEu"
    )
    signature = "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH2j/0="
    headers = {
        "x-twilio-email-event-webhook-signature": signature,
        "x-twilio-email-event-webhook-timestamp": "1588788367",
    }
    body = b'{"category":"example_payload","event":"test_event","message_id":"message_id"}'
    (hook,) = hooks_of(f"sendgrid={curve}/1FwCM/QmGUhA==").values()
    assert hook.check(Posted(headers, body, at("2020-05-06T18:06")), b"") == Passed()
    assert hook.check(Posted(headers, body + b" ", at("2020-05-06T18:06")), b"") is None


ODD = [
    b"",
    b"{}",
    b"[]",
    b"null",
    b'"',
    b"\xff\xfe",
    b"[" * 200_000,
    b'{"signature": [], "Type": {}, "TopicArn": 1}',
    b'{"signature": {"timestamp": 1e999, "token": null, "signature": true}}',
    b'{"Type": "Notification", "Message": {}, "SignatureVersion": 2, "Signature": 7}',
    json.dumps({"Type": "Notification", "TopicArn": TOPIC, "Timestamp": "9999999", "Message": "\ud800"}).encode(),
]


@pytest.mark.parametrize("side", SIDES, ids=_named)
@pytest.mark.parametrize("body", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Basic"},
        {"authorization": "Basic ?"},
        {"authorization": f"Bearer {base64.b64encode(PostmarkSide().password.encode()).decode()}"},
        {
            "x-twilio-email-event-webhook-signature": "MEUCIQ==",
            "x-twilio-email-event-webhook-timestamp": str(int(NOW.timestamp())),
        },
        {"x-twilio-email-event-webhook-signature": "é", "x-twilio-email-event-webhook-timestamp": "９"},
    ],
    ids=range(6),
)
def test_odd_requests_are_nobodys(side: Side, body: bytes, headers: dict[str, str]) -> None:
    assert _check(side, headers, body) is None


@pytest.mark.parametrize(
    "setting",
    [
        "ses",
        "ses=",
        "ses=arn:aws:sqs:eu-west-1:123456789012:letters",
        f"ses={TOPIC} x",
        "postmark=letters:short",
        "postmark=:a long password indeed",
        "mailgun=short",
        "sendgrid=hunter2hunter2",
        "sendgrid=aHVudGVyMmh1bnRlcjI=",
        "sparkpost=hunter2hunter2hunter2",
        "mailgun=hunter2hunter2hunter2\nmailgun=hunter2hunter2hunter3",
        "hunter2",
    ],
)
def test_a_setting_of_another_form_is_refused_with_what_is_allowed_and_without_its_key(setting: str) -> None:
    with pytest.raises(InvalidError, match="allowed: ") as refused:
        hooks_of(setting)
    assert "hunter2" not in str(refused.value)


def test_several_providers_stand_on_lines_of_their_own() -> None:
    setting = "\n".join(side.setting for side in SIDES)
    assert sorted(hooks_of(f"\n {setting} \n\n")) == ["mailgun", "postmark", "sendgrid", "ses"]
    assert hooks_of("") == {}
