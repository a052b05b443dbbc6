"""Tables for a new database, without running the migrations each time: a thousand tests want them."""

import asyncio
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from service.store import schema
from service.store.dialect import Store

WithTables = Callable[[str], None]


def founding(folder: Path) -> WithTables:
    """Give a function that puts the tables into a new SQLite file; another database is left to the migrations.

    The file is a copy of one that the migrations made, once, in this folder; they themselves are tried elsewhere
    (`contract/test_schema.py`).
    """
    made = folder / "tables.db"

    def with_tables(url: str) -> None:
        kind, _, path = url.partition(":///")
        if not kind.startswith("sqlite"):
            return
        if not made.exists():
            with ThreadPoolExecutor(1) as thread:  # a test's loop is none of its business
                thread.submit(lambda: asyncio.run(_make(f"{kind}:///{made}"))).result()
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(made, path)

    return with_tables


async def _make(url: str) -> None:
    store = Store(url)
    await schema.upgrade(store)
    await store.close()
