"""What each fault of a relay starts with: the whole post on both databases, a relay that does as it is told."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.post import Post
from tests.faults.script import Rule
from tests.faults.wire import Journal, Wire


@pytest.fixture
async def post(database_url: str, tmp_path: Path) -> AsyncIterator[Post]:
    """The post, not yet opened, on both databases in turn."""
    post = Post(database_url, tmp_path)
    yield post
    for app in post.apps:
        await app.store.close()


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
