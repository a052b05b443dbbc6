"""What every test finds: peers on demand, a network that ends at this machine, laws tried as hard as asked."""

import gc
import os
import random
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests import children, compiled
from tests.peers.loopback import only_this_machine
from tests.peers.places import roomy_folder

compiled.share()

pytest_plugins = ["tests.databases", "tests.peers.fixtures", "tests.peers.summary"]

# HYPOTHESIS_PROFILE=thorough tries forty times as many examples.
settings.register_profile("quick", max_examples=50, deadline=None, print_blob=True)
settings.register_profile(
    "thorough", max_examples=2000, deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

# A thousand databases and as many folders: in memory, where there is room, nothing waits for the disk.
os.environ.setdefault("TMPDIR", roomy_folder())
tempfile.tempdir = None  # it was asked for before, and is to be asked for anew

# Whatever the surroundings say: the program is started a thousand times, and need not be compiled each time.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(scope="session", autouse=True)
def _no_nursery_is_left() -> Iterator[None]:
    with children.none_left():
        yield


@pytest.fixture(scope="session", autouse=True)
def _sockets_end_at_this_machine() -> Iterator[None]:
    with only_this_machine():
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep browser tests on one loop, as their browser is, and shuffle everything when TEST_ORDER gives a number."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
    if seed := os.environ.get("TEST_ORDER"):
        random.Random(seed).shuffle(items)  # noqa: S311  every worker must come to the same order


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave thousands of collected tests and all modules out of every later search for garbage: they stay anyway."""
    gc.collect()
    gc.freeze()
