"""A site whose letters are made of what ships, with an editor of each role at hand."""

import pytest

from service.store import templates
from tests.printers import shipped_set
from tests.unit.web.admin.bench import Bench
from tests.unit.web.given import Grounds


@pytest.fixture
async def bench(grounds: Grounds) -> Bench:
    """Where templates are written: nobody has published anything yet."""
    async with grounds.store.write() as tx:
        await templates.ensure_shipped(tx, shipped_set(), grounds.now)
    return Bench(grounds, grounds.client())
