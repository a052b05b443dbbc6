"""The tables of the work engine, which hold hints only, and how a transaction tells other processes of work."""

import hashlib
from collections.abc import Awaitable, Callable, Iterable

from sqlalchemy import text

from service.domain.errors import StoreError
from service.domain.work import Work
from service.store.dialect import Store, Tx

Announce = Callable[[Tx, Iterable[Work]], Awaitable[None]]
"""Tell other processes of work once the transaction commits; the last thing that the transaction does."""

_MARK = text("SELECT obj_description(to_regclass('procrastinate_jobs'), 'pg_class')")
_REMOVE = r"""
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT oid::regclass AS name FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname LIKE 'procrastinate\_%'
    LOOP EXECUTE format('DROP TABLE IF EXISTS %s CASCADE', one.name); END LOOP;
    FOR one IN SELECT oid::regprocedure AS name FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'procrastinate\_%'
    LOOP EXECUTE format('DROP FUNCTION IF EXISTS %s CASCADE', one.name); END LOOP;
    FOR one IN SELECT oid::regtype AS name FROM pg_type
        WHERE typnamespace = current_schema()::regnamespace AND typname LIKE 'procrastinate\_%'
    LOOP EXECUTE format('DROP TYPE IF EXISTS %s CASCADE', one.name); END LOOP;
END
$$
"""


async def nobody(_tx: Tx, _works: Iterable[Work]) -> None:
    """Tell nobody: every process looks for itself."""


async def ensure(store: Store, script: str) -> bool:
    """Make the work engine's tables by its own script; gives whether that was needed.

    Tables made by another version's script are removed and made anew: what they hold are hints, which the other
    tables bear out, so no migration of theirs has to be run. Processes of the older version that still run go
    on by looking for themselves. Raise StoreError on SQLite.
    """
    if store.embedded:
        raise StoreError("The work engine needs PostgreSQL.")
    mark = hashlib.sha256(script.encode()).hexdigest()
    async with store.read() as tx:
        if (await tx.execute(_MARK)).scalar() == mark:
            return False
    async with store.alone("schema"), store.write() as tx:
        if (await tx.execute(_MARK)).scalar() == mark:
            return False
        for words in (_REMOVE, script, f"COMMENT ON TABLE procrastinate_jobs IS '{mark}'"):
            # Without parameters a script of many statements goes in one, and its percent signs mean themselves.
            await tx.exec_driver_sql(words, execution_options={"no_parameters": True})
    return True
