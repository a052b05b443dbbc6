"""Backups: everything goes into one file and comes back into either database, held; a move does without the file."""

import asyncio
import gzip
import hashlib
import json
import stat
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import JSON, Column, func, null, select, text, types

from service import keeping
from service.actions import posting
from service.domain.errors import InvalidError, RemembrancerError, StoreError
from service.domain.subscription import Habit, Status
from service.keeping import Options
from service.settings import Settings
from service.store import copying, installation, migrating, schema
from service.store import subscribers as readers
from service.store import subscriptions as wishes
from service.store.all_tables import everything
from service.store.dialect import Store
from service.store.tables import VERSION, subscribers, subscriptions, suppressions, workers
from tests.builders import at
from tests.sizes import sized
from tests.years import WISH, Taken, contents, fill, program

NOW = at("2026-09-01T08:00")
THEN = at("2026-09-02T08:00")
KEY = "a key for the tests, of more than 32 characters"
Place = Callable[[str], Settings]
BOTH = ("sqlite", "postgresql")
READERS = sized(2000, 400)


def unseen(_done: int, _total: int) -> None:
    """Nobody looks how far it has come."""


@pytest.fixture
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Makes a new installation with a database of either kind, and a folder of its own."""

    def made(kind: str) -> Settings:
        folder = tmp_path / f"home {len(list(tmp_path.glob('home*')))}"
        folder.mkdir()
        if kind == "sqlite":
            return Settings(data_dir=folder, secret_key=SecretStr(KEY))
        server = request.getfixturevalue("postgresql_server")
        context = server.database()
        url = context.__enter__()
        request.addfinalizer(lambda: context.__exit__(None, None, None))
        return Settings(data_dir=folder, database_url=SecretStr(url), secret_key=SecretStr(KEY))

    return made


async def asked(settings: Settings, question: Callable[[Store], Any]) -> Any:
    store = Store(settings.database)
    try:
        return await question(store)
    finally:
        await store.close()


async def rows_in_every_table(settings: Settings) -> None:
    """Put two rows into every table there is, with every kind of value; what may be missing is missing in one."""
    store = Store(settings.database)
    await schema.upgrade(store)
    async with store.write() as tx:
        for table in everything.sorted_tables:
            for number in (0, 1):
                if number and any(str(one.sqltext) == "id = 1" for one in table.constraints if hasattr(one, "sqltext")):
                    continue
                row = {one.name: value(one, number) for one in table.columns if not (number and one.nullable)}
                await tx.execute(table.insert().values(row))
    await store.close()


def value(column: Column[Any], number: int) -> Any:  # noqa: PLR0911  (one for each type)
    """Give a value for a column: of those that point elsewhere, the key of the first row there."""
    for pointing in column.foreign_keys:
        return value(pointing.column, number if column.primary_key else 0)
    match column.type:
        case JSON():
            return null() if column.nullable and number else {"Հիշ": [1, None, "\u2028\\"], "b": 1e-7}
        case types.Boolean():
            return number == 0
        case types.Date():
            return date(301 + number, 1, 9)
        case types.Integer():
            return 1 + number
        case types.Float():
            return 0.1 + number
        case types.LargeBinary():
            return bytes(range(256))
        case types.String():
            return f"{number}\t\\N\n'{column.name}' ✝"[: column.type.length or 99]
        case _:
            return datetime(2026, 9, 27, 5, 0, 0, 123456 + number, tzinfo=UTC)


async def fingerprints(settings: Settings, *without: str) -> dict[str, tuple[int, str]]:
    found = await asked(settings, contents)
    return {name: one for name, one in found.items() if name not in copying.LEFT_OUT and name not in without}


@pytest.mark.parametrize("target", BOTH)
@pytest.mark.parametrize("source", BOTH)
async def test_a_backup_brought_back_into_either_database_has_every_value_of_every_table(
    home: Place, tmp_path: Path, source: str, target: str
) -> None:
    one, other = home(source), home(target)
    await rows_in_every_table(one)
    made = await keeping.back_up(one, tmp_path / "a.backup", NOW, unseen)
    assert {table.name for table in made.manifest.tables} == set(everything.tables) - copying.LEFT_OUT
    await keeping.restore(other, tmp_path / "a.backup", NOW, unseen, Options())
    assert await fingerprints(other, "installation") == await fingerprints(one, "installation")
    assert await asked(other, migrating.differences) == []


@pytest.mark.parametrize("kind", BOTH)
async def test_case_43_a_backup_brought_back_sends_nothing_until_somebody_says_resume(
    home: Place, tmp_path: Path, kind: str
) -> None:
    one, other = home(kind), home(kind)
    app = program(one, NOW)
    await fill(app.store, 20, 2, NOW)
    await app.close()
    await keeping.back_up(one, tmp_path / "a.backup", NOW, unseen)
    await keeping.restore(other, tmp_path / "a.backup", NOW, unseen, Options())
    taken = Taken()
    app = program(other, at("2026-09-27T05:30"), taken)
    assert (await app.round(app.clock())).sent == 0
    standing = await app.standing()
    assert standing.paused_reason.startswith("brought back from a backup of 2026-09-01T08:00:00+00:00")
    assert taken.letters == {}
    await app.close()


async def test_a_backup_is_its_owners_alone_and_never_written_over_another(home: Place, tmp_path: Path) -> None:
    one, file = home("sqlite"), tmp_path / "a.backup"
    await rows_in_every_table(one)
    await keeping.back_up(one, file, NOW, unseen)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = file.read_bytes()
    with pytest.raises(InvalidError, match="not written over"):
        await keeping.back_up(one, file, NOW, unseen)
    assert file.read_bytes() == content
    with pytest.raises(InvalidError, match="No such file"):
        await keeping.back_up(one, tmp_path / "nowhere" / "a.backup", NOW, unseen)
    assert {path.name for path in tmp_path.iterdir()} == {"home 0", "a.backup"}  # noqa: ASYNC240  (nothing else runs)


@pytest.mark.parametrize("kind", BOTH)
async def test_a_damaged_or_foreign_file_is_refused_before_anything_is_touched(
    home: Place, tmp_path: Path, kind: str
) -> None:
    one, other = home(kind), home(kind)
    app = program(one, NOW)
    await fill(app.store, 50, 2, NOW)
    await app.close()
    await keeping.back_up(one, tmp_path / "whole", NOW, unseen)
    content = (tmp_path / "whole").read_bytes()
    lines = gzip.decompress(content).splitlines(keepends=True)
    half = len(content) // 2
    spoiled = {
        "cut": content[:half],
        "cut at its end": content[:-1],
        "a changed byte": content[:half] + bytes([content[half] ^ 1]) + content[half + 1 :],
        "a line less": gzip.compress(b"".join(lines[:-3] + lines[-2:])),
        "no last line": gzip.compress(b"".join(lines[:-1])),
        "a changed address": gzip.compress(gzip.decompress(content).replace(b"reader000001", b"reader999999")),
        "more behind it": content + content,
        "empty": b"",
        "of something else": gzip.compress(b"CREATE TABLE subscribers\n"),
        "no gzip": b"SQLite format 3\0",
        "of a newer form": gzip.compress(lines[0].replace(b'"version":1', b'"version":2') + b"".join(lines[1:])),
    }
    await keeping.restore(other, tmp_path / "whole", NOW, unseen, Options())
    before = await fingerprints(other)
    for name, bytes_ in spoiled.items():
        (tmp_path / name).write_bytes(bytes_)
        with pytest.raises(RemembrancerError, match=r"damaged|no backup|newer"):
            await keeping.restore(other, tmp_path / name, THEN, unseen, Options(replace=True))
    assert await fingerprints(other) == before
    with pytest.raises(InvalidError, match="No such file"):
        await keeping.restore(other, tmp_path / "none", NOW, unseen, Options())


@pytest.mark.parametrize("kind", BOTH)
async def test_what_is_there_is_replaced_only_if_that_is_said(home: Place, tmp_path: Path, kind: str) -> None:
    one, other = home(kind), home(kind)
    for settings, count in ((one, 30), (other, 7)):
        app = program(settings, NOW)
        await fill(app.store, count, 1, NOW)
        await app.close()
    await keeping.back_up(one, tmp_path / "a.backup", NOW, unseen)
    before = await fingerprints(other)
    with pytest.raises(InvalidError, match="--replace"):
        await keeping.restore(other, tmp_path / "a.backup", NOW, unseen, Options())
    assert await fingerprints(other) == before
    await keeping.restore(other, tmp_path / "a.backup", NOW, unseen, Options(replace=True))
    assert await fingerprints(other, "installation") == await fingerprints(one, "installation")


async def test_a_row_that_the_other_database_refuses_leaves_everything_as_it_was(home: Place, tmp_path: Path) -> None:
    """SQLite keeps text of any length; PostgreSQL does not. Keys are written with the rows, or not at all."""
    one = home("sqlite")
    one = one.model_copy(update={"secret_key": SecretStr("")})
    (one.data_dir / "secret.key").write_text(KEY)
    other = home("postgresql").model_copy(update={"secret_key": SecretStr("")})
    for settings in (one, other):
        await asked(settings, lambda store: fill(store, 3, 1, NOW))

    async def too_long(store: Store) -> None:
        async with store.write() as tx:
            await tx.execute(suppressions.insert().values(address_hash="x" * 65, reason="bounced", created_at=NOW))

    await asked(one, too_long)
    await keeping.back_up(one, tmp_path / "a.backup", NOW, unseen)
    before = await fingerprints(other)
    with pytest.raises(StoreError, match="a row of suppressions"):
        await keeping.restore(other, tmp_path / "a.backup", NOW, unseen, Options(replace=True))
    with pytest.raises(StoreError, match="a row of suppressions"):
        await keeping.move(one, other.database, NOW, unseen, Options(replace=True))
    assert await fingerprints(other) == before
    assert not (other.data_dir / "secret.key").exists()

    async def post(store: Store) -> installation.Installation | None:
        async with store.read() as tx:
            return await installation.state(tx)

    assert (await asked(one, post)).paused_at is None


@pytest.mark.parametrize("kind", BOTH)
async def test_a_backup_of_a_service_that_runs_is_of_one_moment(home: Place, tmp_path: Path, kind: str) -> None:
    """Readers and their wishes are written together all the while: neither is there without the other."""
    one, other = home(kind), home(kind)
    store = Store(one.database)
    await fill(store, 1000, 4, NOW)
    written, has_begun, is_over = [0], asyncio.Event(), asyncio.Event()

    async def writing() -> None:
        while not is_over.is_set():
            await fill_one(store, written[0])
            written[0] += 1
            has_begun.set()

    task = asyncio.create_task(writing())
    await has_begun.wait()
    made = await keeping.back_up(one, tmp_path / "a.backup", NOW, unseen)
    is_over.set()
    await task
    await store.close()
    await keeping.restore(other, tmp_path / "a.backup", NOW, unseen, Options())

    async def counted(store: Store) -> tuple[int, int]:
        async with store.read() as tx:
            wishing = select(func.count(func.distinct(subscriptions.c.subscriber_id)))
            all_ = select(func.count()).select_from(subscribers)
            return (await tx.execute(all_)).scalar_one(), (await tx.execute(wishing)).scalar_one()

    found, wishing = await asked(other, counted)
    assert found == wishing == next(table.rows for table in made.manifest.tables if table.name == "subscribers")
    assert found > 1000
    assert written[0] > 1


async def fill_one(store: Store, number: int) -> None:
    async with store.write() as tx:
        arrival = readers.Arrival(f"new{number}@example.org", Habit(), Status.ACTIVE, "page", NOW)
        await wishes.add(tx, await readers.add(tx, arrival, NOW), (WISH,), NOW, NOW)


@pytest.mark.parametrize("kind", BOTH)
async def test_a_backup_made_before_an_upgrade_is_brought_back_to_this_version(
    home: Place, tmp_path: Path, kind: str
) -> None:
    one, other = home(kind), home("sqlite")
    older = migrating.versions()[2]
    store = Store(one.database)
    async with store.write() as tx:
        await tx.run_sync(migrating.run, older)
        row = {"address_hash": "f" * 64, "reason": "left", "created_at": NOW}
        await tx.execute(suppressions.insert().values(row))
    await store.close()
    made = await keeping.back_up(one, tmp_path / "a.backup", NOW, unseen)
    assert made.manifest.revision == older
    await keeping.restore(other, tmp_path / "a.backup", NOW, unseen, Options())

    async def kept(store: Store) -> Any:
        async with store.read() as tx:
            return await schema.version(tx), (await tx.execute(select(suppressions.c.created_at))).scalars().all()

    assert await asked(other, kept) == (VERSION, [NOW])
    assert await asked(other, migrating.differences) == []


@pytest.mark.parametrize("kind", BOTH)
async def test_a_newer_database_or_backup_is_refused_in_words(home: Place, tmp_path: Path, kind: str) -> None:
    one, other = home(kind), home("sqlite")
    await rows_in_every_table(one)
    await keeping.back_up(one, tmp_path / "a.backup", NOW, unseen)
    lines = gzip.decompress((tmp_path / "a.backup").read_bytes()).splitlines(keepends=True)
    newer = json.dumps(json.loads(lines[0]) | {"revision": "z999"}, separators=(",", ":"), ensure_ascii=False)
    sealed = resealed([newer.encode() + b"\n", *lines[1:-1]])
    (tmp_path / "newer.backup").write_bytes(sealed)
    with pytest.raises(StoreError, match="newer version"):
        await keeping.restore(other, tmp_path / "newer.backup", NOW, unseen, Options())

    async def age(store: Store) -> None:
        async with store.write() as tx:
            await tx.execute(text("UPDATE alembic_version SET version_num = 'z999'"))

    await asked(one, age)
    for refused in (
        keeping.back_up(one, tmp_path / "b.backup", NOW, unseen),
        keeping.move(one, other.database, NOW, unseen, Options()),
        keeping.restore(one, tmp_path / "a.backup", NOW, unseen, Options(replace=True)),
    ):
        with pytest.raises(StoreError, match="newer version"):
            await refused
    assert not (tmp_path / "b.backup").exists()


def resealed(lines: list[bytes]) -> bytes:
    """Give a backup of lines, with the right digest at its end."""
    digest = hashlib.sha256(b"".join(lines)).hexdigest()
    return gzip.compress(b"".join([*lines, json.dumps({"sha256": digest}).encode() + b"\n"]))


async def test_the_keys_of_data_dir_come_back_and_no_other_key_is_lost(home: Place, tmp_path: Path) -> None:
    one = home("sqlite").model_copy(update={"secret_key": SecretStr("")})
    await rows_in_every_table(one)
    keys = {"secret.key": "k" * 40, "dkim/here.pem": "a private key"}
    (one.data_dir / "dkim").mkdir()
    for name, key in keys.items():
        (one.data_dir / name).write_text(key)
    made = await keeping.back_up(one, tmp_path / "a.backup", NOW, unseen)
    assert sorted(made.manifest.files) == sorted(keys)

    other = home("sqlite").model_copy(update={"secret_key": SecretStr("")})
    await keeping.restore(other, tmp_path / "a.backup", NOW, unseen, Options())
    for name, key in keys.items():
        assert (other.data_dir / name).read_text() == key
        assert stat.S_IMODE((other.data_dir / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((other.data_dir / "remembrancer.db").stat().st_mode) == 0o600

    third = home("sqlite").model_copy(update={"secret_key": SecretStr("")})
    (third.data_dir / "secret.key").write_text("z" * 40)
    with pytest.raises(InvalidError, match=r"secret\.key is there already"):
        await keeping.restore(third, tmp_path / "a.backup", NOW, unseen, Options())
    await keeping.restore(third, tmp_path / "a.backup", NOW, unseen, Options(replace=True))
    assert (third.data_dir / "secret.key").read_text() == "k" * 40
    assert (third.data_dir / "secret.key.before-20260901T080000Z").read_text() == "z" * 40


async def test_a_key_that_is_a_setting_is_named_and_must_be_there_again(home: Place, tmp_path: Path) -> None:
    one = home("sqlite")
    outside = tmp_path / "elsewhere.pem"
    one = one.model_copy(update={"dkim_keys": f"s1={outside}"})
    await rows_in_every_table(one)
    made = await keeping.back_up(one, tmp_path / "a.backup", NOW, unseen)
    assert made.manifest.files == {}
    assert made.manifest.beside == ("the setting secret_key", f"the key {outside}")
    assert KEY not in gzip.decompress((tmp_path / "a.backup").read_bytes()).decode()
    for key in ("", "another key, also of more than 32 characters"):
        other = home("sqlite").model_copy(update={"secret_key": SecretStr(key)})
        with pytest.raises(InvalidError, match="REMEMBRANCER_SECRET_KEY"):
            await keeping.restore(other, tmp_path / "a.backup", NOW, unseen, Options())
        await keeping.restore(other, tmp_path / "a.backup", NOW, unseen, Options(other_key=True))
    rotated = home("sqlite").model_copy(update={"secret_key": SecretStr("n" * 40), "old_secret_keys": SecretStr(KEY)})
    await keeping.restore(rotated, tmp_path / "a.backup", NOW, unseen, Options())


@pytest.mark.parametrize(("source", "target"), [BOTH, BOTH[::-1]])
async def test_a_moved_database_has_the_same_rows_and_sends_the_same_letters_next(
    home: Place, tmp_path: Path, source: str, target: str
) -> None:
    """Hundreds of readers and a year of notices. The next letters are planned, and leave from both."""
    one, other = home(source), home(target)
    copy = home(source)
    today = at("2026-09-27T05:30")
    app = program(one, today)
    await fill(app.store, READERS, 12, today)
    await app.plan()
    await app.press.render_all(today)
    await app.close()
    await keeping.back_up(one, tmp_path / "a.backup", today, unseen)  # the old one is held once it has moved
    await keeping.restore(copy, tmp_path / "a.backup", today, unseen, Options())

    before = await fingerprints(one, "installation")
    tables = (await keeping.move(one, other.database, today, unseen, Options())).tables
    assert {table.name: table.rows for table in tables if table.name != "installation"} == {
        name: count for name, (count, _) in before.items()
    }
    assert await fingerprints(other, "installation") == before

    assert await next_letters(one, today) == {}
    async with Holding(copy) as store, store.write() as tx:
        await installation.resume(tx, await installation.here(tx))
    if target == "postgresql":
        assert await asked(other, known_of_subscribers) == READERS
    letters = await next_letters(other, today)
    assert len(letters) == READERS
    assert letters == await next_letters(copy, today)


async def known_of_subscribers(store: Store) -> int:
    """Give how many subscribers PostgreSQL takes there to be: by that it chooses how to plan."""
    async with store.read() as tx:
        return int(
            (await tx.execute(text("SELECT reltuples FROM pg_class WHERE relname = 'subscribers'"))).scalar_one()
        )


class Holding:
    """A store that is closed in the end."""

    def __init__(self, settings: Settings) -> None:
        self.store = Store(settings.database)

    async def __aenter__(self) -> Store:
        return self.store

    async def __aexit__(self, *_: object) -> None:
        await self.store.close()


async def next_letters(settings: Settings, now: datetime) -> dict[str, bytes]:
    """Do one round, and give the letters that left, by the ids of their notices."""
    taken = Taken()
    app = program(settings, now, taken)
    await app.round(now)
    await app.close()
    return taken.letters


@pytest.mark.parametrize("kind", BOTH)
async def test_nothing_is_brought_back_or_moved_while_somebody_sends(home: Place, tmp_path: Path, kind: str) -> None:
    one, other = home(kind), home(kind)
    app = program(one, NOW)
    await fill(app.store, 2, 1, NOW)
    await keeping.back_up(one, tmp_path / "a.backup", NOW, unseen)
    async with app.sender.worker.living():
        for refused in (
            keeping.restore(one, tmp_path / "a.backup", NOW, unseen, Options(replace=True)),
            keeping.move(one, other.database, NOW, unseen, Options()),
        ):
            with pytest.raises(InvalidError, match="stop the service first"):
                await refused
    await app.close()
    await keeping.move(one, other.database, NOW, unseen, Options())
    with pytest.raises(InvalidError, match="in use already"):
        await keeping.move(other, other.database, NOW + timedelta(hours=1), unseen, Options(replace=True))
    assert await asked(other, count_workers) == 0


@pytest.mark.parametrize("kind", BOTH)
async def test_a_database_that_was_moved_away_sends_again_only_if_it_is_said_that_no_other_does(
    home: Place, kind: str
) -> None:
    one, other, third = home(kind), home(kind), home(kind)
    await asked(one, lambda store: fill(store, 2, 1, NOW))
    assert (await keeping.move(one, other.database, NOW, unseen, Options())).goes_on
    async with Holding(one) as store, store.write() as tx:
        with pytest.raises(InvalidError, match="--take-over"):
            await posting.resume(tx, NOW, take_over=False)
    with pytest.raises(StoreError, match="was moved to another"):
        await keeping.move(one, third.database, NOW, unseen, Options())
    async with Holding(one) as store, store.write() as tx:
        assert await posting.resume(tx, NOW, take_over=True)


@pytest.mark.parametrize("kind", BOTH)
async def test_a_post_that_was_held_before_a_move_is_held_after_it_for_its_own_reason(home: Place, kind: str) -> None:
    one, other = home(kind), home(kind)
    await asked(one, lambda store: fill(store, 2, 1, NOW))
    async with Holding(one) as store, store.write() as tx:
        await installation.pause(tx, "a reason of ours", NOW)
    assert not (await keeping.move(one, other.database, NOW, unseen, Options())).goes_on
    async with Holding(other) as store, store.read() as tx:
        assert (await installation.state(tx)).paused_reason == "a reason of ours"


async def count_workers(store: Store) -> int:
    async with store.read() as tx:
        return (await tx.execute(select(func.count()).select_from(workers))).scalar_one()
