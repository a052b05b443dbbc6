"""What a soak tells in the end: what was done to the service, what became of the letters, and what is wrong."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from service.domain.notice import State
from tests.faults.oracle import Verdict
from tests.faults.wire import Kept

_MORE_MEMORY = 16  # MB
_MORE_FILES, _MORE_SESSIONS = 4, 2  # for each worker
_SHOWN, _STANDSTILLS = 5, 3


@dataclass(frozen=True, slots=True)
class Plan:
    """What a soak is to be: how long, over how many notices, with what chance, on which database.

    There is trouble every so many seconds. A worker is given up after `lease` seconds of silence.
    """

    seconds: float
    notices: int
    seed: int
    database: str = "postgresql"
    every: float = 4.0
    lease: float = 12.0  # longer than a transaction may be idle on PostgreSQL, as the service's own is
    workers: int = 3
    connections: int = 4


@dataclass(frozen=True, slots=True)
class Seen:
    """What the worker that is never killed holds: memory in MB, open files; and how many sessions the database has.

    It holds nothing once it has died.
    """

    memory: float
    files: int
    sessions: int

    @property
    def has_died(self) -> bool:
        """Whether the worker that is never killed was there no more."""
        return not self.memory

    def grown(self, last: "Seen", workers: int) -> Iterator[str]:
        """Tell of what is more at last than pools explain, which keep what was once needed at a time."""
        if last.memory > self.memory + _MORE_MEMORY:
            yield f"the memory of a worker grew from {self.memory:.0f} to {last.memory:.0f} MB"
        if last.files > self.files + _MORE_FILES:
            yield f"the open files of a worker grew from {self.files} to {last.files}"
        if last.sessions > self.sessions + _MORE_SESSIONS * workers:
            yield f"the database's sessions grew from {self.sessions} to {last.sessions}"


@dataclass(frozen=True, slots=True)
class Standstill:
    """A time without a letter: how long, how long after the start, and what troubles there were."""

    seconds: float
    at: float
    troubles: dict[str, int]

    def __str__(self) -> str:
        told = ", ".join(kind if times == 1 else f"{times} × {kind}" for kind, times in self.troubles.items())
        return f"{self.seconds:.1f} s at {self.at / 60:.1f} min ({told or 'no trouble'})"


@dataclass(frozen=True, slots=True)
class Report:
    """The whole of it, in seconds and MB.

    `cost` is how many letters each kind of trouble may have doubled; `vain` how many workers were started in vain while
    the database was away or held, `fell` the statuses of those that ended by themselves otherwise; `stopped` how many
    gave up their post for good; `released` how many letters a person had to let go on.
    """

    plan: Plan
    verdict: Verdict
    troubles: dict[str, int]
    cost: dict[str, int]
    vain: int
    fell: dict[int, int]
    started: int
    given_up: int
    stopped: int
    released: int
    slowest: tuple[Standstill, ...]
    rest: float
    first: Seen
    last: Seen
    memory: tuple[float, ...]
    sessions_left: int
    journal: int
    log: int

    @property
    def bound(self) -> int:
        """How many letters may have arrived twice at most."""
        return sum(self.cost.values())

    def wrong(self) -> list[str]:
        """Name what is wrong, each with the first of those whom it concerns; empty if nothing is."""
        return [*self._of_the_letters(), *self._of_the_processes()]

    def _of_the_letters(self) -> Iterator[str]:
        verdict = self.verdict
        for name, which in verdict.faults.items():
            yield f"{len(which)} {name}: {', '.join(which[:_SHOWN])}"
        if verdict.states != {State.ACCEPTED: self.plan.notices}:
            yield f"not all {self.plan.notices} notices are accepted: {verdict.states}"
        if verdict.extras > self.bound:
            yield f"{verdict.extras} extra copies, beyond the bound of {self.bound}"

    def _of_the_processes(self) -> Iterator[str]:
        if self.last.has_died:
            yield "the worker that is never killed died"
        if self.fell:
            yield f"workers ended by themselves, by their status: {self.fell}"
        if self.stopped:
            yield f"{self.stopped} workers stopped their post for good"
        if self.sessions_left:
            yield f"{self.sessions_left} sessions of the database outlived the workers"
        yield from self.first.grown(self.last, self.plan.workers)

    def as_json(self) -> dict[str, Any]:
        """Give it for programs."""
        return asdict(self) | {"extras": self.verdict.extras, "bound": self.bound, "wrong": self.wrong()}

    def lines(self) -> Iterator[str]:
        """Tell it, a line each."""
        plan, verdict, marks = self.plan, self.verdict, self.verdict.marks
        explained = ", ".join(f"{name} {count:,}" for name, count in sorted(marks.items())) or "none"
        yield f"Soak on {plan.database}: {plan.seconds / 60:.1f} minutes, seed {plan.seed}."
        yield (
            f"Workers: {plan.workers} at a time with {plan.connections} connections and a lease of {plan.lease:g} s;"
            f" {self.started:,} started ({self.vain:,} in vain: the database was away, or held by a stopped one),"
            f" {self.given_up:,} times one was given up by the others."
        )
        yield f"Notices: {verdict.notices:,}; " + ", ".join(
            f"{count:,} {state}" for state, count in verdict.states.items()
        )
        yield f"Letters on the wire: {verdict.copies:,}, to each at least one: {'no' if verdict.missing else 'yes'}."
        yield f"Extra copies: {verdict.extras:,}, of {len(verdict.extra):,} notices; the bound is {self.bound:,}."
        yield f"Attempts that were told of: {explained}. Released by hand: {self.released:,}."
        yield f"Troubles: {sum(self.troubles.values()):,}"
        for kind, times in sorted(self.troubles.items()):
            yield f"  {kind}: {times:,}" + (f" (bound {self.cost[kind]:,})" if self.cost.get(kind) else "")
        yield "Longest standstills:"
        yield from (f"  {one}" for one in self.slowest)
        yield f"What was left took {self.rest:.0f} s after the last trouble."
        yield (
            f"The worker that is never killed: {self.first.memory:.1f} MB at the start, {self.last.memory:.1f} MB at"
            f" the end (between: {', '.join(f'{size:.1f}' for size in self.memory)});"
            f" open files {self.first.files} and {self.last.files}."
        )
        yield (
            f"Sessions of the database: {self.first.sessions} at the start, {self.last.sessions} at the end,"
            f" {self.sessions_left} after the workers."
        )
        yield f"Journal: {self.journal / 1e6:.1f} MB; the workers' log: {self.log / 1e6:.1f} MB."
        yield from [f"WRONG: {what}." for what in self.wrong()] or ["Nothing is wrong."]


def standstills(
    kept: list[Kept], made: list[tuple[float, str]], between: tuple[float, float], lasting: float
) -> tuple[Standstill, ...]:
    """Give the three longest times without a letter between two moments, with the troubles that began not long before.

    `lasting` is for how many seconds a trouble may be felt.
    """
    began, ended = between
    moments = sorted([began, *(copy.at for copy in kept if began < copy.at < ended), ended])
    gaps = sorted(((after - before, before) for before, after in pairwise(moments)), reverse=True)[:_STANDSTILLS]
    return tuple(
        Standstill(
            seconds,
            at - began,
            dict(Counter(kind for moment, kind in made if at - lasting <= moment <= at + seconds)),
        )
        for seconds, at in gaps
    )
