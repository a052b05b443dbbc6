"""Hands the letters of due notices over and records what became of each (`faults.md`, section D).

Each connection carries one letter at a time: intent committed, letter handed over, outcome committed together
with the intent of the next. No transaction is open while a socket waits. What a crash may double is what was in
flight: at most one letter for each connection, the same bytes with the same Message-ID and Date.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from service.delivery.commits import Commits, Ready
from service.delivery.consequences import Consequences
from service.delivery.feed import Editions, Feed
from service.delivery.pace import Circuit, Throttle
from service.delivery.points import Point, Reached, unobserved
from service.delivery.transports import Connection, RelayError, Transport
from service.delivery.worker import Worker
from service.domain.notice import Outcome, Result, Stage, State
from service.domain.retry import Effect, after
from service.mail.compose import Composer
from service.observability import log
from service.store.dialect import Store
from service.store.handing import Done

_PAGE_PER_CONNECTION = 4
_PAGE_LEAST = 40
_TURN_SECONDS = 1.0
_GRACE_SECONDS = 60.0
Clock = Callable[[], datetime]


@dataclass(slots=True)
class Tally:
    """How many letters of a round ended in which way."""

    accepted: int = 0
    deferred: int = 0
    failed: int = 0
    dropped: int = 0

    def add(self, state: State) -> None:
        """Count one."""
        match state:
            case State.ACCEPTED:
                self.accepted += 1
            case State.READY:
                self.deferred += 1
            case State.DROPPED:
                self.dropped += 1
            case _:
                self.failed += 1


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
    commits: Commits = field(init=False)
    throttle: Throttle = field(init=False)
    _editions: Editions = field(init=False)

    def __post_init__(self) -> None:
        draw = Consequences(self.hashed).draw
        self.commits = Commits(self.store, self.clock, draw, lambda: self.worker.id)
        self.throttle = Throttle(self.connections)
        self._editions = Editions(self.store)

    async def drain(self, stopping: asyncio.Event | None = None) -> Tally:
        """Send everything that is due; once `stopping` is set, finish what is in flight and claim no more."""
        tally = Tally()
        if self.circuit.is_open(self.clock()):
            async with self.worker.living():
                await self._drain(stopping, tally)
        return tally

    async def _drain(self, stopping: asyncio.Event | None, tally: Tally) -> None:
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
            stopping,
        )
        first = await feed.next()
        if first is None:
            tally.failed += feed.failed
            return
        lines = [
            asyncio.create_task(self._carry(feed, tally, number, None if number else first))
            for number in range(self.connections)
        ]
        try:
            await _finished(lines, stopping)
        finally:
            await feed.close()
            tally.failed += feed.failed

    async def _carry(self, feed: Feed, tally: Tally, number: int, ready: Ready | None) -> None:
        """Be one connection: opened at the first letter, kept as long as it is good."""
        line = _Line(self, feed, tally)
        try:
            while ready or not feed.is_closed:
                if ready is None and not self.throttle.is_allowed(number):
                    await line.close()
                    await self.throttle.rest(_TURN_SECONDS)
                    continue
                ready = ready or await feed.next()
                if ready is None:
                    break
                if not await line.carry(ready):
                    await self.throttle.rest(_TURN_SECONDS)
                ready = None
        finally:
            await line.close()


@dataclass(slots=True)
class _Line:
    """A connection and the letter it carries."""

    sender: Sender
    feed: Feed
    tally: Tally
    connection: Connection | None = None
    carried: int = 0

    async def carry(self, ready: Ready) -> bool:
        """Carry a letter, and those that follow it without a pause; False if the relay would not have it now."""
        if not await self._opened():
            await self._let_go(ready)
            return False
        held = await self._intended(ready)
        while held is not None:
            held = await self._carried(held)
        return True

    async def close(self) -> None:
        """End the connection, if there is one."""
        if self.connection is not None:
            await self.connection.close()
        self.connection, self.carried = None, 0

    async def _intended(self, ready: Ready) -> Ready | None:
        if await self.sender.commits.intend(ready):
            self.sender.reached(Point.AFTER_INTENT)
            return ready
        self._land(State.DROPPED)
        return None

    async def _carried(self, held: Ready) -> Ready | None:
        """Hand a letter over, record what became of it, and give the next if its intent is committed too."""
        try:
            outcome, following = await self._handed_over(held)
        except asyncio.CancelledError:
            stopped = Outcome(Result.IN_DOUBT, 0, "the service was stopped while the letter was under way")
            await asyncio.shield(self._settled(held, stopped, None))
            raise
        self.sender.reached(Point.AFTER_REPLY)
        return await self._settled(held, outcome, following)

    async def _handed_over(self, held: Ready) -> tuple[Outcome, Ready | None]:
        sender, following = self.sender, None
        outcome = Outcome(Result.UNREACHED, 0, "the relay could not be reached", Stage.CONNECT)
        for _ in range(2):
            if not await self._opened() or self.connection is None:
                break
            if not sender.worker.is_fresh:
                # Others may have taken the letter for lost by now: to begin would be to send it twice.
                self.feed.stop()
                return Outcome(Result.UNREACHED, 0, "this worker was silent for too long", Stage.CONNECT), None
            following = None if self._is_last() or not self.connection.pipelines else self.feed.at_hand()
            outcome = await self.connection.send(held.letter, following.letter if following else None)
            self.carried += 1
            if outcome.result is not Result.UNREACHED or self.carried == 1:
                break
            # A connection that the relay has ended says nothing of the letter: at once on a new one.
            self._heed(outcome)
            if following is not None:
                await self._let_go(following)
            following = None
            await self.close()
        return outcome, following

    async def _settled(self, held: Ready, outcome: Outcome, following: Ready | None) -> Ready | None:
        sender, now = self.sender, self.sender.clock()
        follows = after(held.claim, outcome, now, random.random())  # noqa: S311  (spreads retries, guards nothing)
        self._heed(outcome)
        if follows.effect is Effect.BLAME_RELAY:
            sender.circuit.note_failed(now, outcome.words, lasting=True)
            self.feed.stop()
        wanted = await sender.commits.settle(Done(held.claim, outcome, follows), following)
        sender.reached(Point.AFTER_RECORD)
        self._land(follows.state)
        if outcome.result is not Result.ACCEPTED:
            log.info(
                "letter_not_accepted",
                notice=held.claim.id,
                result=outcome.result,
                code=outcome.code,
                state=follows.state,
            )
        if following is None:
            return None
        if not wanted:
            if self.connection is not None:
                self.connection.withdraw()
            self._land(State.DROPPED)
            return None
        sender.reached(Point.AFTER_INTENT)
        return following

    def _is_last(self) -> bool:
        """Say whether the connection is to carry no further letter."""
        return self.feed.is_closed or self.sender.throttle.is_used_up(self.carried + 1)

    def _land(self, state: State) -> None:
        self.tally.add(state)
        self.feed.landed()

    async def _let_go(self, ready: Ready) -> None:
        await self.sender.commits.let_go([ready.claim])
        self.feed.landed()

    def _heed(self, outcome: Outcome) -> None:
        """Learn from an answer how fast the relay may be fed."""
        if outcome.result is Result.ACCEPTED:
            self.sender.throttle.note_accepted()
        elif outcome.code == 421 or outcome.status == "4.7.0":
            self.sender.throttle.note_closing(self.carried - 1, self.sender.clock())

    async def _opened(self) -> bool:
        """Have a connection that is good for one letter more; False if the relay cannot be reached."""
        if self.connection is not None and (
            not self.connection.usable or self.sender.throttle.is_used_up(self.carried)
        ):
            await self.close()
        if self.connection is None:
            self.connection = await self._connected()
        return self.connection is not None

    async def _connected(self) -> Connection | None:
        sender = self.sender
        try:
            connection = await sender.transport.connect()
        except RelayError as error:
            if error.code == 421 and sender.throttle.allowed > 1:  # too many connections; the others go on
                sender.throttle.note_closing(0, sender.clock())
                return None
            sender.circuit.note_failed(sender.clock(), error.words, lasting=error.lasting)
            self.feed.stop()
            log.error("relay_unreached", problem=str(error), failures=sender.circuit.failures, lasting=error.lasting)
            return None
        sender.circuit.note_reached()
        self.carried = 0
        return connection


async def _finished(lines: list["asyncio.Task[None]"], stopping: asyncio.Event | None) -> None:
    """Wait for the connections; one that breaks ends all. Told to stop, they have a minute for what is in flight."""
    told = asyncio.create_task(stopping.wait()) if stopping else None
    running = set(lines)
    try:
        while running:
            watched = {*running, told} if told and not told.done() else running
            seconds = _GRACE_SECONDS if told and told.done() else None
            done, _ = await asyncio.wait(watched, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            running -= done
            if any(line.exception() for line in done - {told}) or not done:
                break
    finally:
        for task in (*running, *([told] if told else [])):
            task.cancel()
        ended = await asyncio.gather(*lines, return_exceptions=True)
    with suppress(StopIteration):
        raise next(error for error in ended if isinstance(error, Exception))
