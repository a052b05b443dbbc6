"""An event that is edited while its letters are on their way (`faults.md`, case 57): a real post and a real change."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from service.actions import records
from service.app import App, build
from service.mail.reading import read
from service.settings import Settings
from service.store import schema
from tests.builders import an_event, at
from tests.faults.crew import KEY
from tests.faults.planning import PlanningDesk, change
from tests.faults.script import Rule, Stage
from tests.faults.wire import Journal, Wire

NINE = at("2026-09-27T05:00")
LATER = an_event(title={"en": "The war, told anew"})
READERS, CONNECTIONS = 60, 4


class Newsroom:
    """The whole program with an event and its readers, its clock turned by hand."""

    def __init__(self, url: str, folder: Path, relay: str) -> None:
        self.now, self.folder = NINE, folder
        given = {"data_dir": folder, "database_url": SecretStr(url), "secret_key": SecretStr(KEY)}
        self.app: App = build(
            Settings(smtp_url=SecretStr(relay), connections=CONNECTIONS, **given), clock=lambda: self.now
        )
        self.desk = PlanningDesk(self.app.store)

    async def prepare(self) -> None:
        """Record the event, and have its letters ready."""
        await schema.upgrade(self.app.store)
        await self.desk.record(an_event())
        for number in range(READERS):
            await self.desk.reader(f"reader{number}")
        await self.make_ready()

    async def make_ready(self) -> None:
        """Plan and render what is due."""
        await self.desk.plan(self.now)
        await self.app.press.render_all(self.now)

    async def edit(self, how: str) -> None:
        """Change the event, by the actions that people use, a minute later."""
        self.now += timedelta(minutes=1)
        if how == "edited":
            await change(self.desk, LATER, now=self.now, folder=self.folder)
        else:
            async with self.app.store.write() as tx:
                await records.withdraw(tx, "a test", "war", None, "It was recorded by mistake.", self.now)

    async def settle(self) -> None:
        """Go on for two minutes: plan anew, render, send."""
        for _ in range(2):
            self.now += timedelta(minutes=1)
            await self.make_ready()
            await self.app.sender.drain()


def told(wire: Wire) -> Counter[str]:
    """Count the subjects of what arrived."""
    return Counter(read(content).subject.partition(":")[0] for content in wire.contents)


async def a_letter_each(wire: Wire) -> int:
    """Give how many readers had a letter, each exactly one."""
    readers = [recipient for kept in wire.journal.read() for recipient in kept.recipients]
    assert len(readers) == len(set(readers))
    return len(readers)


@pytest.mark.parametrize("how", ["edited", "deleted"])
async def test_case_057_an_edit_between_claim_and_intent_reaches_everything_that_is_claimed(
    database_url: str, tmp_path: Path, how: str
) -> None:
    """Claimed and composed with the old words, waiting for the relay's greeting: not one of them leaves."""
    greeted = asyncio.Event()
    async with Wire(Journal(tmp_path / "journal"), [Rule(Stage.GREETING, until=greeted)], keeps_content=True) as wire:
        room = Newsroom(database_url, tmp_path, wire.url)
        await room.prepare()
        draining = asyncio.create_task(room.app.sender.drain())
        await wire.reached(Stage.GREETING)
        await room.edit(how)
        greeted.set()
        await draining
        await room.settle()
        await room.app.store.close()
    assert told(wire) == ({"The war, told anew": READERS} if how == "edited" else {})
    assert await a_letter_each(wire) == (READERS if how == "edited" else 0)


@pytest.mark.parametrize("how", ["edited", "deleted"])
async def test_case_057_an_edit_amid_sending_leaves_their_words_to_those_that_have_started_and_to_no_other(
    database_url: str, tmp_path: Path, how: str
) -> None:
    """Some letters accepted, one under way on each connection, the next announced, others claimed, others ready."""
    answered = asyncio.Event()
    rule = Rule(Stage.DOT, skip=10, until=answered)
    async with Wire(Journal(tmp_path / "journal"), [rule], keeps_content=True) as wire:
        room = Newsroom(database_url, tmp_path, wire.url)
        await room.prepare()
        draining = asyncio.create_task(room.app.sender.drain())
        await wire.reached(Stage.DOT, 10 + CONNECTIONS)
        await room.edit(how)
        answered.set()
        await draining
        await room.settle()
        await room.app.store.close()
    started = 10 + CONNECTIONS
    anew = {"The war, told anew": READERS - started} if how == "edited" else {}
    assert told(wire) == {"A war": started} | anew
    assert await a_letter_each(wire) == started + sum(anew.values())
