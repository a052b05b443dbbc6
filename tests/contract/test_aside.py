"""Editions are rendered by a process of their own, and nothing that becomes of it harms the one that asks."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from service.delivery.aside import Aside
from service.delivery.child import Patience
from service.domain.errors import StoreError
from service.domain.notice import Kind, State
from service.store import editions, events, notices
from service.store.dialect import Store
from service.store.editions import Edition
from tests.builders import a_collection, an_event, at, on
from tests.databases import on_either
from tests.post import Post

pytestmark = on_either

NOW = at("2024-09-27T05:00")
TOLD = editions.Told("war", an_event().rules[0].id, on("2024-09-27"), 4)
PLAN = editions.Plan(Kind.NOTICE, "en", on("2024-09-27"), "v", "war", (TOLD,), ("collection:wars",))
PUBLIC = "https://remember.example.org"
READY = """
import os, sys
def hear(): return sys.stdin.buffer.read(int.from_bytes(sys.stdin.buffer.read(4), "big"))
def say(words): sys.stdout.buffer.write(len(words).to_bytes(4, "big") + words); sys.stdout.buffer.flush()
hear(); say(b"done"); hear()
"""


@dataclass
class Desk:
    """A store with one edition that waits, and a notice that waits for it."""

    store: Store
    url: str
    edition: str

    @asynccontextmanager
    async def aside(self, program: str = "", **patience: float) -> AsyncIterator[Aside]:
        """Render with the program's own process, or with one that runs a few lines of Python."""
        command = {"command": (sys.executable, "-c", program)} if program else {}
        aside = Aside(self.store, self.url, PUBLIC, patience=Patience(**{"answer": 60.0} | patience), **command)
        yield aside
        await aside.close()

    async def kept(self) -> Edition:
        """Give the edition as it is now."""
        async with self.store.read() as tx:
            found = await editions.named(tx, self.edition)
        assert found is not None
        return found

    async def states(self) -> dict[State, int]:
        """Count the notices by state."""
        async with self.store.read() as tx:
            return await notices.count(tx)


@pytest.fixture
async def desk(store: Store, database_url: str) -> Desk:
    async with store.write() as tx:
        await events.save_collection(tx, a_collection(), NOW)
        await events.save_event(tx, an_event(), "wars", 0, NOW)
        edition = await editions.ensure(tx, PLAN, NOW)
    await Post(store, NOW).notice(State.PLANNED, edition=edition)
    return Desk(store, database_url, edition)


async def test_an_edition_gets_its_words_and_its_notices_are_ready(desk: Desk) -> None:
    async with desk.aside() as aside:
        assert await aside.render_all(NOW) == 1
        assert await aside.render_all(NOW) == 0
    kept = await desk.kept()
    assert kept.words is not None, kept.findings
    assert "A war" in kept.words.subject
    assert f"{PUBLIC}/editions/{desk.edition}" in kept.words.text
    assert await desk.states() == {State.READY: 1}


async def test_the_process_is_begun_for_an_edition_and_let_go_when_there_is_none(desk: Desk) -> None:
    async with desk.aside(idle=1.0) as aside:
        before = children()
        await aside.render_all(NOW)
        (child,) = children() - before
        await until(lambda: child not in children())


async def test_an_edition_that_ends_the_process_twice_is_not_rendered_and_says_why(desk: Desk, tmp_path: Path) -> None:
    tried = tmp_path / "tried"
    dying = f"{READY}open({str(tried)!r}, 'a').write('x')\nos.kill(os.getpid(), 9)"
    async with desk.aside(dying) as aside:
        assert await aside.render_all(NOW) == 1
    kept = await desk.kept()
    assert (kept.is_rendered, kept.words, len(kept.findings)) == (True, None, 1)
    assert tried.read_text() == "xx"
    assert await desk.states() == {State.PLANNED: 1}


async def test_an_edition_that_does_not_end_is_not_rendered_and_says_why(desk: Desk) -> None:
    async with desk.aside(f"{READY}import signal\nsignal.pause()", answer=2.0) as aside:
        await aside.render_all(NOW)
    assert (await desk.kept()).findings


async def test_a_fault_that_is_not_the_edition_s_leaves_it_waiting(desk: Desk) -> None:
    async with desk.aside(f"{READY}say(b'the database is locked'); hear()") as aside:
        with pytest.raises(StoreError, match="locked"):
            await aside.render_all(NOW)
    assert not (await desk.kept()).is_rendered


async def test_a_process_that_does_not_start_leaves_the_edition_waiting(desk: Desk) -> None:
    async with desk.aside("raise SystemExit(1)") as aside:
        with pytest.raises(StoreError, match="does not start"):
            await aside.render_all(NOW)
    assert not (await desk.kept()).is_rendered


async def test_a_process_that_was_killed_is_begun_again(desk: Desk) -> None:
    async with desk.aside() as aside:
        before = children()
        await aside.render_all(NOW)
        (child,) = children() - before
        os.kill(child, signal.SIGKILL)
        async with desk.store.write() as tx:
            desk.edition = await editions.ensure(tx, replace(PLAN, language="hy"), NOW)
        assert await aside.render_all(NOW) == 1
    assert (await desk.kept()).words is not None


def children() -> set[int]:
    """Give the processes that this one has begun."""
    found = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return {int(word) for file in found for word in file.read_text().split()}


async def until(fact: Callable[[], bool]) -> None:
    """Wait for a fact, and fail when it has not come within half a minute."""
    async with asyncio.timeout(30):
        while not fact():  # noqa: ASYNC110  (another process: there is no event)
            await asyncio.sleep(0.02)
