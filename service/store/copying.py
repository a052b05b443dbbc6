"""A whole database as rows that both databases can read, table by table, and such rows as a whole database.

Values are in a form of their own (`Form`), so that what one database gave another takes, to the last byte: documents as
the text that was kept, moments to the microsecond. Which tables and columns there are is asked of the database, not of
`tables.py`: a backup may be made, and brought back, by a release that has other ones.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Connection, MetaData, func, inspect, select, table, types, update
from sqlalchemy import text as sql

from service.domain.errors import StoreError
from service.store import schema, statistics
from service.store.all_tables import everything
from service.store.dialect import TroubleError, Tx, hold_still, load, place, portable
from service.store.tables import VERSION, alembic_version, installation

LEFT_OUT = frozenset({"workers", "editor_sessions"})  # who was at work, and signed in, then and there
_MADE_BY_ITSELF = frozenset(
    {"installation", "horizon", "template_texts", "template_versions", "template_sets", "requests", "lanes"}
)
_STEP, _STEP_OF_FILES = 200, 10  # rows that are held at once; those of some tables are pictures
Rows = AsyncIterator[list[list[Any]]]


class Form(StrEnum):
    """The form in which a value travels: as JSON has it, and where JSON has no word for it as told here."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"  # 0 or 1
    DAY = "day"  # 2026-09-27
    INSTANT = "instant"  # 2026-09-27 05:00:00.000000, in UTC
    DOCUMENT = "document"  # the text of a JSON document, as it was kept
    BYTES = "bytes"  # in hexadecimal


_FORMS: tuple[tuple[type[types.TypeEngine[Any]], Form], ...] = (
    (types.JSON, Form.DOCUMENT),
    (types.Boolean, Form.FLAG),
    (types.DateTime, Form.INSTANT),
    (types.Date, Form.DAY),
    (types.Integer, Form.INTEGER),
    (types.Float, Form.NUMBER),
    (types.LargeBinary, Form.BYTES),
    (types.String, Form.TEXT),
)


@dataclass(frozen=True, slots=True)
class Described:
    """A table: its name, its columns with the form of each, and how many rows it has."""

    name: str
    columns: tuple[tuple[str, Form], ...]
    rows: int


async def described(tx: Tx) -> list[Described]:
    """Give every table of ours that goes along, in an order in which each row finds those that it points to."""
    found = []
    for one in await tx.run_sync(_reflected):
        if one.name not in LEFT_OUT:
            count = (await tx.execute(select(func.count()).select_from(one))).scalar_one()
            found.append(Described(one.name, tuple((column.name, _form(column)) for column in one.columns), count))
    return found


async def rows(tx: Tx, one: Described) -> Rows:
    """Give the rows of a table in their portable form, some at a time."""
    quote = tx.dialect.identifier_preparer.quote
    wanted = select(*(portable(tx, quote(name), form) for name, form in one.columns)).select_from(table(one.name))
    step = _STEP_OF_FILES if any(form is Form.BYTES for _, form in one.columns) else _STEP
    async with tx.stream(wanted.execution_options(yield_per=step)) as result:
        async for batch in result.partitions():
            yield [list(row) for row in batch]


async def still(tx: Tx) -> None:
    """Let nobody write to what is copied until this transaction ends."""
    quote = tx.dialect.identifier_preparer.quote
    await hold_still(tx, [quote(one.name) for one in await tx.run_sync(_reflected)])


async def has_content(tx: Tx) -> bool:
    """Say whether a database holds more than a first start puts into it."""
    made = _MADE_BY_ITSELF | LEFT_OUT
    for one in await tx.run_sync(_reflected):
        if one.name not in made and (await tx.execute(select(sql("1")).select_from(one).limit(1))).first():
            return True
    return False


async def clear(tx: Tx, revision: str) -> None:
    """Remove every table of ours, and make those of a version; raise StoreError for a version that is not known."""
    await tx.run_sync(_removed)
    await schema.reach(tx, revision)


async def fill(tx: Tx, one: Described, batches: Rows) -> None:
    """Put rows into a table; raise StoreError if the database refuses one, or if there are not as many as was said."""
    count = 0

    async def counted() -> Rows:
        nonlocal count
        async for batch in batches:
            yield batch
            count += len(batch)

    driver: Any = tx.dialect.dbapi
    try:
        await load(tx, one.name, list(one.columns), counted())
    except (TroubleError, driver.Error) as error:
        said = str(getattr(error, "orig", error)).strip().partition("\n")[0]
        raise StoreError(f"the database refuses a row of {one.name}: {said}") from error
    kept = (await tx.execute(select(func.count()).select_from(table(one.name)))).scalar_one()
    if not count == kept == one.rows:
        raise StoreError(f"{one.name} was to have {one.rows:,} rows, and {kept:,} of {count:,} are there")


async def finish(tx: Tx) -> None:
    """Run the migrations that a copy of an older version lacks, and have the database know what it holds now."""
    await schema.reach(tx, VERSION)
    await statistics.renew(tx)


async def hold(tx: Tx, reason: str, now: datetime) -> None:
    """Hold the post of a copy: nothing leaves before somebody says `resume`, and no machine takes it for older."""
    row = {"id": 1, "fingerprint": "", "epoch": 0, "paused_reason": ""}
    if (await tx.execute(select(installation.c.id))).first() is None:
        await tx.execute(installation.insert().values(row))
    await tx.execute(update(installation).values(paused_at=now, paused_reason=reason, epoch=_epoch(now)))


async def settle_here(tx: Tx, now: datetime) -> None:
    """Make a database the installation's own place: what was moved is no copy, whatever becomes of the old one."""
    await tx.execute(update(installation).values(fingerprint=await tx.run_sync(place), epoch=_epoch(now)))


def _epoch(now: datetime) -> int:
    """Give an epoch above any that a machine has counted, one start at a time (`delivery/worker.py`)."""
    return int(now.timestamp())


def _reflected(connection: Connection) -> Sequence[Any]:
    """Give the tables that are there, of those that are ours; not what the work engine makes by itself."""
    there = set(inspect(connection).get_table_names()) & set(everything.tables)
    found = MetaData()
    found.reflect(connection, only=sorted(there))
    return found.sorted_tables


def _removed(connection: Connection) -> None:
    for one in reversed(_reflected(connection)):
        one.drop(connection)
    if inspect(connection).has_table(alembic_version.name):
        connection.execute(sql(f"DROP TABLE {alembic_version.name}"))


def _form(column: Column[Any]) -> Form:
    for kind, form in _FORMS:
        if isinstance(column.type, kind):
            return form
    raise StoreError(f"{column.table.name}.{column.name} is of a type that no backup has a form for")
