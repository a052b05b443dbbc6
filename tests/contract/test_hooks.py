"""Providers post what became of letters: believed by their signature, stored before they are answered, read once."""

import asyncio
import http.client
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from pydantic import SecretStr
from sqlalchemy import func, select

from service.app import App, Role, build
from service.domain.heard import Did, What
from service.domain.notice import State
from service.mail.tokens import Purpose
from service.settings import Settings, SettingsError
from service.store import heard, heard_seen
from service.store.inbox_tables import inbox
from service.web.certificates import Certificates
from service.web.hooks import LARGEST_BODY_BYTES
from service.web.site import pages
from tests.builders import at
from tests.certificates import Certificate, make_certificate
from tests.databases import on_either
from tests.post import Post
from tests.printers import AtHand
from tests.providers import CERTIFICATE_URL, MailgunSide, PostmarkSide, Request, SendGridSide, SesSide, Side
from tests.unit.web.client import Answer, Client

pytestmark = on_either

NOW = at("2026-09-01T08:00")


@dataclass
class Office:
    """The program with all four hooks, and a letter that was sent."""

    app: App
    client: Client
    sides: dict[str, Side]
    letter: str = ""
    leave: str = ""

    def bounce(self, provider: str) -> Any:
        """Give what a provider tells of a letter whose address there is not."""
        told = {
            "ses": {
                "notificationType": "Bounce",
                "bounce": {"bounceType": "Permanent", "bouncedRecipients": [{"status": "5.1.1"}]},
                "mail": {"headers": [{"name": "Message-ID", "value": self.letter}]},
            },
            "mailgun": {
                "event": "failed",
                "severity": "permanent",
                "delivery-status": {"code": 550, "message": "5.1.1 unknown"},
                "message": {"headers": {"message-id": self.letter.strip("<>")}},
            },
            "sendgrid": {"event": "bounce", "status": "5.1.1", "smtp-id": self.letter, "reason": "550 5.1.1 unknown"},
            "postmark": {
                "RecordType": "Bounce",
                "Type": "HardBounce",
                "Content": f"Return-Path: <>\n\nList-Unsubscribe: <https://remember.example/leave/{self.leave}>\n",
            },
        }
        return told[provider]

    async def post(self, provider: str, request: Request) -> Answer:
        headers, body = request
        return await self.client.ask("POST", f"/hooks/{provider}", body, headers)

    async def entries(self) -> list[tuple[What, Did]]:
        await self.app.mailbox.reader.read_all()
        async with self.app.store.read() as tx:
            return [(one.entry.what, one.entry.did) for one in reversed(await heard_seen.listed(tx, 100))]

    async def kept(self) -> int:
        async with self.app.store.read() as tx:
            return int((await tx.execute(select(func.count()).select_from(inbox))).scalar_one())


@dataclass
class Keeper:
    """A server over TLS that gives one answer to everybody, and counts how often it is asked."""

    certificate: Certificate
    answer: bytes = b""
    asked: int = 0
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        writer.write(self.answer)
        await writer.drain()
        writer.close()

    def connect(self, host: str) -> http.client.HTTPSConnection:
        """Connect to it, whoever is meant."""
        assert host == "sns.eu-west-1.amazonaws.com"
        trusted = ssl.create_default_context(cafile=str(self.certificate.authority))
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=trusted, timeout=10)

    def gives(self, content: bytes, status: str = "200 OK") -> None:
        """Answer so from now on."""
        self.answer = f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content


@pytest.fixture
async def keeper(tmp_path: Path) -> AsyncIterator[Keeper]:
    """What stands for where SNS keeps its certificates."""
    keeper = Keeper(make_certificate(tmp_path))
    async with await asyncio.start_server(keeper.serve, "127.0.0.1", 0, ssl=keeper.certificate.context()) as server:
        keeper.port = server.sockets[0].getsockname()[1]
        yield keeper


@pytest.fixture
async def office(database_url: str, tmp_path: Path, keeper: Keeper) -> AsyncIterator[Office]:
    sides = {"ses": SesSide(), "mailgun": MailgunSide(), "sendgrid": SendGridSide(), "postmark": PostmarkSide()}
    keeper.gives(sides["ses"].certificate)
    setting = "\n".join(side.setting for side in sides.values())
    settings = Settings(
        data_dir=tmp_path,
        database_url=SecretStr(database_url),
        sender="letters@remember.example",
        public_url="https://remember.example",
        hooks=SecretStr(setting),
    )
    app = build(settings, clock=lambda: NOW, printer=AtHand())
    site = replace(app.site(frozenset(Role)).state.site, certificates=Certificates(keeper.connect))
    office = Office(app, Client(pages(site)), sides)
    notice = await Post(app.store, NOW).notice(State.ACCEPTED, dated_at=NOW)
    async with app.store.read() as tx:
        of = await heard.letter(tx, notice)
    assert of is not None
    office.letter = f"<{app.desk.tokens.message_id_local(notice)}@remember.example>"
    office.leave = app.desk.tokens.sign(Purpose.LEAVE, of.subscriber, notice)
    yield office
    await app.close()


PROVIDERS = ["ses", "mailgun", "sendgrid", "postmark"]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_a_bounce_that_a_provider_vouches_for_suppresses_its_reader(office: Office, provider: str) -> None:
    answer = await office.post(provider, office.sides[provider].post(office.bounce(provider), NOW))
    assert (answer.status, answer.text) == (200, "OK")
    assert await office.entries() == [(What.BOUNCED, Did.SUPPRESSED)]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_the_same_post_twice_is_kept_and_heard_once(office: Office, provider: str) -> None:
    request = office.sides[provider].post(office.bounce(provider), NOW)
    assert [(await office.post(provider, request)).status for _ in range(3)] == [200, 200, 200]
    assert await office.kept() == 1
    assert (await office.post(provider, request)).status == 200
    assert await office.entries() == [(What.BOUNCED, Did.SUPPRESSED)]


async def test_a_token_of_mailgun_does_not_bring_something_else_the_second_time(office: Office) -> None:
    """It is all that is signed."""
    side = office.sides["mailgun"]
    for event in ({"event": "failed", "severity": "temporary"}, office.bounce("mailgun")):
        assert (await office.post("mailgun", side.post(event, NOW))).status == 200
    assert await office.entries() == [(What.DELAYED, Did.NOTHING)]


@pytest.mark.parametrize("provider", PROVIDERS)
async def test_what_nobody_vouches_for_is_refused_without_a_hint_and_nothing_is_kept(
    office: Office, provider: str
) -> None:
    request = PostmarkSide("letters:some other password").post(office.bounce(provider), NOW)
    answer = await office.post(provider, request)
    assert (answer.status, answer.text) == (403, "Forbidden")
    assert await office.kept() == 0


@pytest.mark.parametrize("provider", ["sparkpost", "Mailgun", "ses/x", ""])
async def test_a_provider_that_is_not_named_has_no_address(office: Office, provider: str) -> None:
    assert (await office.post(provider, office.sides["mailgun"].post({}, NOW))).status == 404


async def test_a_letter_that_arrived_or_was_opened_is_answered_and_forgotten(office: Office) -> None:
    for event in ("delivered", "open"):
        assert (await office.post("sendgrid", office.sides["sendgrid"].post({"event": event}, NOW))).status == 200
    assert await office.kept() == 0


async def test_each_event_of_one_post_is_heard_once(office: Office) -> None:
    bounce = office.bounce("sendgrid")
    events = [bounce, bounce, {"event": "spamreport", "smtp-id": "<their@own.example>"}]
    assert (await office.post("sendgrid", office.sides["sendgrid"].post(events, NOW))).status == 200
    assert await office.entries() == [(What.BOUNCED, Did.SUPPRESSED), (What.COMPLAINT, Did.UNPROVEN)]


async def test_a_complaint_of_which_no_letter_is_known_does_nothing(office: Office) -> None:
    event = {"event": "complained", "message": {"headers": {"message-id": office.letter.replace(".", "x")}}}
    assert (await office.post("mailgun", office.sides["mailgun"].post(event, NOW))).status == 200
    assert await office.entries() == [(What.COMPLAINT, Did.UNPROVEN)]


async def test_what_is_vouched_for_and_cannot_be_read_is_set_aside(office: Office) -> None:
    request = office.sides["ses"].post({}, NOW, Message="Hello")
    assert (await office.post("ses", request)).status == 200
    assert await office.kept() == 1
    assert await office.entries() == []


async def test_a_database_that_is_away_has_the_provider_try_again(office: Office) -> None:
    async def away(_arrivals: object) -> None:
        raise ConnectionError("away")

    site = replace(office.client.app.state.site, keep=away)
    office.client = Client(pages(site))
    answer = await office.post("mailgun", office.sides["mailgun"].post(office.bounce("mailgun"), NOW))
    assert (answer.status, answer.headers["retry-after"]) == (503, "60")
    assert await office.kept() == 0


async def test_a_body_beyond_the_limit_is_not_read(office: Office) -> None:
    large = ({"content-type": "application/json"}, b" " * (LARGEST_BODY_BYTES + 1))
    assert (await office.post("mailgun", large)).status == 413
    headers, body = office.sides["sendgrid"].post([office.bounce("sendgrid")] + [{"x": "y" * 1000}] * 1500, NOW)
    assert (await office.post("sendgrid", (headers, body))).status == 200


async def test_a_page_of_somebody_else_cannot_post(office: Office) -> None:
    headers, body = office.sides["mailgun"].post(office.bounce("mailgun"), NOW)
    assert (await office.post("mailgun", (headers | {"sec-fetch-site": "cross-site"}, body))).status == 403


async def test_a_topic_to_confirm_is_told_to_the_operator(office: Office) -> None:
    url = f"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token={'2' * 600}"
    request = office.sides["ses"].post({}, NOW, Type="SubscriptionConfirmation", SubscribeURL=url, Token="2")
    with structlog.testing.capture_logs() as logs:
        assert (await office.post("ses", request)).status == 200
    assert [line.get("open_in_a_browser") for line in logs] == [url]
    assert await office.kept() == 0


async def test_while_a_certificate_cannot_be_had_the_provider_is_asked_to_try_again(
    office: Office, keeper: Keeper
) -> None:
    keeper.answer = b""
    assert (await office.post("ses", office.sides["ses"].post(office.bounce("ses"), NOW))).status == 503
    assert await office.kept() == 0


class TestCertificates:
    async def test_one_is_fetched_once(self, keeper: Keeper):
        keeper.gives(b"a certificate")
        certificates = Certificates(keeper.connect)
        assert [await certificates.get(CERTIFICATE_URL) for _ in range(3)] == [b"a certificate"] * 3
        assert keeper.asked == 1

    @pytest.mark.parametrize("status", ["404 Not Found", "302 Found", "500 Oh"])
    async def test_another_answer_is_none(self, keeper: Keeper, status: str):
        keeper.gives(b"a certificate", status)
        assert await Certificates(keeper.connect).get(CERTIFICATE_URL) == b""

    async def test_more_than_a_certificate_is_not_read(self, keeper: Keeper):
        keeper.gives(b"x" * 33_000)
        assert await Certificates(keeper.connect).get(CERTIFICATE_URL) == b""

    async def test_no_answer_is_none(self, keeper: Keeper):
        keeper.answer = b""
        assert await Certificates(keeper.connect).get(CERTIFICATE_URL) == b""

    async def test_a_stranger_has_few_asked_for_in_a_minute(self, keeper: Keeper):
        keeper.gives(b"", "404 Not Found")
        certificates = Certificates(keeper.connect)
        for number in range(20):
            assert await certificates.get(f"{CERTIFICATE_URL}?{number}") == b""
        assert keeper.asked == 6

    async def test_a_host_that_nobody_vouches_for_is_not_believed(self, keeper: Keeper):
        keeper.gives(b"a certificate")

        def connect(host: str) -> http.client.HTTPSConnection:
            return http.client.HTTPSConnection("127.0.0.1", keeper.port, timeout=10)

        assert await Certificates(connect).get(CERTIFICATE_URL) == b""


@pytest.mark.parametrize(
    ("setting", "public_url", "said"),
    [
        ("mailgun=short", "https://remember.example", "at least 16 characters"),
        (PostmarkSide().setting, "http://remember.example", "with an https public_url alone"),
    ],
)
def test_a_hook_that_cannot_be_believed_stops_the_start(
    tmp_path: Path, setting: str, public_url: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=f"REMEMBRANCER_HOOKS: .*{said}"):
        build(Settings(data_dir=tmp_path, hooks=SecretStr(setting), public_url=public_url), printer=AtHand())
