"""Brings a database to the tables of this version, and says when it is behind or ahead of them."""

from sqlalchemy import Connection, inspect, select

from service.domain.errors import StoreError
from service.store.dialect import Store, Tx
from service.store.tables import VERSION, alembic_version

_NEWER = "The database was written by a newer version of Remembrancer; use that version."


async def upgrade(store: Store) -> str:
    """Run the migrations that are missing and give the version reached; one transaction, all or nothing.

    Processes that start together wait for one another.
    """
    async with store.alone("schema"), store.write() as tx:
        found = await version(tx)
        check_known(found)
        if found != VERSION:
            from service.store import migrating  # noqa: PLC0415  (six megabytes that a start seldom needs)

            await tx.run_sync(migrating.run)
    return VERSION


async def has_tables(store: Store) -> bool:
    """Say whether a database has tables, of whatever version."""
    async with store.read() as tx:
        return await version(tx) is not None


async def check(store: Store) -> None:
    """Raise StoreError if the tables of a database, where it has any, are not of this version."""
    async with store.read() as tx:
        found = await version(tx)
    check_known(found)
    if found not in {None, VERSION}:
        raise StoreError("The database is of an older version; bring it up with: remembrancer db upgrade")


def check_known(found: str | None) -> None:
    """Raise StoreError for a version that this release does not know, which is a newer one."""
    if not _is_known(found):
        raise StoreError(_NEWER)


async def reach(tx: Tx, revision: str) -> None:
    """Run the migrations up to a version, in a transaction that others end; raise StoreError for a newer one."""
    if not _is_known(revision):
        raise StoreError("It was written by a newer version of Remembrancer; use that version.")
    if await version(tx) != revision:
        from service.store import migrating  # noqa: PLC0415  (as above)

        await tx.run_sync(migrating.run, revision)


async def problem(tx: Tx) -> str:
    """Say what is wrong with the version of a database, "" if nothing is."""
    found = await version(tx)
    if found == VERSION:
        return ""
    return "the database is of an older version" if _is_known(found) else "the database is newer than this"


async def version(tx: Tx) -> str | None:
    """Give the version of a database; None of one without tables."""
    return await tx.run_sync(_version_of)


def _version_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table(alembic_version.name):
        return None
    return connection.execute(select(alembic_version.c.version_num)).scalar()


def _is_known(version: str | None) -> bool:
    if version in {None, VERSION}:
        return True
    from service.store import migrating  # noqa: PLC0415  (as above)

    return version in migrating.versions()
