"""What can become of a SQLite file: held by somebody else, full, spoiled; each by real means.

What touches the file is a process of its own (`tests.faults.hand`): a second handle in the process
of the service would, when it is closed, take the service's locks away (SQLite, "How To Corrupt", 2.2).
"""

import asyncio
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

from sqlalchemy import make_url

from service.store.sqlite import driver
from tests import children

_PATIENCE_SECONDS = 60.0
SMALL = "max_page_count = 4000"  # what a connection is told whose disk can be full


def file_of(url: str) -> Path:
    """Give the file of a database's URL."""
    name = make_url(url).database
    assert name, "this is no database in a file"
    return Path(name)


@asynccontextmanager
async def held(url: str) -> AsyncIterator[None]:
    """Have another process hold the write lock until the end."""
    async with _doing("hold", url):
        yield


@asynccontextmanager
async def spoiled(url: str, table: str) -> AsyncIterator[None]:
    """Overwrite the root page of a table, as a failing disk does; at the end it is as it was.

    The log is brought into the file first; who has the page cached may not see it before a change by others.
    """
    async with _doing("spoil", url, table):
        yield


class Disk:
    """A disk that can be full for those who were told `SMALL`: SQLite itself then says SQLITE_FULL."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def ready(self) -> None:
        """Put in what makes changes heavy; once, when the tables are there."""
        await _done("ballast", self._url)

    async def fill(self, state: str = "") -> None:
        """From now on no notice can be changed, or none to that state."""
        await _done("fill", self._url, state)

    async def free(self) -> None:
        """From now on everything is as before."""
        await _done("free", self._url)


def is_locked(url: str) -> bool:
    """Say whether somebody holds the write lock at this moment."""
    with closing(driver.connect(file_of(url), isolation_level=None, timeout=0.1)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except driver.OperationalError:
            return True
        connection.execute("ROLLBACK")
        return False


async def _done(*words: str) -> None:
    async with _doing(*words):
        pass


@asynccontextmanager
async def _doing(what: str, url: str, *words: str) -> AsyncIterator[None]:
    command = ("tests.faults.hand", what, str(file_of(url)), *words)
    process = await children.start(*command, stdin=PIPE, stdout=PIPE)
    try:
        assert process.stdout
        async with asyncio.timeout(_PATIENCE_SECONDS):
            assert await process.stdout.readline() == b"done\n"
        yield
    finally:
        with suppress(ProcessLookupError, BrokenPipeError):
            await process.communicate(b"")
