"""Mail that comes back is stored before it is answered for, read exactly once, and does what it proves."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from service.actions import suppressing
from service.app import App
from service.domain.consent import Act, Came
from service.domain.editor import Role
from service.domain.heard import Did, What
from service.domain.letter_box import For
from service.domain.notice import Kind
from service.domain.subscription import Status
from service.inbound.lmtp import RECIPIENTS_MOST, Limits, Lmtp
from service.inbound.reader import Reader
from service.mail.arrived import LARGEST, READ_MOST
from service.mail.tokens import Purpose
from service.serving import listen, listen_at
from service.store import consents, editors, heard, heard_seen, inbox, notices, subscribers
from service.store.inbox import Arrival
from service.store.inbox_tables import inbox as table
from service.store.tables import editions
from service.store.tables import notices as notice_table
from tests.builders import a_habit
from tests.contract.conftest import NOW, Posting
from tests.contract.letters_back import a_complaint, a_mail, a_report, hand_over, said

HELP = "help@remember.example"
USUAL = Limits()


@dataclass
class Box:
    """The program with a letter box, and what a test asks of it."""

    posting: Posting
    subscriber: str
    notice: str

    @property
    def app(self) -> App:
        return self.posting.app

    @property
    def reader(self) -> Reader:
        return self.app.mailbox.reader

    @property
    def returned(self) -> str:
        """The return path of the letter."""
        return self.address(For.RETURN, Purpose.RETURN, self.notice)

    def address(self, to: For, purpose: Purpose, id_: str) -> str:
        letter_box = self.app.desk.letter_box
        assert letter_box is not None
        return letter_box.address(to, self.app.desk.tokens.postal(purpose, id_))

    async def arrives(self, content: bytes, recipient: str = "", sender: str = "") -> None:
        """Have it arrive, and read what is there."""
        await self.app.mailbox.keep([Arrival("lmtp", sender, recipient or self.returned, content)])
        await self.reader.read_all()

    async def entries(self) -> list[tuple[What, Did]]:
        async with self.app.store.read() as tx:
            return [(one.entry.what, one.entry.did) for one in reversed(await heard_seen.listed(tx, 100))]

    async def status(self) -> Status:
        async with self.app.store.read() as tx:
            found = await subscribers.by_id(tx, self.subscriber)
        assert found is not None
        return found.status

    async def is_suppressed(self, address: str = "ani@example.org") -> bool:
        async with self.app.store.read() as tx:
            return bool(await subscribers.suppressed(tx, [self.app.desk.tokens.address_hash(address)]))

    async def kept(self) -> int:
        async with self.app.store.read() as tx:
            return int((await tx.execute(select(func.count()).select_from(table))).scalar_one())


@pytest.fixture
def letter_box() -> str:
    return "@remember.example"


@pytest.fixture
async def box(posting: Posting) -> Box:
    """A reader who got a letter."""
    await posting.record()
    subscriber = await posting.reader("ani@example.org", a_habit())
    return Box(posting, subscriber, await a_letter(posting, subscriber, NOW))


async def a_letter(posting: Posting, subscriber: str, at: datetime) -> str:
    """Have a letter in which one is remembered, sent at a moment."""
    async with posting.app.store.write() as tx:
        edition = f"e{at:%y%m%d%H%M}"
        row = {"id": edition, "kind": Kind.NOTICE, "language": "en", "day": at.date(), "template_version": "v"}
        await tx.execute(editions.insert().values(**row, key=edition, dues=[], because=[], created_at=at))
        single = notices.Single(subscriber, Kind.NOTICE, at.date(), edition, at, at + timedelta(days=1), dated_at=at)
        await notices.add_single(tx, single)
        await tx.execute(notice_table.update().where(notice_table.c.id == single.id).values(state="accepted"))
    return single.id


@asynccontextmanager
async def the_door(box: Box, limits: Limits = USUAL) -> AsyncIterator[int]:
    """The LMTP door, open on a port."""
    listening, stopping = listen("127.0.0.1", 0, "test"), asyncio.Event()
    assert box.app.desk.letter_box is not None
    running = asyncio.create_task(Lmtp(box.app.mailbox.keep, box.app.desk.letter_box, limits).run(listening, stopping))
    yield listening.getsockname()[1]
    stopping.set()
    await running


class TestBounces:
    async def test_case_120_a_bounce_to_a_signed_return_path_suppresses_the_address_that_the_letter_went_to(self, box):
        await box.arrives(a_report("5.1.1", recipient="somebody-else@example.com"))
        assert await box.entries() == [(What.BOUNCED, Did.SUPPRESSED)]
        assert await box.status() is Status.SUPPRESSED
        assert await box.is_suppressed()
        assert not await box.is_suppressed("somebody-else@example.com")

    @pytest.mark.parametrize("forged", ["b+{notice}.aaaaaaaaaaaaaaaa", "b+{notice}", "b+", "b", "help"])
    async def test_case_120_a_bounce_without_a_valid_seal_is_recorded_and_does_nothing(self, box, forged):
        await box.arrives(a_report("5.1.1"), f"{forged.format(notice=box.notice)}@remember.example")
        assert await box.entries() == [(What.BOUNCED, Did.UNPROVEN)]
        assert await box.status() is Status.ACTIVE
        assert not await box.is_suppressed()

    async def test_case_120_the_seal_of_another_use_proves_no_bounce(self, box):
        for purpose in (Purpose.LEAVE_BY_MAIL, Purpose.CONFIRM_BY_MAIL):
            await box.arrives(a_report("5.1.1"), box.address(For.RETURN, purpose, box.notice))
        assert {did for _, did in await box.entries()} == {Did.UNPROVEN}

    async def test_case_120_a_bounce_to_a_path_of_thirty_days_ago_does_nothing(self, box):
        box.posting.now = NOW + timedelta(days=31)
        await box.arrives(a_report("5.1.1"))
        assert await box.entries() == [(What.BOUNCED, Did.NOT_VALID)]
        assert await box.status() is Status.ACTIVE

    @pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
    async def test_case_121_what_is_no_failure_suppresses_nobody(self, box, action):
        await box.arrives(a_report("5.1.1" if action == "delayed" else "2.0.0", action=action))
        assert [did for _, did in await box.entries()] == [Did.NOTHING]
        assert await box.status() is Status.ACTIVE

    async def test_case_122_the_same_bounce_ten_times_counts_once(self, box):
        for number in range(10):
            await box.arrives(a_report("5.0.0") + f"\r\n{number}".encode())
        assert await box.entries() == [(What.BOUNCED, Did.COUNTED)]
        assert await box.kept() == 10
        assert await box.status() is Status.ACTIVE

    async def test_a_mailbox_that_is_full_for_four_days_of_a_month_is_written_to_no_more(self, box):
        seen = []
        for day in range(4):
            box.posting.now = NOW + timedelta(days=day)
            box.notice = await a_letter(box.posting, box.subscriber, box.posting.now) if day else box.notice
            await box.arrives(a_report("5.2.2"))
            seen.append(await box.status())
        assert seen == [*[Status.ACTIVE] * 3, Status.SUPPRESSED]

    async def test_a_refusal_by_policy_blames_us_and_tells_the_editors_once_a_day(self, box):
        async with box.app.store.write() as tx:
            await editors.add(tx, "editor@example.org", "Anahit", Role.APPROVER, "en", NOW)
        for number in range(3):
            box.notice = (
                await a_letter(box.posting, box.subscriber, NOW + timedelta(days=number)) if number else box.notice
            )
            await box.arrives(a_report("5.7.1", words=f"550 5.7.1 blocked for spam {number}"))
        assert await box.entries() == [(What.BOUNCED, Did.TOLD)] * 3
        assert await box.status() is Status.ACTIVE
        await box.posting.send()
        told = [
            letter for to, letter in box.posting.letters() if to == "editor@example.org" and "refuses" in letter.subject
        ]
        assert ["example.org: 550 5.7.1 blocked for spam 0" in " ".join(letter.text.split()) for letter in told] == [
            True
        ]

    async def test_a_bounce_of_an_address_that_was_left_since_says_nothing_of_the_new_one(self, box):
        async with box.app.store.write() as tx:
            await subscribers.move(tx, box.subscriber, "new@example.org")
            await consents.note(tx, box.subscriber, Act.MOVED, Came(), NOW + timedelta(hours=1), {})
        box.posting.now = NOW + timedelta(hours=2)
        await box.arrives(a_report("5.1.1"))
        assert await box.entries() == [(What.BOUNCED, Did.MOVED)]
        assert not await box.is_suppressed("new@example.org")


class TestComplaints:
    async def test_case_123_a_complaint_with_a_redacted_recipient_is_matched_by_its_return_path(self, box):
        await box.arrives(a_complaint("Subject: In memory"), sender="feedback@provider.example")
        assert await box.entries() == [(What.COMPLAINT, Did.SUPPRESSED)]
        assert await box.status() is Status.SUPPRESSED

    async def test_case_123_or_by_the_message_id_of_the_letter_that_it_quotes(self, box):
        quoted = f"Message-ID: {box.app.desk.message_id(box.notice)}"
        await box.arrives(a_complaint(quoted), "abuse@remember.example", "feedback@provider.example")
        assert await box.entries() == [(What.COMPLAINT, Did.SUPPRESSED)]
        assert await box.is_suppressed()
        assert not box.posting.relay.received

    async def test_case_123_or_by_the_link_in_its_list_unsubscribe(self, box):
        token = box.app.desk.tokens.sign(Purpose.LEAVE, box.subscriber, box.notice)
        quoted = f"List-Unsubscribe: <https://remember.example/leave/{token}>,\n <mailto:leave@remember.example>"
        await box.arrives(a_complaint(quoted), "abuse@remember.example", "feedback@provider.example")
        assert await box.entries() == [(What.COMPLAINT, Did.SUPPRESSED)]

    async def test_a_complaint_about_a_letter_that_is_not_ours_does_nothing(self, box):
        await box.arrives(a_complaint("Message-ID: <x@elsewhere.example>"), "abuse@remember.example", "f@p.example")
        assert await box.entries() == [(What.COMPLAINT, Did.UNPROVEN)]
        assert await box.status() is Status.ACTIVE

    @pytest.mark.parametrize("kind", ["not-spam", "auth-failure", "virus"])
    async def test_a_report_that_is_no_complaint_suppresses_nobody(self, box, kind):
        await box.arrives(a_complaint("Subject: x", kind), sender="feedback@provider.example")
        assert await box.status() is Status.ACTIVE

    async def test_a_complaint_stops_what_is_on_its_way(self, box):
        waiting = await a_letter(box.posting, box.subscriber, NOW + timedelta(days=1))
        async with box.app.store.write() as tx:
            await tx.execute(notice_table.update().where(notice_table.c.id == waiting).values(state="ready"))
        await box.arrives(a_complaint("Subject: x"), sender="feedback@provider.example")
        box.posting.now = NOW + timedelta(days=1)
        await box.posting.send()
        assert not box.posting.relay.received


class TestUndoing:
    async def test_undoing_takes_back_what_was_done_against_an_address_and_nothing_that_was_asked_for(self, box):
        await box.arrives(a_mail("ani@example.org"), "manage@remember.example", "ani@example.org")
        await box.arrives(a_report("5.0.0"))
        await box.arrives(a_report("5.1.1"))
        async with box.app.store.write() as tx:
            await heard.undo(tx, box.subscriber, NOW)
        async with box.app.store.read() as tx:
            undone = {one.entry.did: one.entry.undone_at for one in await heard_seen.listed(tx, 10)}
        assert undone == {Did.ANSWERED: None, Did.COUNTED: NOW, Did.SUPPRESSED: NOW}


class TestStrikingOff:
    @pytest.mark.parametrize("address", ["stranger@example.com", "ani@example.org"])
    async def test_what_is_on_its_way_to_an_address_that_is_struck_off_does_not_leave(self, box, address):
        await box.arrives(a_mail(address), "help@remember.example", address)
        async with box.app.store.write() as tx:
            await suppressing.suppress(tx, box.app.desk, "the operator", address, "asked by telephone", NOW)
        await box.posting.send()
        assert box.posting.letters() == []
        assert await box.is_suppressed(address)


class TestTheDoor:
    async def test_case_129_each_recipient_gets_an_answer_of_its_own(self, box):
        async with the_door(box) as port:
            answers = await hand_over(
                port,
                lambda lmtp: said(lmtp, "ani@example.org", [HELP, "nobody@remember.example", HELP], a_mail("a@b.c")),
            )
        assert [code for code, _ in answers] == [250, 550, 250, 250, 250]
        assert await box.kept() == 1  # the same mail for the same address

    async def test_case_129_while_the_database_is_away_the_mail_server_keeps_the_mail(self, box):
        async with box.app.store.write() as tx:
            await tx.execute(text("ALTER TABLE inbox RENAME TO away"))
        async with the_door(box) as port:
            answers = await hand_over(port, lambda lmtp: said(lmtp, "", [box.returned, HELP], a_report("5.1.1")))
            async with box.app.store.write() as tx:
                await tx.execute(text("ALTER TABLE away RENAME TO inbox"))
            assert [code for code, _ in answers] == [250, 250, 451, 451]
            assert not any(b"inbox" in words or b"Error" in words for _, words in answers)
            again = await hand_over(port, lambda lmtp: said(lmtp, "", [box.returned], a_report("5.1.1")))
        assert [code for code, _ in again] == [250, 250]
        await box.reader.read_all()
        assert await box.status() is Status.SUPPRESSED

    async def test_case_130_more_than_fifty_recipients_are_not_taken_at_once(self, box):
        many = [f"subscribe+c{number}@remember.example" for number in range(RECIPIENTS_MOST + 5)]
        async with the_door(box) as port:
            answers = await hand_over(port, lambda lmtp: said(lmtp, "ani@example.org", many, a_mail("a@b.c")))
        assert [code for code, _ in answers[:55]] == [250] * 50 + [452] * 5
        assert await box.kept() == 50

    async def test_case_130_connections_beyond_the_limit_are_told_so_and_the_others_go_on(self, box):
        async with the_door(box, Limits(connections=5)) as port:
            idle = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(5)]
            assert all([b"220" in await asyncio.to_thread(one.recv, 100) for one in idle])
            with socket.create_connection(("127.0.0.1", port), timeout=10) as late:
                assert b"421 4.3.2" in await asyncio.to_thread(late.recv, 100)
            for one in idle[:2]:
                one.close()
            await _until_taken(port)
            for one in idle:
                one.close()

    async def test_case_130_who_says_nothing_for_the_time_allowed_is_left(self, box):
        async with the_door(box, Limits(idle_seconds=0.2)) as port:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as idle:
                assert b"220" in await asyncio.to_thread(idle.recv, 100)
                assert await asyncio.to_thread(idle.recv, 100) == b""

    async def test_case_130_what_is_too_large_is_refused_for_each_and_nothing_of_it_kept(self, box):
        async with the_door(box) as port:
            large = b"Subject: x\r\n\r\n" + (b"x" * 998 + b"\r\n") * (LARGEST // 1000 + 1)
            answers = await hand_over(port, lambda lmtp: said(lmtp, "a@example.org", [HELP, box.returned], large))
            assert [code for code, _ in answers] == [250, 250, 552, 552]
            after = await hand_over(port, lambda lmtp: said(lmtp, "a@example.org", [HELP], a_mail("a@b.c")))
        assert [code for code, _ in after] == [250, 250]
        assert await box.kept() == 1

    async def test_case_130_a_line_without_an_end_is_cut_off(self, box):
        async with the_door(box) as port:
            sent = await asyncio.to_thread(_pour, port, 200_000_000)
        assert sent < 60_000_000
        assert await box.kept() == 0

    async def test_case_131_what_was_answered_for_is_read_once_however_often_it_is_handed_over(self, box):
        report = a_report("5.0.0")
        async with the_door(box) as port:
            for _ in range(3):
                answers = await hand_over(port, lambda lmtp: said(lmtp, "", [box.returned], report))
                assert [code for code, _ in answers] == [250, 250]
        assert await box.reader.read_all() == 1
        assert await box.entries() == [(What.BOUNCED, Did.COUNTED)]

    async def test_case_132_odd_bytes_are_kept_as_they_came(self, box):
        odd = (
            b"Subject: =?x-unknown?b?!!!?=\r\nContent-Transfer-Encoding: base64\r\n\r\n\x00\xff\xfe.\r\n..\r\n====\r\n"
        )
        async with the_door(box) as port:
            answers = await hand_over(port, lambda lmtp: said(lmtp, "a@example.org", [HELP], odd))
        assert answers[-1][0] == 250
        async with box.app.store.read() as tx:
            assert (await tx.execute(select(table.c.content))).scalar_one() == odd
        assert await box.reader.read_all() == 1

    async def test_lines_longer_than_the_standard_allows_and_dots_arrive_unchanged(self, box):
        long = b"Subject: x\r\n\r\n.one\r\n" + b"y" * 5000 + b"\r\n.\r\n" + b"." * 1001 + b"\r\n"
        async with the_door(box) as port:
            await hand_over(port, lambda lmtp: said(lmtp, "a@example.org", [HELP], long))
        async with box.app.store.read() as tx:
            assert (await tx.execute(select(table.c.content))).scalar_one() == long

    async def test_of_a_large_mail_only_what_is_looked_at_is_kept(self, box):
        large = a_mail("ani@example.org", "subscribe", body="x" * 70 + "\r\n" + "y" * 3_000_000)
        async with the_door(box) as port:
            answers = await hand_over(port, lambda lmtp: said(lmtp, "a@example.org", [HELP], large))
        assert answers[-1][0] == 250
        async with box.app.store.read() as tx:
            assert (await tx.execute(select(table.c.content))).scalar_one() == large[:READ_MOST]

    async def test_it_opens_on_a_socket_in_a_folder_as_well(self, box, tmp_path):
        listening, stopping = listen_at(tmp_path / "run" / "lmtp", "test"), asyncio.Event()
        running = asyncio.create_task(Lmtp(box.app.mailbox.keep, box.app.desk.letter_box).run(listening, stopping))
        reader, writer = await asyncio.open_unix_connection(tmp_path / "run" / "lmtp")
        assert (await reader.readline()).startswith(b"220")
        writer.close()
        stopping.set()
        await running
        listen_at(tmp_path / "run" / "lmtp", "test").close()  # what a process that is gone has left is no hindrance


class TestReading:
    async def test_one_mail_that_cannot_be_read_is_set_aside_and_stops_no_other(self, box):
        def broken(_content: bytes) -> list[object]:
            raise ZeroDivisionError

        reader = replace(box.reader, providers={"odd": broken})
        await box.app.mailbox.keep(
            [Arrival("odd", "", box.returned, b"x"), Arrival("lmtp", "", box.returned, a_report("5.1.1"))]
        )
        assert await reader.read_all() == 1
        async with box.app.store.read() as tx:
            assert await inbox.count(tx) == (0, 1)
            assert (await tx.execute(select(table.c.trouble, table.c.tries).where(table.c.door == "odd"))).one() == (
                "ZeroDivisionError",
                3,
            )
        assert await box.status() is Status.SUPPRESSED

    async def test_what_the_database_could_not_do_now_is_not_held_against_the_mail(self, box):
        await box.app.mailbox.keep([Arrival("lmtp", "", box.returned, a_report("5.1.1"))])
        async with box.app.store.write() as tx:
            await tx.execute(text("ALTER TABLE heard RENAME TO away"))
        for _ in range(5):
            with pytest.raises(Exception, match=r"heard"):
                await box.reader.read_all()
        async with box.app.store.write() as tx:
            await tx.execute(text("ALTER TABLE away RENAME TO heard"))
        assert await box.reader.read_all() == 1
        assert await box.status() is Status.SUPPRESSED

    async def test_two_readers_at_once_read_each_mail_once(self, box):
        await box.app.mailbox.keep(
            [Arrival("lmtp", "", box.returned, a_report("5.0.0", words=str(number))) for number in range(20)]
        )
        done = await asyncio.gather(*[box.reader.read_all() for _ in range(4)])
        assert sum(done) == 20
        assert await box.entries() == [(What.BOUNCED, Did.COUNTED)]

    async def test_what_a_mail_turns_out_to_be_of_a_reader_goes_with_the_reader(self, box):
        await box.arrives(a_report("5.0.0"))
        await box.arrives(a_report("5.0.0", words="the same again"))
        assert await box.kept() == 2
        async with box.app.store.write() as tx:
            await tx.execute(text(f"DELETE FROM notices WHERE subscriber_id = '{box.subscriber}'"))  # noqa: S608
            await tx.execute(text(f"DELETE FROM subscribers WHERE id = '{box.subscriber}'"))  # noqa: S608
        assert await box.kept() == 0
        assert await box.entries() == []


async def _until_taken(port: int) -> None:
    """Wait until a new connection is greeted."""
    async with asyncio.timeout(20):
        while True:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            greeting = await reader.readline()
            writer.close()
            if greeting.startswith(b"220"):
                return


def _pour(port: int, octets: int) -> int:
    """Send a line that has no end, and give how much of it was taken."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as talking:
        talking.sendall(f"LHLO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<{HELP}>\r\nDATA\r\n".encode())
        sent, some = 0, b"x" * 100_000
        try:
            while sent < octets:
                talking.sendall(some)
                sent += len(some)
        except OSError:
            pass
    return sent
