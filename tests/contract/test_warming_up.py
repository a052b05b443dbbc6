"""A new domain is warmed up: however many send, no more leave on a day than its plan allows; on both databases."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from service import post
from service.delivery import warming
from service.delivery.points import Point, Reached, unobserved
from service.domain.letter import Variant
from service.domain.notice import Claim, Kind, State
from service.domain.standing import Standing, Warming
from service.rendering.standing_words import Figure, figures, known_words
from service.settings import Settings
from service.store import notices, sent, status
from service.store.dialect import Store
from service.store.tables import notices as table
from tests.builders import at
from tests.faults import stock
from tests.unit.rendering.letters import LANGUAGES

NOON = at("2026-12-01T12:00")
DAYS = timedelta(days=3)


@dataclass
class House:
    """A house with a plan; `now` is its time. Each process that sends has a folder of its own, its letters in it."""

    url: str
    folder: Path
    plan: str = "2026-12-01=30"
    now: datetime = NOON
    posts: list[post.Post] = field(default_factory=list)

    def starts(self, reached: Reached = unobserved) -> post.Post:
        """Start a process that sends."""
        settings = Settings(
            data_dir=self.folder / str(len(self.posts)),
            database_url=SecretStr(self.url),
            secret_key=SecretStr("k" * 32),
            warm_up=self.plan,
            connections=3,
        )
        self.posts.append(post.build(settings, clock=lambda: self.now, reached=reached))
        return self.posts[-1]

    @property
    def store(self) -> Store:
        """The database, as the first process has it."""
        return self.posts[0].store

    async def drains(self) -> int:
        """Have every process send what is due; gives how many letters were taken."""
        return sum(tally.accepted for tally in await asyncio.gather(*(one.sender.drain() for one in self.posts)))

    async def states(self) -> dict[str, int]:
        """Count notices by their state."""
        return dict(Counter(row.state for row in await self.rows()))

    async def rows(self) -> list[Any]:
        """Give every notice."""
        async with self.store.read() as tx:
            return list((await tx.execute(select(table).order_by(table.c.id))).all())

    async def standing(self) -> Standing:
        """Give what the operator sees."""
        async with self.store.read() as tx:
            return await status.standing(tx, self.now, 0.0)

    async def today(self) -> Warming | None:
        """Say how the day stands."""
        return (await self.standing()).warming


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A house of one process, with a hundred letters due that are of use for three days."""
    house = House(database_url, tmp_path)
    house.starts()
    await stock.fill(house.store, 100, now=NOON, useful=DAYS)
    yield house
    for one in house.posts:
        await one.store.close()


async def test_no_more_leave_on_a_day_than_the_plan_allows_however_many_send(house: House) -> None:
    house.starts()
    house.starts()
    assert await house.drains() == 30
    assert await house.drains() == 0
    assert await house.states() == {State.ACCEPTED: 30, State.READY: 70}
    waiting = [row for row in await house.rows() if row.state == State.READY]
    assert {(row.reason, row.due_at) for row in waiting} == {("warm-up", at("2026-12-02T00:00"))}
    assert await house.today() == Warming(30, 30, 70)


async def test_what_waited_leaves_on_the_days_after_dated_then_and_says_that_it_is_late(house: House) -> None:
    left = []
    for _ in range(4):
        left.append(await house.drains())
        house.now = datetime.combine(house.now.date() + timedelta(days=1), NOON.time(), UTC)
    assert left == [30, 60, 10, 0]
    rows = await house.rows()
    dates = Counter((row.dated_at, row.variant) for row in rows)
    late = Variant.LATE.value
    assert dates == {
        (NOON, 0): 30,
        (NOON + timedelta(days=1), late): 60,
        (NOON + timedelta(days=2), late): 10,
    }


async def test_a_process_that_is_started_again_goes_on_where_the_day_stood(house: House) -> None:
    stopping = asyncio.Event()
    stopping.set()
    await house.posts[0].sender.drain(stopping)
    assert await house.drains() == 30
    await stock.fill(house.store, 20, now=NOON, useful=DAYS)
    house.posts.insert(0, house.starts())
    house.posts.pop()
    assert await house.drains() == 0
    assert await house.today() == Warming(30, 30, 90)


async def test_what_is_given_back_unsent_takes_nothing_of_the_day(house: House) -> None:
    """Forty are claimed at a time: the whole day would be lost by one stop."""
    stopping = asyncio.Event()
    stopped = house.starts(lambda point: stopping.set() if point is Point.AFTER_COMPOSE else None)
    assert (await stopped.sender.drain(stopping)).accepted < 30
    assert await house.drains() == 30


async def test_what_is_too_old_by_the_next_day_expires_as_ever(house: House) -> None:
    await stock.fill(house.store, 40, now=NOON - timedelta(minutes=1), useful=timedelta(hours=6))
    assert await house.drains() == 30
    house.now = at("2026-12-02T00:00")
    async with house.store.write() as tx:
        expired = await notices.expire(tx, house.now)
    assert expired == 10
    assert await house.drains() == 60


async def test_after_the_plan_and_without_one_nothing_is_counted_or_kept_back(house: House) -> None:
    house.now = at("2026-12-20T12:00")
    await stock.fill(house.store, 50, now=house.now, useful=DAYS)
    assert await house.drains() == 50
    assert await house.today() is None
    async with house.store.write() as tx:
        assert (await tx.execute(select(sent.sent))).all() == []


async def test_the_operator_reads_how_much_of_the_day_is_used_up_and_what_waits(house: House) -> None:
    await house.drains()
    seen, english = await house.standing(), LANGUAGES.of("en")
    note = "so many may leave on this day (UTC) while the domain is new, 70 letters wait"
    assert figures(seen, english)[0] == Figure("sent today", "30 of 30 letters", note)
    assert {group.reason for group in seen.put_off_groups} == {"warm-up"}
    assert known_words("warm-up", english) == "waits for tomorrow, while the domain is new"


def a_claim(number: int, kind: Kind) -> Claim:
    return Claim(str(number), 1, kind, "e", "s", "a@example.org", NOON, NOON + DAYS, 0, 0)


def test_what_somebody_waits_for_leaves_in_any_case_and_takes_its_room() -> None:
    kinds = [Kind.CONFIRMATION, Kind.NOTICE, Kind.NOTICE, Kind.LINK, Kind.NOTICE]
    claims = [a_claim(number, kind) for number, kind in enumerate(kinds)]
    for room, expected in ((None, "01234"), (5, "01234"), (3, "013"), (1, "03"), (0, "03")):
        going, waiting = warming.divided(claims, room, NOON)
        assert "".join(one.id for one in going) == expected
        assert {one.id for one, _, _ in waiting} == {one.id for one in claims} - set(expected)
        assert {until for _, until, _ in waiting} <= {at("2026-12-02T00:00")}
