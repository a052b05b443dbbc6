"""PostgreSQL beside SQLite, and one process that sends beside two, three and four of them on the same database.

The server keeps its promises as in use: it waits for the disk at each commit (`fsync`, `synchronous_commit`). It lies
where SQLite's files lie.
"""

import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks import letter, seed
from tests.benchmarks.harness import Peer, Report, Run
from tests.benchmarks.posting import CONNECTIONS, Post, Way
from tests.benchmarks.program import sent
from tests.benchmarks.sink import listening
from tests.peers import UnavailableError, postgresql

_LETTERS = 10_000
_MOST = 4
_RUNS = 3
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "256MB"}
_GOAL = 0.6  # goal 16
_DONE = "SELECT count(*) FROM notices WHERE state = 'accepted'"


def measure(folder: Path, *, large: bool) -> Report:
    """Compare; without a PostgreSQL say so."""
    report = Report()
    try:
        with _seeded(folder) as fleet:
            one = fleet.of(1)
            report.beside(
                "unsigned, PostgreSQL, one process",
                one,
                [Peer("the same on SQLite", Post(folder).ours(_LETTERS), _GOAL)],
            )
            for count in range(2, _MOST + 1):
                report.beside(f"unsigned, PostgreSQL, {count} processes", fleet.of(count), [Peer("one", one)], _RUNS)
            report.facts.append(f"Of the machine's processors were busy: {fleet.told()}.")
            report.facts.append(
                f"PostgreSQL {fleet.server}; each process has {CONNECTIONS} connections; they, the server and the sink"
                " share the machine's cores."
            )
    except UnavailableError as error:
        report.facts.append(f"Not run: PostgreSQL. {error}")
    return report


class _Fleet:
    """A server with a database that is seeded, of which each run takes a copy."""

    def __init__(self, folder: Path, server: postgresql.Server, template: str) -> None:
        self._post = Post(folder)
        self._work = folder / "fleet"
        self._template = template
        self._busy: dict[int, list[float]] = {}
        self.server = server

    def of(self, processes: int) -> Callable[[], Run]:
        """Make a run of so many processes."""

        def run() -> Run:
            seed.remove(self._work)  # it remembers how far its last database was: this copy would be held as a backup
            with self.server.database(self._template) as url, listening() as (port, counts):
                given = self._post.settings(Way(), port) | {"data_dir": self._work, "database_url": url}
                idle, start = _idle_seconds(), time.monotonic()
                done = sent(*[given] * processes)
                share = 1 - (_idle_seconds() - idle) / (time.monotonic() - start) / (os.cpu_count() or 1)
                self._busy.setdefault(processes, []).append(share)
                assert _accepted(url) == _LETTERS
            self._post.check(done, counts, _LETTERS)
            return done

        return run

    def told(self) -> str:
        """Say how busy the machine was with so many processes; their start is in it."""
        shares = {count: statistics.median(some) for count, some in sorted(self._busy.items())}
        return ", ".join(f"with {count} {share:.0%}" for count, share in shares.items())


def _idle_seconds() -> float:
    """Give how long the processors have had nothing to do since the machine's start (proc(5), /proc/stat)."""
    words = Path("/proc/stat").read_text(encoding="ascii").split(maxsplit=6)
    return (int(words[4]) + int(words[5])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _seeded(folder: Path) -> Iterator[_Fleet]:
    with postgresql.owned(folder.parent, **_DURABLE) as cluster, cluster.server.database() as url:
        work = folder / "seeding"
        seed.record(work, _LETTERS, languages=("en",), ready=True, words=letter.words(), database_url=url)
        with postgresql.connect(url) as connection:
            connection.execute("DELETE FROM installation")  # each run is a new installation, not a held copy
            connection.execute("VACUUM ANALYZE")
        yield _Fleet(folder, cluster.server, url.partition("?")[0].rpartition("/")[2])


def _accepted(url: str) -> int:
    with postgresql.connect(url) as connection:
        (count,) = connection.execute(_DONE).fetchone() or (0,)
    return int(count)
