"""The harness does what it says: server, journal, strikes, proxy, disk, clocks; the other tests rely on it."""

import asyncio
import hashlib
import os
import signal
import smtplib
import sys
from datetime import UTC, datetime
from pathlib import Path

import aiosmtplib
import psycopg
import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

from service.store import schema
from service.store.dialect import Store
from service.store.tables import attempts
from tests.faults import disk, stock
from tests.faults.clocks import Clocks
from tests.faults.oracle import judge
from tests.faults.processes import peer_of
from tests.faults.proxy import Proxy
from tests.faults.script import Rule, Stage, Strike, after_dot, after_reply, in_data
from tests.faults.wire import Journal, Wire, distant
from tests.faults.worker import told
from tests.peers import postgresql

LETTER = b"Message-ID: <one@example.org>\r\nSubject: a\r\n\r\n.dot\r\n"
CLIENT = """
import smtplib, sys
client = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
client.sendmail("a@example.org", ["b@example.org"], b"Message-ID: <x@y>\\r\\n\\r\\nwords\\r\\n")
print("sent", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


async def send(wire: Wire, to: str = "b@example.org") -> aiosmtplib.SMTPResponse:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=wire.port, timeout=20) as client:
        await client.mail("a@example.org")
        await client.rcpt(to)
        return await client.data(LETTER)


async def test_a_letter_is_journaled_with_its_envelope_and_digest_before_it_is_answered(journal: Journal) -> None:
    held = asyncio.Event()
    async with Wire(journal, [Rule(Stage.DOT, until=held)], keeps_content=True) as wire:
        sending = asyncio.create_task(send(wire))
        await wire.reached(Stage.DOT)
        (kept,) = journal.read()
        assert not sending.done()
        held.set()
        assert (await sending).code == 250
    assert (kept.message_id, kept.sender, kept.recipients) == ("<one@example.org>", "a@example.org", ("b@example.org",))
    assert wire.contents == [LETTER]
    assert kept.sha256 == hashlib.sha256(LETTER).hexdigest()


async def test_rules_hold_for_a_recipient_for_an_occurrence_and_for_as_often_as_they_say(journal: Journal) -> None:
    rules = [
        Rule(Stage.RCPT, "550 5.1.1 nobody", recipient="@example.com"),
        Rule(Stage.RCPT, "450 4.2.0 later", skip=1, times=1),
    ]
    async with Wire(journal, rules) as wire:
        codes = []
        for to in ("a@example.org", "b@example.com", "c@example.org", "d@example.org"):
            try:
                codes.append((await send(wire, to)).code)
            except aiosmtplib.SMTPRecipientRefused as refused:
                codes.append(refused.code)
    assert codes == [250, 550, 450, 250]
    assert [kept.recipients[0] for kept in journal.read()] == ["a@example.org", "d@example.org"]


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage not in {Stage.RSET, Stage.QUIT}])
async def test_the_connection_can_be_dropped_at_every_stage(journal: Journal, stage: Stage) -> None:
    async with Wire(journal, [Rule(stage, drop=True, times=1)]) as wire:
        with pytest.raises((aiosmtplib.SMTPException, OSError)):
            await send(wire)
        assert (await send(wire)).code == 250
    assert len(journal.read()) == 1


async def test_a_letter_can_be_kept_and_the_connection_dropped_all_the_same(journal: Journal) -> None:
    async with Wire(journal, [Rule(Stage.DOT, drop=True, keep=True, times=1)]) as wire:
        with pytest.raises((aiosmtplib.SMTPException, OSError)):
            await send(wire)
        assert (await send(wire)).code == 250
    assert len(journal.read()) == 2


async def test_a_reply_may_be_late_or_preceded_by_garbage(journal: Journal) -> None:
    rules = [Rule(Stage.MAIL, seconds=0.2, times=1), Rule(Stage.EHLO, garbage=b"\xff\xfe\r\n", skip=1, times=1)]
    async with Wire(journal, rules) as wire:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await send(wire)
        assert loop.time() - began >= 0.2
        with pytest.raises((aiosmtplib.SMTPException, OSError)):
            await send(wire)


@pytest.mark.parametrize("pipelining", [True, False])
async def test_a_pipelined_group_is_answered_and_counted_where_it_was_not_offered(
    journal: Journal, *, pipelining: bool
) -> None:
    async with Wire(journal, pipelining=pipelining) as wire:
        reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
        await reader.readline()
        writer.write(b"MAIL FROM:<a@b.c>\r\nRCPT TO:<d@e.f>\r\nDATA\r\n")
        assert [(await reader.readline())[:3] for _ in range(3)] == [b"250", b"250", b"354"]
        writer.write(b".\r\nQUIT\r\n")
        assert [(await reader.readline())[:3] for _ in range(2)] == [b"250", b"221"]
        writer.close()
        await writer.wait_closed()
    assert (wire.early == 0) is pipelining
    assert len(journal.read()) == 1


@pytest.mark.parametrize(
    ("rule", "kept"), [(in_data(Strike.KILL), 0), (after_dot(Strike.KILL), 1), (after_reply(Strike.KILL), 1)]
)
async def test_the_server_kills_the_process_at_the_other_end(journal: Journal, rule: Rule, kept: int) -> None:
    async with Wire(journal, [rule]) as wire:
        client = await asyncio.create_subprocess_exec(
            sys.executable, "-c", CLIENT, str(wire.port), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        await client.communicate(None) if rule.then is None else await asyncio.wait_for(client.wait(), 30)
        assert wire.struck == [client.pid]
    assert client.returncode == -signal.SIGKILL
    assert len(journal.read()) == kept


async def test_a_server_of_its_own_process_follows_rules_and_outlives_its_clients(tmp_path: Path) -> None:
    async with distant(tmp_path / "journal", Rule(Stage.DOT, "451 4.3.0 later", times=1)) as wire:
        port = int(wire.url.rpartition(":")[2])

        def sent() -> int:
            with smtplib.SMTP("127.0.0.1", port) as client:
                client.mail("a@example.org")
                client.rcpt("b@example.org")
                return client.data(LETTER)[0]

        assert [await asyncio.to_thread(sent) for _ in range(2)] == [451, 250]
        await wire.add(Rule(Stage.DOT, "552 5.3.4 too big"))
        assert await asyncio.to_thread(sent) == 552
        await wire.clear()
        assert await asyncio.to_thread(sent) == 250
        assert await wire.struck() == []
        assert len(wire.journal.read()) == 2


async def test_a_port_leads_to_its_process(journal: Journal) -> None:
    async with Wire(journal) as wire:
        _, writer = await asyncio.open_connection("127.0.0.1", wire.port)
        assert peer_of(writer.get_extra_info("sockname")[1]) == os.getpid()
        writer.close()
        await writer.wait_closed()
    assert peer_of(wire.port) is None


async def test_the_proxy_cuts_before_a_statement_is_passed_on(postgresql_url: str) -> None:
    async with Proxy(postgresql_url) as proxy:
        engine = create_async_engine(proxy.url)
        async with engine.begin() as tx:
            await tx.execute(text("CREATE TABLE kept (word TEXT)"))
        proxy.cut("COMMIT", nth=1)
        with pytest.raises(OperationalError):
            async with engine.begin() as tx:
                await tx.execute(text("INSERT INTO kept VALUES ('lost')"))
        async with engine.begin() as tx:
            assert (await tx.execute(text("SELECT count(*) FROM kept"))).scalar_one() == 0
        await engine.dispose()


async def test_the_proxy_lets_a_commit_happen_of_which_nobody_hears(postgresql_url: str) -> None:
    async with Proxy(postgresql_url) as proxy:
        engine = create_async_engine(proxy.url)
        async with engine.begin() as tx:
            await tx.execute(text("CREATE TABLE kept (word TEXT)"))
        cut = proxy.cut("COMMIT", after=True)
        with pytest.raises(OperationalError):
            async with engine.begin() as tx:
                await tx.execute(text("INSERT INTO kept VALUES ('kept')"))
        assert cut.done.is_set()
        async with engine.begin() as tx:
            assert (await tx.execute(text("SELECT count(*) FROM kept"))).scalar_one() == 1
        await engine.dispose()


async def test_the_proxy_holds_and_refuses(postgresql_url: str) -> None:
    async with Proxy(postgresql_url) as proxy:
        engine = create_async_engine(proxy.url)
        hold = proxy.hold("SELECT 7")

        async def asked() -> int:
            async with engine.connect() as tx:
                return int((await tx.execute(text("SELECT 7"))).scalar_one())

        asking = asyncio.create_task(asked())
        await hold.met.wait()
        assert not asking.done()
        hold.released.set()
        assert await asking == 7
        proxy.refuses = True
        proxy.drop_all()
        await engine.dispose()
        with pytest.raises(OperationalError):
            await asked()
        await engine.dispose()


async def test_a_full_disk_refuses_a_change_and_takes_it_when_there_is_room(sqlite_url: str) -> None:
    store, full = Store(sqlite_url), disk.Disk(sqlite_url)
    told(store, [disk.SMALL])
    await stock.fill(store, 1)
    await full.ready()
    await full.fill()

    async def change() -> None:
        async with store.write() as tx:
            await tx.execute(text("UPDATE notices SET words = 'changed'"))

    with pytest.raises(OperationalError, match="full"):
        await change()
    await full.free()
    await change()
    await store.close()


async def test_a_page_can_be_spoiled_and_mended(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    await stock.fill(store, 1)
    await store.close()
    async with disk.spoiled(sqlite_url, "notices"):
        with pytest.raises(DatabaseError, match="malformed"):
            await judge(store, [])
        await store.close()
    assert (await judge(store, [])).notices == 1
    await store.close()


async def test_another_process_holds_the_write_lock(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    await schema.upgrade(store)

    async def write() -> None:
        async with store.write():
            pass

    async with disk.held(sqlite_url):
        writing = asyncio.create_task(write())
        async with store.read() as tx:
            await tx.execute(text("SELECT count(*) FROM notices"))
        assert not writing.done()
    await writing
    await store.close()


def test_clocks_turn_apart_and_for_everybody_who_shares_them(tmp_path: Path) -> None:
    mine, theirs = Clocks(tmp_path / "clocks"), Clocks(tmp_path / "clocks")
    mine.turn(wall=86400)
    mine.turn(boot=-7200)
    assert 86399 < (theirs.wall() - Clocks(tmp_path / "others").wall()).total_seconds() < 86401
    assert theirs.boot() < Clocks(tmp_path / "others").boot() - 7100


async def test_the_oracle_sees_what_is_missing_doubled_different_and_unfinished(
    database_url: str, journal: Journal
) -> None:
    store = Store(database_url)
    await stock.fill(store, 5)
    async with Wire(journal) as wire:
        for to in ("reader000000@example.org", "reader000000@example.org", "nobody@example.org"):
            await send(wire, to)
    async with store.write() as tx:
        first = "subscriber_id IN (SELECT id FROM subscribers WHERE address LIKE 'reader00000{}@%')"
        for number in (0, 1):
            await tx.execute(text(f"UPDATE notices SET state = 'accepted' WHERE {first.format(number)}"))  # noqa: S608
    verdict = await judge(store, journal.read())
    assert (verdict.notices, verdict.accepted, verdict.copies, verdict.extras) == (5, 2, 3, 1)
    assert {name: len(which) for name, which in verdict.faults.items()} == {
        "missing": 1,
        "unfinished": 3,
        "unexplained": 1,
        "unasked": 1,
    }
    await store.close()


async def test_to_the_oracle_each_generation_explains_one_copy_however_often_it_is_told_of(
    database_url: str, journal: Journal
) -> None:
    store = Store(database_url)
    (id_, *_) = await stock.fill(store, 1)
    async with Wire(journal) as wire:
        for _ in range(3):
            await send(wire, "reader000000@example.org")
    async with store.write() as tx:
        await tx.execute(text("UPDATE notices SET state = 'accepted'"))
        row = {"notice_id": id_, "code": 0, "words": "", "at": datetime.now(UTC)}
        for generation, result in ((1, "lost"), (1, "released")):
            await tx.execute(insert(attempts).values(generation=generation, result=result, **row))
    assert (await judge(store, journal.read())).unexplained == (id_,)
    async with store.write() as tx:
        await tx.execute(insert(attempts).values(generation=2, result="released", **row))
    assert (await judge(store, journal.read())).unexplained == ()
    await store.close()


async def test_a_postgresql_of_our_own_comes_back_with_what_was_committed() -> None:
    with postgresql.owned() as cluster:
        with cluster.server.connect() as connection:
            connection.execute("CREATE TABLE kept (word TEXT)")
            connection.execute("INSERT INTO kept VALUES ('kept')")
        cluster.stop(signal.SIGQUIT)
        with pytest.raises(psycopg.OperationalError):
            cluster.server.connect()
        cluster.start()
        with cluster.server.connect() as connection:
            assert connection.execute("SELECT word FROM kept").fetchall() == [("kept",)]
