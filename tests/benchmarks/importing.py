"""Bringing subscribers in from CSV, beside the bare csv module with sqlite3 executemany into the same tables.

The peer checks nothing and asks for nothing: it writes the same rows of both tables, a thousand in each
transaction. Both are processes of their own, so that each one's memory is its own.
"""

import asyncio
import csv
import json
import sqlite3
import sys
from itertools import islice
from pathlib import Path

from service.actions.bringing import Tally, bring
from service.actions.subscriber_checks import Asked
from service.actions.subscriber_rows import chunks
from service.actions.subscriber_sources import checked
from service.store import events
from tests.benchmarks import seed
from tests.benchmarks.harness import Report, Run, child, stopwatch
from tests.benchmarks.sender import peak_megabytes

_ROWS = 20_000
_MEMORY = (10_000, 100_000)
_FLAT = 1.2
_COLUMNS = ("email", "language", "zone", "hour", "collections", "lead_days", "cadence", "confirmed_at")
_READER = (
    "INSERT OR IGNORE INTO subscribers (id, address, address_key, language, zone, hour, cadence, status, source,"
    " moved, created_at, confirmed_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'active', 'import', 1, ?, ?)"
)
_WISH = (
    "INSERT OR IGNORE INTO subscriptions (id, subscriber_id, target, lead_days, created_at, confirmed_at)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)


def measure(folder: Path, *, large: bool) -> Report:
    """Compare, and measure whether memory grows with the file."""
    seeded, work = folder / "empty", folder / "run"
    seed.record(seeded)

    def measured(who: str, rows: int) -> dict[str, float]:
        seed.copied(seeded, work)
        done = child("importing", who, work, _file(folder, rows))
        assert done["count"] == rows, done
        return done

    def run_of(who: str) -> Run:
        done = measured(who, _ROWS)
        return Run(int(done["count"]), done["seconds"], done["cpu"])

    report = Report()
    report.compare(
        f"importing {_ROWS:,} subscribers",
        "csv + sqlite3 executemany",
        lambda: run_of("ours"),
        lambda: run_of("peer"),
        warm_up=0,
    )
    peaks = [measured("ours", rows)["peak"] for rows in _MEMORY]
    verdict = "flat" if peaks[1] <= peaks[0] * _FLAT else "NOT flat"
    told = ", ".join(f"{rows:,} rows {peak:.0f} MB" for rows, peak in zip(_MEMORY, peaks, strict=True))
    report.facts.append(f"Most memory of an importing process: {told}: {verdict}.")
    return report


def _file(folder: Path, rows: int) -> Path:
    path = folder / f"{rows}.csv"
    if not path.exists():
        with path.open("w", encoding="utf-8", newline="") as target:
            writer = csv.writer(target)
            writer.writerow(_COLUMNS)
            for number in range(rows):
                habit = (("en", "hy")[number % 2], "Asia/Yerevan", f"{number % 24}")
                wishes = ("artsakh un-remembrance", "0", "daily", "2024-01-01T00:00:00Z")
                writer.writerow((f"reader{number}@example.org", *habit, *wishes))
    return path


async def _import(folder: Path, path: Path) -> int:
    """Do what `remembrancer subscribers import` does."""
    app = seed.app_in(folder)
    tally = Tally()
    async with app.store.read() as tx:
        targets = await events.targets(tx)
    with checked(path, Asked(app.languages.codes, targets, seed.NOW)) as (spool, _):
        for chunk in chunks(spool):
            async with app.store.write() as tx:
                await bring(tx, app.desk, chunk, tally, seed.NOW)
    await app.close()
    return tally.confirmed


def _import_bare(folder: Path, path: Path) -> int:
    connection = sqlite3.connect(seed.database_of(folder))
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    number = 0
    with path.open(encoding="utf-8", newline="") as source:
        reader = csv.DictReader(source)
        while chunk := list(islice(reader, 1000)):
            people, wishes = [], []
            for row in chunk:
                number += 1
                id_, address, at = f"{number:032x}", row["email"], row["confirmed_at"]
                habit = (row["language"], row["zone"], row["hour"], row["cadence"])
                people.append((id_, address, address.lower(), *habit, at, at))
                for place, target in enumerate(row["collections"].split()):
                    wishes.append((f"{place}{id_[1:]}", id_, f"collection:{target}", row["lead_days"], at, at))
            with connection:
                connection.executemany(_READER, people)
                connection.executemany(_WISH, wishes)
    connection.close()
    return number


def _child(who: str, folder: str, path: str) -> None:
    with stopwatch() as watch:
        if who == "ours":
            asyncio.run(_import(Path(folder), Path(path)))
        else:
            _import_bare(Path(folder), Path(path))
    connection = sqlite3.connect(seed.database_of(Path(folder)))
    people, wishes = (connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in _TABLES)  # noqa: S608
    assert wishes == 2 * people
    print(json.dumps({"count": people, "seconds": watch.seconds, "cpu": watch.cpu, "peak": peak_megabytes()}))


_TABLES = ("subscribers", "subscriptions")

if __name__ == "__main__":
    _child(*sys.argv[1:])
