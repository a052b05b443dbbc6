"""Claims notices, hands their letters over and records what became of each (`faults.md`, section D).

Each connection carries one letter at a time: intent committed, letter handed over, outcome committed. No
transaction is open while a socket waits. What a crash may double is what was in flight: at most one letter
for each connection, the same bytes with the same Message-ID and Date.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.delivery.transports import Connection, RelayError, Transport
from service.domain.errors import InvalidError
from service.domain.letter import Letter
from service.domain.notice import Claim, Outcome, Result, State
from service.domain.retry import after
from service.mail.compose import Composer, Skeleton, skeleton
from service.observability import log
from service.store import editions, notices
from service.store.dialect import Store, new_id

LEASE = timedelta(seconds=30)
_BATCH_PER_CONNECTION = 4
_EDITIONS_KEPT = 64
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=5)
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


@dataclass(frozen=True, slots=True)
class _Words:
    """An edition ready to be composed from, and what brought it."""

    skeleton: Skeleton
    because: tuple[str, ...]


@dataclass(slots=True)
class Circuit:
    """Keeps a relay that cannot be reached from being hammered: waits from five seconds to five minutes."""

    failures: int = 0
    closed_until: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Say whether the relay may be tried."""
        return self.closed_until is None or self.closed_until <= now

    def note(self, *, reached: bool, now: datetime) -> None:
        """Take note of an attempt to connect."""
        self.failures = 0 if reached else self.failures + 1
        self.closed_until = None if reached else now + min(_FIRST_WAIT * 2 ** (self.failures - 1), _LONGEST_WAIT)


@dataclass(slots=True)
class Sender:
    """One worker: sends what is due over `connections` connections.

    `clock` gives the civil time, which may be turned; `lease_clock` the machine's, which never is: a lease
    says that a process lives.
    """

    store: Store
    composer: Composer
    transport: Transport
    clock: Clock
    lease_clock: Clock
    connections: int = 4
    owner: str = field(default_factory=new_id)
    circuit: Circuit = field(default_factory=Circuit)
    _editions: dict[str, _Words] = field(default_factory=dict)

    async def drain(self, stopping: asyncio.Event | None = None) -> Tally:
        """Send everything that is due; once `stopping` is set, finish what is in flight and claim no more."""
        tally = Tally()
        if not self.circuit.is_open(self.lease_clock()):
            return tally
        async with self.store.write() as tx:
            await notices.reclaim(tx, self.lease_clock())
        living = asyncio.create_task(self._prolong())
        feed = _Feed(self, stopping)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self.connections):
                    group.create_task(self._work(feed, tally))
        finally:
            living.cancel()
            with suppress(asyncio.CancelledError):
                await living
        return tally

    async def claim(self) -> list[Claim]:
        """Take the next notices that are due."""
        async with self.store.write() as tx:
            lease = self.lease_clock() + LEASE
            return await notices.claim(tx, self.owner, self.clock(), lease, self.connections * _BATCH_PER_CONNECTION)

    async def give_back(self, claims: list[Claim]) -> None:
        """Let go of what will not be tried now."""
        async with self.store.write() as tx:
            for claim in claims:
                await notices.give_back(tx, claim)

    async def _prolong(self) -> None:
        """Show, three times in a lease, that this worker lives."""
        while True:
            await asyncio.sleep(LEASE.total_seconds() / 3)
            async with self.store.write() as tx:
                await notices.extend(tx, self.owner, self.lease_clock() + LEASE)

    async def _work(self, feed: "_Feed", tally: Tally) -> None:
        """Be one connection: opened at the first letter, kept as long as it is good."""
        connection: Connection | None = None
        try:
            while claim := await feed.next():
                words = await self._composed(claim, tally)
                if words is None:
                    continue
                if connection is None:
                    connection = await self._connect(feed)
                outcome = await self._send(claim, *words, connection)
                tally.add(await self._record(claim, outcome) if outcome else State.DROPPED)
                if connection is not None and not connection.usable:
                    await connection.close()
                    connection = None
        finally:
            if connection is not None:
                await connection.close()

    async def _composed(self, claim: Claim, tally: Tally) -> tuple[Letter, tuple[str, ...]] | None:
        """Compose the letter of a notice, with what brought it; one that cannot be composed ends here."""
        try:
            words = await self._edition(claim.edition)
            return self.composer.compose(claim, words.skeleton), words.because
        except InvalidError as error:
            async with self.store.write() as tx:
                await notices.fail(tx, claim, str(error), self.clock())
            log.error("letter_not_composed", notice=claim.id, problem=str(error))
            tally.add(State.FAILED)
            return None

    async def _connect(self, feed: "_Feed") -> Connection | None:
        try:
            connection = await self.transport.connect()
        except RelayError as error:
            self.circuit.note(reached=False, now=self.lease_clock())
            feed.closed = True
            log.error("relay_unreached", problem=str(error), failures=self.circuit.failures)
            return None
        self.circuit.note(reached=True, now=self.lease_clock())
        return connection

    async def _send(
        self, claim: Claim, letter: Letter, because: tuple[str, ...], connection: Connection | None
    ) -> Outcome | None:
        """Commit the intent and hand the letter over; None if the letter is no longer wanted."""
        async with self.store.write() as tx:
            if not await notices.intend(tx, claim, because):
                await notices.drop(tx, claim, "no longer wanted", self.clock())
                return None
        if connection is None:
            return Outcome(Result.UNREACHED, 0, "the relay could not be reached")
        return await connection.send(letter)

    async def _edition(self, id_: str) -> _Words:
        """Give an edition's skeleton; the few that are being sent are kept."""
        if id_ not in self._editions:
            async with self.store.read() as tx:
                edition = await editions.named(tx, id_)
            if edition is None or edition.words is None:
                raise InvalidError("the edition is not rendered")
            if len(self._editions) >= _EDITIONS_KEPT:
                self._editions.clear()
            self._editions[id_] = _Words(skeleton(edition.words), edition.plan.because)
        return self._editions[id_]

    async def _record(self, claim: Claim, outcome: Outcome) -> State:
        now = self.clock()
        follows = after(claim, outcome, now, random.random())  # noqa: S311  (spreads retries, guards nothing)
        async with self.store.write() as tx:
            held = await notices.record(tx, claim, follows, outcome, now)
        log.info(
            "letter_handed_over",
            notice=claim.id,
            result=outcome.result,
            code=outcome.code,
            state=follows.state,
            attempt=follows.attempts,
            held=held,
        )
        return follows.state


@dataclass(slots=True)
class _Feed:
    """What the connections pull from: claims a few notices when the last ones run out."""

    sender: Sender
    stopping: asyncio.Event | None
    closed: bool = False
    _waiting: list[Claim] = field(default_factory=list)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def next(self) -> Claim | None:
        """Give the next claim; None when nothing is due, or no more is to be sent."""
        async with self._turn:
            if self.closed or (self.stopping and self.stopping.is_set()):
                back, self._waiting, self.closed = self._waiting, [], True
                await self.sender.give_back(back)
                return None
            if not self._waiting:
                self._waiting = (await self.sender.claim())[::-1]
            if not self._waiting:
                self.closed = True
                return None
            return self._waiting.pop()
