"""What differs between SQLite and PostgreSQL, all of it: connecting, beginning, identifiers, conflicts.

A transaction opens and ends at the edge, in `Store.write()` or `Store.read()`; everything below takes
the `Tx` that it is given and never commits.
"""

import asyncio
import fcntl
import secrets
import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TextIO, TypeVar

from sqlalchemy import (
    DateTime,
    Dialect,
    Double,
    Executable,
    Table,
    TypeDecorator,
    cast,
    extract,
    func,
    literal,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from service.store import engines, postgres
from service.store import sqlite as library
from service.store.groups import Groups

Tx = AsyncConnection
TroubleError = DBAPIError  # what the database says when it cannot: busy, full, gone, damaged
GroupTx = Connection  # the same of a group, in the thread of the groups

_LOCK_POLL_SECONDS = 0.05
T = TypeVar("T")


class Store:
    """A database: gives transactions, one for each edge, and is closed at the end."""

    def __init__(self, url: str) -> None:
        """Take a URL of the allowed forms; raise InvalidError for any other. A file is made, and nothing opened yet."""
        address = engines.parsed_url(url)
        self.file = engines.file_of(url)
        self.embedded = bool(self.file)
        engines.make_file(self.file)
        self._engine = engines.waiting(address)
        self._groups = Groups(engines.grouping(address), library.begin if self.embedded else postgres.begin)
        # SQLite has one writer: waiting for the lock in order is fairer than polling for it.
        self._turn: AbstractAsyncContextManager[Any] = asyncio.Lock() if self.embedded else nullcontext()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Tx]:
        """Open a transaction that may write; it commits at the end, and rolls back on an error."""
        async with self._turn, self._engine.begin() as tx:
            yield tx

    async def group(self, work: Callable[[GroupTx], T]) -> T:
        """Do the work of many at once, in one transaction that may write: one commit, and one hop to its thread.

        What the post does for each letter goes this way; an await for each statement would cost more than all of
        them. Cancelled, it still waits for the end of what has begun.
        """
        async with self._turn:
            return await self._groups.do(work)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Tx]:
        """Open a transaction that only reads, with one view of the data to its end."""
        async with self._engine.connect() as connection:
            tx = await connection.execution_options(read_only=True)
            async with tx.begin():
                yield tx

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Tx]:
        """Open a transaction that sees to its end what had been committed when it first read; others go on writing."""
        level = {} if self.embedded else {"isolation_level": "REPEATABLE READ"}
        async with self._engine.connect() as connection:
            tx = await connection.execution_options(read_only=True, **level)
            async with tx.begin():
                if not self.embedded:
                    await tx.execute(text(postgres.MAY_BE_IDLE))
                yield tx

    @asynccontextmanager
    async def alone(self, name: str) -> AsyncIterator[None]:
        """Wait until nobody else, in any process, is in the section of that name; the holder's death frees it.

        Losing it would be harmless: what it spares is work done twice.
        """
        if self.embedded:
            path = f"{self._engine.url.database}.{name}.lock"
            with Path(path).open("a") as file:  # noqa: ASYNC230  (a local file of no size)
                while not _locked(file):  # noqa: ASYNC110  (another process holds it: there is no event)
                    await asyncio.sleep(_LOCK_POLL_SECONDS)
                yield
            return
        # Held by a transaction of its own, which a pool of connections cannot lose (`faults.md`, case 41).
        locking = select(func.pg_try_advisory_xact_lock(zlib.crc32(name.encode())))
        async with self._engine.begin() as tx:
            await tx.execute(text(postgres.MAY_BE_IDLE))
            while not (await tx.execute(locking)).scalar_one():  # noqa: ASYNC110
                await asyncio.sleep(_LOCK_POLL_SECONDS)
            yield

    async def settle(self) -> bool:
        """Leave no trace of removed rows in SQLite's log; False if that has to wait, since somebody reads.

        PostgreSQL keeps them until it vacuums, which is its own affair (see the README on erasing).
        """
        if not self.embedded:
            return True
        return await asyncio.to_thread(library.settle, str(self._engine.url.database))

    async def shrink(self) -> bool:
        """Give some pages of a SQLite file that are not used any more back to the disk; False if there are none.

        PostgreSQL does so by itself.
        """
        if not self.embedded:
            return False
        async with self.write() as tx:
            before = (await tx.exec_driver_sql("PRAGMA freelist_count")).scalar_one()
            await library.shrink(tx)
            return bool((await tx.exec_driver_sql("PRAGMA freelist_count")).scalar_one() < before)

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()
        await asyncio.to_thread(self._groups.close)


def _locked(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def one_at_a_time(tx: Tx, name: str) -> None:
    """Let no other transaction into the section of that name until this one ends; SQLite has one writer anyhow."""
    if tx.dialect.name != "sqlite":
        await tx.execute(select(func.pg_advisory_xact_lock(zlib.crc32(name.encode()))))


async def beside_others(tx: Tx, name: str) -> None:
    """Keep the section of that name closed to `one_at_a_time` until this transaction ends; others like it come in."""
    if tx.dialect.name != "sqlite":
        await tx.execute(select(func.pg_advisory_xact_lock_shared(zlib.crc32(name.encode()))))


def is_broken(error: TroubleError) -> bool:
    """Say whether a database is damaged, so that nothing more may be written (`faults.md`, case 33)."""
    if getattr(error.orig, "sqlstate", None) in postgres.BROKEN:
        return True
    return any(words in str(error.orig) for words in ("malformed", "disk I/O error", "not a database"))


def is_of_data(error: TroubleError) -> bool:
    """Say whether it is the data that a database refuses, as it will at every try; not its own state."""
    return isinstance(error, (DataError, IntegrityError))


def lease_now(tx: Tx | GroupTx, boot_seconds: float) -> Any:
    """Give the present of leases, in seconds, for a statement: told by a clock that nobody turns.

    On PostgreSQL that is the server's; with SQLite, which is one machine's, the time since that was started.
    """
    if tx.dialect.name == "sqlite":
        return literal(boot_seconds, Double)
    return cast(extract("epoch", func.clock_timestamp()), Double)


async def server_clock(tx: Tx) -> datetime | None:
    """Give the time of the database's machine; None for SQLite, which is on ours."""
    if tx.dialect.name == "sqlite":
        return None
    return datetime.fromtimestamp((await tx.execute(text("SELECT extract(epoch FROM now())::float"))).scalar_one(), UTC)


async def unsound(tx: Tx) -> str:
    """Give what SQLite finds damaged in its file, "" if nothing is; PostgreSQL is asked by its own tools."""
    if tx.dialect.name != "sqlite":
        return ""
    said = (await tx.exec_driver_sql("PRAGMA quick_check(1)")).scalar_one()
    return "" if said == "ok" else str(said)


def place(tx: GroupTx) -> str:
    """Give what tells this database from a copy of it that lies elsewhere."""
    if tx.dialect.name == "sqlite":
        machine = Path("/etc/machine-id")
        name = machine.read_text().strip() if machine.is_file() else ""
        return f"file {Path(tx.engine.url.database or '').stat().st_ino} {name}".strip()
    found = "SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database())"
    return "cluster {} {}".format(*tx.execute(text(f"{found} FROM pg_control_system()")).one())


def portable(tx: Tx, column: str, form: str) -> Any:
    """Give a column by its quoted name as both databases can read it (`copying.Form`)."""
    forms = library.PORTABLE if tx.dialect.name == "sqlite" else postgres.PORTABLE
    return literal_column(forms.get(form, "{}").format(column))


async def load(tx: Tx, into: str, columns: list[tuple[str, str]], batches: AsyncIterator[list[list[Any]]]) -> None:
    """Put rows in their portable form into a table, as fast as the database takes them."""
    loading = library.load if tx.dialect.name == "sqlite" else postgres.load
    await loading(tx, into, columns, batches)


async def hold_still(tx: Tx, tables: list[str]) -> None:
    """Let nobody write to tables, by their quoted names, until this transaction ends; SQLite has one writer anyhow."""
    if tx.dialect.name != "sqlite":
        await tx.execute(text(postgres.MAY_BE_IDLE))
        await tx.execute(text(f"LOCK TABLE {', '.join(tables)} IN SHARE MODE"))


def insert_or_ignore(tx: Tx | GroupTx, table: Table) -> Any:
    """Begin an INSERT that leaves a row alone whose unique key is there already; its `rowcount` counts new ones."""
    return _inserting(tx, table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def insert_or_update(tx: Tx | GroupTx, table: Table, values: dict[str, Any], key: tuple[str, ...]) -> Executable:
    """Build an INSERT of one row that overwrites the row with the same key."""
    changed = {name: _excluded(table)[name] for name in values if name not in key}
    built: Executable = _inserting(tx, table).values(values).on_conflict_do_update(index_elements=[*key], set_=changed)
    return built


def insert_or_renew(tx: Tx, table: Table, rows: tuple[list[str], Any], key: tuple[str, ...], only: Any) -> Any:
    """Build an INSERT of selected rows that overwrites those with the same key of which `only` is true."""
    changed = {name: _excluded(table)[name] for name in rows[0] if name not in (*key, "id", "generation")}
    inserting = _inserting(tx, table).from_select(*rows).execution_options(preserve_rowcount=True)
    return inserting.on_conflict_do_update(index_elements=list(key), set_=changed, where=only)


def insert_or_add(tx: Tx | GroupTx, table: Table, values: dict[str, Any], key: tuple[str, ...], counter: str) -> Any:
    """Build an INSERT of one row that adds to the counter of the row with the same key."""
    changed = {counter: table.c[counter] + _excluded(table)[counter]}
    return _inserting(tx, table).values(values).on_conflict_do_update(index_elements=list(key), set_=changed)


def _inserting(tx: Tx | GroupTx, table: Table) -> Any:
    return sqlite.insert(table) if tx.dialect.name == "sqlite" else postgresql.insert(table)


@cache
def _excluded(table: Table) -> Any:
    return table.alias("excluded").c  # the row that was to be inserted; a statement would make all of them anew


class Instant(TypeDecorator[datetime]):
    """A moment, always with UTC: PostgreSQL keeps the zone, SQLite the naive time of it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn to UTC; a moment without a zone is an error of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give the moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id() -> str:
    """Give a new identifier: 32 hex digits in the order of time, to the microsecond.

    The layout is that of UUIDv7 (RFC 9562, 6.2, method 3) without its version bits.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    return f"{milliseconds:012x}{rest * 2**20 // 1_000_000:05x}{secrets.randbits(60):015x}"


def id_at(moment: datetime) -> str:
    """Give the least identifier of those made since a moment: with `id >=` it, the key finds them."""
    return f"{int(moment.timestamp() * 1000):012x}"
