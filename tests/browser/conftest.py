"""What a browser finds: the service running as a process of its own, with a real mail server behind it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.browser.reader import Reader
from tests.journeys.program import Program
from tests.peers.fixtures import NewPage
from tests.smtp_server import SmtpServer

YEREVAN = {"locale": "en-GB", "timezone_id": "Asia/Yerevan"}


@pytest_asyncio.fixture(loop_scope="session")
async def relay() -> AsyncIterator[SmtpServer]:
    """A mail server that takes everything, until it is told otherwise."""
    async with SmtpServer() as server:
        yield server


@pytest.fixture
def program(tmp_path: Path, sqlite_url: str, relay: SmtpServer) -> Program:
    """The program with a relay and a database of its own."""
    return Program(tmp_path / "home", {"DATABASE_URL": sqlite_url, "SMTP_URL": relay.url()})


@pytest_asyncio.fixture(loop_scope="session")
async def anna(program: Program, relay: SmtpServer, new_page: NewPage) -> AsyncIterator[Reader]:
    """A person in Yerevan with a browser and a mailbox, while the service runs.

    It runs without its clock, which tells today's time: the rounds that tests do as of other days would, for
    it, be days that were missed.
    """
    async with program.running("--roles", "web,post") as service:
        page = await new_page(**YEREVAN, base_url=service.address)
        page.set_default_timeout(10_000)
        yield Reader("anna@example.org", service.address, page, relay, program.with_(PUBLIC_URL=service.address))
