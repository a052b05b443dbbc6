"""What each connection to PostgreSQL insists on, whatever the server's own settings are.

A commit is on the server's disk before it is told (`faults.md`, case 38); and a process that is stopped in the
middle of a transaction loses it, with its locks, after a while, so that others can take over (case 61).
"""

from typing import Any

from sqlalchemy import URL, Engine, event

from service.observability import log

BROKEN = frozenset({"XX001", "XX002", "58030"})  # data corrupted, index corrupted, I/O error
_IDLE_SECONDS = 30
MAY_BE_IDLE = "SET LOCAL idle_in_transaction_session_timeout = '15min'"  # a section that nobody else is to be in
_WEAK = ("off", "local")


def asking(url: URL) -> URL:
    """Give the URL with what is asked for at the start: no statement that a pool of sessions would hand on."""
    own = url.query.get("options", "")
    asked = f"{own} -c idle_in_transaction_session_timeout={_IDLE_SECONDS}s".strip()
    return url.update_query_dict({"options": asked})


def insist(engine: Engine) -> None:
    """Have each new connection of an engine see to it that commits are waited for."""
    event.listen(engine, "connect", _see_to_commits)


def _see_to_commits(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("SHOW synchronous_commit")
    ((told,),) = cursor.fetchall()
    if told in _WEAK:
        cursor.execute("SET synchronous_commit = on")
        log.warning("synchronous_commit_was_weak", server=told, ours="on")
    cursor.close()
    connection.commit()
