"""What a hostile, or merely odd, world does to the letter box: nothing of it is told, kept for ever, or believed."""

import asyncio
import socket
from datetime import timedelta

import pytest
from sqlalchemy import select

from service.actions import managing
from service.domain.heard import Did, What
from service.domain.subscription import Status
from service.store import inbox
from service.store.inbox import Arrival
from service.store.inbox_tables import heard as heard_table
from service.store.inbox_tables import inbox as table
from service.store.tables import subscribers as subscriber_table
from service.store.tables import suppressions
from tests.builders import a_habit
from tests.contract.conftest import NOW, Posting
from tests.contract.letters_back import a_mail, a_report
from tests.contract.test_letter_box import HELP, Box, a_letter, the_door


@pytest.fixture
def letter_box() -> str:
    return "@remember.example"


@pytest.fixture
async def box(posting: Posting) -> Box:
    """A reader who got a letter."""
    await posting.record()
    subscriber = await posting.reader("ani@example.org", a_habit())
    return Box(posting, subscriber, await a_letter(posting, subscriber, NOW))


async def forgotten_after(box: Box, days: int) -> None:
    box.posting.now = NOW + timedelta(days=days)
    await box.app.forget()


async def heard_rows(box: Box) -> int:
    async with box.app.store.read() as tx:
        return len((await tx.execute(select(heard_table.c.id))).all())


async def test_what_a_stranger_says_instead_of_commands_is_in_no_log(
    box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    async with the_door(box) as port:

        def talks() -> bytes:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as stranger:
                stranger.sendall(b"LHLO x\r\nanna@secret.example hello\r\n\x1b[31mred\r\nQUIT\r\n")
                return b"".join(iter(lambda: stranger.recv(4096), b""))

        assert b"221" in await asyncio.to_thread(talks)
    assert not [one.getMessage() for one in caplog.records if one.name == "mail.log"]


class TestForgetting:
    async def test_mail_that_was_read_is_kept_for_thirty_days_and_what_was_heard_for_as_long_as_it_counts(
        self, box: Box
    ) -> None:
        await box.arrives(a_report("5.2.0"))
        await forgotten_after(box, 29)
        assert (await box.kept(), await heard_rows(box)) == (1, 1)
        await forgotten_after(box, 31)
        assert (await box.kept(), await heard_rows(box)) == (0, 1)
        await forgotten_after(box, 181)
        assert await heard_rows(box) == 0

    async def test_a_flood_is_forgotten_in_one_turn_however_large_it_was(self, box: Box) -> None:
        mails = [Arrival("lmtp", "", HELP, a_mail("ani@example.org", f"number {number}")) for number in range(1100)]
        await box.app.mailbox.keep(mails)
        async with box.app.store.write() as tx:
            await tx.execute(table.update().values(read_at=NOW))
        await forgotten_after(box, 31)
        assert await box.kept() == 0

    async def test_mail_that_is_not_read_yet_is_not_forgotten(self, box: Box) -> None:
        await box.app.mailbox.keep([Arrival("lmtp", "", HELP, a_mail("ani@example.org"))])
        await forgotten_after(box, 400)
        assert await box.kept() == 1


class TestErasing:
    async def erased(self, box: Box, address: str = "ani@example.org") -> None:
        async with box.app.store.write() as tx:
            await managing.erase(tx, box.app.desk, address, NOW)

    async def test_an_erasure_takes_the_mail_of_that_address_with_it_read_or_not(self, box: Box) -> None:
        await box.arrives(a_mail("ani@example.org", "a question"), HELP, "Ani@Example.org")
        await box.app.mailbox.keep([Arrival("lmtp", "ani@example.org", HELP, a_mail("ani@example.org", "another"))])
        await box.app.mailbox.keep([Arrival("lmtp", "other@example.org", HELP, a_mail("other@example.org"))])
        await self.erased(box)
        async with box.app.store.read() as tx:
            assert (await tx.execute(select(table.c.sender))).scalars().all() == ["other@example.org"]

    async def test_a_bounce_that_comes_after_an_erasure_suppresses_nobody(self, box: Box) -> None:
        await self.erased(box)
        await box.arrives(a_report("5.1.1"))
        assert await box.entries() == [(What.BOUNCED, Did.NOTHING)]
        async with box.app.store.read() as tx:
            assert (await tx.execute(select(suppressions.c.reason))).scalars().all() == ["erased"]
            assert Status.SUPPRESSED not in (await tx.execute(select(subscriber_table.c.status))).scalars().all()
            assert await inbox.count(tx) == (0, 0)
