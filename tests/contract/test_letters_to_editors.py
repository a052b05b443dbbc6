"""Letters to editors: through the ordinary post, once, marked, and in nobody's way; on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from service.actions import alerts, managing, trying
from service.actions import posting as posting_actions
from service.app import App
from service.delivery.sets import Sets
from service.domain.alert import Alert, Fact, Matter
from service.domain.editor import Editor, Role
from service.domain.errors import InvalidError, NotFoundError, TooManyRequestsError
from service.domain.letter import Mark, Words
from service.domain.notice import State
from service.domain.subscription import Status
from service.mail.reading import read
from service.store import archive, consequences, editors, installation, slots, status, subscribers
from service.store.dialect import Store
from service.store.editing_tables import editors as editor_table
from service.store.tables import installation as installation_table
from service.store.tables import notices, slot_runs, suppressions
from service.store.tables import subscribers as subscriber_table
from tests.builders import a_habit, at, on
from tests.contract.conftest import NOW, Posting
from tests.databases import on_either
from tests.post import Post
from tests.smtp_server import SmtpServer, Stage
from tests.unit.rendering.letters import flat

pytestmark = on_either

PAGES = ("manage", "manage", "subscribe")
ANI = "ani@example.org"
WORDS = Words(
    "A war: four years ago today",
    f'<p>It began. <a href="{Mark.LEAVE_URL}">Unsubscribe</a> {Mark.ADDRESS}</p>',
    f"It began.\n{Mark.LEAVE_URL}\n{Mark.MANAGE_URL}\n{Mark.CONFIRM_URL}\n",
)


@pytest.fixture
def app(posting: Posting) -> App:
    return posting.app


@pytest.fixture
def relay(posting: Posting) -> SmtpServer:
    return posting.relay


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
        assert await archive.listed(tx, None, None, 10) == []
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
    assert await rows(app.store) == []


async def editor(app: App, role: Role, name: str, language: str = "en") -> Editor:
    async with app.store.write() as tx:
        return await editors.add(tx, f"{name}@example.org", name, role, language, NOW)


async def tell(app: App, alert: Alert, now: datetime = NOW) -> int:
    async with app.store.write() as tx:
        return await alerts.tell_editors(tx, alert, now)


MISSED = Alert(Matter.SLOTS_MISSED, (Fact({"en": "Asia/Yerevan, 09:00"}, NOW.date()),))


async def test_an_alert_goes_to_those_of_its_role_each_in_their_language(posting: Posting) -> None:
    app = posting.app
    await editor(app, Role.OWNER, "owner")
    await editor(app, Role.APPROVER, "approver", "hy")
    await editor(app, Role.EDITOR, "editor")
    assert await tell(app, MISSED) == 2
    await posting.send()
    assert {to: letter.subject for to, letter in posting.letters()} == {
        "owner@example.org": "Letters of a past day were not sent",
        "approver@example.org": "Անցած օրվա նամակները չեն ուղարկվել",
    }
    (text,) = [letter.text for to, letter in posting.letters() if to == "owner@example.org"]
    assert "Asia/Yerevan, 09:00" in text
    assert "https://remember.example/admin" in text


async def test_nobody_is_told_the_same_twice_on_a_day(app: App) -> None:
    await editor(app, Role.OWNER, "owner")
    other = replace(MISSED, matter=Matter.NOT_RENDERED, about="one fault")
    told = [await tell(app, one) for one in (MISSED, MISSED, other, replace(other, about="another fault"), other)]
    assert told == [1, 0, 1, 1, 0]
    assert await tell(app, MISSED, NOW + timedelta(days=1)) == 1


async def test_who_was_let_go_or_is_not_to_be_written_to_is_not_told(app: App, ani: Editor) -> None:
    async with app.store.write() as tx:
        await tx.execute(update(editor_table).values(role="owner", disabled_at=NOW))
    assert await tell(app, MISSED) == 0
    async with app.store.write() as tx:
        await tx.execute(update(editor_table).values(disabled_at=None))
    await reader(app, Status.SUPPRESSED)
    assert await tell(app, MISSED) == 0
    assert ani.address == ANI


async def test_slots_that_were_missed_are_told_in_one_letter(posting: Posting) -> None:
    await posting.record()
    await editor(posting.app, Role.OWNER, "owner")
    for number, hour in enumerate(("08:00", "09:00")):
        await posting.reader(f"r{number}@example.org", a_habit(hour=hour))
    async with posting.app.store.write() as tx:
        for hour in ("08:00", "09:00"):
            await tx.execute(
                slot_runs.insert().values(
                    zone="Asia/Yerevan", hour=hour, day=on("2026-09-25"), state="run", notices=0, ran_at=NOW
                )
            )
    posting.now = at("2026-09-29T05:30")
    await posting.app.round(posting.now)
    ((to, letter),) = posting.letters()
    assert to == "owner@example.org"
    assert [hour in letter.text for hour in ("Asia/Yerevan, 08:00", "Asia/Yerevan, 09:00", "27 September 2026")] == [
        True
    ] * 3


def broken(app: App, name: str) -> App:
    """The same program, started with a template that says a name which is not there."""
    sets = Sets(app.templates.altered({name: "{{ nowhere }}"}))
    return replace(app, press=replace(app.press, sets=sets))


async def test_an_edition_that_cannot_be_rendered_is_told_once_for_one_fault(posting: Posting) -> None:
    await posting.record()
    await editor(posting.app, Role.APPROVER, "approver")
    await posting.reader("r1@example.org", a_habit())
    await posting.reader("r2@example.org", a_habit(language="hy"))
    posting.app = broken(posting.app, "letters/notice/subject.txt")
    posting.now = at("2026-09-27T05:00")
    await posting.app.round(posting.now)
    await posting.send()
    ((to, letter),) = posting.letters()
    assert (to, letter.subject) == ("approver@example.org", "A letter could not be written")
    assert "letters/notice/subject.txt:1: 'nowhere' is undefined" in flat(letter.text)


async def test_a_fault_in_the_alerts_own_template_ends_with_it(posting: Posting) -> None:
    await editor(posting.app, Role.OWNER, "owner")
    await tell(posting.app, MISSED)
    posting.app = broken(posting.app, "letters/alert/subject.txt")
    assert await posting.app.press.render_all(NOW) == 1
    assert await rows(posting.app.store) == [(State.PLANNED, "owner@example.org")]


async def test_mail_that_stands_still_is_told_when_it_has_lasted_and_once(posting: Posting) -> None:
    await editor(posting.app, Role.OWNER, "owner")
    async with posting.app.store.write() as tx:
        await installation.ticked(tx, NOW)
    post = Post(posting.app.store, NOW)
    await post.notice(State.READY, due_at=NOW - timedelta(minutes=20))
    assert not await posting.app.sentry.look()
    await post.notice(State.READY, due_at=NOW - timedelta(minutes=40))
    assert await posting.app.sentry.look()
    assert await posting.app.sentry.look()
    assert [address for _, address in await rows(posting.app.store)].count("owner@example.org") == 1


async def test_a_restored_copy_that_takes_over_is_told(posting: Posting) -> None:
    app = posting.app
    await editor(app, Role.OWNER, "owner")
    async with app.store.write() as tx:
        await installation.pause(tx, "a copy", NOW)
        await tx.execute(update(installation_table).values(fingerprint="elsewhere"))
        assert await posting_actions.resume(tx, NOW, take_over=True)
    await posting.send()
    assert [letter.subject for _, letter in posting.letters()] == ["A restored copy sends now"]


async def test_somebody_who_only_ever_got_a_letter_to_try_can_be_erased_too(app: App, ani: Editor) -> None:
    await try_letter(app, ani, "Stranger@example.org")
    async with app.store.write() as tx:
        await managing.erase(tx, app.desk, "stranger@example.org", NOW)
        with pytest.raises(NotFoundError):
            await managing.erase(tx, app.desk, "stranger@example.org", NOW)
    assert await rows(app.store) == []
    with pytest.raises(InvalidError, match="Nothing is sent"):
        await try_letter(app, ani, "stranger@example.org")
