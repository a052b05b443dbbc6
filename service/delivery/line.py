"""One connection to the relay and the letter it carries: one at a time, from its intent to its outcome."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from service.delivery.commits import Commits, Ready
from service.delivery.feed import Feed
from service.delivery.pace import Circuit, Throttle
from service.delivery.points import Point, Reached
from service.delivery.transports import Connection, RelayError, Transport
from service.delivery.worker import Worker
from service.domain.notice import Outcome, Result, Stage, State
from service.domain.retry import Effect, after
from service.observability import log
from service.store.handing import Done

_LAST_WORDS_SECONDS = 10.0


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


@dataclass(frozen=True, slots=True)
class Way:
    """What all connections share: where letters go, how fast, who sends them, and where it is written down."""

    transport: Transport
    circuit: Circuit
    throttle: Throttle
    worker: Worker
    commits: Commits
    clock: Callable[[], datetime]
    reached: Reached


@dataclass(slots=True)
class Line:
    """A connection and the letter it carries."""

    way: Way
    feed: Feed
    tally: Tally
    connection: Connection | None = None
    carried: int = 0
    announced: Ready | None = None

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
        if await self.way.commits.intend(ready):
            self.way.reached(Point.AFTER_INTENT)
            return ready
        self._land(State.DROPPED)
        return None

    async def _carried(self, held: Ready) -> Ready | None:
        """Hand a letter over, record what became of it, and give the next if its intent is committed too."""
        try:
            outcome, following = await self._handed_over(held)
        except asyncio.CancelledError:
            with suppress(TimeoutError):  # its row says that it was being sent
                await asyncio.wait_for(self._left(held), _LAST_WORDS_SECONDS)
            raise
        self.way.reached(Point.AFTER_REPLY)
        return await self._settled(held, outcome, following)

    async def _left(self, held: Ready) -> None:
        """Record that a letter was left in the middle, and give back the one whose envelope went ahead.

        A letter of whose content nothing has left is given back too: it is in nobody's doubt.
        """
        announced, self.announced = self.announced, None
        if self.connection is not None and self.connection.has_begun:
            stopped = Outcome(Result.IN_DOUBT, 0, "the service was stopped while the letter was under way")
            await self._settled(held, stopped, None)
        else:
            await self._let_go(held)
        if announced is not None:
            await self._let_go(announced)

    async def _handed_over(self, held: Ready) -> tuple[Outcome, Ready | None]:
        way, following = self.way, None
        outcome = Outcome(Result.UNREACHED, 0, "the relay could not be reached", Stage.CONNECT)
        for _ in range(2):
            # What the relay said to an announced envelope is waiting to be read, even if it has closed since.
            is_announced, self.announced = self.announced is held, None
            if not (is_announced or await self._opened()) or self.connection is None:
                break
            if not way.worker.is_fresh:
                # Others may have taken the letter for lost by now: to begin would be to send it twice.
                self.feed.stop()
                return Outcome(Result.UNREACHED, 0, "this worker was silent for too long", Stage.CONNECT), None
            following = None if self._is_last() or not self.connection.pipelines else self.feed.at_hand()
            self.announced = following
            outcome = await self.connection.send(held.letter, following.letter if following else None)
            self.carried += 1
            if outcome.result is not Result.UNREACHED or self.carried == 1:
                break
            # A connection that the relay has ended says nothing of the letter: at once on a new one.
            self._heed(outcome)
            way.circuit.note_lost()
            if following is not None:
                await self._let_go(following)
            self.announced = following = None
            await self.close()
        return outcome, following

    async def _settled(self, held: Ready, outcome: Outcome, following: Ready | None) -> Ready | None:
        way, now = self.way, self.way.clock()
        follows = after(held.claim, outcome, now, random.random())  # noqa: S311  (spreads retries, guards nothing)
        self._heed(outcome)
        wants_us_otherwise = outcome.result is Result.UNREACHED and outcome.code not in {0, 421}  # such as 530
        if follows.effect is Effect.BLAME_RELAY or wants_us_otherwise:
            way.circuit.note_failed(way.worker.boot(), outcome.words, lasting=True)
            self.feed.stop()
        announced = following
        if self.feed.is_closed:  # told to stop meanwhile: nothing further begins (case 62)
            following = None
        wanted = await way.commits.settle(Done(held.claim, outcome, follows), following)
        way.reached(Point.AFTER_RECORD)
        self._land(follows.state)
        if outcome.result is not Result.ACCEPTED:
            log.info(
                "letter_not_accepted",
                notice=held.claim.id,
                result=outcome.result,
                code=outcome.code,
                state=follows.state,
            )
        if announced is None:
            return None
        if following is None or not wanted:
            if self.connection is not None:
                self.connection.withdraw()
            if following is None:
                await self._let_go(announced)
            else:
                self._land(State.DROPPED)
            return None
        way.reached(Point.AFTER_INTENT)
        return following

    def _is_last(self) -> bool:
        """Say whether the connection is to carry no further letter."""
        return self.feed.is_closed or self.way.throttle.is_used_up(self.carried + 1)

    def _land(self, state: State) -> None:
        self.tally.add(state)
        self.feed.landed()

    async def _let_go(self, ready: Ready) -> None:
        await self.way.commits.let_go([ready.claim])
        self.feed.landed()

    def _heed(self, outcome: Outcome) -> None:
        """Learn from an answer how fast the relay may be fed."""
        if outcome.result is Result.ACCEPTED:
            self.way.throttle.note_accepted()
        elif outcome.code == 421 or outcome.status == "4.7.0":
            self.way.throttle.note_closing(self.carried - 1, self.way.worker.boot())

    async def _opened(self) -> bool:
        """Have a connection that is good for one letter more; False if the relay cannot be reached."""
        if self.connection is not None and (not self.connection.usable or self.way.throttle.is_used_up(self.carried)):
            await self.close()
        if self.connection is None:
            self.connection = await self._connected()
        return self.connection is not None

    async def _connected(self) -> Connection | None:
        way = self.way
        try:
            async with way.circuit.knocking():
                if not way.circuit.is_open(way.worker.boot()):
                    return None
                connection = await way.transport.connect()
                way.circuit.note_reached()
        except RelayError as error:
            if error.code == 421 and way.throttle.allowed > 1:  # too many connections; the others go on
                way.throttle.note_closing(0, way.worker.boot())
                return None
            is_news = way.circuit.note_failed(way.worker.boot(), error.words, lasting=error.lasting)
            self.feed.stop()
            tell = log.error if is_news else log.warning
            tell("relay_unreached", problem=str(error), failures=way.circuit.failures, lasting=error.lasting)
            return None
        self.carried = 0
        return connection
