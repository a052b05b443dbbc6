"""The tables of this version, made by the migrations (which are tried elsewhere: `contract/test_schema.py`)."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from service.store import schema
from service.store.dialect import Store

WithTables = Callable[[str], None]


def found(url: str) -> None:
    """Make all tables in an empty database."""
    with ThreadPoolExecutor(1) as thread:  # a test's loop is none of its business
        thread.submit(lambda: asyncio.run(_found(url))).result()


async def _found(url: str) -> None:
    store = Store(url)
    await schema.upgrade(store)
    await store.close()
