"""The program's post as the tests of the relay's faults have it: the whole app, and a clock turned by hand.

async with relay(Rule(Stage.RCPT, "450 4.2.0 later", times=1)) as wire:
    await post.opens(wire.url)
    await post.fill(3)
    await post.drain()
assert await post.states() == {"accepted": 2, "ready": 1}
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Table, select, update

from service.app import App, build
from service.delivery.points import Reached, unobserved
from service.delivery.relay import Patience
from service.delivery.sender import Tally
from service.delivery.transports import Connection, RelayError, SmtpTransport
from service.domain.notice import Kind
from service.settings import Settings
from service.store import notices
from service.store.tables import attempts, editions, lanes, subscribers, suppressions
from service.store.tables import notices as notice_table
from tests.builders import at
from tests.faults import stock
from tests.printers import AtHand

BEGINNING = at("2026-09-27T05:00")
KEY = "a key for the tests, of more than 32 characters"
PATIENCE_SECONDS = 60.0


@dataclass(slots=True)
class Door:
    """A transport that counts how often somebody asked for a connection, and the relay's answers to that."""

    transport: SmtpTransport
    asked: int = 0
    errors: list[RelayError] = field(default_factory=list)

    async def connect(self) -> Connection:
        """Open a connection; raise RelayError."""
        self.asked += 1
        try:
            return await self.transport.connect()
        except RelayError as error:
            self.errors.append(error)
            raise


@dataclass(slots=True)
class Post:
    """One process that sends, on one database; `now` is its civil time."""

    url: str
    folder: Path
    now: datetime = BEGINNING
    apps: list[App] = field(default_factory=list)
    doors: list[Door] = field(default_factory=list)

    async def opens(
        self,
        relay: str,
        *,
        connections: int = 1,
        patience: Patience | None = None,
        reached: Reached = unobserved,
    ) -> App:
        """Build the program for a relay; a second time it is the same program started again."""
        settings = Settings(
            data_dir=self.folder,
            database_url=SecretStr(self.url),
            secret_key=SecretStr(KEY),
            connections=connections,
        )
        self.doors.append(Door(SmtpTransport(relay, patience=patience, hello="localhost")))
        made = build(settings, clock=lambda: self.now, transport=self.door, reached=reached, printer=AtHand())
        self.apps.append(made)
        self.app.sender.worker.boot = self.boot
        return self.app

    @property
    def app(self) -> App:
        """The program."""
        return self.apps[-1]

    @property
    def door(self) -> Door:
        """How it comes to the relay."""
        return self.doors[-1]

    def turn(self, **by: float) -> None:
        """Let so much time pass, by the civil clock and by the one that nobody turns."""
        self.now += timedelta(**by)

    def boot(self) -> float:
        """Give the seconds since this machine was started."""
        return 1000 + (self.now - BEGINNING).total_seconds()

    @property
    def holds_for(self) -> float:
        """How many seconds the relay is still to be left alone."""
        return max(0.0, self.app.sender.circuit.closed_until - self.boot())

    async def fill(self, many: int, **how: Any) -> list[Any]:
        """Put notices that are due into the store, and give the rows of all that are ready, in their order."""
        ids = await stock.fill(self.app.store, many, now=self.now, **{"domains": ["example.org"], **how})
        return [row for row in await self.rows() if row.id in ids]

    async def again(self, row: Any) -> None:
        """Put one notice more into the store, due now, for the reader of another."""
        single = notices.Single(
            row.subscriber_id, Kind.NOTICE, self.now.date(), row.edition_id, self.now, self.now + timedelta(hours=15)
        )
        async with self.app.store.write() as tx:
            await notices.add_singles(tx, [single])
            await notices.release(tx)

    async def drain(self, within: float = PATIENCE_SECONDS) -> Tally:
        """Send everything that is due."""
        async with asyncio.timeout(within):
            return await self.app.sender.drain()

    async def rows(self) -> list[Any]:
        """Give every notice with its reader's address and status, in the order in which they are sent."""
        wanted = (
            select(notice_table, subscribers.c.address, subscribers.c.status)
            .join(subscribers, subscribers.c.id == notice_table.c.subscriber_id)
            .order_by(notice_table.c.created_at, notice_table.c.id)
        )
        async with self.app.store.read() as tx:
            return list(await tx.execute(wanted))

    async def row(self) -> Any:
        """Give the one notice there is."""
        (row,) = await self.rows()
        return row

    async def states(self) -> dict[str, int]:
        """Count notices by their state."""
        return dict(Counter(row.state for row in await self.rows()))

    async def tried(self) -> list[tuple[str, int]]:
        """Give result and code of each attempt that is kept beside the notices, in order."""
        return [
            (row.result, row.code) for row in await self._all(attempts, attempts.c.notice_id, attempts.c.generation)
        ]

    async def suppressed(self) -> list[str]:
        """Give why addresses are written to no more."""
        return [row.reason for row in await self._all(suppressions, suppressions.c.created_at)]

    async def lanes(self) -> dict[str, Any]:
        """Give the lanes by their domains."""
        return {row.domain: row for row in await self._all(lanes, lanes.c.domain)}

    async def edition(self) -> Any:
        """Give the one edition there is."""
        (row,) = await self._all(editions, editions.c.id)
        return row

    async def change(self, table: Table, id_: str, **values: Any) -> None:
        """Set what the store's own functions would not."""
        async with self.app.store.write() as tx:
            await tx.execute(update(table).where(table.c.id == id_).values(values))

    async def _all(self, table: Table, *order: Any) -> list[Any]:
        async with self.app.store.read() as tx:
            return list(await tx.execute(select(table).order_by(*order)))


def untouched(row: Any) -> bool:
    """Say whether a notice waits as if nobody had tried to send it."""
    return (row.state, row.owner, row.attempts, row.doubts, row.due_at) == ("ready", None, 0, 0, BEGINNING)


def turn_the_loop(seconds: float) -> None:
    """Let so many seconds pass for everything that waits in this test's loop, at once."""
    loop = asyncio.get_running_loop()
    before = loop.time
    loop.time = lambda: before() + seconds  # type: ignore[method-assign]


async def time_has_passed(seconds: float, turned: float) -> None:
    """Turn the loop, and come back when everybody who waited for less than `seconds` has been told."""
    told = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, told.set)
    turn_the_loop(turned)
    await told.wait()
