"""The migrations lead to the tables, on both databases, and a database of another version is refused."""

import asyncio

import pytest
from sqlalchemy import text

from service.domain.errors import InvalidError, StoreError
from service.store import migrating, schema
from service.store.dialect import Store
from service.store.tables import VERSION


async def test_migrations_from_empty_give_exactly_the_tables(empty_database_url: str) -> None:
    store = Store(empty_database_url)
    await schema.upgrade(store)
    assert await migrating.differences(store) == []
    await store.close()


def test_the_tables_are_of_the_newest_version_that_migrations_lead_to() -> None:
    assert migrating.versions()[0] == VERSION


async def test_upgrading_twice_changes_nothing(empty_database_url: str) -> None:
    store = Store(empty_database_url)
    assert await schema.upgrade(store) == await schema.upgrade(store)
    await store.close()


async def test_processes_that_start_together_make_the_tables_once(empty_database_url: str) -> None:
    stores = [Store(empty_database_url) for _ in range(4)]
    await asyncio.gather(*(schema.upgrade(store) for store in stores))
    assert await migrating.differences(stores[0]) == []
    for store in stores:
        await store.close()


async def test_whoever_comes_in_while_another_writes_does_not_wait_to_read(empty_database_url: str) -> None:
    writing, coming = Store(empty_database_url), Store(empty_database_url)
    await schema.upgrade(writing)
    async with writing.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = version_num"))
        async with asyncio.timeout(5), coming.read() as reading:  # a writer that is waited for is given ten seconds
            assert (await reading.execute(text("SELECT version_num FROM alembic_version"))).scalar_one() == VERSION
    for store in (writing, coming):
        await store.close()


async def test_a_database_of_a_newer_version_is_refused_in_words(empty_database_url: str) -> None:
    store = Store(empty_database_url)
    await schema.upgrade(store)
    async with store.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = 'z999'"))
    for refused in (schema.check, schema.upgrade):
        with pytest.raises(StoreError, match="newer version"):
            await refused(store)
    await store.close()


async def test_a_database_without_tables_is_told_from_one_with_them_and_none_are_made(empty_database_url: str) -> None:
    store = Store(empty_database_url)
    for _ in range(2):
        await schema.check(store)
        assert not await schema.has_tables(store)
    await schema.upgrade(store)
    await schema.check(store)
    assert await schema.has_tables(store)
    await store.close()


@pytest.mark.parametrize("url", ["", "mysql://x", "sqlite+aiosqlite:///:memory:", "sqlite:///x.db", "nonsense"])
def test_a_wrong_empty_database_url_is_refused_with_the_allowed_forms(url: str) -> None:
    with pytest.raises(InvalidError, match="allowed: sqlite"):
        Store(url)


async def test_sqlite_keeps_what_it_acknowledged_through_a_power_loss(empty_sqlite_url: str) -> None:
    store = Store(empty_sqlite_url)
    async with store.read() as tx:
        found = {
            name: (await tx.execute(text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    await store.close()
