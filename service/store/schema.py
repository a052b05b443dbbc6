"""Brings a database to the tables of this version, and says when it is behind or ahead of them."""

from functools import cache
from importlib.resources import files

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from service.domain.errors import StoreError
from service.store.dialect import Store, Tx
from service.store.tables import metadata


async def upgrade(store: Store) -> str:
    """Run the migrations that are missing and give the version reached; one transaction, all or nothing.

    Processes that start together wait for one another.
    """
    async with store.alone("schema"), store.write() as tx:
        if await _version(tx) not in {None, *_known()}:
            raise StoreError("The database was written by a newer version of Remembrancer; use that version.")
        await tx.run_sync(_run)
    return head()


async def ensure(store: Store) -> None:
    """Make the tables of a new database; raise StoreError if an existing one is not of this version."""
    async with store.read() as tx:
        version = await _version(tx)
    if version is None:
        await upgrade(store)
    elif version not in _known():
        raise StoreError("The database was written by a newer version of Remembrancer; use that version.")
    elif version != head():
        raise StoreError("The database is of an older version; bring it up with: remembrancer db upgrade")


async def problem(tx: Tx) -> str:
    """Say what is wrong with the version of a database, "" if nothing is."""
    version = await _version(tx)
    if version == head():
        return ""
    return "the database is of an older version" if version in {None, *_known()} else "the database is newer than this"


async def differences(store: Store) -> list[object]:
    """Give what distinguishes the database from `tables.py`; nothing, if the migrations are complete."""
    async with store.read() as tx:
        return await tx.run_sync(_compare)


async def _version(tx: Tx) -> str | None:
    return await tx.run_sync(_version_of)


def _version_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return MigrationContext.configure(connection).get_current_revision()


def _compare(connection: Connection) -> list[object]:
    opts = {"compare_type": True, "include_name": _is_ours}
    return list(compare_metadata(MigrationContext.configure(connection, opts=opts), metadata))


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out the tables of the work engine, which makes them by itself (`hints`)."""
    return kind != "table" or name is None or not name.startswith("procrastinate_")


def _run(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("service.store").joinpath("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


@cache
def head() -> str:
    """Give the version of the tables that this program knows."""
    return _scripts().get_current_head() or ""


@cache
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in _scripts().walk_revisions())
