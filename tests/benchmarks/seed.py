"""What is measured with: the seed's record, readers in one slot, and their notices, in a SQLite file."""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from service.actions import collections
from service.app import App, build
from service.domain.letter import Words
from service.domain.notice import Claim, Kind
from service.domain.occasion import occasions
from service.rendering.asked import Asked, Due, Links
from service.rendering.render import print_letter
from service.scheduling import horizon
from service.settings import shipped
from service.settings_read import read_settings
from service.store import editions, events, notices, schema
from tests.peers.postgresql import connect

NOW = datetime(2024, 9, 27, 5, 0, tzinfo=UTC)  # nine in the morning in Yerevan, four years after
DAY = date(2024, 9, 27)
EVENT = "artsakh-war-2020"
BECAUSE = ("collection:artsakh",)
HOUSE = {
    "sender": "Remembrance <remember@example.org>",
    "public_url": "https://remember.example.org",
    "secret_key": "a key for benchmarks, of no other use",
}
_WRITTEN = "2024-01-01 00:00:00.000000"
_READER = (
    "id",
    "address",
    "address_key",
    "language",
    "zone",
    "hour",
    "cadence",
    "status",
    "source",
    "moved",
    "created_at",
    "confirmed_at",
)
_WISH = ("id", "subscriber_id", "target", "lead_days", "created_at", "confirmed_at")
_Rows = Iterable[tuple[object, ...]]


def app_in(folder: Path, smtp_url: str = "", database_url: str = "") -> App:
    """Join the program's own parts, as `remembrancer run` does, with the clock at the seed's hour."""
    given = {"data_dir": folder, "smtp_url": smtp_url, "database_url": database_url}
    return build(read_settings(**given, **HOUSE), clock=lambda: NOW)


def database_of(folder: Path) -> Path:
    """Give where the database of a folder is."""
    return folder / "remembrancer.db"


def remove(folder: Path) -> None:
    """Remove a folder, if it is there."""
    shutil.rmtree(folder, ignore_errors=True)


def copied(folder: Path, target: Path) -> Path:
    """Copy a closed database, so that each run begins with the same; as a new installation, not as a held copy."""
    remove(target)
    target.mkdir(parents=True)
    copy = Path(shutil.copyfile(database_of(folder), database_of(target)))
    connection = sqlite3.connect(copy)
    connection.execute("DELETE FROM installation")
    connection.commit()
    connection.close()
    return copy


def record(
    folder: Path,
    readers: int = 0,
    *,
    languages: Sequence[str] = ("en", "hy"),
    ready: bool = False,
    words: Words | None = None,
    database_url: str = "",
) -> None:
    """Make a database with the seed's collections and readers in one slot; `ready`: with a notice for each.

    If there are `words`, every edition says them, as if its template had. The database is a file in the folder
    if there is no URL.
    """

    async def recording() -> None:
        app = app_in(folder, database_url=database_url)
        await schema.upgrade(app.store)
        async with app.store.write() as tx:
            await collections.import_files(tx, [shipped("data") / "collections"], NOW)
        await horizon.reckon(app.store, NOW)
        await app.close()

    async def planning() -> None:
        app = app_in(folder, database_url=database_url)
        await app.planner.plan(NOW)
        await _freeze(app, words)
        await app.close()

    asyncio.run(recording())
    add_readers(database_url or database_of(folder), readers, languages)  # while no other library has the file open
    if ready:
        asyncio.run(planning())


async def _freeze(app: App, words: Words | None) -> None:
    """Render the editions, or have them say something else."""
    if words is not None:
        async with app.store.write() as tx:
            for edition in await editions.unrendered(tx):
                await editions.freeze(tx, edition.id, words, [], NOW)
            await notices.release(tx)
    await app.press.render_all(NOW)


def add_readers(database: Path | str, count: int, languages: Sequence[str] = ("en",), first: int = 0) -> None:
    """Add readers of Artsakh, the languages in turn, every third a reader of a second collection too.

    `database` is a file, or a PostgreSQL's URL. `first` is how many there are already.
    """
    fill = _copy if isinstance(database, str) else _insert
    ids = [f"{0x18D000000000 + number:012x}{number:020x}" for number in range(first, first + count)]
    readers = ((number, id_, f"reader{number}@example.org") for number, id_ in enumerate(ids, first))
    fill(database, "subscribers", _READER, (_reader(*one, languages[one[0] % len(languages)]) for one in readers))
    first = ((f"a{id_[1:]}", id_, BECAUSE[0], 0, _WRITTEN, _WRITTEN) for id_ in ids)
    second = ((f"b{id_[1:]}", id_, "collection:un-remembrance", 0, _WRITTEN, _WRITTEN) for id_ in ids[::3])
    fill(database, "subscriptions", _WISH, first)
    fill(database, "subscriptions", _WISH, second)


def _reader(_number: int, id_: str, address: str, language: str) -> tuple[object, ...]:
    where = ("Asia/Yerevan", "09:00", "daily", "active", "import", False)
    return (id_, address, address, language, *where, _WRITTEN, _WRITTEN)


def _insert(path: Path, table: str, columns: Sequence[str], rows: _Rows) -> None:
    connection = sqlite3.connect(path)
    with connection:
        places = ", ".join("?" * len(columns))
        connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)  # noqa: S608
    connection.close()


def _copy(url: str, table: str, columns: Sequence[str], rows: _Rows) -> None:
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SET TIME ZONE 'UTC'")
        with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copying:
            for row in rows:
                copying.write_row(row)


def rows_in(path: Path, query: str) -> int:
    """Count what is in a database."""
    connection = sqlite3.connect(path)
    (count,) = connection.execute(query).fetchone()
    connection.close()
    return int(count)


def letter_of_the_day(folder: Path) -> tuple[App, Asked, Words]:
    """Give the seed's notice: what is asked for its letter in English, and its rendered words."""

    async def looking() -> tuple[App, Asked]:
        app = app_in(folder)
        async with app.store.read() as tx:
            kept = await events.event_named(tx, EVENT)
            assert kept is not None
            titles = await events.titles(tx, {link.event for link in kept.event.links})
            because = await events.target_titles(tx, BECAUSE)
        await app.close()
        rules = tuple((rule, one) for rule in kept.event.rules for one in occasions(kept.event, rule, DAY, DAY))
        links = Links(HOUSE["public_url"], f"{HOUSE['public_url']}/editions/bench")
        due = Due(kept.event, rules)
        return app, Asked(Kind.NOTICE, "en", DAY, (due,), tuple(because.values()), titles, links)

    app, asked = asyncio.run(looking())
    rendered = print_letter(asked, app.templates)
    assert rendered.words is not None, rendered.findings
    return app, asked, rendered.words


def a_claim(number: int) -> Claim:
    """Make the claim of a reader's notice."""
    id_ = f"{number:032x}"
    return Claim(id_, 1, Kind.NOTICE, "e" * 32, id_, f"reader{number}@example.org", NOW, NOW, 0, 0)
