"""Claim, load, intent and outcome of each notice through the store, beside plain sqlite3 with the same statements.

Both take sixteen at a time, as the sender with its four connections does, and commit each intent and each
outcome by itself, to the disk (`synchronous=FULL`).
"""

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path

from service.domain.notice import Claim, Kind, Outcome, Result
from service.domain.retry import after
from service.store import notices
from service.store.dialect import Store
from tests.benchmarks import seed
from tests.benchmarks.harness import Report, Run, stopwatch

_COUNT = 1000
_BATCH = 16
_GOAL = 0.5  # goal 11
_OUTCOME = Outcome(Result.ACCEPTED, 250, "2.0.0 Ok")
_NOW = "2024-09-27 05:00:00.000000"
_LEASE = "2024-09-27 05:00:30.000000"
_CLAIM = """
WITH picked AS (SELECT id FROM notices WHERE state = 'ready' AND due_at <= :now AND expires_at > :now
  ORDER BY lane, due_at, id LIMIT :most)
UPDATE notices SET state = 'claimed', owner = 'bench', lease_until = :lease, generation = generation + 1,
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
        async with store.read():
            pass  # the connection is there
        with stopwatch() as watch:
            while held := await _claimed(store):
                for claim in held:
                    await _end(store, claim)
        await store.close()
        return watch.run(seed.rows_in(path, _DONE))

    return asyncio.run(claiming())


async def _claimed(store: Store) -> list[Claim]:
    async with store.write() as tx:
        return await notices.claim(tx, "bench", seed.NOW, seed.NOW + timedelta(seconds=30), _BATCH)


async def _end(store: Store, claim: Claim) -> None:
    async with store.write() as tx:
        assert await notices.intend(tx, claim, seed.BECAUSE)
    follows = after(claim, _OUTCOME, seed.NOW, 0.5)
    async with store.write() as tx:
        assert await notices.record(tx, claim, follows, _OUTCOME, seed.NOW)


def _bare(path: Path) -> Run:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    with stopwatch() as watch:
        while held := _bare_claimed(connection):
            for id_, generation, *_, attempts, doubts in held:
                _bare_write(connection, _INTEND, (id_, generation, *seed.BECAUSE))
                _bare_write(connection, _RECORD, (attempts + 1, doubts, _NOW, id_, generation))
    connection.close()
    return watch.run(seed.rows_in(path, _DONE))


def _bare_claimed(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    connection.execute("BEGIN IMMEDIATE")
    ids = [id_ for (id_,) in connection.execute(_CLAIM, {"now": _NOW, "lease": _LEASE, "most": _BATCH})]
    rows = connection.execute(_LOAD.format(", ".join("?" * len(ids))), ids).fetchall()
    connection.execute("COMMIT")
    return [(id_, generation, Kind(kind), *rest) for id_, generation, kind, *rest in rows]


def _bare_write(connection: sqlite3.Connection, statement: str, values: tuple[object, ...]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    assert connection.execute(statement, values).rowcount == 1
    connection.execute("COMMIT")
