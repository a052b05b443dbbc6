"""What a journey starts with: the program in an empty folder, on each database in turn, and a relay."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.journeys.program import Program
from tests.peers.founding import WithTables
from tests.smtp_server import SmtpServer


@pytest.fixture
async def relay() -> AsyncIterator[SmtpServer]:
    """A mail server that takes everything, until it is told otherwise."""
    async with SmtpServer() as server:
        yield server


@pytest.fixture
def new(tmp_path: Path) -> Program:
    """The program without a relay, in an empty folder, where nothing was founded yet."""
    return Program(tmp_path / "home")


@pytest.fixture
def alone(new: Program, with_tables: WithTables) -> Program:
    """The program without a relay, with the database of its folder."""
    with_tables(new.own_url)
    return new


@pytest.fixture
def program(tmp_path: Path, database_url: str) -> Program:
    """The program without a relay, on both databases in turn."""
    return Program(tmp_path / "home", {"DATABASE_URL": database_url})


@pytest.fixture
async def posting(program: Program, relay: SmtpServer) -> Program:
    """The program with a relay and the collections that ship with it, on both databases in turn."""
    posting = program.with_(SMTP_URL=relay.url(), PUBLIC_URL="https://remember.example.org")
    await posting.does("import")
    return posting


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory, with_tables: WithTables) -> Program:
    """The program without a relay, with the collections that ship with it, for tests that change nothing."""
    program = Program(tmp_path_factory.mktemp("imported"))
    with_tables(program.own_url)
    asyncio.run(program.does("import"))
    return program
