"""The grounds of the pages, with editors who have signed in, and letters made of what ships."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.domain.editor import Role
from service.store import templates
from service.store.dialect import Store
from tests.printers import shipped_set
from tests.unit.web.admin.bench import Bench
from tests.unit.web.admin.record_room import Room
from tests.unit.web.editors import seated
from tests.unit.web.given import Grounds


@pytest.fixture
async def room(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Room]:
    """The room as an editor sees it, with one war in the record."""
    store = Store(sqlite_url)
    grounds = Grounds(store, tmp_path)
    await grounds.record()
    yield Room(grounds, await seated(store, Role.EDITOR))
    await store.close()


@pytest.fixture
async def bench(grounds: Grounds) -> Bench:
    """Where templates are written: nobody has published anything yet."""
    async with grounds.store.write() as tx:
        await templates.ensure_shipped(tx, shipped_set(), grounds.now)
    return Bench(grounds, grounds.client())
