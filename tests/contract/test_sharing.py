"""An invitation opens a reader's pages to nobody else, and once; what is ended stays ended; on both databases."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from service.actions import managing, remembering, sharing
from service.actions.remembering import Told
from service.app import Role as Part
from service.domain.consent import Came
from service.domain.documents import read_private
from service.domain.errors import NotFoundError
from service.domain.subscription import Status, Subscriber
from service.domain.targets import target_of
from service.mail.tokens import Purpose, stamp
from service.store import private_shares, subscribers, subscriptions
from service.store.tables import editions as edition_table
from service.store.tables import metadata
from service.store.tables import notices as notice_table
from service.store.tables import subscribers as subscriber_table
from tests.builders import a_habit, at
from tests.contract.conftest import NOW, Posting
from tests.unit.web.client import Client

RECORD = {"name": "Grandmother Tamar", "first_day": "1990-09-27", "rules": [{"kind": "yearly"}]}
SONA = "sona@example.org"


@dataclass
class Home:
    """Ani, who recorded a private date, and whom she asks to remember it with her."""

    posting: Posting
    ani: str
    date: str

    async def who(self, id_: str) -> Subscriber:
        async with self.posting.app.store.read() as tx:
            found = await subscribers.by_id(tx, id_)
        assert found is not None
        return found

    async def at(self, address: str) -> Subscriber | None:
        async with self.posting.app.store.read() as tx:
            return await subscribers.by_address(tx, address)

    async def invite(self, address: str = SONA) -> None:
        ani = await self.who(self.ani)
        async with self.posting.app.store.write() as tx:
            await sharing.invite(tx, self.posting.app.desk, ani, self.date, address, self.posting.now)

    async def letters(self) -> dict[str, str]:
        """Give to what addresses invitations were written, each with the token of its link."""
        asked = subscriber_table.c.address_key.startswith("invitation:")
        wanted = select(subscriber_table.c.id, subscriber_table.c.address).where(asked).order_by(subscriber_table.c.id)
        async with self.posting.app.store.read() as tx:
            found = (await tx.execute(wanted)).all()
        until = stamp(self.posting.now + timedelta(days=7))
        return {one.address: self.posting.app.desk.tokens.sign(Purpose.INVITATION, one.id, until) for one in found}

    async def accept(self, token: str) -> Subscriber | None:
        async with self.posting.app.store.write() as tx:
            return await sharing.accept(tx, self.posting.app.desk, token, self.posting.now, Came("invitation"))

    async def together(self) -> tuple[Subscriber, str]:
        """Have Sona invited and accept; gives her, and the token of her letter."""
        await self.invite()
        token = (await self.letters())[SONA]
        sona = await self.accept(token)
        assert sona is not None
        return sona, token

    async def shares(self) -> list[private_shares.Share]:
        async with self.posting.app.store.read() as tx:
            return await private_shares.of_event(tx, self.date)

    async def is_told(self, id_: str) -> bool:
        async with self.posting.app.store.read() as tx:
            return target_of(self.date) in await subscriptions.leads_private(tx, id_)

    async def everything(self) -> str:
        async with self.posting.app.store.read() as tx:
            return repr([(await tx.execute(select(table))).all() for table in metadata.sorted_tables])

    def client(self) -> Client:
        return Client(self.posting.app.site(frozenset(Part)))


@pytest.fixture
async def home(posting: Posting) -> Home:
    ani = await posting.reader("ani@example.org", a_habit())
    async with posting.app.store.write() as tx:
        owner = await subscribers.by_id(tx, ani)
        assert owner is not None
        date = await remembering.record(tx, owner, Told(read_private(RECORD), (0,)), NOW)
    return Home(posting, ani, date)


async def test_an_invitation_to_a_reader_goes_to_the_address_they_are_known_by(home: Home) -> None:
    reader = await home.posting.reader("strasse@example.org", a_habit())
    await home.invite("straße@example.org")
    letters = await home.letters()
    assert list(letters) == ["strasse@example.org"]
    assert [one.address for one in await home.shares()] == ["straße@example.org"]  # not whether there is such a reader
    accepted = await home.accept(letters["strasse@example.org"])
    assert accepted is not None
    assert accepted.id == reader


async def test_who_has_a_mailbox_written_like_a_readers_does_not_come_to_their_pages(home: Home) -> None:
    await home.invite("straße@example.org")
    reader = await home.posting.reader("strasse@example.org", a_habit())
    token = (await home.letters())["straße@example.org"]
    answer = await home.client().post(f"/invitation/{token}")
    assert (answer.status, answer.headers.get("location")) == (404, None)
    assert not await home.is_told(reader)


async def test_an_accepted_invitation_opens_nothing_once_its_reader_has_moved(home: Home) -> None:
    sona, token = await home.together()
    async with home.posting.app.store.write() as tx:
        await subscribers.move(tx, sona.id, "new@example.org")
    before = await home.everything()
    answer = await home.client().post(f"/invitation/{token}")
    assert "You have accepted it." in answer.text
    assert "/manage/" not in answer.text + answer.headers.get("location", "")
    assert await home.everything() == before


async def test_who_left_does_not_come_back_by_an_invitation_that_they_had_accepted(home: Home) -> None:
    sona, token = await home.together()
    async with home.posting.app.store.write() as tx:
        await managing.leave(tx, sona, NOW)
    before = await home.everything()
    assert await home.accept(token) is None
    assert await home.everything() == before
    assert (await home.who(sona.id)).status is Status.LEFT


async def test_an_owner_does_not_accept_their_own_invitation(home: Home) -> None:
    await home.invite()
    token = (await home.letters())[SONA]
    async with home.posting.app.store.write() as tx:
        await subscribers.move(tx, home.ani, SONA)
    with pytest.raises(NotFoundError):
        await home.accept(token)
    assert [one.reader for one in await home.shares()] == [None]


async def test_who_is_invited_twice_in_a_day_can_accept_the_letter_they_have(home: Home) -> None:
    await home.invite()
    before = await home.shares()
    await home.invite()
    assert await home.shares() == before
    assert await home.accept((await home.letters())[SONA]) is not None


async def test_what_an_owner_ends_while_it_is_being_accepted_is_ended(home: Home) -> None:
    await home.invite()
    token, ani = (await home.letters())[SONA], await home.who(home.ani)
    (share,) = await home.shares()

    async def ending() -> None:
        async with home.posting.app.store.write() as tx:
            await sharing.end(tx, ani, home.date, share.id, NOW)

    async with home.posting.app.store.write() as tx:
        sona = await sharing.accept(tx, home.posting.app.desk, token, NOW, Came("invitation"))
        assert sona is not None
        task = asyncio.create_task(ending())
        done, _ = await asyncio.wait({task}, timeout=0.3)
        assert not done
    await task
    assert await home.shares() == []
    assert not await home.is_told(sona.id)


async def test_an_invitation_that_is_ended_as_somebody_accepts_brings_nobody(home: Home) -> None:
    await home.invite()
    token, ani = (await home.letters())[SONA], await home.who(home.ani)
    (share,) = await home.shares()
    async with home.posting.app.store.write() as tx:
        await sharing.end(tx, ani, home.date, share.id, NOW)
        task = asyncio.create_task(home.accept(token))
        done, _ = await asyncio.wait({task}, timeout=0.3)
        assert not done
    with pytest.raises(NotFoundError):
        await task
    assert await home.at(SONA) is None


async def test_an_invitation_written_again_while_one_is_accepted_does_not_undo_that(home: Home) -> None:
    await home.invite()
    token = (await home.letters())[SONA]
    home.posting.now += timedelta(days=1)
    async with home.posting.app.store.write() as tx:
        sona = await sharing.accept(tx, home.posting.app.desk, token, NOW, Came("invitation"))
        assert sona is not None
        task = asyncio.create_task(home.invite())
        done, _ = await asyncio.wait({task}, timeout=0.3)
        assert not done
    await task
    assert [one.reader for one in await home.shares()] == [sona.id]


async def test_who_stops_is_told_no_more_even_where_no_share_is_known_and_an_owner_keeps_their_own(home: Home) -> None:
    sona, _ = await home.together()
    async with home.posting.app.store.write() as tx:
        await private_shares.end(tx, home.date, reader=sona.id)
        await sharing.stop(tx, sona, home.date, NOW)
        await sharing.stop(tx, await home.who(home.ani), home.date, NOW)
    assert not await home.is_told(sona.id)
    assert await home.is_told(home.ani)


async def test_whose_share_has_ended_sees_what_was_said_then_and_no_later_word(home: Home) -> None:
    posting = home.posting
    await posting.record()
    sona, _ = await home.together()
    posting.now = at("2026-09-27T05:00")
    await posting.app.planner.plan(posting.now)
    await posting.app.press.render_all(posting.now)
    (share,) = await home.shares()
    ani = await home.who(home.ani)
    async with posting.app.store.write() as tx:
        await sharing.end(tx, ani, home.date, share.id, posting.now)
        renamed = Told(read_private({**RECORD, "name": "Nightjar"}), (0,))
        await remembering.change(tx, ani, home.date, renamed, posting.now)
        theirs = select(notice_table.c.id).join_from(notice_table, edition_table)
        theirs = theirs.where(notice_table.c.subscriber_id == sona.id, edition_table.c.subscriber_id == sona.id)
        notice = (await tx.execute(theirs)).scalar_one()
    tokens = posting.app.desk.tokens
    manage, leave = tokens.sign(Purpose.MANAGE, sona.id), tokens.sign(Purpose.LEAVE, sona.id, notice)
    for path in (f"/manage/{manage}/letters", f"/manage/{manage}/letters/{notice}", f"/leave/{leave}"):
        answer = await home.client().get(path)
        assert answer.status == 200, path
        assert "Nightjar" not in answer.text, path
    manage = tokens.sign(Purpose.MANAGE, home.ani)
    assert "Nightjar" in (await home.client().get(f"/manage/{manage}/letters")).text


async def test_an_erased_owner_takes_every_invitation_along(home: Home) -> None:
    await home.invite()
    home.posting.now += timedelta(days=1)
    await home.invite()
    async with home.posting.app.store.write() as tx:
        await managing.erase(tx, home.posting.app.desk, "ani@example.org", NOW)
    assert SONA not in await home.everything()


async def test_who_is_erased_takes_along_invitations_to_any_way_of_writing_their_address(home: Home) -> None:
    await home.posting.reader("strasse@example.org", a_habit())
    await home.invite("STRAßE@example.org")
    async with home.posting.app.store.write() as tx:
        await managing.erase(tx, home.posting.app.desk, "strasse@example.org", NOW)
    assert await home.shares() == []
