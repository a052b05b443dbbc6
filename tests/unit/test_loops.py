"""A loop of the post: one turn at a time, woken or by itself, and it outlives what goes wrong in a turn."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.loops import Loop

PATIENCE_SECONDS = 20.0


class Turns:
    """What a loop does in a test: it counts, and waits where it is told to."""

    def __init__(self) -> None:
        self.begun = self.done = self.at_once = self.most_at_once = 0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.entered = asyncio.Event()
        self.fails = False

    async def __call__(self) -> None:
        self.begun += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.entered.set()
        try:
            await self.go_on.wait()
            if self.fails:
                raise RuntimeError
            self.done += 1
        finally:
            self.at_once -= 1


@asynccontextmanager
async def running(turns: Turns, seconds: float = 3600) -> AsyncIterator[tuple[Loop, asyncio.Event]]:
    """A loop that runs, with what stops it."""
    loop, stopping = Loop("test", turns, seconds), asyncio.Event()
    task = asyncio.create_task(loop.run(stopping))
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            yield loop, stopping
            stopping.set()
            await task
    finally:
        task.cancel()


async def test_it_takes_a_turn_at_once_and_one_each_time_it_is_woken() -> None:
    turns = Turns()
    async with running(turns) as (loop, _):
        await turns.entered.wait()
        await loop.once()
        await loop.once()
    assert turns.done == 3


async def test_it_takes_turns_by_itself() -> None:
    turns = Turns()
    async with running(turns, seconds=0.01):
        while turns.done < 3:
            turns.entered.clear()
            await turns.entered.wait()
            await asyncio.sleep(0)


async def test_who_asks_in_the_middle_of_a_turn_waits_for_the_next_whole_one() -> None:
    """What was committed after the turn began may have escaped it."""
    turns = Turns()
    async with running(turns) as (loop, _):
        await turns.entered.wait()
        turns.go_on.clear()
        loop.wake()
        turns.entered.clear()
        await turns.entered.wait()
        asked = asyncio.create_task(loop.once())
        await asyncio.sleep(0)
        begun_before = turns.begun
        turns.go_on.set()
        await asked
        assert turns.begun == begun_before + 1
    assert turns.most_at_once == 1


async def test_a_turn_that_fails_is_not_the_last() -> None:
    turns = Turns()
    turns.fails = True
    async with running(turns) as (loop, _):
        await loop.once()
        turns.fails = False
        await loop.once()
    assert turns.done == 1


async def test_stopping_ends_the_wait_and_whoever_waits_for_a_turn() -> None:
    turns = Turns()
    async with running(turns) as (loop, stopping):
        await turns.entered.wait()
        turns.go_on.clear()
        turns.entered.clear()
        loop.wake()
        await turns.entered.wait()
        asked = asyncio.create_task(loop.once())
        await asyncio.sleep(0)
        stopping.set()
        turns.go_on.set()
        await asked
    assert turns.done == 2
