"""Claim, load, intent and outcome of each notice through the store, beside plain sqlite3 with the same statements.

Both claim forty at a time, as the sender with its ten connections does, and commit the intents and then the
outcomes of ten letters together, to the disk (`synchronous=FULL`).
"""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

from service.domain.notice import Claim, Kind, Outcome, Result
from service.domain.retry import after
from service.store import handing
from service.store.dialect import Store
from service.store.handing import Done, Intents
from tests.benchmarks import seed
from tests.benchmarks.harness import Report, Run, stopwatch

_COUNT = 2000
_PAGE = 40
_GROUP = 10
_GOAL = 0.5  # goal 11
_OUTCOME = Outcome(Result.ACCEPTED, 250, "2.0.0 Ok")
_NOW = "2024-09-27 05:00:00.000000"
_CLAIM = """
WITH picked AS (SELECT id FROM notices WHERE state = 'ready' AND due_at <= :now AND expires_at > :now
  ORDER BY lane, due_at, id LIMIT :most)
UPDATE notices SET state = 'claimed', owner = 'bench', generation = generation + 1,
  dated_at = coalesce(dated_at, :now) WHERE id IN (SELECT id FROM picked) AND state = 'ready' RETURNING id
"""
_LOAD = """
SELECT notices.id, generation, kind, edition_id, subscriber_id, address, dated_at, expires_at, attempts, doubts
FROM notices JOIN subscribers ON subscribers.id = subscriber_id WHERE notices.id IN ({})
ORDER BY lane, due_at, notices.id
"""
_INTEND = """
UPDATE notices SET state = 'sending' WHERE id = ? AND generation = ? AND state = 'claimed' AND EXISTS (
  SELECT * FROM subscribers WHERE subscribers.id = notices.subscriber_id AND status = 'active'
  AND (paused_until IS NULL OR paused_until <= notices.day) AND EXISTS (
    SELECT * FROM subscriptions WHERE subscriptions.subscriber_id = subscribers.id AND target IN (?)
    AND subscriptions.confirmed_at IS NOT NULL AND ended_at IS NULL))
"""
_RECORD = """
UPDATE notices SET state = 'accepted', reason = '', attempts = ?, doubts = ?, code = 250, words = '2.0.0 Ok',
  owner = NULL, finished_at = ? WHERE id = ? AND generation = ? AND state = 'sending'
"""
_DONE = "SELECT count(*) FROM notices WHERE state = 'accepted'"


def measure(folder: Path, *, large: bool) -> Report:
    """Compare on copies of the same database."""
    seeded, work = folder / "ready", folder / "run"
    seed.record(seeded, _COUNT, ready=True)
    report = Report()
    row = report.compare(
        "claim, load, intent, outcome",
        "sqlite3, same statements",
        lambda: _ours(seed.copied(seeded, work)),
        lambda: _bare(seed.copied(seeded, work)),
        goal=_GOAL,
        warm_up=0,
    )
    assert {run.count for run in (*row.ours, *row.theirs)} == {_COUNT}
    return report


def _ours(path: Path) -> Run:
    async def claiming() -> Run:
        store = Store(f"sqlite+aiosqlite:///{path}")
        with stopwatch() as watch:
            while held := await store.group(lambda tx: handing.claim(tx, "bench", seed.NOW, _PAGE)):
                for start in range(0, len(held), _GROUP):
                    await _end(store, held[start : start + _GROUP])
        await store.close()
        return watch.run(seed.rows_in(path, _DONE))

    return asyncio.run(claiming())


async def _end(store: Store, held: list[Claim]) -> None:
    intents = Intents(held[0].kind, seed.BECAUSE, tuple(held))
    assert len(await store.group(lambda tx: handing.intend(tx, intents, seed.NOW))) == len(held)
    done = [Done(claim, _OUTCOME, after(claim, _OUTCOME, seed.NOW, 0.5)) for claim in held]
    assert not await store.group(lambda tx: handing.record(tx, done, "bench", seed.NOW))


def _bare(path: Path) -> Run:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    with stopwatch() as watch:
        while held := _bare_claimed(connection):
            for start in range(0, len(held), _GROUP):
                group = held[start : start + _GROUP]
                _bare_write(connection, _INTEND, [(row[0], row[1], *seed.BECAUSE) for row in group])
                _bare_write(connection, _RECORD, [(row[-2] + 1, row[-1], _NOW, row[0], row[1]) for row in group])
    connection.close()
    return watch.run(seed.rows_in(path, _DONE))


def _bare_claimed(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
    connection.execute("BEGIN IMMEDIATE")
    ids = [id_ for (id_,) in connection.execute(_CLAIM, {"now": _NOW, "most": _PAGE})]
    rows = connection.execute(_LOAD.format(", ".join("?" * len(ids))), ids).fetchall()
    connection.execute("COMMIT")
    return [(id_, generation, Kind(kind), *rest) for id_, generation, kind, *rest in rows]


def _bare_write(connection: sqlite3.Connection, statement: str, rows: list[tuple[Any, ...]]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    assert connection.executemany(statement, rows).rowcount == len(rows)
    connection.execute("COMMIT")
