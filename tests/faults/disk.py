"""What can become of a SQLite file: held by somebody else, full, spoiled; each by real means.

What touches the file is a process of its own (`tests.faults.hand`): a second handle in the process
of the service would, when it is closed, take the service's locks away (SQLite, "How To Corrupt", 2.2).
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import event, make_url

from service.store.dialect import Store
from tests.peers import ROOT

_PATIENCE_SECONDS = 60.0
_PAGES = 4_000  # sixteen million octets


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
    """A disk that can be full: SQLite itself then says SQLITE_FULL, at every change of a notice."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def ready(self) -> None:
        """Put in what makes changes heavy; once, when the tables are there."""
        await _done("ballast", self._url)

    async def fill(self) -> None:
        """From now on no notice can be changed."""
        await _done("fill", self._url)

    async def free(self) -> None:
        """From now on everything is as before."""
        await _done("free", self._url)


def limit(store: Store) -> None:
    """Give every connection of a store as many pages as a small test needs, and no more."""
    for name in ("_engine", "_group_engine"):
        engine = getattr(store, name, None)
        if engine is not None:
            event.listen(getattr(engine, "sync_engine", engine), "connect", _limited)


def _limited(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA max_page_count = {_PAGES}")
    cursor.close()


async def _done(*words: str) -> None:
    async with _doing(*words):
        pass


@asynccontextmanager
async def _doing(what: str, url: str, *words: str) -> AsyncIterator[None]:
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    command = [sys.executable, "-m", "tests.faults.hand", what, str(file_of(url)), *words]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, **pipes)
    try:
        assert process.stdout
        async with asyncio.timeout(_PATIENCE_SECONDS):
            assert await process.stdout.readline() == b"done\n"
        yield
    finally:
        with suppress(ProcessLookupError, BrokenPipeError):
            await process.communicate(b"")
