"""Exim is real: what it delivers, bounces and keeps, before anything of ours talks to it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.journeys.program import eventually
from tests.peers.exim import OURS, Server
from tests.peers.spam_button import press

LETTER = (
    "From: Անի <ani@readers.test>\r\nTo: joining@remember.test\r\nSubject: =?utf-8?b?1YDVq9W31aE=?=\r\n"
    "X-Folded: one\r\n\ttwo\r\nMessage-ID: <1@readers.test>\r\nDate: Sun, 27 Sep 2026 09:00:00 +0400\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    "Հիշում ենք.\r\n.\r\n..two\r\n\r\nFrom here on \t \r\n\r\n"
).encode()


@dataclass
class Door:
    """A small LMTP server, which answers `answers` first and then takes everything."""

    answers: list[str] = field(default_factory=list)
    tried: int = 0
    taken: list[Envelope] = field(default_factory=list)
    at: str = ""

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's
        self.tried += 1
        if self.answers:
            return self.answers.pop(0)
        self.taken.append(envelope)
        return "250 2.0.0 Kept"

    @asynccontextmanager
    async def open(self, path: Path | None = None) -> AsyncIterator["Door"]:
        loop = asyncio.get_running_loop()
        sessions: list[LMTP] = []

        def session() -> LMTP:
            sessions.append(LMTP(self, hostname="lmtp.test", loop=loop))
            return sessions[-1]

        plug = await asyncio.to_thread(_plug, path)
        server = await (loop.create_unix_server if path else loop.create_server)(session, sock=plug)
        self.at = f"unix:{path}" if path else f"127.0.0.1:{plug.getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for one in sessions:
                if one.transport:
                    one.transport.close()
            await server.wait_closed()


@pytest.fixture
async def door(exim_server: Server) -> AsyncIterator[Door]:
    async with Door().open() as door:
        exim_server.hand_to(door.at)
        yield door


async def test_a_letter_lies_in_the_mailbox_octet_for_octet_below_the_trace(exim_server: Server):
    mailbox = exim_server.mailbox("ani@readers.test")
    await exim_server.post(f"b+1.x@{OURS}", "ani@readers.test", LETTER)
    (letter,) = await eventually(mailbox.letters)
    trace, _, rest = letter.partition(b"From: ")
    assert b"From: " + rest == LETTER
    assert trace.startswith(b"Return-path: <b+1.x@remember.test>\r\nEnvelope-to: ani@readers.test\r\n")
    assert [name.lower() for name in message_from_bytes(trace)] == [
        "return-path",
        "envelope-to",
        "delivery-date",
        "received",
    ]


async def test_who_is_unknown_is_refused_at_once(exim_server: Server):
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await exim_server.post(f"b+1.x@{OURS}", "nobody@readers.test", LETTER)
    assert refused.value.recipients[0].code == 550
    assert refused.value.recipients[0].message == "5.1.1 No mailbox of that name"


async def test_nothing_is_relayed_to_strangers(exim_server: Server):
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await exim_server.post(f"b+1.x@{OURS}", "somebody@example.org", LETTER)


async def test_who_is_unknown_bounces_afterwards_at_the_other_domain(exim_server: Server, door: Door):
    mailbox = exim_server.mailbox("ani@late.readers.test")
    await exim_server.post(f"b+1.x@{OURS}", "ani@late.readers.test", LETTER)
    await exim_server.post(f"b+2.x@{OURS}", "nobody@late.readers.test", LETTER)
    assert len(await eventually(mailbox.letters)) == 1
    (report,) = await eventually(lambda: door.taken)
    assert (report.mail_from, report.rcpt_tos) == ("<>", [f"b+2.x@{OURS}"])
    mail = _read(report)
    assert mail["Auto-Submitted"] == "auto-replied"
    assert (mail.get_content_type(), mail.get_param("report-type")) == ("multipart/report", "delivery-status")
    _, status, returned = mail.iter_parts()
    fields = status.get_payload()[1]
    assert fields["Action"] == "failed"
    assert fields["Final-Recipient"] == "rfc822;nobody@late.readers.test"
    assert "550 5.1.1 No mailbox of that name" in fields["Diagnostic-Code"]
    assert returned.get_payload()[0]["Message-ID"] == "<1@readers.test>"
    assert await eventually(lambda: len(exim_server.taken(f"B+2.X@{OURS}")) == 1)


async def test_mail_to_us_is_handed_over_whole(exim_server: Server, door: Door):
    await exim_server.post("ani@readers.test", f"subscribe+artsakh@{OURS}", LETTER)
    (mail,) = await eventually(lambda: door.taken)
    assert (mail.mail_from, mail.rcpt_tos) == ("ani@readers.test", [f"subscribe+artsakh@{OURS}"])
    assert mail.original_content is not None
    assert mail.original_content.endswith(LETTER)


async def test_mail_to_us_goes_through_a_socket_too(exim_server: Server):
    async with Door().open(exim_server.folder / "lmtp") as door:
        exim_server.hand_to(door.at)
        await exim_server.post("ani@readers.test", f"subscribe@{OURS}", LETTER)
        (mail,) = await eventually(lambda: door.taken)
    assert mail.rcpt_tos == [f"subscribe@{OURS}"]
    assert mail.original_content is not None
    assert mail.original_content.endswith(LETTER)


async def test_mail_to_us_waits_until_it_is_taken(exim_server: Server, door: Door):
    """It is put off twice by the server, and once because nobody listens."""
    door.answers.extend(["451 4.3.0 Not now", "451 4.3.0 Not now"])
    await exim_server.post("ani@readers.test", f"subscribe@{OURS}", LETTER)
    await eventually(lambda: door.taken)
    assert door.tried == 3
    exim_server.hand_to("127.0.0.1:1")
    await exim_server.post("ani@readers.test", f"unsubscribe@{OURS}", LETTER)
    assert await eventually(lambda: "Connection refused" in exim_server.log())
    assert exim_server.kept() == 1
    exim_server.hand_to(door.at)
    assert await eventually(lambda: exim_server.taken(f"unsubscribe@{OURS}"))
    assert await eventually(lambda: exim_server.kept() == 0)
    assert [mail.rcpt_tos for mail in door.taken] == [[f"subscribe@{OURS}"], [f"unsubscribe@{OURS}"]]


async def test_the_spam_button_tells_of_a_letter_but_not_of_its_reader(exim_server: Server, door: Door):
    mailbox = exim_server.mailbox("ani@readers.test")
    await exim_server.post(f"b+1.x@{OURS}", "ani@readers.test", LETTER.replace(b"ani@", b"Remembrancer@"))
    (letter,) = await eventually(mailbox.letters)
    await press(exim_server, letter, f"complaints@{OURS}")
    (complaint,) = await eventually(lambda: door.taken)
    assert (complaint.mail_from, complaint.rcpt_tos) == ("feedback@readers.test", [f"complaints@{OURS}"])
    assert complaint.original_content is not None
    assert b"ani@" not in complaint.original_content
    mail = _read(complaint)
    assert (mail.get_content_type(), mail.get_param("report-type")) == ("multipart/report", "feedback-report")
    _, told, returned = mail.iter_parts()
    assert told.get_payload()[0]["Feedback-Type"] == "abuse"
    assert told.get_payload()[0]["Original-Mail-From"] == f"<b+1.x@{OURS}>"
    assert returned.get_payload()[0]["Message-ID"] == "<1@readers.test>"


def _plug(path: Path | None) -> socket.socket:
    """Give what to listen at; Exim is another user if the tests are root, and must be allowed to write to a socket."""
    if path is None:
        plug = socket.socket()
        plug.bind(("127.0.0.1", 0))
        return plug
    plug = socket.socket(socket.AF_UNIX)
    plug.bind(str(path))
    path.chmod(0o777)
    return plug


def _read(envelope: Envelope) -> EmailMessage:
    content = envelope.original_content
    assert content is not None
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message
