"""A way that is chosen, changed or given up is told to the reader's address, each time, on both databases."""

import asyncio
from datetime import timedelta

import pytest

from service.actions import channels as choosing
from service.actions import managing, moving
from service.app import Role
from service.domain.channel import Channel, Way
from service.domain.errors import TooManyRequestsError
from service.domain.subscription import Status, Subscriber
from service.mail.reading import Opened
from service.mail.tokens import Purpose, stamp
from service.store import channels, subscribers
from service.store.dialect import GroupTx
from tests.builders import a_habit
from tests.contract.conftest import Posting
from tests.databases import on_either
from tests.unit.web.client import Client

pytestmark = on_either

ANI, EVE = "ani@example.org", "eve@example.org"
WAY = Way(Channel.NTFY, "ani-remembers-2wz7")
CHAT = Way(Channel.TELEGRAM, "123456789")


async def chooses(posting: Posting, reader: Subscriber, way: Way) -> None:
    """Have a code sent there, and type it in."""
    desk = posting.app.desk
    async with posting.app.store.write() as tx:
        asked = await choosing.ask(tx, desk, reader, way, posting.now)
    async with posting.app.store.write() as tx:
        assert await choosing.prove(tx, desk, reader, asked.token, asked.code, posting.now)


async def gives_up(posting: Posting, reader: Subscriber) -> None:
    async with posting.app.store.write() as tx:
        await choosing.by_mail(tx, reader, posting.now)


async def of_address(posting: Posting, address: str) -> Subscriber:
    async with posting.app.store.read() as tx:
        found = await subscribers.by_address(tx, address)
    assert found is not None
    return found


async def ani(posting: Posting, language: str = "en") -> Subscriber:
    """Somebody in Yerevan to whom letters come."""
    await posting.reader(ANI, a_habit(language=language, zone="Asia/Yerevan"))
    return await of_address(posting, ANI)


async def told(posting: Posting) -> list[Opened]:
    """Have what waits sent, and give all letters of the change so far."""
    await posting.send()
    assert {to for to, _ in posting.letters()} <= {ANI}
    return [letter for _, letter in posting.letters()]


def path_of(letter: Opened) -> str:
    (link,) = [word for word in letter.text.split() if "/way/" in word]
    return "/way/" + link.rpartition("/")[2]


async def test_each_change_is_told_by_mail_with_the_channel_and_the_hour_and_not_where_to(posting: Posting) -> None:
    reader = await ani(posting)
    await chooses(posting, reader, WAY)
    posting.now += timedelta(minutes=1)
    await chooses(posting, reader, CHAT)
    await chooses(posting, reader, Way(Channel.TELEGRAM, "987654321"))
    await gives_up(posting, reader)
    letters = await told(posting)
    assert [letter.subject for letter in letters] == [
        "Your letters come by ntfy now",
        "Your letters come by Telegram now",
        "Your letters go to another address now",
        "Your letters come by e-mail again",
    ]
    for letter, hour in zip(letters, ("12:00", "12:01", "12:01", "12:01"), strict=True):
        said = " ".join(letter.text.split())
        assert f"on 1 September 2026, {hour}." in said  # eight in UTC
        assert not {WAY.to, CHAT.to, "987654321"} & set(said.replace("/", " ").split())
    assert "by ntfy now, and no longer by e-mail." in letters[0].text.replace("\r\n", " ")
    assert "by Telegram now, and no longer by ntfy." in letters[1].text.replace("\r\n", " ")


async def test_a_change_is_told_once_and_what_changes_nothing_is_not(posting: Posting) -> None:
    reader = await ani(posting)
    await gives_up(posting, reader)
    await chooses(posting, reader, WAY)
    posting.now += timedelta(hours=1)
    await chooses(posting, reader, WAY)
    await asyncio.gather(*(gives_up(posting, reader) for _ in range(3)))
    assert len(await told(posting)) == 2
    assert len(await told(posting)) == 2


async def set_aside(posting: Posting) -> None:
    """Have every way set aside, as if none had taken anything."""

    def aside(tx: GroupTx) -> None:
        tx.execute(channels.channels.update().values(set_aside_at=posting.now))

    await posting.app.store.group(aside)


async def test_a_way_that_was_set_aside_and_is_given_up_is_not_told_as_letters_came_by_mail(posting: Posting) -> None:
    reader = await ani(posting)
    await chooses(posting, reader, WAY)
    await set_aside(posting)
    await gives_up(posting, reader)
    assert [letter.subject for letter in await told(posting)] == ["Your letters come by ntfy now"]
    async with posting.app.store.read() as tx:
        assert await channels.chosen(tx, reader.id) is None


async def test_a_way_that_was_set_aside_and_is_chosen_again_is_told(posting: Posting) -> None:
    reader = await ani(posting)
    await chooses(posting, reader, WAY)
    await set_aside(posting)
    posting.now += timedelta(hours=1)
    await chooses(posting, reader, WAY)
    assert [letter.subject for letter in await told(posting)] == ["Your letters come by ntfy now"] * 2


async def test_no_mailbox_is_flooded_and_no_change_goes_untold(posting: Posting) -> None:
    """Whoever holds the link chooses a few times a day, and after that goes back to e-mail at most."""
    reader = await ani(posting)
    changes = 0
    async with posting.app.store.write() as tx:
        asked = await choosing.ask(tx, posting.app.desk, reader, WAY, posting.now)
    for _ in range(8):
        posting.now += timedelta(minutes=1)
        try:
            async with posting.app.store.write() as tx:
                assert await choosing.prove(tx, posting.app.desk, reader, asked.token, asked.code, posting.now)
            changes += 1
        except TooManyRequestsError:
            continue
        finally:
            async with posting.app.store.write() as tx:
                changes += await channels.chosen(tx, reader.id) is not None
            await gives_up(posting, reader)
    assert changes == 6
    assert len(await told(posting)) == changes
    posting.now += timedelta(days=1)
    await chooses(posting, reader, WAY)
    assert len(await told(posting)) == changes + 1


async def test_no_code_is_sent_that_could_not_be_used_and_mail_can_be_chosen_all_the_same(posting: Posting) -> None:
    """Whoever holds the link chooses as often as they may; the reader goes back to e-mail, as the letter says."""
    reader = await ani(posting)
    for way in (WAY, CHAT, WAY):
        await chooses(posting, reader, way)
    async with posting.app.store.write() as tx:
        with pytest.raises(TooManyRequestsError):
            await choosing.ask(tx, posting.app.desk, reader, CHAT, posting.now)
    *_, letter = await told(posting)
    assert "You can have them by e-mail again at any time." in " ".join(letter.text.split())
    await gives_up(posting, reader)
    assert (await told(posting))[-1].subject == "Your letters come by e-mail again"
    async with posting.app.store.read() as tx:
        assert await channels.chosen(tx, reader.id) is None


async def test_the_letter_leads_to_ones_page_for_seven_days(posting: Posting) -> None:
    reader = await ani(posting)
    await chooses(posting, reader, WAY)
    (letter,) = await told(posting)
    client = Client(posting.app.site(frozenset({Role.WEB})))
    for method in ("GET", "HEAD", "GET"):
        answer = await client.get(path_of(letter), method)
        assert answer.status == 303
        assert (await client.get(answer.headers["location"].removeprefix("https://remember.example"))).status == 200
    addressee = path_of(letter).rpartition("/")[2].split(".")[0]
    until = stamp(posting.now + timedelta(days=1))
    tokens = posting.app.desk.tokens
    wrong = (
        tokens.sign(Purpose.WAY, reader.id, until),
        tokens.sign(Purpose.ADDRESS, addressee, until),
        tokens.sign(Purpose.WAY, addressee),
        "x",
    )
    for one in wrong:
        assert (await client.get(f"/way/{one}")).status == 404
    posting.now += timedelta(days=7, minutes=1)
    assert (await client.get(path_of(letter))).status == 404


async def test_who_has_left_or_moved_is_led_nowhere_by_it(posting: Posting) -> None:
    reader = await ani(posting)
    await chooses(posting, reader, WAY)
    (letter,) = await told(posting)
    async with posting.app.store.write() as tx:
        await subscribers.move(tx, reader.id, "ani.new@example.org")
    assert (await Client(posting.app.site(frozenset({Role.WEB}))).get(path_of(letter))).status == 404


async def follows(posting: Posting, to: str) -> None:
    """Have what waits sent, and the link followed by which letters come to an address, in the last letter there."""
    await posting.send()
    letter = [letter for at, letter in posting.letters() if at == to][-1]
    (link,) = [word for word in letter.text.split() if "/address/" in word]
    async with posting.app.store.write() as tx:
        await moving.confirm(tx, posting.app.desk, link.rpartition("/")[2], posting.now)
    posting.now += timedelta(hours=1)


async def moves(posting: Posting, reader: Subscriber, to: str) -> None:
    async with posting.app.store.write() as tx:
        await moving.ask(tx, posting.app.desk, reader, to, posting.now)
    await follows(posting, to)


async def test_who_takes_their_address_back_has_not_the_way_chosen_meanwhile_and_is_told(posting: Posting) -> None:
    await moves(posting, await ani(posting), EVE)
    await chooses(posting, await of_address(posting, EVE), WAY)
    await follows(posting, ANI)
    reader = await of_address(posting, ANI)
    async with posting.app.store.read() as tx:
        assert await channels.chosen(tx, reader.id) is None
    await posting.send()
    moved, undone = [letter for to, letter in posting.letters() if to == ANI]
    assert moved.subject == "Your letters go to another address now"
    assert undone.subject == "Your letters come by e-mail again"
    said = " ".join(undone.text.split())
    assert "after your address had been changed" in said
    assert "and no longer by ntfy" in said
    assert "It was chosen on your page on" not in said
    assert WAY.to not in said
    assert (await Client(posting.app.site(frozenset({Role.WEB}))).get(path_of(undone))).status == 303


async def test_who_takes_their_address_back_keeps_the_way_that_they_had_chosen(posting: Posting) -> None:
    reader = await ani(posting)
    await chooses(posting, reader, WAY)
    posting.now += timedelta(hours=1)
    await moves(posting, reader, EVE)
    await follows(posting, ANI)
    async with posting.app.store.read() as tx:
        chosen = await channels.chosen(tx, reader.id)
    assert chosen is not None
    assert chosen.way == WAY
    await posting.send()
    assert [letter.subject for to, letter in posting.letters() if to == ANI] == [
        "Your letters come by ntfy now",
        "Your letters go to another address now",
    ]


async def test_who_is_erased_takes_the_letters_about_it_along(posting: Posting) -> None:
    reader = await ani(posting)
    await chooses(posting, reader, WAY)
    async with posting.app.store.write() as tx:
        await managing.erase(tx, posting.app.desk, ANI, posting.now)
    assert await told(posting) == []


async def test_to_who_has_left_nothing_is_written(posting: Posting) -> None:
    reader = await ani(posting)
    await chooses(posting, reader, WAY)
    assert len(await told(posting)) == 1
    async with posting.app.store.write() as tx:
        await managing.leave(tx, reader, posting.now)
        left = await subscribers.by_id(tx, reader.id)
    assert left is not None
    assert left.status is Status.LEFT
    await gives_up(posting, left)
    assert len(await told(posting)) == 1


async def test_it_speaks_the_readers_language(posting: Posting) -> None:
    await chooses(posting, await ani(posting, "fr"), WAY)
    (letter,) = await told(posting)
    assert letter.subject == "Vos lettres arrivent maintenant par ntfy"
