"""Which SQLite is used, and whether its write-ahead log can be trusted.

The wheel `pysqlite3` brings a current library; where it does not install, the one of Python serves. SQLite 3.7.0
to 3.51.2 may lose a commit in WAL mode when several connections write and one of them resets the log
(`faults.md`, case 35; mended in 3.51.3, 3.50.7 and 3.44.6): such a library keeps a rollback journal instead,
which is slower and sound.
"""

from collections.abc import AsyncIterator
from types import ModuleType
from typing import Any

import aiosqlite
from sqlalchemy import Engine, column, event, table
from sqlalchemy.dialects.sqlite.aiosqlite import AsyncAdapt_aiosqlite_dbapi
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from service.store.driver import driver_of

try:
    from pysqlite3 import dbapi2 as driver
except ImportError:  # no wheel for this machine
    from sqlite3 import dbapi2 as driver

__all__ = [
    "PORTABLE",
    "begin",
    "driver",
    "keeps_a_sound_log",
    "load",
    "pragmas",
    "prepare",
    "settle",
    "shrink",
    "take_transactions",
    "version",
    "waiting_driver",
]

_MENDED = (3, 51, 3)
_MENDED_BRANCHES: dict[tuple[int, ...], int] = {(3, 50): 7, (3, 44): 6}
_ALWAYS = (
    "synchronous=FULL",  # no acknowledged commit is lost with the power (faults.md, 34)
    "foreign_keys=ON",
    "trusted_schema=OFF",
    "secure_delete=ON",  # what was erased is overwritten: its bytes are in no part of the file (case 107)
)
_SHRINK = "PRAGMA incremental_vacuum(200)"  # pages of 4 kB: some milliseconds, between which others write
BUSY_MILLISECONDS = 10_000
_SETTLE_SECONDS = 0.5  # the log is emptied another time rather than that anybody waits
_BEGIN = "BEGIN IMMEDIATE"
PORTABLE = {"bytes": "lower(hex({}))"}  # all else it keeps in that form
_LOADING = "PRAGMA cache_size=-65536"  # kB, while every index of a table grows at once
# The library's own, where aiosqlite would hand on those of Python's library.
_OF_THE_LIBRARY = (
    "DatabaseError",
    "Error",
    "IntegrityError",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
    "sqlite_version",
    "sqlite_version_info",
)


def version() -> tuple[int, ...]:
    """Give the version of the library."""
    return tuple(map(int, driver.sqlite_version.split(".")))


def keeps_a_sound_log(version: tuple[int, ...]) -> bool:
    """Say whether a version of the library may be used with a write-ahead log."""
    return version >= _MENDED or version[2] >= _MENDED_BRANCHES.get(version[:2], 1000)


def pragmas(version: tuple[int, ...]) -> tuple[str, ...]:
    """Give what each new connection is told."""
    journal = "WAL" if keeps_a_sound_log(version) else "DELETE"
    return (f"busy_timeout={BUSY_MILLISECONDS}", f"journal_mode={journal}", *_ALWAYS)


def waiting_driver() -> Any:
    """Give the same library as SQLAlchemy's asyncio side wants it: aiosqlite's threads around our connections."""

    def connect(database: str, **options: Any) -> aiosqlite.Connection:
        return aiosqlite.Connection(lambda: driver.connect(database, **options), iter_chunk_size=64)

    threads: Any = ModuleType("aiosqlite")
    vars(threads).update(vars(driver) | vars(aiosqlite) | {name: getattr(driver, name) for name in _OF_THE_LIBRARY})
    threads.connect = connect
    return AsyncAdapt_aiosqlite_dbapi(threads, driver)


def take_transactions(engine: Engine) -> None:
    """Take transactions out of the driver's hands, which would begin them only at the first write."""
    prepare(engine)
    event.listen(engine, "begin", _begin)


def prepare(engine: Engine) -> None:
    """Tell each new connection what it must know. Its transactions are begun by `begin`."""
    event.listen(engine, "connect", _prepare)


def begin(connection: Connection) -> None:
    """Begin a group's transaction; SQLAlchemy takes the same way in 34 microseconds, of which this leaves seven."""
    with driver_of(connection, _BEGIN) as driver:
        driver.execute(_BEGIN)


def settle(path: str) -> bool:
    """Have the file hold everything and empty the log, in which removed rows stand; False if somebody reads it."""
    connection = driver.connect(path, timeout=_SETTLE_SECONDS)
    try:
        return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        connection.close()


async def shrink(tx: AsyncConnection) -> None:
    """Give some unused pages back to the disk."""
    driver: Any = (await tx.get_raw_connection()).driver_connection
    await driver.execute_fetchall(_SHRINK)  # each page is a step: a statement that is only begun frees one


async def load(
    tx: AsyncConnection, into: str, columns: list[tuple[str, str]], batches: AsyncIterator[list[list[Any]]]
) -> None:
    """Put rows in their portable form into a table."""
    places = [place for place, (_, form) in enumerate(columns) if form == "bytes"]
    names = [name for name, _ in columns]
    inserting = table(into, *map(column, names)).insert()
    await tx.exec_driver_sql(_LOADING)
    async for rows in batches:
        for row in rows if places else ():
            for place in places:
                row[place] = None if row[place] is None else bytes.fromhex(row[place])
        await tx.execute(inserting, [dict(zip(names, row, strict=True)) for row in rows])


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA page_count")
    if not cursor.fetchone()[0]:  # of a new file alone: elsewhere it does nothing but wait for whoever writes
        cursor.execute("PRAGMA auto_vacuum=INCREMENTAL")
    for pragma in pragmas(version()):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    """Take the write lock at the start: a read that later writes would lose what came between."""
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else _BEGIN)
