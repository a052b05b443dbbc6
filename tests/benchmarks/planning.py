"""Planning one slot, beside a bare INSERT..SELECT of as many rows into the same table with the same indexes.

The peer knows nobody's wishes, makes no editions, and checks no foreign keys.
"""

import asyncio
import sqlite3
from pathlib import Path

from service.scheduling.planner import Planner
from service.store.dialect import Store
from tests.benchmarks import seed
from tests.benchmarks.harness import Report, Run, stopwatch

_COUNTS = (10_000, 100_000)
_COUNT_LARGE = 1_000_000
_GOAL = 0.5  # goal 11: at most twice the time
_BARE = """
INSERT OR IGNORE INTO notices (id, subscriber_id, kind, day, edition_id, lane, state, reason, due_at, expires_at,
  generation, attempts, doubts, code, words, created_at, finished_at)
SELECT printf('%012x', 1727413200000) || lower(hex(randomblob(10))), id, 'notice', '2024-09-27', 'edition', 1,
  'planned', '', '2024-09-27 05:00:00.000000', '2024-09-27 20:00:00.000000', 0, 0, 0, 0, '',
  '2024-09-27 05:00:00.000000', NULL
FROM subscribers WHERE status = 'active' AND zone = 'Asia/Yerevan' AND hour = '09:00'
"""
_MADE = "SELECT count(*) FROM notices WHERE state = 'planned'"


def measure(folder: Path, *, large: bool) -> Report:
    """Compare with ten and a hundred thousand readers in one slot, and a million if so asked."""
    report = Report()
    for count in (*_COUNTS, *((_COUNT_LARGE,) if large else ())):
        seeded, work = folder / f"readers{count}", folder / "run"
        seed.record(seeded, count)
        row = report.compare(
            f"planning one slot, {count:,} readers",
            "sqlite3 INSERT..SELECT",
            lambda seeded=seeded, work=work: _ours(seed.copied(seeded, work)),
            lambda seeded=seeded, work=work: _bare(seed.copied(seeded, work)),
            goal=_GOAL,
            warm_up=0,
            runs=5 if count < _COUNT_LARGE else 3,
        )
        assert {run.count for run in (*row.ours, *row.theirs)} == {count}
    return report


def _ours(path: Path) -> Run:
    async def planning() -> Run:
        store = Store(f"sqlite+aiosqlite:///{path}")
        planner = Planner(store, "bench")
        async with store.read():
            pass  # the connection is there
        with stopwatch() as watch:
            planned = await planner.plan(seed.NOW)
        await store.close()
        assert planned.notices == seed.rows_in(path, _MADE)
        return watch.run(planned.notices)

    return asyncio.run(planning())


def _bare(path: Path) -> Run:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    with stopwatch() as watch:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_BARE)
        connection.execute("COMMIT")
    connection.close()
    return watch.run(seed.rows_in(path, _MADE))
