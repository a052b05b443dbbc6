"""The grounds on which the pages stand, in a SQLite file."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.store import schema
from service.store.dialect import Store
from tests.peers.founding import WithTables
from tests.unit.web.given import Grounds


@pytest.fixture
async def grounds(sqlite_url: str, with_tables: WithTables, tmp_path: Path) -> AsyncIterator[Grounds]:
    """A site with one war in its record, and nobody who asked for anything."""
    with_tables(sqlite_url)
    store = Store(sqlite_url)
    await schema.upgrade(store)
    grounds = Grounds(store, tmp_path)
    await grounds.record()
    yield grounds
    await store.close()
