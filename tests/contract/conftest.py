"""A store on each database, and a program that sends to a relay."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from service.app import App, build
from service.delivery.transports import SmtpTransport
from service.domain.subscription import Habit, Status, Wish
from service.mail.reading import Opened, read
from service.scheduling import horizon
from service.settings import Settings
from service.store import events, subscribers, subscriptions
from service.store.dialect import Store
from tests.builders import a_collection, an_event, at
from tests.printers import AtHand
from tests.smtp_server import SmtpServer

NOW = at("2026-09-01T08:00")


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """A new store with all tables, of both kinds in turn."""
    store = Store(database_url)
    yield store
    await store.close()


@dataclass
class Posting:
    """The whole program on a database, with a relay that keeps what it gets; `now` is its time."""

    app: App
    relay: SmtpServer
    now: datetime = NOW

    async def record(self) -> None:
        """Record a war, and reckon its days."""
        async with self.app.store.write() as tx:
            await events.save_collection(tx, a_collection(), NOW)
            await events.save_event(tx, an_event(), "wars", 0, NOW)
        await horizon.cover(self.app.store, NOW.date(), NOW.date() + timedelta(days=120))

    async def reader(self, address: str, habit: Habit, status: Status = Status.ACTIVE) -> str:
        """Keep somebody who asked to remember the wars."""
        async with self.app.store.write() as tx:
            id_ = await subscribers.add(tx, subscribers.Arrival(address, habit, status, "page", NOW), NOW)
            await subscriptions.add(tx, id_, (Wish(collection="wars"),), NOW, NOW)
        return id_

    async def send(self) -> int:
        """Render and send what is there; gives how many letters were taken."""
        await self.app.press.render_all(self.now)
        return (await self.app.sender.drain()).accepted

    def letters(self) -> list[tuple[str, Opened]]:
        """Give what the relay got: to whom, and the letter."""
        return [(received.rcpt_tos[0], read(received.content)) for received in self.relay.received]


@pytest.fixture
def letter_box() -> str:
    """The setting of that name: no mail comes."""
    return ""


@pytest.fixture
async def posting(database_url: str, tmp_path: Path, letter_box: str) -> AsyncIterator[Posting]:
    """The whole program, on both databases in turn."""
    settings = Settings(
        data_dir=tmp_path,
        database_url=SecretStr(database_url),
        public_url="https://remember.example",
        letter_box=letter_box,
    )
    async with SmtpServer() as relay:
        made: list[Posting] = []
        transport = SmtpTransport(relay.url(), hello="localhost")
        app = build(settings, clock=lambda: made[0].now if made else NOW, transport=transport, printer=AtHand())
        made.append(Posting(app, relay))
        yield made[0]
        await app.close()
