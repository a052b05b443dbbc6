"""What is measured with: the seed's record, readers in one slot, and their notices, in a SQLite file."""

import asyncio
import shutil
import sqlite3
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from service.actions import collections
from service.app import App, build
from service.delivery.preview import Wanted as WantedDay
from service.delivery.preview import _due
from service.domain.letter import Words
from service.domain.notice import Claim, Kind
from service.rendering.context import LetterContext, Links, letter_context
from service.scheduling import horizon
from service.settings import read_settings, shipped
from service.store import events, schema

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
    "INSERT INTO subscribers (id, address, address_key, language, zone, hour, cadence, status, source, moved,"
    " created_at, confirmed_at) VALUES (?, ?, ?, ?, 'Asia/Yerevan', '09:00', 'daily', 'active', 'import', 0, ?, ?)"
)
_WISH = (
    "INSERT INTO subscriptions (id, subscriber_id, target, lead_days, created_at, confirmed_at)"
    " VALUES (?, ?, ?, 0, ?, ?)"
)


def app_in(folder: Path, smtp_url: str = "") -> App:
    """Join the program's own parts, as `remembrancer run` does, with the clock at the seed's hour."""
    return build(read_settings(data_dir=folder, smtp_url=smtp_url, **HOUSE), clock=lambda: NOW)


def database_of(folder: Path) -> Path:
    """Give where the database of a folder is."""
    return folder / "remembrancer.db"


def copied(folder: Path, target: Path) -> Path:
    """Copy a closed database, so that each run begins with the same."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    return Path(shutil.copyfile(database_of(folder), database_of(target)))


def record(folder: Path, readers: int = 0, *, languages: Sequence[str] = ("en", "hy"), ready: bool = False) -> None:
    """Make a database with the seed's collections and readers in one slot; `ready`: with a notice for each."""

    async def recording() -> None:
        app = app_in(folder)
        await schema.ensure(app.store)
        async with app.store.write() as tx:
            await collections.import_files(tx, [shipped("data") / "collections"], NOW)
        await horizon.reckon(app.store, NOW)
        add_readers(database_of(folder), readers, languages)
        if ready:
            await app.planner.plan(NOW)
            await app.press.render_all(NOW)
        await app.store.close()

    asyncio.run(recording())


def add_readers(path: Path, count: int, languages: Sequence[str]) -> None:
    """Add readers of Artsakh, the languages in turn, every third a reader of a second collection too."""
    ids = [f"{0x18D000000000 + number:012x}{number:020x}" for number in range(count)]
    connection = sqlite3.connect(path)
    with connection:
        connection.executemany(
            _READER,
            (
                (
                    id_,
                    address := f"reader{number}@example.org",
                    address,
                    languages[number % len(languages)],
                    _WRITTEN,
                    _WRITTEN,
                )
                for number, id_ in enumerate(ids)
            ),
        )
        connection.executemany(_WISH, ((f"a{id_[1:]}", id_, BECAUSE[0], _WRITTEN, _WRITTEN) for id_ in ids))
        second = ((f"b{id_[1:]}", id_, "collection:un-remembrance", _WRITTEN, _WRITTEN) for id_ in ids[::3])
        connection.executemany(_WISH, second)
    connection.close()


def rows_in(path: Path, query: str) -> int:
    """Count what is in a database."""
    connection = sqlite3.connect(path)
    (count,) = connection.execute(query).fetchone()
    connection.close()
    return int(count)


def letter_of_the_day(folder: Path) -> tuple[App, LetterContext, Words]:
    """Give the seed's notice: the context of its letter in English, and its rendered words."""

    async def looking() -> tuple[App, LetterContext]:
        app = app_in(folder)
        async with app.store.read() as tx:
            kept = await events.event_named(tx, EVENT)
            assert kept is not None
            titles = await events.titles(tx, {link.event for link in kept.event.links})
            because = await events.target_titles(tx, BECAUSE)
        await app.store.close()
        due = _due(kept.event, WantedDay(DAY, DAY))
        links = Links(HOUSE["public_url"], f"{HOUSE['public_url']}/editions/bench")
        spoken = app.languages.of("en")
        return app, letter_context(Kind.NOTICE, spoken, DAY, [due], [*because.values()], titles, links)

    app, context = asyncio.run(looking())
    rendered = app.renderer.letter(context)
    assert rendered.words is not None, rendered.findings
    return app, context, rendered.words


def a_claim(number: int) -> Claim:
    """Make the claim of a reader's notice."""
    id_ = f"{number:032x}"
    return Claim(id_, 1, Kind.NOTICE, "e" * 32, id_, f"reader{number}@example.org", NOW, NOW, 0, 0)
