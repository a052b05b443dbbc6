"""The troubles of the soak: each is one thing that happens to machines, drawn by chance, and may outlast the next.

What sleeps here is the trouble itself, or the time to the next one: no fact is waited for by it.
"""

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

from tests.faults.crew import Crew, Worker
from tests.faults.script import Rule, Stage
from tests.faults.wire import Wire
from tests.peers.postgresql import Cluster

KILLED, STOPPED, TURNED, ASLEEP = "worker killed", "worker stopped", "wall clock turned", "machine asleep"
FAST, IMMEDIATE, AWAY = "database stopped fast", "database stopped immediately", "relay away"
HUNG_UP = "relay hung up, letter kept"
SLOW = Rule(Stage.DOT, seconds=0.2)  # so that there is always a letter to which an answer is due
_RULES = {
    HUNG_UP: replace(SLOW, drop=True, keep=True),
    "relay hung up, letter lost": replace(SLOW, drop=True, keep=False),
    "relay said later, after the dot": replace(SLOW, reply="451 4.3.0 later"),
    "relay said later, of a recipient": Rule(Stage.RCPT, "450 4.2.0 later"),
    "relay said goodbye": replace(SLOW, reply="421 4.7.0 too many, goodbye"),
}
_OF_THE_DATABASE = frozenset({FAST, IMMEDIATE})
_SHARES = {KILLED: 9, STOPPED: 4, TURNED: 4, ASLEEP: 1, FAST: 1, IMMEDIATE: 1, AWAY: 2} | dict.fromkeys(_RULES, 2)
_TURNS = (20, 600, 3600, 6 * 3600)  # seconds, either way
_ASLEEP_MOST = 600
_START_SECONDS = 45  # at most, with all that a start waits for
_LETTERS_MOST = 6  # that the relay answers otherwise, at one trouble


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is to happen so many seconds after the start, and the chance by which it takes its numbers.

    Its own, since troubles overlap: what one draws, and when, changes nothing for the others.
    """

    after: float
    kind: str
    chance: random.Random


def draw(chance: random.Random, seconds: float, every: float, kinds: Sequence[str]) -> list[Trouble]:
    """Draw the troubles of so many seconds, one every so many on average."""
    drawn, after = [], chance.expovariate(1 / every)
    shares = [_SHARES[kind] for kind in kinds]
    while after < seconds:
        (kind,) = chance.choices(kinds, shares)
        drawn.append(Trouble(after, kind, random.Random(chance.getrandbits(64))))  # noqa: S311  (to be repeated)
        after += chance.expovariate(1 / every)
    return drawn


@dataclass(slots=True)
class Troubles:
    """Makes trouble every so many seconds, by chance, for workers whose lease has `lease` seconds.

    The first of them is the veteran: stopped as the others are, and never killed. `cluster` is None where the
    database is a file. `made` are the troubles and their moments, `cost` how many letters each kind may have doubled,
    `vain` how many workers were started in vain while the database was away or held, `fell` the statuses of those that
    ended by themselves otherwise, `slept` the seconds that passed while nobody did anything.
    """

    hands: Crew
    wire: Wire
    cluster: Cluster | None
    chance: random.Random
    places: int
    connections: int
    every: float
    lease: float
    made: list[tuple[float, str]] = field(default_factory=list)
    cost: Counter[str] = field(default_factory=Counter)
    fell: Counter[int] = field(default_factory=Counter)
    vain: int = 0
    slept: float = 0.0
    is_over: bool = False
    _in_the_way: int = 0
    _killed: set[int] = field(default_factory=set)
    _restarting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _going: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def latest(self) -> float:
        """The furthest that the wall clock was ever turned ahead, in seconds."""
        return self.slept + _TURNS[-1]

    async def go_on(self, seconds: float) -> None:
        """Make the troubles of so many seconds, and wait until the last is over."""
        now = asyncio.get_running_loop().time
        began = now()
        kinds = [kind for kind in _SHARES if self.cluster or kind not in _OF_THE_DATABASE]
        async with asyncio.TaskGroup() as group:
            for trouble in draw(self.chance, seconds, self.every, kinds):
                await asyncio.sleep(began + trouble.after - now())
                group.create_task(self._make(trouble.kind, trouble.chance))

    async def keep_place(self) -> None:
        """See until all is over that there is a worker: when it has ended, start another, as a supervisor does."""
        while not self.is_over:
            began, is_away = time.monotonic(), self._in_the_way > 0
            worker = await self.hands.start(lease=self.lease)
            status = await asyncio.shield(worker.ended)
            if worker.pid in self._killed or (self.is_over and not status):
                continue
            is_away |= self._in_the_way > 0
            if is_away and time.monotonic() - began < _START_SECONDS:
                self.vain += 1
            else:
                self.fell[status] += 1
            await asyncio.sleep(1)

    async def _make(self, kind: str, chance: random.Random) -> None:
        self.made.append((time.time(), kind))
        self.cost[kind] += self.costs(kind)
        await {
            KILLED: self._kill,
            STOPPED: self._stop,
            TURNED: self._turn,
            ASLEEP: self._sleep,
            FAST: partial(self._restart, signal.SIGINT),
            IMMEDIATE: partial(self._restart, signal.SIGQUIT),
            AWAY: self._go_away,
            **{rule: partial(self._relay_follows, rule) for rule in _RULES},
        }[kind](chance)

    def costs(self, kind: str) -> int:
        """Say how many letters a trouble may double.

        It is what lies between intent and outcome, one letter for each connection (`faults.md`, P2): of the worker
        that is killed, or stopped past its lease. A relay that goes away cuts the connections of all. A restart of the
        database doubles nothing by itself; but if it outlasts a lease, each worker may be late for the others. So it
        is after a sleep where leases are told by the machine's own clock (SQLite). A wall clock, and a relay that says
        later, double nothing. What the relay kept before it hung up is counted where that is drawn.
        """
        if kind in {KILLED, STOPPED}:
            return self.connections
        if kind in {*_OF_THE_DATABASE, AWAY} or (kind == ASLEEP and self.cluster is None):
            return self.connections * self.places
        return 0

    def _living(self) -> list[Worker]:
        return [worker for worker in self.hands.workers if not worker.ended.done()]

    async def _kill(self, chance: random.Random) -> None:
        if mortal := [worker for worker in self._living() if worker is not self.hands.workers[0]]:
            worker = chance.choice(mortal)
            self._killed.add(worker.pid)
            await worker.killed()

    async def _stop(self, chance: random.Random) -> None:
        lasts = self.lease * chance.uniform(0.5, 2.5)
        worker = chance.choice(self._living())
        with self._being_in_the_way():  # it may hold what others wait for
            worker.send(signal.SIGSTOP)
            await asyncio.sleep(lasts)
            worker.send(signal.SIGCONT)

    async def _turn(self, chance: random.Random) -> None:
        furthest = chance.choice(_TURNS)
        self.hands.clocks.turn(wall=self.slept + chance.uniform(-furthest, furthest))

    async def _sleep(self, chance: random.Random) -> None:
        """Let time have passed in which nobody did anything, on the wall's clock and on the machine's."""
        self.slept += chance.uniform(1, _ASLEEP_MOST)
        self.hands.clocks.turn(wall=self.slept, boot=self.slept)

    async def _restart(self, by: signal.Signals, chance: random.Random) -> None:
        assert self.cluster is not None
        async with self._restarting:
            with self._being_in_the_way():
                await asyncio.to_thread(self.cluster.stop, by)
                await asyncio.sleep(self.lease * chance.uniform(0, 1.5))
                self.cluster.start()  # in this thread, with which it ends

    @contextmanager
    def _being_in_the_way(self) -> Iterator[None]:
        self._in_the_way += 1
        try:
            yield
        finally:
            self._in_the_way -= 1

    async def _go_away(self, chance: random.Random) -> None:
        async with self._going:
            await self.wire.away()
            await asyncio.sleep(self.lease * chance.uniform(0.1, 1))
            await self.wire.listen()

    async def _relay_follows(self, kind: str, chance: random.Random) -> None:
        """Have the relay follow a rule for some letters; one that it has not followed to its end is forgotten."""
        letters = chance.randint(1, _LETTERS_MOST)
        self.cost[kind] += letters if kind == HUNG_UP else 0
        self.wire.script.clear()
        self.wire.script.add(replace(_RULES[kind], times=letters), SLOW)
