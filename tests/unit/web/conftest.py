"""The grounds on which the pages stand, in a SQLite file."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.store.dialect import Store
from tests.unit.web.given import Grounds


@pytest.fixture
async def grounds(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Grounds]:
    """A site with one war in its record, and nobody who asked for anything."""
    store = Store(sqlite_url)
    grounds = Grounds(store, tmp_path)
    await grounds.record()
    yield grounds
    await store.close()
