"""Runs the migrations: alembic, which is large, and is needed only where a database is not of this version."""

from functools import cache
from importlib.resources import files

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from service.store.all_tables import everything
from service.store.dialect import Store


def run(connection: Connection, version: str = "head") -> None:
    """Run the migrations that are missing up to a version, in the transaction of the connection."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, version)


@cache
def versions() -> tuple[str, ...]:
    """Give every version that the migrations lead to, the newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


async def differences(store: Store) -> list[object]:
    """Give what distinguishes the database from `tables.py`; nothing, if the migrations are complete."""
    async with store.read() as tx:
        return await tx.run_sync(_compare)


def _compare(connection: Connection) -> list[object]:
    opts = {"compare_type": True, "include_name": _is_ours}
    return list(compare_metadata(MigrationContext.configure(connection, opts=opts), everything))


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out the tables of the work engine, which makes them by itself (`hints`)."""
    return kind != "table" or name is None or not name.startswith("procrastinate_")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("service.store").joinpath("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
