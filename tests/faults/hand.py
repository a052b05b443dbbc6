"""A hand on a SQLite file, in a process of its own: it does one thing, and undoes it when standard input ends.

python -m tests.faults.hand hold|ballast|fill|free|spoil FILE [TABLE]
"""

import sqlite3 as driver
import sys
from contextlib import closing
from pathlib import Path
from typing import IO

_PATIENCE_SECONDS = 60.0
# As long as `fullness` has a row, every change of a notice needs more pages than the file may have.
_BALLAST = """
CREATE TABLE ballast (octets BLOB);
CREATE TABLE fullness (full INTEGER);
CREATE TRIGGER heavy AFTER UPDATE ON notices WHEN EXISTS (SELECT 1 FROM fullness)
BEGIN INSERT INTO ballast VALUES (zeroblob(50000000)); END;
"""


def _told(what: str, file: Path, words: list[str]) -> None:
    """Do one thing to the file, say so, and undo it when standard input ends."""
    with closing(driver.connect(file, isolation_level=None, timeout=_PATIENCE_SECONDS)) as connection:
        match what:
            case "hold":
                connection.execute("BEGIN IMMEDIATE")
            case "ballast":
                connection.executescript(_BALLAST)
            case "fill":
                connection.execute("INSERT INTO fullness VALUES (1)")
            case "free":
                connection.execute("DELETE FROM fullness")
            case "spoil":
                place = _page_of(connection, words[0])
        if what != "spoil":
            _say_and_wait()
            return
    with file.open("r+b") as octets:
        before = _replaced(octets, place, b"\xa5" * place[1])
        _say_and_wait()
        _replaced(octets, place, before)


def _page_of(connection: driver.Connection, table: str) -> tuple[int, int]:
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table]).fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return (page - 1) * size, size


def _replaced(octets: IO[bytes], place: tuple[int, int], by: bytes) -> bytes:
    octets.seek(place[0])
    before: bytes = octets.read(place[1])
    octets.seek(place[0])
    octets.write(by)
    octets.flush()
    return before


def _say_and_wait() -> None:
    print("done", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    _told(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
