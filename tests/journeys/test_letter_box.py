"""The letter box, with a mail server that is not ours on both sides: whoever writes to us is heard within seconds."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, Row, create_engine, make_url, text

from tests.databases import on_either
from tests.journeys.program import ANNA, PATIENCE_SECONDS, Program, eventually, opened
from tests.peers.exim import OURS, Mailbox, Server
from tests.peers.spam_button import press

pytestmark = on_either

AT_MOST = timedelta(seconds=5)
ADDRESS = "anna@readers.test"
NOBODY = "nobody@late.readers.test"
TODAY = datetime.now(UTC)
MIDNIGHT = ANNA | {"zone": "UTC", "hour": "0", "collections": "letters"}
COLLECTION = """
id: letters
title: { en: Letters }
description: { en: Some. }
events:
"""
EVENT = """
  - id: fire-%s
    title: { en: The fire }
    summary: { en: It burned. }
    first_day: 2020-%s
    sources: [{ id: gazette, title: { en: The Gazette } }]
    rules: [{ kind: yearly }]
"""


@dataclass(frozen=True)
class House:
    """The program with its letter box behind Exim, and what its database says."""

    program: Program
    exim: Server
    database: Engine

    async def prepare(self) -> None:
        """Record events of yesterday, today and the days after, and let Exim know where our door is."""
        self.program.folder.mkdir(parents=True)
        days = [f"{TODAY + timedelta(days=number):%m-%d}" for number in range(-1, 4)]
        file = self.program.folder / "letters.yaml"
        file.write_text(COLLECTION + "".join(EVENT % (day, day) for day in days))
        await self.program.does("import", str(file))
        self.exim.hand_to(self.program.settings["LMTP"])

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Run what sends and what hears: when it is time to write to somebody, the test says."""
        with (self.program.folder / "errors.log").open("ab") as errors:
            process = await self.program.start("run", "--roles", "post,mailbox", stderr=errors)
        try:
            await eventually(self._is_open)
            yield
        finally:
            process.terminate()
            await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)

    def _is_open(self) -> bool:
        host, _, port = self.program.settings["LMTP"].partition(":")
        with socket.socket() as trying:
            return not trying.connect_ex((host, int(port)))

    def status(self, address: str) -> str | None:
        """Say where a subscriber stands; None if there is none."""
        row = self._row(address)
        return str(row.status) if row else None

    def next_letter(self, address: str) -> datetime:
        """Say at which moment of today's date the hour comes that a subscriber wants to be written to."""
        row = self._row(address)
        assert row is not None
        here = datetime.now(ZoneInfo(row.zone))
        hours, _, minutes = row.hour.partition(":")
        return here.replace(hour=int(hours), minute=int(minutes), second=1)

    async def tick(self, moment: datetime) -> None:
        """Do a round as if it were that moment."""
        await self.program.tick(f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")

    @asynccontextmanager
    async def follows(self, begins: str, fact: Callable[[], object]) -> AsyncIterator[None]:
        """See to it that five seconds after Exim has handed over a mail to such an address a fact is there.

        The mail is what the block sends, or has come back: the fact is looked for from its beginning.
        """
        seeing = asyncio.create_task(_seen(fact))
        try:
            yield
            seen = await seeing
        finally:
            seeing.cancel()
        (handed,) = await eventually(lambda: self.exim.taken(begins))
        assert seen - handed < AT_MOST

    def _row(self, address: str) -> Row[Any] | None:
        with self.database.connect() as connection:
            query = text("SELECT status, zone, hour FROM subscribers WHERE address = :address")
            return connection.execute(query, {"address": address}).first()


@pytest.fixture
async def house(program: Program, exim_server: Server) -> AsyncIterator[House]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        door = f"127.0.0.1:{free.getsockname()[1]}"
    url = make_url(program.settings["DATABASE_URL"])
    database = create_engine(url.set(drivername=url.drivername.replace("+aiosqlite", "")))
    own = {"SMTP_URL": exim_server.url, "LMTP": door, "SENDER": f"The house <letters@{OURS}>"}
    house = House(program.with_(PUBLIC_URL=f"https://{OURS}", **own), exim_server, database)
    await house.prepare()
    yield house
    database.dispose()


async def _seen(fact: Callable[[], object]) -> datetime:
    await eventually(fact)
    return datetime.now(UTC)


def written(to: str, subject: str, body: str = "", **headers: str) -> bytes:
    """Write a mail as Anna's mail program does."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"Anna <{ADDRESS}>", to, subject
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(body)
    return mail.as_bytes()


async def letter(mailbox: Mailbox, number: int) -> EmailMessage:
    """Wait for the letter of that number."""
    return opened((await eventually(lambda: mailbox.letters()[number - 1 :]))[0])


async def test_one_joins_by_mail_is_written_to_and_leaves_by_mail(house: House):
    mailbox = house.exim.mailbox(ADDRESS)
    async with house.open():
        joining = f"subscribe+letters@{OURS}"
        async with house.follows(joining, lambda: house.status(ADDRESS) == "pending"):
            await house.exim.post(ADDRESS, joining, written(joining, "Please write to me"))

        asking = await letter(mailbox, 1)
        to = parseaddr(str(asking["Reply-To"]))[1]
        assert to.startswith("confirm+")
        answer = written(to, f"Re: {asking['Subject']}", "Yes.", In_Reply_To=str(asking["Message-ID"]))
        async with house.follows(to, lambda: house.status(ADDRESS) == "active"):
            await house.exim.post(ADDRESS, to, answer)

        before = len(mailbox.letters())
        await house.tick(house.next_letter(ADDRESS))
        notice = await eventually(lambda: [one for one in map(opened, mailbox.letters()[before:]) if fire(one)])
        assert notice[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        found = re.search(r"<(mailto:[^<>]+)>", notice[0]["List-Unsubscribe"])
        assert found
        link = urlsplit(found[1])
        subject = parse_qs(link.query).get("subject", ["unsubscribe"])[0]
        leaving = unquote(link.path)
        async with house.follows(leaving, lambda: house.status(ADDRESS) == "left"):
            await house.exim.post(ADDRESS, leaving, written(leaving, subject))


def fire(message: EmailMessage) -> bool:
    """Whether a letter is today's notice."""
    return str(message["Subject"]).startswith("The fire")


async def test_an_unknown_address_bounces_once_and_is_written_to_no_more(house: House):
    house.exim.mailbox(ADDRESS)
    await house.program.readers(MIDNIGHT | {"email": NOBODY})
    async with house.open():
        async with house.follows("b+", lambda: house.status(NOBODY) == "suppressed"):
            await house.tick(TODAY)
        await house.tick(TODAY + timedelta(days=1))
    assert house.exim.log().count(f"** {NOBODY}") == 1
    assert house.exim.kept() == 0


async def test_who_complains_is_written_to_no_more(house: House):
    mailbox = house.exim.mailbox(ADDRESS)
    await house.program.readers(MIDNIGHT | {"email": ADDRESS})
    async with house.open():
        await house.tick(TODAY)
        (content,) = await eventually(mailbox.letters)
        async with house.follows("fbl@", lambda: house.status(ADDRESS) == "suppressed"):
            await press(house.exim, content, f"fbl@{OURS}")
        await house.tick(TODAY + timedelta(days=1))
    assert len(mailbox.letters()) == 1
    assert house.exim.kept() == 0
