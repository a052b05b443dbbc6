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
        version = await _version(tx)
        if not _is_known(version):
            raise StoreError(_NEWER)
        if version != VERSION:
            from service.store import migrating  # noqa: PLC0415  (six megabytes that a start seldom needs)

            await tx.run_sync(migrating.run)
    return VERSION


async def ensure(store: Store) -> None:
    """Make the tables of a new database; raise StoreError if an existing one is not of this version."""
    async with store.read() as tx:
        version = await _version(tx)
    if version is None:
        await upgrade(store)
    elif not _is_known(version):
        raise StoreError(_NEWER)
    elif version != VERSION:
        raise StoreError("The database is of an older version; bring it up with: remembrancer db upgrade")


async def problem(tx: Tx) -> str:
    """Say what is wrong with the version of a database, "" if nothing is."""
    version = await _version(tx)
    if version == VERSION:
        return ""
    return "the database is of an older version" if _is_known(version) else "the database is newer than this"


async def _version(tx: Tx) -> str | None:
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
