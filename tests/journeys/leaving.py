"""Leaving by the one-click address of a letter, as a mail program does it."""

from urllib.parse import urlsplit

from tests.journeys.program import Program, asked, opened
from tests.smtp_server import SmtpServer


async def leaves(program: Program, relay: SmtpServer, address: str) -> None:
    """Start the service for as long as it takes that a reader leaves by the last letter that they got."""
    letter = [opened(one.content) for one in relay.received if one.rcpt_tos == (address,)][-1]
    path = urlsplit(str(letter["List-Unsubscribe"]).strip("<>")).path
    async with program.with_(PUBLIC_URL="").running("--roles", "web") as service:
        answer = await asked(service.address.rstrip("/") + path, b"List-Unsubscribe=One-Click", "POST")
    assert answer.status == 200
