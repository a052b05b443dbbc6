"""How everything is measured: ours and a peer's in turn (A B A B …), and the median of the pairwise ratios.

A ratio is of speeds: 2.00 is twice as fast as the peer, and more is better. Rates in a second are not
printed: they belong to one machine at one moment.
"""

import gc
import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from service.store.sqlite import driver
from tests.peers import ROOT

RUNS = 5
_SECONDS_LEAST = 0.1
_SAID_OF = ("sqlalchemy", "aiosqlite", "aiosmtplib", "uvloop", "cryptography", "jinja2", "mrml", "css-inline")


@dataclass(frozen=True, slots=True)
class Run:
    """One measured run: how many things were really done, in how much time and processor time.

    `whole` is the processor time of the whole process, its start included, and `peak` the most memory that it
    held, in MB; 0 where nobody asked.
    """

    count: int
    seconds: float
    cpu: float
    whole: float = 0.0
    peak: float = 0.0

    @property
    def rate(self) -> float:
        return self.count / self.seconds


@dataclass(slots=True)
class Stopwatch:
    """Measures the block that it is given for; `run` then says how much was done in it."""

    seconds: float = 0
    cpu: float = 0

    def run(self, count: int) -> Run:
        return Run(count, self.seconds, self.cpu)


@contextmanager
def stopwatch() -> Iterator[Stopwatch]:
    watch = Stopwatch()
    gc.collect()
    cpu, start = time.process_time(), time.perf_counter()
    yield watch
    watch.seconds, watch.cpu = time.perf_counter() - start, time.process_time() - cpu


def timed(work: Callable[[], int]) -> Callable[[], Run]:
    """Make a run of work that gives how many things it did, repeated until the clock can be trusted."""

    def measured() -> Run:
        count = 0
        with stopwatch() as watch:
            end = time.perf_counter() + _SECONDS_LEAST
            while time.perf_counter() < end:
                count += work()
        return watch.run(count)

    return measured


@dataclass(frozen=True, slots=True)
class Row:
    """What was compared: a line of the table."""

    what: str
    peer: str
    ours: tuple[Run, ...]
    theirs: tuple[Run, ...]
    goal: float | None = None

    @property
    def ratios(self) -> list[float]:
        return [one.rate / other.rate for one, other in zip(self.ours, self.theirs, strict=True)]

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    def cells(self) -> list[str]:
        goal = "" if self.goal is None else f"≥ {self.goal:g} {'met' if self.ratio >= self.goal else 'MISSED'}"
        return [
            self.what,
            self.peer,
            f"{self.ratio:.2f}",
            f"{min(self.ratios):.2f}–{max(self.ratios):.2f}",
            f"{_cpu(self.ours)} / {_cpu(self.theirs)}",
            f"{_count(self.ours)} / {_count(self.theirs)}",
            goal,
        ]


@dataclass(frozen=True, slots=True)
class Peer:
    """Whom ours is measured beside: its name, a run of it, and the ratio that is wanted."""

    name: str
    run: Callable[[], Run]
    goal: float | None = None


COLUMNS = ("what", "peer", "ratio", "min–max", "CPU µs each, ours / peer", "counted, ours / peer", "goal")


@dataclass(slots=True)
class Report:
    """What a subject has to say: lines of the table, and sentences."""

    rows: list[Row] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)

    def compare(
        self,
        what: str,
        peer: str,
        ours: Callable[[], Run],
        theirs: Callable[[], Run],
        goal: float | None = None,
        runs: int = RUNS,
        warm_up: int = 1,
    ) -> Row:
        """Measure both in turn, after `warm_up` uncounted runs of each; a run that did nothing is an error."""
        return self.beside(what, ours, [Peer(peer, theirs, goal)], runs, warm_up)[0]

    def beside(
        self, what: str, ours: Callable[[], Run], peers: Sequence[Peer], runs: int = RUNS, warm_up: int = 0
    ) -> list[Row]:
        """Measure ours and several peers in turn (A B C A B C …): a line for each peer, with the same runs of ours."""
        rounds = [(ours(), *(peer.run() for peer in peers)) for _ in range(warm_up + runs)][warm_up:]
        own, *others = zip(*rounds, strict=True)
        rows = [Row(what, peer.name, own, theirs, peer.goal) for peer, theirs in zip(peers, others, strict=True)]
        for row in rows:
            if any(not run.count for run in (*row.ours, *row.theirs)):
                raise AssertionError(f"{what}: an empty run, beside {row.peer}")
        self.rows += rows
        return rows


def _cpu(runs: tuple[Run, ...]) -> str:
    each = statistics.median(run.cpu / run.count for run in runs) * 1e6
    return f"{each:,.0f}" if each >= 100 else f"{each:.2g}"


def _count(runs: tuple[Run, ...]) -> str:
    counts = sorted({run.count for run in runs})
    return f"{counts[0]:,}" if len(counts) == 1 else f"{counts[0]:,}–{counts[-1]:,}"


def table(rows: list[list[str]]) -> str:
    """Write rows as a Markdown table that is also readable as it is."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])


def machine() -> list[str]:
    """Tell what the numbers were measured on."""
    info = Path("/proc/cpuinfo")
    names = [line.partition(":")[2].strip() for line in _lines(info) if line.startswith("model name")]
    load = ", ".join(f"{part:.1f}" for part in os.getloadavg())
    processor = names[0] if names else platform.machine()
    return [
        f"{os.cpu_count()} cores, {processor}; {platform.system()}; load at the end {load}",
        f"Python {platform.python_version()}, SQLite {driver.sqlite_version} (of Python {sqlite3.sqlite_version}), "
        + ", ".join(f"{name} {version(name)}" for name in _SAID_OF),
    ]


def child(module: str, *words: object) -> dict[str, Any]:
    """Run a module of this package as a process of its own and give the JSON that it prints."""
    with tempfile.TemporaryFile("w+") as errors:
        call = [sys.executable, "-m", f"tests.benchmarks.{module}", *map(str, words)]
        done = subprocess.run(call, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True, check=False)
        if done.returncode:
            errors.seek(0)
            raise AssertionError(f"{module}: {errors.read()[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.is_file() else []
