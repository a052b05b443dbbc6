"""Our letters through a mail server that is not ours, into the mailboxes of readers."""

import re

import dkim as oracle
import pytest

from tests.journeys.program import ANNA, Program, eventually, opened, part
from tests.journeys.signing import record, set_as_told
from tests.peers.exim import OURS, Server

READER = ANNA | {"email": "anna@readers.test"}


@pytest.fixture
async def house(alone: Program, exim_server: Server) -> Program:
    """The program of a house with a domain, whose relay is the readers' own."""
    own = {"SENDER": f"The house <letters@{OURS}>", "LETTER_BOX": f"@{OURS}", "PUBLIC_URL": f"https://{OURS}"}
    house = alone.with_(SMTP_URL=exim_server.url, **own)
    await house.does("import")
    return house


async def test_a_letter_lies_in_the_mailbox_whole_and_unchanged(house: Program, exim_server: Server):
    """What was signed when it left verifies when it has arrived. Its day is behind us, or it would not."""
    mailbox = exim_server.mailbox("anna@readers.test")
    told = await house.does("dkim", "new", "s2024")
    name, value = record(told)
    signing = set_as_told(house, told)
    await signing.readers(READER)
    assert (await signing.tick("2024-09-27T05:00:00Z"))["sent"] == 1
    (content,) = await eventually(mailbox.letters)
    assert oracle.DKIM(content).verify(dnsfunc=lambda asked, **_: value.encode() if asked == name.encode() else None)

    letter = opened(content)
    assert re.fullmatch(rf"<b\+[0-9a-f]{{32}}\.[a-z2-7]{{16}}@{OURS}>", letter["Return-path"])
    assert letter["Subject"] == "The 44-day war in Artsakh: four years ago today"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert re.fullmatch(
        rf"<https://{OURS}/leave/[^<>\s]+>, ?<mailto:leave\+[^<>\s]+@{OURS}\?subject=unsubscribe>",
        " ".join(letter["List-Unsubscribe"].split()),
    )
    assert "Artsakh mobilised at once" in part(letter, "plain").replace("\n", " ")
    assert part(letter, "html").rstrip().endswith("</html>")


async def test_who_is_unknown_there_is_written_to_once(house: Program, exim_server: Server):
    mailbox = exim_server.mailbox("anna@readers.test")
    await house.readers(READER, READER | {"email": "nobody@readers.test"})
    first = await house.tick("2026-09-27T05:00:00Z")
    assert (first["sent"], first["failed"]) == (1, 1)
    (letter,) = await eventually(mailbox.letters)
    assert opened(letter)["To"] == "anna@readers.test"
    again = await house.tick("2027-09-27T05:00:00Z")
    assert (again["sent"], again["failed"]) == (1, 0)
    assert exim_server.log().count("rejected RCPT <nobody@readers.test>") == 1
