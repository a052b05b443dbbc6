"""What a reader and a letter weigh: on the disk, in PostgreSQL's journal, in planning (see `service/SCALE.md`)."""

import asyncio
import time
from pathlib import Path

from tests.benchmarks import letter, seed
from tests.benchmarks.harness import Report
from tests.benchmarks.posting import Post, Way
from tests.benchmarks.program import sent
from tests.benchmarks.sink import listening
from tests.peers import UnavailableError, postgresql

_READERS = 100_000
_LETTERS = 10_000
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "256MB"}
_SIZES = (
    "SELECT pg_total_relation_size('subscribers') + pg_total_relation_size('subscriptions'),"
    " pg_total_relation_size('notices')"
)
_JOURNAL = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"


def measure(folder: Path, *, large: bool) -> Report:
    """Weigh both databases; without a PostgreSQL say so."""
    report = Report()
    report.facts.append(_sqlite(folder / "sqlite"))
    try:
        with postgresql.owned(folder.parent, **_DURABLE) as cluster:
            report.facts.append(_planned(folder / "planned", cluster.server))
            report.facts.append(_sent(folder / "sent", cluster.server))
    except UnavailableError as error:
        report.facts.append(f"Not run: PostgreSQL. {error}")
    return report


def _plan(folder: Path, database_url: str = "") -> float:
    """Plan the slot of all readers, and give how many a second."""

    async def planning() -> float:
        app = seed.app_in(folder, database_url=database_url)
        start = time.monotonic()
        await app.planner.plan(seed.NOW)
        spent = time.monotonic() - start
        await app.close()
        return _READERS / spent

    return asyncio.run(planning())


def _sqlite(folder: Path) -> str:
    seed.record(folder)
    file = seed.database_of(folder)
    empty = file.stat().st_size
    seed.add_readers(file, _READERS)
    people = file.stat().st_size
    rate = _plan(folder)
    notices = file.stat().st_size
    return (
        f"SQLite, {_READERS:,} readers with a third more wishes: {(people - empty) / _READERS:,.0f} octets a reader,"
        f" {(notices - people) / _READERS:,.0f} a notice; planned at {rate:,.0f} a second."
    )


def _planned(folder: Path, server: postgresql.Server) -> str:
    with server.database() as url:
        seed.record(folder, _READERS, database_url=url)
        with postgresql.connect(url) as connection:
            connection.execute("DELETE FROM installation")
            connection.execute("ANALYZE")  # as it does by itself within minutes, and as an import has it do
            before = float((connection.execute(_JOURNAL).fetchone() or (0,))[0])
        rate = _plan(folder / "again", url)
        with postgresql.connect(url) as connection:
            people, notices = connection.execute(_SIZES).fetchone() or (0, 0)
            journal = float((connection.execute(_JOURNAL).fetchone() or (0,))[0]) - before
    return (
        f"PostgreSQL {server}, the same: {people / _READERS:,.0f} octets a reader, {notices / _READERS:,.0f} a notice;"
        f" planned at {rate:,.0f} a second, with {journal / _READERS:,.0f} octets of journal each."
    )


def _sent(folder: Path, server: postgresql.Server) -> str:
    with server.database() as url:
        words = letter.words()
        seed.record(folder / "seeding", _LETTERS, languages=("en",), ready=True, words=words, database_url=url)
        with postgresql.connect(url) as connection:
            connection.execute("DELETE FROM installation")
            connection.execute("CHECKPOINT")
            before = float((connection.execute(_JOURNAL).fetchone() or (0,))[0])
        with listening() as (port, _counts):
            post = Post(folder)
            done = sent(post.settings(Way(), port) | {"data_dir": folder / "sending", "database_url": url})
        with postgresql.connect(url) as connection:
            journal = float((connection.execute(_JOURNAL).fetchone() or (0,))[0]) - before
    return (
        f"PostgreSQL, sending {done.count:,} letters by one process: {journal / done.count:,.0f} octets of journal a"
        f" letter, right behind a checkpoint, so with whole pages; {done.count / done.seconds:,.0f} a second here,"
        " where the server, the sink and other work share two cores."
    )
