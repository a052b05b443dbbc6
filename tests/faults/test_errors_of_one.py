"""An error of one connection leaves no letter claimed for ever, and cuts off none that others have under way."""

import asyncio
import sqlite3
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from service.app import App, build
from service.delivery.points import Point
from service.domain.notice import State
from service.settings import Settings
from service.store.tables import notices
from tests.faults import stock
from tests.faults.crew import KEY
from tests.faults.script import Rule, Stage
from tests.faults.wire import Journal, Wire


class Trips:
    """Fails once, at the so manyth time that a point is reached."""

    def __init__(self, point: Point, time: int) -> None:
        self._point, self._left = point, time
        self.tripped = asyncio.Event()

    def __call__(self, point: Point) -> None:
        if point is self._point:
            self._left -= 1
            if not self._left:
                self.tripped.set()
                raise OperationalError("", {}, sqlite3.OperationalError("the connection was lost"))


async def an_app(url: str, folder: Path, port: int, trips: Trips) -> App:
    settings = Settings(
        database_url=url, data_dir=folder, secret_key=KEY, smtp_url=f"smtp://127.0.0.1:{port}", connections=4
    )
    return build(settings, reached=trips)


async def states(app: App) -> Counter[str]:
    async with app.store.read() as tx:
        return Counter((await tx.execute(select(notices.c.state))).scalars())


async def test_a_claim_that_fails_cuts_off_no_letter_under_way(database_url: str, tmp_path: Path) -> None:
    held, trips = asyncio.Event(), Trips(Point.BEFORE_CLAIM, 2)
    journal = Journal(tmp_path / "journal")
    async with Wire(journal, [Rule(Stage.DOT, until=held)]) as wire:
        app = await an_app(database_url, tmp_path, wire.port, trips)
        await stock.fill(app.store, 3)
        draining = asyncio.create_task(app.sender.drain())
        await wire.reached(Stage.DOT, 3)
        await trips.tripped.wait()
        held.set()
        with pytest.raises(OperationalError):
            await draining
        assert await states(app) == {State.ACCEPTED: 3}
        assert len(journal.read()) == 3
        await app.close()


@pytest.mark.parametrize("point", [Point.AFTER_CLAIM, Point.AFTER_COMPOSE, Point.AFTER_INTENT, Point.AFTER_REPLY])
async def test_what_breaks_leaves_nothing_in_its_hands(database_url: str, tmp_path: Path, point: Point) -> None:
    trips = Trips(point, 1)
    async with Wire(Journal(tmp_path / "journal")) as wire:
        app = await an_app(database_url, tmp_path, wire.port, trips)
        await stock.fill(app.store, 20)
        async with app.sender.worker.living():
            with pytest.raises(OperationalError):
                await app.sender.drain()
            assert set(await states(app)) <= {State.READY, State.ACCEPTED}
            await app.sender.drain()
            assert await states(app) == {State.ACCEPTED: 20}
        await app.close()


async def test_a_relay_that_wants_credentials_first_is_not_asked_for_each_letter(
    database_url: str, tmp_path: Path
) -> None:
    async with Wire(Journal(tmp_path / "journal"), [Rule(Stage.MAIL, "530 5.7.0 who are you")]) as wire:
        app = await an_app(database_url, tmp_path, wire.port, Trips(Point.AFTER_RECORD, 0))
        await stock.fill(app.store, 100)
        await app.sender.drain()
        await app.sender.drain()
        assert await states(app) == {State.READY: 100}
        assert wire.times(Stage.MAIL) <= 8
        await app.close()


_REFUSES = {
    "sqlite": "CREATE TRIGGER refuses BEFORE UPDATE ON notices WHEN NEW.id = '{id}' AND NEW.state = '{state}'"
    " BEGIN SELECT RAISE(ABORT, 'never'); END",
    "postgresql": "CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
    " IF NEW.id = '{id}' AND NEW.state = '{state}' THEN RAISE EXCEPTION 'never' USING ERRCODE = '23514'; END IF;"
    " RETURN NEW; END $$; CREATE TRIGGER refuses BEFORE UPDATE ON notices FOR EACH ROW EXECUTE FUNCTION refuses()",
}


@pytest.mark.parametrize("state", [State.SENDING, State.ACCEPTED])
async def test_a_row_that_the_database_will_never_have_is_set_aside_and_keeps_no_other_waiting(
    database_url: str, tmp_path: Path, state: State
) -> None:
    """P7: what a commit holds together is committed one by one when the data of one of them is refused."""
    async with Wire(Journal(tmp_path / "journal")) as wire:
        app = await an_app(database_url, tmp_path, wire.port, Trips(Point.AFTER_RECORD, 0))
        bad = (await stock.fill(app.store, 30))[7]
        async with app.store.write() as tx:
            await tx.exec_driver_sql(_REFUSES[tx.dialect.name].format(id=bad, state=state))
        await app.sender.drain()
        assert await states(app) == {State.ACCEPTED: 29, State.QUARANTINE: 1}
        async with app.store.read() as tx:
            row = (await tx.execute(select(notices).where(notices.c.id == bad))).one()
        assert (row.state, row.reason, row.owner) == (State.QUARANTINE, "cannot be recorded", None)
        assert "never" in row.words
        await app.close()
