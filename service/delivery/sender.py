"""Hands the letters of due notices over and records what became of each (`faults.md`, section D).

Each connection carries one letter at a time: intent committed, letter handed over, outcome committed together
with the intent of the next. No transaction is open while a socket waits. What a crash may double is what was in
flight: at most one letter for each connection, the same bytes with the same Message-ID and Date.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from service.delivery.commits import Commits, Ready
from service.delivery.consequences import Consequences
from service.delivery.encoded import Editions, Sayings
from service.delivery.feed import Feed
from service.delivery.line import Line, Tally, Way
from service.delivery.news import News
from service.delivery.pace import Circuit, Throttle
from service.delivery.points import Reached, unobserved
from service.delivery.taking import Mail, Taking
from service.delivery.transports import Transport
from service.delivery.worker import Worker
from service.domain.errors import StoreError
from service.mail.compose import Composer
from service.store import handing, lanes
from service.store.dialect import GroupTx, Store, TroubleError
from service.store.handing import Done
from service.tracing import span

_PAGE_PER_CONNECTION = 4
_PAGE_LEAST = 40
_TURN_SECONDS = 1.0
_GRACE_SECONDS = 60.0
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Branch:
    """What a sender takes, how editions are read for it, and what follows from outcomes.

    What `is_mail` counts where a domain is warmed up, and tells of the relay.
    """

    taking: Taking = field(default_factory=Mail)
    editions: Callable[[Store], Sayings] = Editions
    draw: Callable[[Consequences, GroupTx, list[Done], datetime], set[str]] = Consequences.draw
    is_mail: bool = True


@dataclass(slots=True)
class Sender:
    """Sends what is due over so many `connections`.

    `clock` gives the civil time, which may be turned. `reached` is told of each point a letter comes by. `version`
    is that of the tables this program knows.
    """

    store: Store
    composer: Composer
    transport: Transport
    worker: Worker
    clock: Clock
    version: str
    hashed: Callable[[str], str]
    connections: int = 10
    reached: Reached = unobserved
    circuit: Circuit = field(default_factory=Circuit)
    branch: Branch = field(default_factory=Branch)
    commits: Commits = field(init=False)
    throttle: Throttle = field(init=False)
    _consequences: Consequences = field(init=False)
    _way: Way = field(init=False)
    _editions: Sayings = field(init=False)
    _told: str | None = None  # of the relay
    _is_unsure: bool = False  # whether the last round ended otherwise than it should

    def __post_init__(self) -> None:
        self._consequences = Consequences(self.hashed)
        plan = self.worker.warm_up if self.branch.is_mail else None
        draw = partial(self.branch.draw, self._consequences)
        news = News(self.branch.is_mail)
        self.commits = Commits(self.store, self.clock, draw, lambda: self.worker.id, plan, news)
        self.throttle = Throttle(self.connections)
        self._way = Way(
            self.transport, self.circuit, self.throttle, self.worker, self.commits, self.clock, self.reached
        )
        self._editions = self.branch.editions(self.store)

    async def drain(self, stopping: asyncio.Event | None = None) -> Tally:
        """Send everything that is due; once `stopping` is set, finish what is in flight and claim no more."""
        tally = Tally()
        if self.commits.broken:
            raise StoreError(self.commits.broken)
        if self.circuit.is_open(self.worker.boot()):
            self.circuit.note_lost()
            async with self.worker.living():
                with span("drain"):
                    await self._drain(stopping, tally)
                await self._tell_of_relay(tally)
        return tally

    async def _tell_of_relay(self, tally: Tally) -> None:
        """Keep where everybody can see it that the relay cannot be used, or that it can be again."""
        if not self.branch.is_mail:
            return
        is_used = tally.accepted + tally.deferred + tally.failed > 0
        heard = self.circuit.words or "it cannot be reached" if self.circuit.failures else "" if is_used else self._told
        if heard != self._told and heard is not None:
            now = self.clock()
            await self.store.group(lambda tx: lanes.tell_of_relay(tx, heard, now))
            self._told = heard

    async def _drain(self, stopping: asyncio.Event | None, tally: Tally) -> None:
        if self._is_unsure:
            await self._free_own()
        self._is_unsure = True
        page = max(_PAGE_LEAST, self.connections * _PAGE_PER_CONNECTION)
        feed = Feed(
            self.store,
            self.composer,
            self._editions,
            self.commits,
            self.clock,
            lambda: self.worker.id,
            self.reached,
            page,
            self.version,
            self._consequences.closed,
            self.branch.taking,
            stopping,
        )
        try:
            if first := await feed.next():
                lines = [
                    asyncio.create_task(self._carry(feed, tally, number, None if number else first))
                    for number in range(self.connections)
                ]
                await _finished(lines, stopping, feed)
            self._is_unsure = False
        except Exception:
            await feed.close()
            await self.commits.written()
            with suppress(TroubleError):  # what broke had letters in hand, and nobody else will look for them
                await self._free_own()
                self._is_unsure = False
            raise
        finally:
            await feed.close()
            tally.failed += feed.failed

    async def _free_own(self) -> None:
        """Free what is in nobody's hand: claimed by a commit of which nobody heard, say (case 37)."""
        await self.store.group(lambda tx: handing.free(tx, self.worker.id, self.clock(), blames=False))

    async def _carry(self, feed: Feed, tally: Tally, number: int, ready: Ready | None) -> None:
        """Be one connection: opened at the first letter, kept as long as it is good."""
        line = Line(self._way, feed, tally)
        try:
            while ready or not feed.is_closed:
                if ready is None and not self.throttle.is_allowed(number):
                    await line.close()
                    await self.throttle.rest(_TURN_SECONDS)
                    continue
                ready = ready or await feed.next()
                if ready is None:
                    break
                if not await line.carry(ready) and not feed.is_closed:
                    await self.throttle.rest(_TURN_SECONDS)
                ready = None
        finally:
            await line.close()


async def _finished(lines: list["asyncio.Task[None]"], stopping: asyncio.Event | None, feed: Feed) -> None:
    """Wait for the connections; one that breaks ends all. At the end, they have a minute for what is in flight."""
    told = asyncio.create_task(stopping.wait()) if stopping else None
    running, until = set(lines), None
    now = asyncio.get_running_loop().time
    try:
        while running:
            watched = {*running, told} if told and not told.done() else running
            seconds = None if until is None else max(0, until - now())
            done, _ = await asyncio.wait(watched, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            running -= done
            if not done:
                break
            is_broken = any(line.exception() for line in done - {told})
            if is_broken:
                feed.stop()
            if until is None and (is_broken or told in done):
                until = now() + _GRACE_SECONDS
    finally:
        for task in (*running, *([told] if told else [])):
            task.cancel()
        ended = await asyncio.gather(*lines, return_exceptions=True)
    with suppress(StopIteration):
        raise next(error for error in ended if isinstance(error, Exception))
