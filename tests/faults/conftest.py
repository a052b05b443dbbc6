"""What each fault starts with: a store on both databases in turn, a scripted relay with its journal, a crew."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from service.store.dialect import Store
from tests.faults.crew import Crew, crew
from tests.faults.post import Post
from tests.faults.script import Rule
from tests.faults.wire import Journal, Wire

OpenStore = Callable[[str], Store]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """The journal of the relay, in a file."""
    return Journal(tmp_path / "journal")


@pytest.fixture
async def wire(journal: Journal) -> AsyncIterator[Wire]:
    """A relay that takes everything, until it is told otherwise."""
    async with Wire(journal) as wire:
        yield wire


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """A new store with all tables, of both kinds in turn."""
    store = Store(database_url)
    yield store
    await store.close()


@pytest.fixture
async def open_store() -> AsyncIterator[OpenStore]:
    """Open a store by its URL; it is closed in the end, whatever happens."""
    opened: list[Store] = []

    def open_(url: str) -> Store:
        opened.append(Store(url))
        return opened[-1]

    yield open_
    for store in opened:
        await store.close()


@pytest.fixture
async def hands(database_url: str, wire: Wire, tmp_path: Path) -> AsyncIterator[Crew]:
    """A crew without workers, on that store and that relay, four connections each."""
    async with crew(database_url, wire.url, tmp_path / "home", CONNECTIONS="4") as hands:
        yield hands


@pytest.fixture
async def post(database_url: str, tmp_path: Path) -> AsyncIterator[Post]:
    """The post, not yet opened, on both databases in turn."""
    post = Post(database_url, tmp_path)
    yield post
    for app in post.apps:
        await app.close()


@pytest.fixture(params=[True, False], ids=["pipelined", "in lock-step"])
def pipelining(request: pytest.FixtureRequest) -> bool:
    """Whether the relay takes commands together, both in turn."""
    return bool(request.param)


@pytest.fixture
def relay(tmp_path: Path, pipelining: bool) -> Callable[..., Wire]:  # noqa: FBT001
    """What makes a scripted relay: its rules, and what else is said of it."""

    def made(*rules: Rule, **said: Any) -> Wire:
        return Wire(Journal(tmp_path / "journal"), rules, pipelining=pipelining, keeps_content=True, **said)

    return made
