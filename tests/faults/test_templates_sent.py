"""What becomes of templates on their way to people: broken ones, changed ones, and the letter that an editor saw."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from service.actions import collections
from service.app import App, build
from service.delivery.sets import Sets
from service.domain.notice import Kind, State
from service.domain.subscription import Status, Wish
from service.rendering.proof import Wanted
from service.settings import shipped
from service.settings_read import read_settings
from service.store import editions, notices, subscribers, subscriptions
from service.store import templates as template_store
from tests.builders import a_habit, at, on
from tests.databases import on_either
from tests.faults.bombs import RUN
from tests.faults.crew import KEY
from tests.smtp_server import SmtpServer

pytestmark = on_either

EVENT = "artsakh-war-2020"
NOW = at("2024-09-27T05:10")  # ten past nine in Yerevan
BODY = "letters/notice/body.txt"
SUBJECT = "letters/notice/subject.txt"


@pytest.fixture
async def post_office() -> AsyncIterator[SmtpServer]:
    """A mail server that takes everything."""
    async with SmtpServer() as server:
        yield server


@pytest.fixture
async def app(database_url: str, post_office: SmtpServer, tmp_path: Path) -> AsyncIterator[App]:
    """The program with the collections that ship with it, and two who are to be reminded of one of them."""
    given = {
        "smtp_url": post_office.url(),
        "public_url": "https://remember.example.org",
        "sender": "Days <days@example.org>",
    }
    settings = read_settings(database_url=database_url, data_dir=tmp_path / "var", secret_key=KEY, **given)
    app = build(settings, clock=lambda: NOW)
    await app.stock()
    async with app.store.write() as tx:
        await collections.import_files(tx, [shipped("data") / "collections"], NOW)
        for language in ("en", "hy"):
            habit = a_habit(language=language)
            arrival = subscribers.Arrival(f"ani-{language}@example.org", habit, Status.ACTIVE, "page", NOW)
            id_ = await subscribers.add(tx, arrival, NOW)
            await subscriptions.add(tx, id_, (Wish(collection="artsakh"),), NOW, NOW)
    yield app
    await app.close()


async def planned(app: App) -> None:
    """Plan the day's letters, and render nothing."""
    await app.reckon()
    async with app.store.alone("clock"):
        await app.planner.plan(NOW)


async def test_case_089_an_undefined_name_stops_its_edition_and_no_other(app: App, post_office: SmtpServer) -> None:
    """A proof shows it with its line; its edition is not rendered, and whoever waits for it gets nothing wrong."""
    bomb = RUN["089 undefined"]
    drafts = {BODY: "{% if language.code == 'hy' %}" + bomb.source + "{% endif %}a"}
    proof = await app.prove(Wanted(Kind.NOTICE, "hy", EVENT, NOW.date()), drafts)
    assert (proof.words, proof.content) == (None, b"")
    assert [(one.template, one.line) for one in proof.findings] == [(BODY, bomb.line)]
    async with app.store.write() as tx:
        await template_store.put(tx, drafts, "a test", "to see", NOW)
    told = await app.round(NOW)
    assert (told.rendered, told.sent) == (2, 1)
    assert [letter.rcpt_tos[0] for letter in post_office.received] == ["ani-en@example.org"]
    async with app.store.read() as tx:
        assert await notices.count(tx) == {State.ACCEPTED: 1, State.PLANNED: 1}


async def test_case_090_a_template_saved_while_its_letters_are_sent(app: App, post_office: SmtpServer) -> None:
    """What was planned keeps the words that it was planned with: rendered before the change, or after it."""
    await planned(app)
    async with app.store.read() as tx:
        waiting = await editions.waiting(tx)
    assert len(waiting) == 2
    assert await app.press.render(waiting[0], NOW)
    async with app.store.write() as tx:
        await template_store.put(tx, {SUBJECT: "Another subject"}, "a test", "to see", NOW)
    later = replace(app.press, sets=Sets(app.templates))  # as another process, which has none in memory
    assert await later.render(waiting[1], NOW)
    await app.sender.drain()
    letters = [message_from_bytes(one.content, policy=policy.default) for one in post_office.received]
    assert len(letters) == 2
    assert not [letter["Subject"] for letter in letters if letter["Subject"] == "Another subject"]
    proof = await app.prove(Wanted(Kind.NOTICE, "en", EVENT, NOW.date()), {})
    assert proof.words is not None
    assert proof.words.subject == "Another subject"


@pytest.mark.parametrize("language", ["en", "hy"])
async def test_a_proof_and_the_letter_that_leaves_are_the_same_bytes(
    app: App, post_office: SmtpServer, language: str
) -> None:
    """But for the recipient's values: address, links, the notice's own number and date, and the edition's page."""
    await app.round(NOW)
    (sent,) = [one for one in post_office.received if one.rcpt_tos[0] == f"ani-{language}@example.org"]
    proof = await app.prove(Wanted(Kind.NOTICE, language, EVENT, on("2024-09-27")), {})
    assert neutral(proof.content, "reader@example.org") == neutral(sent.content, sent.rcpt_tos[0])
    assert len(proof.content) > 20_000


def neutral(content: bytes, recipient: str) -> bytes:
    """Take from a letter what is the reader's or the edition's, and the line breaks that hang on their length."""
    whole = re.sub(rb"(?<!\?)=\r\n", b"", content).replace(recipient.encode(), b"READER")
    (boundary,) = set(re.findall(rb'boundary="([^"]+)"', whole))
    whole = whole.replace(boundary, b"BOUNDARY")
    for pattern in (
        rb"(?<=/manage/)[\w.~=-]+", rb"(?<=/leave/)[\w.~=-]+", rb"(?<=/editions/)\w+",
        rb"(?m)(?<=^Date: ).*$", rb"(?m)(?<=^Message-ID: <)[^@]+", rb"(?m)(?<=^Feedback-ID: )\w+",
    ):  # fmt: skip
        whole, changed = re.subn(pattern, b"ITS-OWN", whole)
        assert changed, pattern
    return whole
