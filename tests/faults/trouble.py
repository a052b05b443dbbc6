"""A database that refuses changes of notices for as long as a test wants, and says why in its own way.

On SQLite the disk is full (`disk`). On PostgreSQL a trigger raises the condition of any SQLSTATE, at every change or
at the first few, counted by a sequence, which no rollback turns back.
"""

import psycopg
from sqlalchemy import make_url

from tests.faults.disk import Disk

DISK_FULL, DAMAGED, NOT_SERIALIZABLE, DEADLOCK = "53100", "XX001", "40001", "40P01"
_TRIGGER = """
CREATE TABLE trouble (state TEXT, code TEXT, most BIGINT);
CREATE SEQUENCE troubles;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE given trouble;
BEGIN
  SELECT * INTO given FROM trouble WHERE state IN ('', NEW.state) LIMIT 1;
  IF FOUND AND nextval('troubles') <= given.most THEN
    RAISE EXCEPTION 'as the test wants' USING ERRCODE = given.code;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON notices FOR EACH ROW EXECUTE FUNCTION refuse();
"""


class Trouble:
    """Trouble with changes of notices: `ready` once the tables are there, then `begin` and `end`."""

    def __init__(self, url: str) -> None:
        self._disk = Disk(url) if url.startswith("sqlite") else None
        self._url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)

    async def ready(self) -> None:
        """Put in what makes the trouble."""
        if self._disk:
            await self._disk.ready()
        else:
            await self._do(_TRIGGER)

    async def begin(self, state: str = "", code: str = DISK_FULL, most: int = 2**62) -> None:
        """From now on refuse changes to that state (or any), the first so many; SQLite knows only full disks."""
        if self._disk:
            assert (code, most) == (DISK_FULL, 2**62), "SQLite can only be full"
            await self._disk.fill(state)
        else:
            await self._do("INSERT INTO trouble VALUES (%s, %s, %s)", state, code, most)

    async def end(self) -> None:
        """From now on everything is as before."""
        if self._disk:
            await self._disk.free()
        else:
            await self._do("DELETE FROM trouble")

    async def _do(self, statement: str, *values: object) -> None:
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            await connection.execute(statement.encode(), values or None)
