"""The welcome, the farewell and a change of address, from the act that makes them to the relay; on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from service.actions import managing, moving, parting, subscribing, taking
from service.domain.errors import InvalidError, NotFoundError
from service.domain.subscription import Status, Subscriber, Wish
from service.mail.reading import Opened
from service.mail.tokens import Purpose, stamp
from service.store import addressees, events, subscribers, subscriptions
from service.store.tables import notices
from tests.builders import a_habit, an_event
from tests.contract.conftest import NOW, Posting
from tests.databases import on_either
from tests.unit.rendering.letters import flat

pytestmark = on_either

ANI, NEW = "ani@example.org", "new@example.org"
WARS, WAR = Wish(collection="wars"), Wish(event="war", lead_days=7)


@pytest.fixture(autouse=True)
async def _record(posting: Posting) -> None:
    await posting.record()


async def reader(posting: Posting, address: str = ANI) -> Subscriber:
    async with posting.app.store.read() as tx:
        found = await subscribers.by_address(tx, address)
    assert found is not None
    return found


async def confirm(posting: Posting) -> None:
    id_ = (await reader(posting)).id
    token = posting.app.desk.tokens.sign(Purpose.CONFIRM, id_, stamp(NOW + timedelta(days=7)))
    async with posting.app.store.write() as tx:
        await subscribing.confirm(tx, posting.app.desk, token, NOW)


async def asked(posting: Posting, *wishes: Wish, language: str = "en") -> None:
    request = subscribing.Asked(ANI, a_habit(language=language), wishes, "203.0.113.7")
    async with posting.app.store.write() as tx:
        await subscribing.ask(tx, posting.app.desk, request, NOW)


async def last_letter(posting: Posting) -> Opened:
    await posting.send()
    return posting.letters()[-1][1]


async def test_who_confirms_is_told_what_they_asked_for_when_it_comes_and_the_next_days(posting: Posting) -> None:
    await asked(posting, WARS, WAR)
    await confirm(posting)
    letter = await last_letter(posting)
    text = flat(letter.text)
    assert letter.subject == "You will be reminded"
    assert "asked to be reminded of this: Wars and A war." in text
    assert "at 09:00 by the clock of Asia/Yerevan. You are told on the day itself and 7 days ahead." in text
    assert "A war In 26 days, on 27 September: six years since that day" in text
    assert "/manage/" in letter.text
    assert "List-Unsubscribe" in {name for name, _ in letter.headers}  # a welcome can be left by one click


async def test_confirming_again_sends_no_second_welcome(posting: Posting) -> None:
    await asked(posting, WARS)
    await confirm(posting)
    await confirm(posting)
    async with posting.app.store.read() as tx:
        kinds = list((await tx.execute(select(notices.c.kind).order_by(notices.c.id))).scalars())
    assert kinds == ["confirmation", "welcome"]


async def test_who_leaves_before_the_welcome_is_sent_gets_none(posting: Posting) -> None:
    await asked(posting, WARS)
    await confirm(posting)
    async with posting.app.store.write() as tx:
        await managing.leave(tx, await reader(posting), NOW)
    assert await posting.send() == 0


async def test_who_leaves_on_a_page_gets_no_letter_and_who_leaves_by_mail_gets_one(posting: Posting) -> None:
    app = posting.app
    await posting.reader("page@example.org", a_habit())
    await posting.reader(ANI, a_habit(language="hy"))
    async with app.store.write() as tx:
        await managing.leave(tx, await reader(posting, "page@example.org"), NOW)
    for _ in range(2):
        async with app.store.write() as tx:
            await parting.leave_by_mail(tx, await reader(posting), NOW)
    await posting.send()
    assert [(to, letter.subject) for to, letter in posting.letters()] == [(ANI, "Դուք հրաժարվել եք նամակներից")]
    assert (await reader(posting)).status is Status.LEFT


async def test_who_comes_back_before_the_farewell_is_sent_gets_none(posting: Posting) -> None:
    await posting.reader(ANI, a_habit())
    async with posting.app.store.write() as tx:
        await parting.leave_by_mail(tx, await reader(posting), NOW)
    async with posting.app.store.write() as tx:
        await managing.come_back(tx, await reader(posting), [], NOW)
    assert await posting.send() == 0


async def test_a_collection_that_ends_is_told_to_those_who_had_nothing_else(posting: Posting) -> None:
    app = posting.app
    await posting.reader(ANI, a_habit())
    other = await posting.reader("other@example.org", a_habit())
    async with app.store.write() as tx:
        await events.save_event(tx, an_event(id="peace"), "wars", 1, NOW)
        await subscriptions.add(tx, other, [Wish(event="peace")], NOW, NOW)
    ended = []
    for _ in range(2):
        async with app.store.write() as tx:
            ended.append(await parting.end_collection(tx, "wars", NOW))
    await posting.send()
    assert ended == [2, 0]
    ((to, letter),) = posting.letters()
    assert (to, letter.subject) == (ANI, "These letters have come to an end")
    assert "Wars" in letter.text
    assert (await reader(posting, "other@example.org")).status is Status.ACTIVE


async def ask_to_move(posting: Posting, address: str = NEW) -> None:
    async with posting.app.store.write() as tx:
        await moving.ask(tx, posting.app.desk, await reader(posting), address, posting.now)


def link(letter: Opened) -> str:
    """The token of the one link in the letter."""
    (found,) = [word.rpartition("/")[2] for word in letter.text.split() if "/address/" in word]
    return found


async def test_a_new_address_is_asked_first_and_then_written_to(posting: Posting) -> None:
    app = posting.app
    id_ = await posting.reader(ANI, a_habit())
    await ask_to_move(posting)
    letter = await last_letter(posting)
    assert (posting.letters()[-1][0], letter.subject) == (NEW, "Please confirm your new address")
    assert (NEW in letter.text, ANI in letter.text) == (True, False)
    assert (await reader(posting)).id == id_
    for _ in range(2):
        async with app.store.write() as tx:
            moved = await moving.confirm(tx, posting.app.desk, link(letter), NOW)
    assert (moved.id, (await reader(posting, NEW)).id, moved.address) == (id_, id_, NEW)
    assert await subscribers_of(posting) == [NEW]


async def test_what_was_asked_for_before_a_move_is_of_no_use_after_it(posting: Posting) -> None:
    """Whoever reads the old mailbox opens nothing more with a letter that is still there."""
    app = posting.app
    await posting.reader(ANI, a_habit())
    async with app.store.write() as tx:
        await taking.ask(tx, app.desk, await reader(posting), NOW)
    data = (await last_letter(posting)).text
    (token,) = [word.rpartition("/")[2] for word in data.split() if "/download/" in word]
    await ask_to_move(posting, "other@example.org")
    other = link(await last_letter(posting))
    await ask_to_move(posting)
    letter = await last_letter(posting)
    async with app.store.write() as tx:
        assert await taking.of_token(tx, app.desk, token, NOW)
        await moving.confirm(tx, app.desk, link(letter), NOW)
    async with app.store.write() as tx:
        with pytest.raises(NotFoundError):
            await taking.of_token(tx, app.desk, token, NOW)
        with pytest.raises(NotFoundError):
            await moving.confirm(tx, app.desk, other, NOW)


async def test_links_to_ones_own_pages_from_before_a_move_are_of_no_use_after_it(posting: Posting) -> None:
    """Whoever reads the old mailbox sees and changes nothing more; to leave from there is still possible."""
    app, desk = posting.app, posting.app.desk
    id_ = await posting.reader(ANI, a_habit())
    await ask_to_move(posting)
    letter = await last_letter(posting)
    old = [desk.manage(id_, posting.now - timedelta(days=1)), desk.tokens.sign(Purpose.MANAGE, id_)]
    leaving = desk.tokens.sign(Purpose.LEAVE, id_, "notice")
    async with app.store.write() as tx:
        for token in old:
            assert (await managing.of_link(tx, desk, Purpose.MANAGE, token)).id == id_
        await moving.confirm(tx, desk, link(letter), posting.now)
    async with app.store.read() as tx:
        for token in old:
            with pytest.raises(NotFoundError):
                await managing.of_link(tx, desk, Purpose.MANAGE, token)
        assert (await managing.of_link(tx, desk, Purpose.MANAGE, desk.manage(id_, posting.now))).address == NEW
        assert (await managing.of_link(tx, desk, Purpose.LEAVE, leaving)).id == id_


async def subscribers_of(posting: Posting) -> list[str]:
    async with posting.app.store.read() as tx:
        return [row.address async for page in subscribers.pages(tx) for row in page]


async def test_a_change_of_address_tells_nobody_what_is_known_of_the_new_one(posting: Posting) -> None:
    await posting.reader(ANI, a_habit())
    await posting.reader(NEW, a_habit())
    await ask_to_move(posting)
    assert await posting.send() == 0
    with pytest.raises(InvalidError, match="already"):
        await ask_to_move(posting, ANI.upper())


async def test_an_address_that_does_not_confirm_is_asked_three_times_in_a_month_at_most(posting: Posting) -> None:
    await posting.reader(ANI, a_habit())
    for day in range(6):
        for _ in range(2):
            posting.now = NOW + timedelta(days=day)
            await ask_to_move(posting)
    assert await posting.send() == 3


async def test_the_link_to_a_new_address_is_of_no_use_when_it_is_old_or_the_reader_is_gone(posting: Posting) -> None:
    app = posting.app
    await posting.reader(ANI, a_habit())
    await ask_to_move(posting)
    token = link(await last_letter(posting))
    async with app.store.write() as tx:
        with pytest.raises(NotFoundError):
            await moving.confirm(tx, posting.app.desk, token, NOW + timedelta(days=8))
        await managing.leave(tx, await reader(posting), NOW)
        with pytest.raises(NotFoundError):
            await moving.confirm(tx, posting.app.desk, token, NOW)
        await managing.erase(tx, app.desk, ANI, NOW)
        addressee, _ = app.desk.tokens.read(Purpose.ADDRESS, token) or ("", "")
        assert await addressees.named(tx, addressee) is None
