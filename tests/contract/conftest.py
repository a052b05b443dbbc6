"""A store on each database, and a few readers in it."""

from collections.abc import AsyncIterator

import pytest

from service.store import schema
from service.store.dialect import Store


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """A new store with all tables, of both kinds in turn."""
    store = Store(database_url)
    await schema.ensure(store)
    yield store
    await store.close()
