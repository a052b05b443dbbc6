"""What each connection to PostgreSQL insists on, whatever the server's own settings are.

A commit is on the server's disk before it is told (`faults.md`, case 38); and a process that is stopped in the
middle of a transaction loses it, with its locks, after a while, so that others can take over (case 61).
"""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import ConnectionPoolEntry

from service.observability import log

BROKEN = frozenset({"XX001", "XX002", "58030"})  # data corrupted, index corrupted, I/O error
FULL = "53100"  # disk full
GROUP_IDLE_SECONDS = 10  # shorter than a lease: whoever waits for what a lost worker locked is no worker late itself
IDLE_SECONDS = 60
MAY_BE_IDLE = "SET LOCAL idle_in_transaction_session_timeout = '15min'"  # a section that nobody else is to be in
PORTABLE = {  # whatever the session's DateStyle, time zone and bytea_output are
    "bytes": "encode({}, 'hex')",
    "day": "to_char({}, 'YYYY-MM-DD')",
    "document": "CAST({} AS text)",
    "flag": "CAST({} AS integer)",
    "instant": "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
}
_READ = {"bytes": "\\x{}".format, "instant": "{}+00".format}
_WEAK = ("off", "local")
_WEAK_HERE = "commits are weak"


def asking(url: URL, idle_seconds: int) -> URL:
    """Give the URL with what is asked for at the start: no statement that a pool of sessions would hand on."""
    own = url.query.get("options", "")
    asked = f"{own} -c idle_in_transaction_session_timeout={idle_seconds}s".strip()
    return url.update_query_dict({"options": asked})


def insist(engine: Engine) -> None:
    """Have each transaction of an engine wait for its commit, where the server would not by itself."""
    event.listen(engine, "connect", _ask)
    event.listen(engine, "begin", _begin)


def begin(connection: Connection) -> None:
    """Begin a group's transaction: the driver does so by itself, with its first statement."""
    if connection.info.get(_WEAK_HERE):
        connection.begin()


def _ask(connection: Any, record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("SELECT current_setting('synchronous_commit'), pg_backend_pid()")
    ((told, session),) = cursor.fetchall()
    cursor.close()
    connection.rollback()
    driver = getattr(connection, "driver_connection", connection)
    if session != driver.info.backend_pid:
        # A pooler in between gives each transaction any session, which does not know what another prepared.
        driver.prepare_threshold = None
        log.info("pooler_found", prepares="no")
    record.info[_WEAK_HERE] = told in _WEAK
    if told in _WEAK:
        log.info("synchronous_commit_is_weak", server=told, ours="on")


def _begin(connection: Connection) -> None:
    if connection.info.get(_WEAK_HERE):
        connection.exec_driver_sql("SET LOCAL synchronous_commit = on")


async def load(
    tx: AsyncConnection, into: str, columns: list[tuple[str, str]], batches: AsyncIterator[list[list[Any]]]
) -> None:
    """Put rows in their portable form into a table, by COPY."""
    changed = [(place, _READ[form]) for place, (_, form) in enumerate(columns) if form in _READ]
    quote = tx.dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name, _ in columns)
    driver: Any = (await tx.get_raw_connection()).driver_connection
    async with driver.cursor() as cursor, cursor.copy(f"COPY {quote(into)} ({names}) FROM STDIN") as copy:
        async for rows in batches:
            for row in rows:
                for place, read in changed:
                    if row[place] is not None:
                        row[place] = read(row[place])
                await copy.write_row(row)
