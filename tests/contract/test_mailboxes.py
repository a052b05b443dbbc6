"""Mailboxes that are looked into: mail of ours is kept once and marked, whatever happens; no other is touched."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest
import structlog
from pydantic import SecretStr
from sqlalchemy import select

from service.app import build
from service.domain.heard import Did, What
from service.domain.letter_box import For, LetterBox
from service.domain.notice import State
from service.inbound.imap import Account, Imap
from service.inbound.mailboxes import Mailbox, UnreachedError, watch
from service.inbound.maildir import Maildir
from service.mail.arrived import LARGEST
from service.mail.tokens import Purpose
from service.settings import Settings
from service.store import heard_seen, inbox
from service.store.dialect import Store
from service.store.inbox import Arrival
from service.store.inbox_tables import inbox as table
from tests.builders import at
from tests.contract.letters_back import a_report
from tests.databases import on_either
from tests.peers import dovecot
from tests.peers.dovecot import PASSWORD
from tests.post import Post
from tests.printers import AtHand

pytestmark = on_either

NOW = at("2026-09-01T08:00")
BOX = LetterBox.of("@remember.example", "letters@remember.example")
FOREIGN = b"Delivered-To: ani@remember.example\r\nSubject: lunch\r\n\r\nAt one?\r\n"


def _mail(number: int = 1, to: str = "subscribe+wars") -> bytes:
    return f"Return-Path: <ani{number}@example.org>\r\nTo: {to}@remember.example\r\n\r\n{number}\r\n".encode()


class Place(Protocol):
    """A place in which mail lies, as tests see it."""

    def deliver(self, *mails: bytes) -> None:
        """Put mails there."""

    def open(self) -> Mailbox:
        """Make what looks into it."""

    def seen(self) -> list[bool]:
        """Say of each mail whether it is marked as seen, in their order."""

    def argument(self) -> str:
        """Write how another process makes what looks into it."""


@dataclass
class Folder:
    """A Maildir, into which mail is put as it is due: written in `tmp`, then moved, so that nobody finds half of it."""

    path: Path
    _delivered: int = 0

    def __post_init__(self) -> None:
        for name in ("new", "cur", "tmp"):
            (self.path / name).mkdir(parents=True, exist_ok=True)

    def deliver(self, *mails: bytes) -> None:
        for mail in mails:
            name = f"17{self._delivered:08}.M1P1.host"
            (self.path / "tmp" / name).write_bytes(mail)
            (self.path / "tmp" / name).rename(self.path / "new" / name)
            self._delivered += 1

    def open(self) -> Mailbox:
        return Maildir(self.path, BOX)

    def seen(self) -> list[bool]:
        return [path.name.endswith(":2,S") for path in sorted(self.path.glob("*/17*"), key=lambda path: path.name)]

    def argument(self) -> str:
        return f"Maildir(Path({str(self.path)!r}), BOX)"


@dataclass
class Inbox:
    """A mailbox of an IMAP server."""

    server: dovecot.Server

    def deliver(self, *mails: bytes) -> None:
        self.server.deliver(*mails)

    def open(self) -> Mailbox:
        return Imap(Account.of(self.server.url()), BOX, self.server.trusted)

    def seen(self) -> list[bool]:
        return self.server.seen()

    def argument(self) -> str:
        authority = str(self.server.certificate.authority)
        return f"Imap(Account.of({self.server.url()!r}), BOX, ssl.create_default_context(cafile={authority!r}))"


@pytest.fixture(params=["maildir", "imap"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Both kinds in turn."""
    if request.param == "maildir":
        return Folder(tmp_path / "mail")
    return Inbox(request.getfixturevalue("imap_server"))


@dataclass
class Kept:
    """What keeps mail in a store; `fails` of the times it cannot."""

    store: Store
    fails: int = 0
    calls: int = 0

    async def __call__(self, arrivals: Sequence[Arrival]) -> None:
        self.calls += 1
        if self.fails:
            self.fails -= 1
            raise ConnectionError("the database is away")
        async with self.store.write() as tx:
            await inbox.keep(tx, arrivals, NOW)

    async def mails(self) -> list[tuple[str, str, bytes]]:
        """Give what is kept."""
        async with self.store.read() as tx:
            rows = await tx.execute(select(table).order_by(table.c.sender))
            return [(row.sender, row.recipient, row.content) for row in rows]


@pytest.fixture
def kept(store: Store) -> Kept:
    return Kept(store)


async def _all(mailbox: Mailbox, kept: Kept) -> int:
    taken = 0
    while looked := await mailbox.take(kept):
        taken += looked
    await mailbox.close()
    return taken


async def test_mail_of_ours_is_kept_whole_with_its_envelope_and_marked_as_seen(place: Place, kept: Kept) -> None:
    odd = b"Return-Path: <>\r\nTo: <HELP@remember.example>\r\nSubject: \xff\r\n\r\n.dots\r\n\r\n..\xfe\r\n"
    place.deliver(_mail(), odd)
    await _all(place.open(), kept)
    assert await kept.mails() == [
        ("", "HELP@remember.example", odd),
        ("ani1@example.org", "subscribe+wars@remember.example", _mail()),
    ]
    assert place.seen() == [True, True]


async def test_mail_for_others_stays_unseen_and_is_looked_at_once(place: Place, kept: Kept) -> None:
    place.deliver(FOREIGN, _mail(), FOREIGN)
    mailbox = place.open()
    assert await mailbox.take(kept) == 3
    assert await mailbox.take(kept) == 0
    assert place.seen() == [False, True, False]
    assert len(await kept.mails()) == 1
    await mailbox.close()


async def test_what_comes_later_is_found_on_the_same_connection(place: Place, kept: Kept) -> None:
    mailbox = place.open()
    assert await mailbox.take(kept) == 0
    place.deliver(_mail(1))
    assert await mailbox.take(kept) == 1
    place.deliver(_mail(2))
    assert await mailbox.take(kept) == 1
    assert place.seen() == [True, True]
    await mailbox.close()


async def test_more_than_is_kept_at_once_is_kept_in_turns(place: Place, kept: Kept) -> None:
    place.deliver(*(_mail(number) for number in range(120)))
    assert await _all(place.open(), kept) == 120
    assert kept.calls == 3
    assert len(await kept.mails()) == 120
    assert all(place.seen())


async def test_large_mail_is_kept_a_few_at_a_time_and_too_large_mail_not_at_all(place: Place, kept: Kept) -> None:
    large = b"x" * (LARGEST - 1000)
    place.deliver(_mail(1) + large, _mail(2) + large + large, _mail(3) + large, _mail(4) + large)
    with structlog.testing.capture_logs() as logs:
        assert await _all(place.open(), kept) == 4
    assert [sender for sender, _, _ in await kept.mails()] == [
        "ani1@example.org",
        "ani3@example.org",
        "ani4@example.org",
    ]
    assert place.seen() == [True, False, True, True]
    assert kept.calls == 2
    assert [line["event"] for line in logs] == ["mail_too_large"]


async def test_two_who_look_at_once_keep_each_mail_once(place: Place, kept: Kept) -> None:
    place.deliver(*(_mail(number) for number in range(60)))
    await asyncio.gather(_all(place.open(), kept), _all(place.open(), kept))
    assert len(await kept.mails()) == 60
    assert all(place.seen())


async def test_what_could_not_be_kept_is_not_marked_and_comes_again(place: Place, kept: Kept) -> None:
    place.deliver(_mail())
    kept.fails = 1
    mailbox = place.open()
    with pytest.raises(ConnectionError):
        await mailbox.take(kept)
    assert place.seen() == [False]
    assert await mailbox.take(kept) == 1
    assert place.seen() == [True]
    await mailbox.close()


_KILLED = """
import asyncio, os, signal, ssl, sys
from pathlib import Path
from service.inbound.imap import Account, Imap
from service.inbound.maildir import Maildir
from tests.contract.test_mailboxes import BOX, Kept
from service.store.dialect import Store

async def main():
    kept = Kept(Store({url!r}))
    async def keep(arrivals):
        await kept(arrivals)
        os.kill(os.getpid(), signal.SIGKILL)
    await {mailbox}.take(keep)

asyncio.run(main())
"""


async def test_case_131_a_process_killed_between_keeping_and_marking_keeps_each_mail_once(
    place: Place, kept: Kept, database_url: str
) -> None:
    place.deliver(_mail(1), _mail(2))
    program = _KILLED.format(url=database_url, mailbox=place.argument())
    killed = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", program], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert place.seen() == [False, False]
    assert len(await kept.mails()) == 2
    assert await _all(place.open(), kept) == 2
    assert place.seen() == [True, True]
    assert len(await kept.mails()) == 2


async def test_a_watch_takes_what_comes_until_it_is_stopped(place: Place, kept: Kept) -> None:
    stopping, came = asyncio.Event(), asyncio.Event()

    async def keep(arrivals: Sequence[Arrival]) -> None:
        await kept(arrivals)
        came.set()

    watching = asyncio.create_task(watch(place.open(), keep, stopping, every_seconds=0.01))
    for number in (1, 2):
        came.clear()
        await asyncio.to_thread(place.deliver, _mail(number))
        async with asyncio.timeout(10):
            await came.wait()
    stopping.set()
    await watching
    assert len(await kept.mails()) == 2
    assert place.seen() == [True, True]


async def test_a_watch_tells_what_is_wrong_waits_longer_each_time_and_goes_on(tmp_path: Path, kept: Kept) -> None:
    stopping, came = asyncio.Event(), asyncio.Event()
    later = Folder(tmp_path / "elsewhere")
    later.deliver(_mail())

    async def keep(arrivals: Sequence[Arrival]) -> None:
        await kept(arrivals)
        came.set()

    kept.fails = 4
    with structlog.testing.capture_logs() as logs:
        watching = asyncio.create_task(watch(later.open(), keep, stopping, 0.001, 0.005))
        async with asyncio.timeout(10):
            await came.wait()
        while later.seen() != [True] or logs[-1]["event"] != "mailbox_read_again":  # noqa: ASYNC110  (its next look)
            await asyncio.sleep(0)
        stopping.set()
        await watching
    assert [line.get("again_in_seconds") for line in logs] == [0.002, 0.004, 0.005, 0.005, None]
    assert logs[0] == {
        "event": "mailbox_not_read",
        "door": "maildir",
        "why": "ConnectionError",
        "again_in_seconds": 0.002,
        "log_level": "warning",
    }


@pytest.mark.parametrize("missing", ["new", "cur", ""])
async def test_a_folder_that_is_no_maildir_is_told_as_such(tmp_path: Path, missing: str, kept: Kept) -> None:
    folder = Folder(tmp_path / "mail")
    (tmp_path / "mail" / missing).rename(tmp_path / "away")
    with pytest.raises(UnreachedError, match="is no Maildir: it has no folders new and cur"):
        await folder.open().take(kept)


async def test_what_lies_in_a_maildir_and_is_no_mail_stays_there(tmp_path: Path, kept: Kept) -> None:
    folder = Folder(tmp_path / "mail")
    (folder.path / "new" / ".17").write_bytes(_mail())
    (folder.path / "new" / "17folder").mkdir()
    (folder.path / "new" / "17link").symlink_to(tmp_path / "secret")
    (tmp_path / "secret").write_bytes(_mail())
    assert await folder.open().take(kept) == 0
    assert len(list((folder.path / "new").iterdir())) == 3


async def test_a_login_that_is_refused_is_told_without_the_password(imap_server: dovecot.Server, kept: Kept) -> None:
    url = imap_server.url(password=f"not {PASSWORD}")
    with pytest.raises(UnreachedError, match="AUTHENTICATIONFAILED") as refused:
        await Imap(Account.of(url), BOX, imap_server.trusted).take(kept)
    assert PASSWORD not in str(refused.value)
    assert str(refused.value).startswith(f"localhost:{imap_server.port}: ")


async def test_a_server_that_nobody_vouches_for_is_not_told_the_password(
    imap_server: dovecot.Server, kept: Kept
) -> None:
    with pytest.raises(UnreachedError, match=r"TLS failed: .*certificate verify failed"):
        await Imap(Account.of(imap_server.url()), BOX).take(kept)


async def test_a_folder_that_is_not_there_is_told_with_the_servers_words(
    imap_server: dovecot.Server, kept: Kept
) -> None:
    with pytest.raises(UnreachedError, match="Mailbox doesn't exist: Return"):
        await Imap(Account.of(imap_server.url("Returned")), BOX, imap_server.trusted).take(kept)


async def test_nobody_who_listens_is_told(kept: Kept) -> None:
    account = Account.of("imaps://ani:secret@127.0.0.1:1")
    with pytest.raises(UnreachedError, match=r"127\.0\.0\.1:1 cannot be reached: .*refused"):
        await Imap(account, BOX).take(kept)


async def test_another_folder_is_read_whatever_its_name(imap_server: dovecot.Server, kept: Kept) -> None:
    name = 'Հիշատակ & "ours"'
    words = name.partition(" ")[0].encode("utf-7").decode().replace("+", "&").replace("/", ",")
    written = f'"{words} &- \\"ours\\""'
    with imap_server.owner() as owner:
        assert owner.create(written)[0] == "OK"
    imap_server.deliver(_mail(), folder=written)
    mailbox = Imap(Account.of(imap_server.url(name)), BOX, imap_server.trusted)
    assert await mailbox.take(kept) == 1
    await mailbox.close()


async def test_a_connection_that_was_cut_is_opened_again(imap_server: dovecot.Server, kept: Kept) -> None:
    mailbox = Imap(Account.of(imap_server.url()), BOX, imap_server.trusted)
    imap_server.deliver(FOREIGN, _mail(1))
    assert await mailbox.take(kept) == 2
    await mailbox.close()
    imap_server.deliver(_mail(2))
    assert await mailbox.take(kept) == 1, "what was passed over is not looked at again"
    await mailbox.close()


async def test_a_folder_made_anew_is_looked_at_anew(imap_server: dovecot.Server, kept: Kept) -> None:
    """Its numbers begin again (UIDVALIDITY), and so must we."""
    with imap_server.owner() as owner:
        owner.create("Letters")
    mailbox = Imap(Account.of(imap_server.url("Letters")), BOX, imap_server.trusted)
    imap_server.deliver(_mail(1), _mail(2), folder="Letters")
    assert await mailbox.take(kept) == 2
    await mailbox.close()
    with imap_server.owner() as owner:
        owner.delete("Letters")
        owner.create("Letters")
    imap_server.deliver(_mail(3), folder="Letters")
    assert await mailbox.take(kept) == 1
    assert len(await kept.mails()) == 3
    await mailbox.close()


async def test_a_server_that_says_nothing_is_not_waited_for_at_the_end(kept: Kept) -> None:
    """Stopped, a process does not wait for twenty seconds."""
    connected = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        stopping = asyncio.Event()
        mailbox = Imap(Account.of(f"imaps://ani:secret@127.0.0.1:{port}"), BOX)
        watching = asyncio.create_task(watch(mailbox, kept, stopping))
        await connected.wait()
        stopping.set()
        async with asyncio.timeout(10):
            await watching


async def test_a_bounce_that_lies_in_a_mailbox_suppresses_its_reader(database_url: str, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "mail")
    house = {"sender": "letters@remember.example", "maildir": str(folder.path)}
    settings = Settings(data_dir=tmp_path, database_url=SecretStr(database_url), **house)
    app = build(settings, clock=lambda: NOW, printer=AtHand())
    notice = await Post(app.store, NOW).notice(State.ACCEPTED, dated_at=NOW)
    returned = BOX.address(For.RETURN, app.desk.tokens.postal(Purpose.RETURN, notice))
    folder.deliver(f"Return-Path: <>\r\nDelivered-To: {returned}\r\n".encode() + a_report("5.1.1"))
    stopping = asyncio.Event()
    running = asyncio.create_task(app.mailbox.run(None, stopping))
    async with asyncio.timeout(20):
        while not (entries := await _entries(app.store)) or folder.seen() == [False]:  # noqa: ASYNC110  (others do it)
            await asyncio.sleep(0.02)
    stopping.set()
    await running
    assert entries == [(What.BOUNCED, Did.SUPPRESSED)]
    assert folder.seen() == [True]
    await app.close()


async def _entries(store: Store) -> list[tuple[What, Did]]:
    async with store.read() as tx:
        return [(one.entry.what, one.entry.did) for one in await heard_seen.listed(tx, 10)]
