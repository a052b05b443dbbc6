"""Letters to editors: through the ordinary post, once, marked, and in nobody's way; on both databases."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from service.actions import managing, trying
from service.app import App, build
from service.delivery.transports import SmtpTransport
from service.domain.editor import Editor, Role
from service.domain.errors import InvalidError, TooManyRequestsError
from service.domain.letter import Mark, Words
from service.domain.notice import State
from service.domain.subscription import Status
from service.mail.reading import read
from service.settings import Settings
from service.store import consequences, editions, editors, schema, slots, status, subscribers
from service.store.dialect import Store
from service.store.tables import notices, suppressions
from service.store.tables import subscribers as subscriber_table
from tests.builders import a_habit, at
from tests.smtp_server import SmtpServer, Stage

NOW = at("2026-09-01T08:00")
PAGES = ("manage", "manage", "subscribe")
ANI = "ani@example.org"
WORDS = Words(
    "A war: four years ago today",
    f'<p>It began. <a href="{Mark.LEAVE_URL}">Unsubscribe</a> {Mark.ADDRESS}</p>',
    f"It began.\n{Mark.LEAVE_URL}\n{Mark.MANAGE_URL}\n{Mark.CONFIRM_URL}\n",
)


@pytest.fixture
async def relay() -> AsyncIterator[SmtpServer]:
    async with SmtpServer() as server:
        yield server


@pytest.fixture
async def app(database_url: str, relay: SmtpServer, tmp_path: Path) -> AsyncIterator[App]:
    settings = Settings(data_dir=tmp_path, database_url=SecretStr(database_url), public_url="https://remember.example")
    built = build(settings, clock=lambda: NOW, transport=SmtpTransport(relay.url(), hello="localhost"))
    await schema.ensure(built.store)
    yield built
    await built.store.close()


@pytest.fixture
async def ani(app: App) -> Editor:
    async with app.store.write() as tx:
        return await editors.add(tx, ANI, "Ani", Role.EDITOR, "hy", NOW)


async def try_letter(app: App, editor: Editor, address: str = ANI) -> str:
    async with app.store.write() as tx:
        return await trying.send_test(tx, app.desk, editor, WORDS, "en", address, NOW)


async def rows(store: Store) -> list[tuple[State, str]]:
    wanted = select(notices.c.state, subscriber_table.c.address).join_from(notices, subscriber_table)
    async with store.read() as tx:
        return [(State(state), address) for state, address in await tx.execute(wanted.order_by(notices.c.id))]


async def reader(app: App, status: Status) -> str:
    async with app.store.write() as tx:
        return await subscribers.add(tx, subscribers.Arrival(ANI, a_habit(), status, "page", NOW), NOW)


async def test_a_letter_to_try_arrives_marked_in_the_editors_language_and_its_links_act_for_nobody(
    app: App, relay: SmtpServer, ani: Editor
) -> None:
    notice = await try_letter(app, ani)
    assert (await app.sender.drain()).accepted == 1
    (received,) = relay.received
    letter = read(received.content)
    names = {name for name, _ in letter.headers}
    assert letter.subject == f"[Փորձ] {WORDS.subject}"
    assert (received.rcpt_tos, f"{ANI}</p>" in letter.html) == ((ANI,), True)
    assert "/leave/" not in letter.text + letter.html
    assert letter.text.split() == ["It", "began.", *[f"https://remember.example/{page}" for page in PAGES]]
    assert "List-Unsubscribe" not in names
    async with app.store.read() as tx:
        history = await status.history(tx, notice)
    assert history is not None
    assert (history.line.state, history.lane, history.line.kind) == (State.ACCEPTED, 0, "test")


async def test_there_may_be_many_in_a_day_but_not_without_end(app: App, relay: SmtpServer, ani: Editor) -> None:
    for _ in range(30):
        await try_letter(app, ani)
    with pytest.raises(TooManyRequestsError):
        await try_letter(app, ani)
    assert (await app.sender.drain()).accepted == len(relay.received) == 30


async def test_it_is_in_no_figure_of_readers_letters_and_on_no_list_of_readers(app: App, ani: Editor) -> None:
    await try_letter(app, ani)
    await app.sender.drain()
    standing = await app.standing()
    assert sum(standing.counts.values()) == 0
    async with app.store.read() as tx:
        assert await editions.lately(tx, 10) == []
        assert await subscribers.count(tx) == {}
        assert [page async for page in subscribers.pages(tx)] == []
        assert await slots.standing(tx, NOW.date()) == {}
        assert await slots.with_movers(tx) == set()
        assert await subscribers.by_address(tx, ANI) is None


async def test_a_reader_at_the_same_address_stays_as_they_are_whatever_becomes_of_it(
    app: App, relay: SmtpServer, ani: Editor
) -> None:
    await reader(app, Status.ACTIVE)
    relay.once(Stage.RCPT, "550 5.1.1 no such mailbox")
    await try_letter(app, ani)
    assert (await app.sender.drain()).failed == 1
    async with app.store.read() as tx:
        found = await subscribers.by_address(tx, ANI)
        assert (await tx.execute(select(suppressions))).all() == []
    assert found is not None
    assert found.status is Status.ACTIVE


@pytest.mark.parametrize("standing", [Status.SUPPRESSED, Status.LEFT])
async def test_nothing_is_sent_to_somebody_who_wants_nothing(app: App, ani: Editor, standing: Status) -> None:
    await reader(app, standing)
    other = replace(ani, address="other@example.org")
    with pytest.raises(InvalidError, match="Nothing is sent"):
        await try_letter(app, other, ANI.upper())
    assert await rows(app.store) == []


async def test_an_address_that_is_suppressed_meanwhile_gets_nothing_and_erasing_forgets_the_letter(
    app: App, relay: SmtpServer, ani: Editor
) -> None:
    id_ = await reader(app, Status.ACTIVE)
    await try_letter(app, ani)
    await app.store.group(lambda tx: consequences.suppress(tx, id_, ANI, "hash", "no such mailbox", NOW))
    assert (await app.sender.drain()).dropped == 1
    assert relay.received == []
    async with app.store.write() as tx:
        await managing.erase(tx, app.desk, ANI, NOW)
    assert await rows(app.store) == [(State.DROPPED, ANI)]
