"""Notices by channels: handed over by Apprise to a real server, once, with the rules of the mail; and e-mail behind."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update
from structlog.testing import capture_logs

from service import metrics
from service.actions import channels as choosing
from service.actions import managing
from service.app import build
from service.delivery.channels import ChannelTransport
from service.delivery.transports import SmtpTransport
from service.domain.channel import Channel, Way
from service.domain.subscription import Cadence, Habit, Rhythm, Status
from service.settings import Settings
from service.store import channels as kept
from service.store import handing, own, people_pages, status, subscribers
from service.store.channel_tables import channels
from service.store.tables import attempts, notices
from service.web.metrics import measured
from tests.builders import at
from tests.contract.conftest import NOW, Posting
from tests.databases import on_either
from tests.http_peer import CUT, HttpPeer
from tests.printers import AtHand
from tests.smtp_server import SmtpServer

DAY = at("2026-09-27T05:00")  # nine o'clock in Yerevan, on the day of the war
HABIT = Habit(zone="Asia/Yerevan", hour="09:00")
WAY = Way(Channel.NTFY, "anna-remembers-2wz7")
LATER = timedelta(minutes=10)
BACK, WAR = "Your letters come by e-mail again", "A war: six years ago today"


@dataclass
class Ways(Posting):
    """The whole program with a relay, and an ntfy server beside it."""

    peer: HttpPeer | None = None

    @property
    def ntfy(self) -> HttpPeer:
        assert self.peer
        return self.peer

    async def by_channel(self, address: str = "anna@example.org", way: Way = WAY, habit: Habit = HABIT) -> str:
        """Keep somebody who has chosen a channel."""
        id_ = await self.reader(address, habit)
        async with self.app.store.write() as tx:
            await kept.choose(tx, id_, way, NOW)
        return id_

    async def round(self, now: datetime = DAY) -> None:
        """Plan, render and send as if it were `now`."""
        self.now = now
        await self.app.round(now)

    async def rows(self, table: Any = notices) -> list[Any]:
        async with self.app.store.read() as tx:
            return list((await tx.execute(select(table))).all())

    async def chosen(self, reader: str) -> Any:
        async with self.app.store.read() as tx:
            return await kept.chosen(tx, reader)


@pytest.fixture
async def ways(database_url: str, tmp_path: Path) -> AsyncIterator[Ways]:
    """The whole program with channels, on both databases in turn."""
    async with SmtpServer() as relay, HttpPeer() as peer:
        settings = Settings(
            data_dir=tmp_path,
            database_url=SecretStr(database_url),
            public_url="https://remember.example",
            channels=SecretStr(peer.ntfy),
        )
        made: list[Ways] = []
        transport = SmtpTransport(relay.url(), hello="localhost")
        app = build(settings, clock=lambda: made[0].now if made else NOW, transport=transport, printer=AtHand())
        made.append(Ways(app, relay, peer=peer))
        await made[0].record()
        yield made[0]
        await app.close()


async def test_a_notice_arrives_once_with_its_text_and_no_letter(ways: Ways) -> None:
    await ways.by_channel()
    await ways.reader("bert@example.org", HABIT)
    await ways.round()
    await ways.round(DAY + LATER)
    (told,) = ways.ntfy.told
    (letter,) = ways.letters()
    assert letter[0] == "bert@example.org"
    assert (told["topic"], told["title"]) == ("anna-remembers-2wz7", letter[1].subject)
    begun, *rest = told["message"].split("\n\n")
    assert begun
    assert begun in letter[1].text.replace("\r\n", "\n")
    assert "https://remember.example/editions/" in told["message"]
    assert rest[-1].endswith("\nhttps://remember.example/manage")
    assert not re.search(r"/(manage|leave)/", told["message"])
    assert "RMBR" not in told["message"]
    assert {row.state for row in await ways.rows()} == {"accepted"}
    assert max(row.words for row in await ways.rows()) == "ntfy took it"


async def test_each_reader_has_theirs_and_nobody_elses(ways: Ways) -> None:
    readers = {f"topic-of-reader-{name}" for name in "abc"}
    for topic in readers:
        await ways.by_channel(f"{topic}@example.org", Way(Channel.NTFY, topic))
    await ways.round()
    assert {told["topic"] for told in ways.ntfy.told} == readers


@on_either
async def test_the_server_is_told_of_nothing_but_the_message(ways: Ways) -> None:
    await ways.by_channel()
    await ways.round()
    ((line, headers, told),) = ways.ntfy.journal
    assert line == "POST / HTTP/1.1"
    assert set(told) == {"topic", "title", "message"}
    assert not [name for name in headers if name.startswith("x-")]
    assert "authorization" not in headers


@on_either
async def test_summaries_come_there_too_and_answers_by_mail(ways: Ways) -> None:
    await ways.by_channel(habit=replace(HABIT, rhythm=Rhythm(Cadence.WEEKLY, 7)))
    async with ways.app.store.write() as tx:
        await managing.pause(tx, await _subscriber(ways), None)
    await ways.round()
    (told,) = ways.ntfy.told
    assert told["topic"] == "anna-remembers-2wz7"
    assert ways.letters() == []


@on_either
async def test_a_500_is_tried_again_and_arrives_once(ways: Ways) -> None:
    await ways.by_channel()
    ways.ntfy.answers.append(500)
    await ways.round()
    (row,) = await ways.rows()
    assert (row.state, row.code, row.words, row.attempts) == ("ready", 500, "ntfy said 500", 1)
    await ways.round(DAY + LATER)
    (row,) = await ways.rows()
    assert (row.state, row.attempts) == ("accepted", 2)
    assert len(ways.ntfy.told) == 2
    assert ways.ntfy.told[0] == ways.ntfy.told[1]
    assert ways.letters() == []
    assert [one.result for one in await ways.rows(attempts)] == ["deferred"]


async def test_what_is_not_taken_three_times_goes_by_mail_the_same_day(ways: Ways) -> None:
    reader = await ways.by_channel()
    ways.ntfy.always = 500
    for minutes in (0, 10, 40):
        await ways.round(DAY + timedelta(minutes=minutes))
    await ways.round(DAY + timedelta(minutes=41))
    assert len(ways.ntfy.told) == 3
    assert [to for to, _ in ways.letters()] == ["anna@example.org"]
    (row,) = await ways.rows()
    assert (row.state, row.lane) == ("accepted", 1)
    assert (await ways.chosen(reader)).set_aside_at is None
    assert [one.failures for one in await ways.rows(channels)] == [0]


@on_either
@pytest.mark.parametrize("code", [401, 407])
async def test_where_our_key_is_refused_it_goes_by_mail_and_counts_for_nothing(ways: Ways, code: int) -> None:
    reader = await ways.by_channel()
    async with ways.app.store.write() as tx:
        await tx.execute(update(channels).values(failures=2))
    ways.ntfy.always = code
    with capture_logs() as said:
        await ways.round()
        await ways.round(DAY + timedelta(minutes=1))
    assert (len(ways.ntfy.told), len(ways.letters())) == (1, 1)
    assert [one.failures for one in await ways.rows(channels)] == [2]
    assert (await ways.chosen(reader)).set_aside_at is None
    told = [one for one in said if one["event"].startswith("channel_")]
    assert [(one["event"], one["words"]) for one in told] == [("channel_refuses_us", f"ntfy said {code}")]
    assert "anna" not in str(told)


async def test_who_has_blocked_us_is_written_to_at_once_and_the_channel_set_aside_in_the_end(ways: Ways) -> None:
    reader = await ways.by_channel()
    ways.ntfy.always = 403
    await ways.round()
    await ways.round(DAY + timedelta(minutes=1))
    assert (len(ways.ntfy.told), len(ways.letters())) == (1, 1)
    async with ways.app.store.write() as tx:
        await tx.execute(update(channels).values(failures=2))
        await tx.execute(update(notices).values(state="ready", lane=2, due_at=DAY, attempts=0, finished_at=None))
    await ways.round(DAY + timedelta(minutes=2))
    await ways.round(DAY + timedelta(minutes=3))
    assert (len(ways.ntfy.told), len(ways.letters())) == (2, 2)
    assert (await ways.chosen(reader)).set_aside_at == DAY + timedelta(minutes=2)
    seen = await ways.app.standing()
    assert seen.channels_aside == 1
    assert "remembrancer_channels_set_aside 1.0" in metrics.page(measured(seen)).decode()
    async with ways.app.store.write() as tx:
        assert await kept.chosen_by(tx, [reader]) == {}
        await kept.choose(tx, reader, WAY, DAY + LATER)  # by a new code
        assert list(await kept.chosen_by(tx, [reader])) == [reader]


@on_either
async def test_a_message_that_is_taken_forgives_the_failures_before(ways: Ways) -> None:
    await ways.by_channel()
    async with ways.app.store.write() as tx:
        await tx.execute(update(channels).values(failures=2))
    await ways.round()
    assert [row.failures for row in await ways.rows(channels)] == [0]


async def test_in_doubt_it_goes_the_same_way_once_more_and_never_another(ways: Ways) -> None:
    reader = await ways.by_channel()
    ways.ntfy.answers.extend([CUT, CUT])
    await ways.round()
    await ways.round(DAY + LATER)
    (row,) = await ways.rows()
    assert (row.state, row.reason, row.doubts, row.lane) == ("held", "in doubt again", 2, 2)
    assert len(ways.ntfy.told) == 2
    assert ways.letters() == []
    assert (await ways.chosen(reader)).set_aside_at is None


async def test_who_goes_back_to_mail_while_one_is_in_doubt_has_no_second_copy(ways: Ways) -> None:
    await ways.by_channel()
    ways.ntfy.answers.append(CUT)
    await ways.round()
    async with ways.app.store.write() as tx:
        await tx.execute(update(notices).values(due_at=DAY, state="ready", owner=None, doubts=1, finished_at=None))
        await choosing.by_mail(tx, await _subscriber(ways), ways.now)
    before = len(ways.ntfy.told)
    await ways.round(DAY + LATER)
    (row,) = [one for one in await ways.rows() if one.kind == "notice"]
    assert (row.state, row.reason) == ("held", "in doubt")
    assert len(ways.ntfy.told) == before
    assert [letter.subject for _, letter in ways.letters()] == [BACK]


@on_either
async def test_what_waits_goes_by_mail_for_who_goes_back(ways: Ways) -> None:
    await ways.by_channel()
    ways.ntfy.answers.append(500)
    await ways.round()
    async with ways.app.store.write() as tx:
        await choosing.by_mail(tx, await _subscriber(ways), ways.now)
    await ways.round(DAY + LATER)
    assert sorted(letter.subject for _, letter in ways.letters()) == [WAR, BACK]
    assert len(ways.ntfy.told) == 1


async def test_a_claim_made_before_a_change_of_mind_sends_nothing_there(ways: Ways) -> None:
    reader = await ways.by_channel()
    ways.ntfy.answers.append(500)
    await ways.round()
    later = DAY + LATER
    store = ways.app.store
    held = await store.group(lambda tx: kept.claim(tx, "me", later, 10, ("ntfy",), suspect=False))
    assert [one.address for one in held] == ["ntfy:anna-remembers-2wz7"]
    async with store.write() as tx:
        await choosing.by_mail(tx, await _subscriber(ways), ways.now)
    intents = handing.Intents(held[0].kind, ("collection:wars",), tuple(held))
    assert await store.group(lambda tx: handing.intend(tx, intents, later)) == set()
    await ways.round(later)
    assert sorted(letter.subject for _, letter in ways.letters()) == [WAR, BACK]
    assert (await ways.chosen(reader)) is None


@on_either
async def test_where_the_channel_is_not_declared_any_more_it_goes_by_mail(ways: Ways) -> None:
    await ways.by_channel(way=Way(Channel.TELEGRAM, "123456789"))
    await ways.round()
    await ways.round(DAY + timedelta(minutes=1))
    assert [to for to, _ in ways.letters()] == ["anna@example.org"]


@on_either
async def test_a_process_without_channels_sends_all_by_mail(ways: Ways) -> None:
    await ways.by_channel()
    settings = ways.app.settings.model_copy(update={"channels": SecretStr("")})
    app = build(settings, clock=lambda: DAY, transport=ways.app.post.transport, printer=AtHand())
    await app.round(DAY)
    await app.close()
    assert [to for to, _ in ways.letters()] == ["anna@example.org"]


async def test_what_is_in_doubt_leaves_by_no_mail_once_the_channels_are_gone(ways: Ways) -> None:
    await ways.by_channel()
    ways.ntfy.answers.append(CUT)
    await ways.round()
    async with ways.app.store.write() as tx:
        await tx.execute(update(notices).values(due_at=DAY, state="ready", owner=None, doubts=1, finished_at=None))
    settings = ways.app.settings.model_copy(update={"channels": SecretStr("")})
    app = build(settings, clock=lambda: DAY + LATER, transport=ways.app.post.transport, printer=AtHand())
    await app.round(DAY + LATER)
    await app.close()
    (row,) = await ways.rows()
    assert (row.state, row.reason, row.lane) == ("held", "in doubt on a channel", 2)
    assert ways.letters() == []


@on_either
async def test_who_has_left_is_told_nothing_there(ways: Ways) -> None:
    await ways.by_channel()
    ways.ntfy.answers.append(500)
    await ways.round()
    async with ways.app.store.write() as tx:
        await managing.leave(tx, await _subscriber(ways), DAY)
    await ways.round(DAY + LATER)
    assert len(ways.ntfy.told) == 1
    assert ways.letters() == []


@on_either
async def test_a_relay_that_is_down_keeps_no_message(ways: Ways) -> None:
    await ways.by_channel()
    await ways.reader("bert@example.org", HABIT)
    nowhere = SmtpTransport("smtp://127.0.0.1:1", hello="localhost")
    app = build(ways.app.settings, clock=lambda: DAY, transport=nowhere, printer=AtHand())
    await app.round(DAY)
    await app.close()
    assert len(ways.ntfy.told) == 1


@on_either
async def test_a_slow_channel_is_waited_for_so_long_and_no_longer(ways: Ways) -> None:
    never = asyncio.Event()
    ways.ntfy.answers.append(never)
    slow = ChannelTransport(_transport(ways).channels, _transport(ways)._hand_over, patience=0.2)
    outcome = await slow.handed(slow.taken_up(WAY.address, "A war", "It began."))
    never.set()
    assert (outcome.result, outcome.words) == ("in doubt", "the channel did not answer in time")


@on_either
async def test_what_cannot_be_reached_has_left_nobody_in_doubt(ways: Ways) -> None:
    await ways.by_channel()
    await ways.ntfy.__aexit__()
    await ways.round()
    (row,) = await ways.rows()
    assert (row.state, row.doubts, row.words) == ("ready", 0, "ntfy could not be reached")


async def test_who_looks_at_a_notice_sees_its_way(ways: Ways) -> None:
    await ways.by_channel()
    await ways.round()
    (row,) = await ways.rows()
    async with ways.app.store.read() as tx:
        found = await status.history(tx, row.id)
        (told,) = await people_pages.page(tx, None, "", 10)
    assert found
    assert (found.channel, told.channel) == ("ntfy", Channel.NTFY)


async def test_the_choice_is_in_ones_data_and_goes_with_the_person(ways: Ways) -> None:
    reader = await ways.by_channel()
    async with ways.app.store.read() as tx:
        data = await own.everything_of(tx, reader)
    assert [(row["name"], row["target"]) for row in data["channels"]] == [("ntfy", "anna-remembers-2wz7")]
    async with ways.app.store.write() as tx:
        await managing.erase(tx, ways.app.desk, "anna@example.org", NOW)
    assert await ways.rows(channels) == []


async def _subscriber(ways: Ways) -> Any:
    async with ways.app.store.read() as tx:
        found = await subscribers.by_address(tx, "anna@example.org")
    assert found
    assert found.status is Status.ACTIVE
    return found


def _transport(ways: Ways) -> ChannelTransport:
    assert ways.app.post.channels
    return ways.app.post.channels
