"""Planning one slot, beside a bare INSERT..SELECT of as many rows into the same table with the same indexes.

The peer knows nobody's wishes, makes no editions, and checks no foreign keys; ours renders them too. And what a
minute costs in which nothing is due, with few and with many rules and readers.
"""

import asyncio
import sqlite3
import statistics
import time
from dataclasses import replace
from pathlib import Path

from service.scheduling.planner import Planned, Planner
from service.store.dialect import Store
from tests.benchmarks import seed
from tests.benchmarks.harness import Report, Run, stopwatch

_COUNTS = (10_000, 100_000)
_COUNT_LARGE = 1_000_000
_GOAL = 0.5  # goal 11: at most twice the time
_FIRST_SECONDS = 1.0  # goal 12
_DUE_GROWTH = 1 / 3  # goal 13: at most three times as long with a hundred times as many rules
_TICKS = 50
_BARE = """
INSERT OR IGNORE INTO notices (id, subscriber_id, kind, day, edition_id, lane, state, reason, due_at, expires_at,
  generation, attempts, doubts, crashes, code, words, created_at, finished_at)
SELECT printf('%012x', 1727413200000) || lower(hex(randomblob(10))), id, 'notice', '2024-09-27', 'edition', 1,
  'ready', '', '2024-09-27 05:00:00.000000', '2024-09-27 20:00:00.000000', 0, 0, 0, 0, 0, '',
  '2024-09-27 05:00:00.000000', NULL
FROM subscribers WHERE status = 'active' AND zone = 'Asia/Yerevan' AND hour = '09:00'
"""
_MADE = "SELECT count(*) FROM notices WHERE state IN ('planned', 'ready')"
_EVENT = (
    "INSERT INTO events SELECT ?, collection_id, position, tone, version, document, updated_at FROM events WHERE id = ?"
)
_RULE = "INSERT INTO rules SELECT ?, ?, position, document, '2099-01-01' FROM rules WHERE event_id = ? LIMIT 1"


def measure(folder: Path, *, large: bool) -> Report:
    """Compare with ten and a hundred thousand readers in one slot, and a million if so asked."""
    report = Report()
    counts = (*_COUNTS, *((_COUNT_LARGE,) if large else ()))
    for count in counts:
        seeded, work = folder / f"readers{count}", folder / "run"
        seed.record(seeded, count)
        firsts: list[float] = []
        row = report.compare(
            f"planning one slot, {count:,} readers",
            "sqlite3 INSERT..SELECT",
            lambda seeded=seeded, work=work, firsts=firsts: _ours(seed.copied(seeded, work), firsts),
            lambda seeded=seeded, work=work: _bare(seed.copied(seeded, work)),
            goal=_GOAL if count > _COUNTS[0] else None,  # ours renders too: of few, that is most of it
            warm_up=0,
            runs=5 if count < _COUNT_LARGE else 3,
        )
        assert {run.count for run in (*row.ours, *row.theirs)} == {count}
        first = statistics.median(firsts)
        said = "met" if first < _FIRST_SECONDS else "MISSED"
        report.facts.append(
            f"From due to the first ready notice of {count:,} readers: {first:.2f} s (goal 12: < 1 s {said})"
        )
    few, many = folder / "few", folder / f"readers{counts[-1]}"
    seed.record(few, 10_000)
    _add_rules(few, 20_000)
    _add_rules(many, 2_000_000 if large else 200_000)
    row = report.compare(
        f"due check, nothing due: {2_000_000 if large else 200_000:,} rules, {counts[-1]:,} readers",
        "ours with 20,000 rules, 10,000 readers",
        lambda: _ticks(seed.database_of(many)),
        lambda: _ticks(seed.database_of(few)),
        goal=_DUE_GROWTH,
    )
    each = statistics.median(1000 / run.rate for run in row.ours)
    report.facts.append(f"A due check with nothing due takes {each:.1f} ms (goal 13: 1 ms)")
    return report


def _add_rules(folder: Path, count: int) -> None:
    """Add events like the seed's, two rules each, whose next days are far off."""
    ids = [f"copy{number}" for number in range(count // 2)]
    connection = sqlite3.connect(seed.database_of(folder))
    with connection:
        connection.executemany(_EVENT, ((id_, seed.EVENT) for id_ in ids))
        connection.executemany(_RULE, ((id_, rule, seed.EVENT) for id_ in ids for rule in ("one", "two")))
    connection.close()


def _ticks(path: Path) -> Run:
    """Look whether anything is due, when all that is due has run."""

    async def ticking() -> Run:
        store = Store(f"sqlite+aiosqlite:///{path}")
        planner = Planner(store)
        await planner.plan(seed.NOW)
        with stopwatch() as watch:
            done = [await planner.plan(seed.NOW) for _ in range(_TICKS)]
        await store.close()
        assert set(done) == {Planned()}
        return watch.run(_TICKS)

    return asyncio.run(ticking())


def _ours(path: Path, firsts: list[float]) -> Run:
    """Plan, and render what is planned after each page, as a round does."""

    async def planning() -> Run:
        app = seed.app_in(path.parent)
        async with app.store.read():
            pass  # the connection is there
        started, ready = time.perf_counter(), list[float]()

        async def planned() -> None:
            await app.press.render_all(seed.NOW)
            ready.append(time.perf_counter() - started)

        with stopwatch() as watch:
            done = await replace(app.planner, planned=planned).plan(seed.NOW)
        await app.close()
        assert done.notices == seed.rows_in(path, _MADE)
        firsts.append(ready[0])
        return watch.run(done.notices)

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
