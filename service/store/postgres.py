"""What each connection to PostgreSQL insists on, whatever the server's own settings are.

A commit is on the server's disk before it is told (`faults.md`, case 38); and a process that is stopped in the
middle of a transaction loses it, with its locks, after a while, so that others can take over (case 61).
"""

from typing import Any

from sqlalchemy import Engine, event

from service.observability import log

BROKEN = frozenset({"XX001", "XX002", "58030"})  # data corrupted, index corrupted, I/O error
_IDLE_SECONDS = 30
MAY_BE_IDLE = "SET LOCAL idle_in_transaction_session_timeout = '15min'"  # a section that nobody else is to be in
_WEAK = ("off", "local")


def insist(engine: Engine) -> None:
    """Have each new connection of an engine begin so."""
    event.listen(engine, "connect", _begin)


def _begin(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = '{_IDLE_SECONDS}s'")
    cursor.execute("SHOW synchronous_commit")
    ((told,),) = cursor.fetchall()
    if told in _WEAK:
        cursor.execute("SET synchronous_commit = on")
        log.warning("synchronous_commit_was_weak", server=told, ours="on")
    cursor.close()
    connection.commit()
