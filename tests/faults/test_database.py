"""Databases that are busy, full, damaged, gone, copied or half migrated (`faults.md`, B.2)."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import psycopg
import pytest
from alembic import command
from sqlalchemy import make_url, select, text, update

from service.app import build
from service.domain.notice import State
from service.settings_read import read_settings
from service.store import installation, migrating, schema, sqlite
from service.store.dialect import Store
from service.store.tables import alembic_version, notices
from tests import children
from tests.faults import disk, stock
from tests.faults.conftest import OpenStore
from tests.faults.crew import KEY, Crew, all_done, crew, followed, until
from tests.faults.oracle import Verdict, judge
from tests.faults.proxy import Proxy
from tests.faults.script import Rule, Stage
from tests.faults.trouble import DAMAGED, DEADLOCK, NOT_SERIALIZABLE, Trouble
from tests.faults.wire import Wire
from tests.peers import ROOT, postgresql

CONNECTIONS = 4  # as the crew's
OF_A_SESSION = re.compile(
    r"advisory|\bLISTEN\b|^\s*SET\s+(?!LOCAL)|\bTEMP(?:ORARY)?\b|^\s*PREPARE|^\s*DECLARE", re.IGNORECASE
)
# What tells a transaction of the post from the others, as the proxy sees it.
CLAIM, INTENT, RECORD = "SKIP LOCKED", "subscriptions", "finished_at"
TRANSACTIONS = {"claim": CLAIM, "intent": INTENT, "record": RECORD}


async def sent(hands: Crew, store: Store, wire: Wire) -> Verdict:
    """Wait until everything is sent and the workers have ended, and give a verdict that finds no fault."""
    await all_done(store)
    await hands.finish()
    verdict = await judge(store, wire.journal.read())
    assert verdict.faults == {}, hands.log[-3000:]
    return verdict


async def logged(hands: Crew, fact: str, times: int = 1) -> None:
    """Wait until the workers have logged a fact so often."""

    async def there() -> bool:
        assert not all(worker.ended.done() for worker in hands.workers), hands.log[-2000:]
        return len(hands.logged(fact)) >= times

    await until(there)


@asynccontextmanager
async def write_lock(url: str) -> AsyncIterator[None]:
    """Hold what every change of a notice needs."""
    if url.startswith("sqlite"):
        async with disk.held(url):
            yield
        return
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    async with await psycopg.AsyncConnection.connect(plain) as connection:
        await connection.execute("LOCK TABLE notices IN EXCLUSIVE MODE")
        yield
        await connection.rollback()


async def test_case_030_a_busy_database_is_waited_for(hands: Crew, store: Store, wire: Wire, database_url: str) -> None:
    """Somebody else holds the write lock for a while: nothing is sent meanwhile, nothing is lost, nothing fails."""
    await stock.fill(store, 20)
    async with AsyncExitStack() as stack:
        wire.script.add(Rule(Stage.DOT, until=(held := asyncio.Event())))
        await hands.start()
        await wire.reached(Stage.DOT, CONNECTIONS)
        await stack.enter_async_context(write_lock(database_url))
        held.set()
        async with store.read() as tx:
            assert State.ACCEPTED not in set((await tx.execute(select(notices.c.state))).scalars())
        assert wire.times(Stage.DOT) == CONNECTIONS
    assert (await sent(hands, store, wire)).extras == 0
    assert hands.logged("turn_failed") == []


async def test_case_030_busy_for_longer_than_is_waited(
    open_store: OpenStore, sqlite_url: str, wire: Wire, tmp_path: Path
) -> None:
    """Beyond the busy timeout a claim is given up and made again later; SQLite only, PostgreSQL waits for ever."""
    store = open_store(sqlite_url)
    await stock.fill(store, 20)
    async with crew(sqlite_url, wire.url, tmp_path / "home") as hands:
        async with disk.held(sqlite_url):
            await hands.start(pragmas=["busy_timeout = 100"])

            async def locked() -> bool:
                return "locked" in hands.log

            await until(locked)
            assert wire.journal.read() == []
        await followed(hands, hands.workers[0], store)
        assert (await sent(hands, store, wire)).extras == 0


def beginning() -> list[str]:
    """Give the modules in which a transaction is begun."""
    begins = re.compile(r"(?:tx|_?engine|connection)\.begin\(\)|[\"']BEGIN(?!:)")
    return [path.name for path in Path(ROOT, "service").rglob("*.py") if begins.search(path.read_text())]


async def test_case_031_every_transaction_that_writes_begins_as_one(store: Store) -> None:
    """A reader that later writes would be refused by SQLite (BUSY_SNAPSHOT): each says at the start what it is."""
    assert sorted(beginning()) == ["dialect.py", "postgres.py", "sqlite.py"]
    if not store.embedded:
        return
    async with store.write():
        assert await asyncio.to_thread(disk.is_locked, str(store._engine.url))
    assert await store.group(lambda _: disk.is_locked(str(store._engine.url)))
    async with store.read() as tx:
        await tx.execute(select(notices.c.id))
        assert not await asyncio.to_thread(disk.is_locked, str(store._engine.url))


async def test_case_032_disk_full_at_the_intent(hands: Crew, store: Store, wire: Wire, database_url: str) -> None:
    """Nothing is sent without its intent; when there is room, everything is, once."""
    await stock.fill(store, 20)
    trouble = Trouble(database_url)
    await trouble.ready()
    await trouble.begin("sending")
    await hands.start(pragmas=[disk.SMALL])
    await logged(hands, "commit_failed", 2)
    assert wire.times(Stage.CONTENT) == 0
    await trouble.end()
    verdict = await sent(hands, store, wire)
    assert (verdict.extras, verdict.accepted) == (0, 20)


async def test_case_032_disk_full_at_the_record(hands: Crew, store: Store, wire: Wire, database_url: str) -> None:
    """What was handed over stays as it is, no further letter leaves, and the commit is tried until there is room."""
    await stock.fill(store, 40)
    trouble = Trouble(database_url)
    await trouble.ready()
    await trouble.begin("accepted")
    await hands.start(pragmas=[disk.SMALL])
    await logged(hands, "commit_failed", 7)
    assert 1 <= len(wire.journal.read()) <= CONNECTIONS
    async with store.read() as tx:
        held = (await tx.execute(select(notices.c.id).where(notices.c.state == State.SENDING))).all()
    assert len(wire.journal.read()) <= len(held) <= CONNECTIONS
    await trouble.end()
    verdict = await sent(hands, store, wire)
    assert (verdict.extras, verdict.accepted, verdict.marks) == (0, 40, {})


async def test_case_032_a_crash_while_the_disk_is_full(
    hands: Crew, store: Store, wire: Wire, database_url: str
) -> None:
    """What could not be recorded before the crash is in doubt, at most one letter a connection."""
    await stock.fill(store, 20)
    trouble = Trouble(database_url)
    await trouble.ready()
    await trouble.begin("accepted")
    worker = await hands.start(pragmas=[disk.SMALL])
    await logged(hands, "commit_failed", 2)
    await worker.killed()
    copies = len(wire.journal.read())
    await trouble.end()
    await hands.start()
    verdict = await sent(hands, store, wire)
    assert verdict.extras == copies <= CONNECTIONS


async def test_case_033_a_damaged_file(open_store: OpenStore, sqlite_url: str, wire: Wire, tmp_path: Path) -> None:
    """SQLITE_CORRUPT: all sending stops, the log says so, nothing is written; mended, no more than C come twice."""
    store = open_store(sqlite_url)
    await stock.fill(store, 40)
    held = asyncio.Event()
    wire.script.add(Rule(Stage.DOT, until=held))
    async with crew(sqlite_url, wire.url, tmp_path / "home", CONNECTIONS="4") as hands:
        worker = await hands.start()
        await wire.reached(Stage.DOT, CONNECTIONS)
        async with disk.spoiled(sqlite_url, "notices"):
            held.set()
            await logged(hands, "post_stopped")
            await wire_is_still(wire)
            await worker.killed()
            assert len(wire.journal.read()) == CONNECTIONS
        await hands.start()
        assert (await sent(hands, store, wire)).extras <= CONNECTIONS


async def test_case_033_a_damaged_page(open_store: OpenStore, postgresql_url: str, wire: Wire, tmp_path: Path) -> None:
    """The same of PostgreSQL, which says that its data is corrupted (XX001)."""
    store = open_store(postgresql_url)
    await stock.fill(store, 40)
    trouble = Trouble(postgresql_url)
    await trouble.ready()
    await trouble.begin("accepted", DAMAGED)
    async with crew(postgresql_url, wire.url, tmp_path / "home", CONNECTIONS="4") as hands:
        worker = await hands.start()
        await logged(hands, "post_stopped")
        await wire_is_still(wire)
        await worker.killed()
        assert len(wire.journal.read()) <= CONNECTIONS
        await trouble.end()
        await hands.start()
        assert (await sent(hands, store, wire)).extras <= CONNECTIONS


async def wire_is_still(wire: Wire) -> None:
    """See that a relay which answers at once has had the time to hear of a next letter, and has not."""
    before = wire.times(Stage.CONTENT)
    for _ in range(20):
        await asyncio.sleep(0)
        reader, writer = await asyncio.open_connection("127.0.0.1", wire.port)
        await reader.readline()
        writer.close()
        await writer.wait_closed()
    assert wire.times(Stage.CONTENT) == before


def duplicate(file: Path, copy: Path) -> Path:
    """Copy a database's file with what belongs to it."""
    copy.parent.mkdir(exist_ok=True)
    for end in ("-wal", "-shm"):
        Path(f"{copy}{end}").unlink(missing_ok=True)
    for end in ("", "-wal"):
        if Path(f"{file}{end}").exists():
            Path(f"{copy}{end}").write_bytes(Path(f"{file}{end}").read_bytes())
    return copy


async def test_case_034_what_is_committed_outlives_the_power(
    open_store: OpenStore, sqlite_url: str, tmp_path: Path
) -> None:
    """The setting that makes a commit wait for the disk is asserted at every connect.

    The power cannot be cut here: a process that is killed leaves its writes to the kernel. What can be seen is that
    SQLite was told to sync at each commit, and that a copy of its files, made while it is open, has the commit. Of
    PostgreSQL, which syncs by itself, case 38 asks that it was not told otherwise.
    """
    store = open_store(sqlite_url)
    await schema.upgrade(store)
    pragmas = {"synchronous": 2, "foreign_keys": 1, "trusted_schema": 0, "busy_timeout": sqlite.BUSY_MILLISECONDS}
    for name, value in pragmas.items():
        statement = text(f"PRAGMA {name}")
        async with AsyncExitStack() as stack:
            for _ in range(3):
                tx = await stack.enter_async_context(store.read())
                assert (await tx.execute(statement)).scalar_one() == value
        async with store.write() as tx:
            assert (await tx.execute(statement)).scalar_one() == value
        assert await store.group(lambda tx, said=statement: tx.execute(said).scalar_one()) == value
    await stock.fill(store, 1)
    file = disk.file_of(str(store._engine.url))
    other = open_store(f"sqlite+aiosqlite:///{duplicate(file, tmp_path / 'copy' / 'copy.db')}")
    assert (await judge(other, [])).notices == 1


@pytest.mark.parametrize(
    ("version", "is_sound"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 9), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_case_035_a_library_whose_log_may_lose_a_commit(version: tuple[int, ...], *, is_sound: bool) -> None:
    """SQLite 3.7.0 to 3.51.2 without the backport is not given a write-ahead log, however many processes there are.

    `faults.md` would have a second process refused; with a rollback journal any number is sound (DECISIONS 20).
    """
    assert sqlite.keeps_a_sound_log(version) is is_sound
    assert ("journal_mode=WAL" in sqlite.pragmas(version)) is is_sound


async def test_case_035_the_library_in_use_has_the_journal_that_it_may_have(
    open_store: OpenStore, sqlite_url: str
) -> None:
    """At every connect, of pages and of the post."""
    store = open_store(sqlite_url)
    await schema.upgrade(store)
    allowed = "wal" if sqlite.keeps_a_sound_log(sqlite.version()) else "delete"
    async with store.read() as tx:
        assert (await tx.execute(text("PRAGMA journal_mode"))).scalar_one() == allowed
    assert await store.group(lambda tx: tx.execute(text("PRAGMA journal_mode")).scalar_one()) == allowed


@pytest.fixture(scope="module")
def cluster() -> Iterator[postgresql.Cluster]:
    """A PostgreSQL that may be stopped and started, and keeps what it has committed."""
    with postgresql.owned() as cluster:
        yield cluster


@pytest.mark.parametrize("where", TRANSACTIONS)
async def test_case_036_postgresql_restarts(
    open_store: OpenStore, cluster: postgresql.Cluster, wire: Wire, tmp_path: Path, where: str
) -> None:
    """In the middle of a claim: nothing. Of an intent: not sent before it is known. Of a record: repeated."""
    with cluster.server.database() as url:
        store = open_store(url)
        await stock.fill(store, 30)
        async with Proxy(url) as proxy, crew(proxy.url, wire.url, tmp_path / "home", CONNECTIONS="4") as hands:
            hold = proxy.hold(TRANSACTIONS[where])
            await hands.start()
            async with asyncio.timeout(60):
                await hold.met.wait()
            await asyncio.to_thread(cluster.stop, signal.SIGQUIT)
            hold.released.set()
            cluster.start()  # in this thread, with which it ends
            await store.close()
            verdict = await sent(hands, store, wire)
        assert (verdict.extras, verdict.accepted) == (0, 30)


@pytest.mark.parametrize("after", [True, False], ids=["committed", "not-committed"])
@pytest.mark.parametrize("where", TRANSACTIONS)
async def test_case_037_a_commit_of_which_nobody_hears(
    open_store: OpenStore, postgresql_url: str, wire: Wire, tmp_path: Path, where: str, *, after: bool
) -> None:
    """The connection dies after COMMIT was sent: what is written names what it read, so it may be written again."""
    store = open_store(postgresql_url)
    await stock.fill(store, 30)
    async with Proxy(postgresql_url) as proxy, crew(proxy.url, wire.url, tmp_path / "home", CONNECTIONS="4") as hands:
        cut = proxy.cut("COMMIT", behind=TRANSACTIONS[where], after=after)
        await hands.start()
        async with asyncio.timeout(60):
            await cut.done.wait()
        verdict = await sent(hands, store, wire)
    assert (verdict.extras, verdict.accepted) == (0, 30)


async def test_case_038_a_server_whose_commits_are_weak(open_store: OpenStore, wire: Wire, tmp_path: Path) -> None:
    """Fail-over to a replica that lost the last second doubles what was sent in it, with the same identity.

    That needs two servers and a loss, and its bound (rate times a second) follows from the replica's lag, not from
    us. What is ours is to see that no commit is weaker than the operator thinks: a server that answers commits
    before they are on its disk is either told to wait, for what the post writes, or the operator is told.
    """
    with postgresql.owned(synchronous_commit="off") as weak, weak.server.database() as url:
        store = open_store(url)
        await stock.fill(store, 1)
        async with crew(url, wire.url, tmp_path / "home") as hands:
            await hands.start()
            await sent(hands, store, wire)
            asked = await store.group(lambda tx: tx.execute(text("SHOW synchronous_commit")).scalar_one())
            assert asked in {"on", "remote_apply"} or "synchronous_commit" in hands.log


@pytest.mark.parametrize("code", [NOT_SERIALIZABLE, DEADLOCK])
@pytest.mark.parametrize("state", ["claimed", "sending", "accepted"])
async def test_case_039_transactions_that_get_in_each_other_s_way(
    open_store: OpenStore, postgresql_url: str, wire: Wire, tmp_path: Path, state: str, code: str
) -> None:
    """A serialization failure or a deadlock is tried again; SQLite has one writer and knows neither."""
    store = open_store(postgresql_url)
    await stock.fill(store, 20)
    trouble = Trouble(postgresql_url)
    await trouble.ready()
    await trouble.begin(state, code, most=3)
    async with crew(postgresql_url, wire.url, tmp_path / "home", CONNECTIONS="4") as hands:
        await hands.start()
        verdict = await sent(hands, store, wire)
        assert hands.logged("post_stopped") == []
    assert (verdict.extras, verdict.accepted) == (0, 20)


async def test_case_040_pages_that_use_up_every_connection(database_url: str, wire: Wire, tmp_path: Path) -> None:
    """The post has a connection of its own, and sends."""
    app = build(read_settings(database_url=database_url, smtp_url=wire.url, data_dir=tmp_path / "var", secret_key=KEY))
    await stock.fill(app.store, 20)
    async with AsyncExitStack() as pages:
        for _ in range(app.store._engine.pool.size() + app.store._engine.pool._max_overflow):
            await pages.enter_async_context(app.store.read())
        async with asyncio.timeout(60):
            tally = await app.sender.drain()
    assert tally.accepted == len(wire.journal.read()) == 20
    await app.close()


async def test_case_041_nothing_is_kept_by_a_session(
    open_store: OpenStore, postgresql_url: str, wire: Wire, tmp_path: Path
) -> None:
    """Behind a pooler of transactions the next one runs on another session: the post relies on none.

    No advisory lock, no LISTEN, no SET beyond a transaction, no temporary table; the lease is a row.
    """
    store = open_store(postgresql_url)
    await stock.fill(store, 30)
    async with Proxy(postgresql_url) as proxy, crew(proxy.url, wire.url, tmp_path / "home", CONNECTIONS="4") as hands:
        await hands.start()
        await sent(hands, store, wire)
        words = re.compile(
            r"advisory|\bLISTEN\b|^\s*SET\s+(?!LOCAL)|\bTEMP(?:ORARY)?\b|^\s*PREPARE|^\s*DECLARE", re.IGNORECASE
        )
        assert [statement for statement in proxy.statements if words.search(statement)] == []


async def test_case_041_behind_a_real_pooler_of_transactions(
    open_store: OpenStore, pooler_url: str, wire: Wire, tmp_path: Path
) -> None:
    """Two workers share three sessions with each other and with the test; one dies with letters in its hands."""
    store = open_store(pooler_url)
    await stock.fill(store, 200)
    async with crew(pooler_url, wire.url, tmp_path / "home", CONNECTIONS=str(CONNECTIONS)) as hands:
        victim = await hands.start({"after_reply": (30, "SIGKILL")})
        await hands.start()
        await victim.dies()
        verdict = await sent(hands, store, wire)
    assert verdict.accepted == 200
    assert verdict.extras <= CONNECTIONS


@asynccontextmanager
async def copied(request: pytest.FixtureRequest, url: str, folder: Path) -> AsyncIterator[str]:
    """Restore a backup elsewhere: another file, another database."""
    if url.startswith("sqlite"):
        yield f"sqlite+aiosqlite:///{duplicate(disk.file_of(url), folder / 'copy.db')}"
        return
    server: postgresql.Server = request.getfixturevalue("postgresql_server")
    name = make_url(url).database
    assert name
    with server.database(template=name) as copy:
        yield copy


async def test_case_043_a_backup_restored_elsewhere(
    open_store: OpenStore, request: pytest.FixtureRequest, database_url: str, wire: Wire, tmp_path: Path
) -> None:
    """A copy that lies elsewhere starts held, says so, and sends nothing until somebody takes it over."""
    store = open_store(database_url)
    await stock.fill(store, 5)
    async with crew(database_url, wire.url, tmp_path / "first") as hands:
        await hands.start()
        await sent(hands, store, wire)
    await stock.fill(store, 20)
    await store.close()
    async with copied(request, database_url, tmp_path / "elsewhere") as copy:
        other = open_store(copy)
        async with crew(copy, wire.url, tmp_path / "second") as hands:
            await hands.start()
            await logged(hands, "post_held")
            await wire_is_still(wire)
            assert len(wire.journal.read()) == 5
            async with other.read() as tx:
                held = await installation.state(tx)
            assert held is not None
            assert held.paused_at is not None
            await hands.finish()
            environment = os.environ | {"REMEMBRANCER_DATABASE_URL": copy, "REMEMBRANCER_SECRET_KEY": KEY}
            environment |= {"REMEMBRANCER_DATA_DIR": str(tmp_path / "second" / "var")}
            resuming = await children.start("service", "resume", "--take-over", environment=environment)
            assert await resuming.wait() == 0
            await hands.start()
            await sent(hands, other, wire)
            assert len(wire.journal.read()) == 25


async def test_case_043_an_older_state_in_the_same_place(
    open_store: OpenStore, sqlite_url: str, wire: Wire, tmp_path: Path
) -> None:
    """A backup put back over the file it was made of: what was sent since would be sent again, so it is held."""
    store = open_store(sqlite_url)
    await stock.fill(store, 5)
    async with crew(sqlite_url, wire.url, tmp_path / "home") as hands:
        await hands.start()
        await sent(hands, store, wire)
        await stock.fill(store, 5)
        await store.close()
        file = disk.file_of(sqlite_url)
        backup = duplicate(file, tmp_path / "backup" / "backup.db")
        await hands.start()
        await sent(hands, store, wire)
        await store.close()
        duplicate(backup, file)
        await hands.start()
        await logged(hands, "post_held")
        await wire_is_still(wire)
        assert len(wire.journal.read()) == 10


MIGRATION = """
import asyncio, os, signal, sys
from sqlalchemy import event
from service.store import schema
from service.store.dialect import Store
store = Store(sys.argv[1])
tables = []

@event.listens_for(store._engine.sync_engine, "before_cursor_execute")
def die(connection, cursor, statement, *rest):
    tables.extend([statement] if "CREATE TABLE" in statement else [])
    if len(tables) == 2:
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(schema.upgrade(store))
"""


async def older(store: Store) -> None:
    """Make the tables of the version before the post's."""
    config = migrating._config()

    def up(connection: object) -> None:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")

    async with store.write() as tx:
        await tx.run_sync(up)


async def version(store: Store) -> str:
    """Give the version that the database says it is of."""
    async with store.read() as tx:
        return str((await tx.execute(select(alembic_version.c.version_num))).scalar_one())


async def test_case_044_a_migration_that_was_interrupted(
    open_store: OpenStore, empty_database_url: str, wire: Wire, tmp_path: Path
) -> None:
    """Killed in the middle of an upgrade: all or nothing, and nothing is sent before it is complete."""
    store = open_store(empty_database_url)
    await older(store)
    before = await version(store)
    killed = await asyncio.create_subprocess_exec(sys.executable, "-c", MIGRATION, empty_database_url, cwd=ROOT)
    assert await killed.wait() == -signal.SIGKILL
    assert await version(store) == before
    async with crew(empty_database_url, wire.url, tmp_path / "home", CONNECTIONS="4") as hands:
        await hands.start()

        async def complained() -> bool:
            return bool(hands.log)

        await until(complained)
        assert wire.connections == 0
        await schema.upgrade(store)
        assert await migrating.differences(store) == []
        await stock.fill(store, 5)
        await hands.start()
        await all_done(store)
    assert (await judge(store, wire.journal.read())).faults == {}


async def test_case_044_sending_and_migrating_do_not_overlap(hands: Crew, store: Store, wire: Wire) -> None:
    """A worker that is sending when the tables change claims nothing of the new ones."""
    await stock.fill(store, 200)
    held = asyncio.Event()
    wire.script.add(Rule(Stage.DOT, until=held))
    await hands.start()
    await wire.reached(Stage.DOT, CONNECTIONS)
    async with store.write() as tx:
        await tx.execute(update(alembic_version).values(version_num="9999"))
    held.set()

    async def refused() -> bool:
        return "9999" in hands.log

    await until(refused)

    async def put_down() -> bool:
        async with store.read() as tx:
            return not {State.CLAIMED, State.SENDING} & set((await tx.execute(select(notices.c.state))).scalars())

    await until(put_down)
    verdict = await judge(store, wire.journal.read())
    assert verdict.copies == verdict.accepted < 200
    assert verdict.marks == {}
