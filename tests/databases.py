"""Which databases a test is tried on: both, or, where no SQL of its own decides, one of them in an ordinary run.

Each question of the store has its tests on both, and so has what only a real database does: claims, kills, full disks,
migrations. What stands above the store asks those same questions. There the mark `on_either` lets each test be
tried on one, by turns, so that each module still meets both; `TEST_WHOLE=true` tries all on both.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.peers import FACTS
from tests.sizes import WHOLE

on_either = pytest.mark.on_either
_KIND = "database_url"  # the fixture that has a parameter for each
FACT = "tests tried on one database"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is tried on the other database; after what was asked for (`-k sqlite`), which is always tried."""
    left = set[pytest.Item]() if WHOLE else set(tried_elsewhere(items))
    FACTS[FACT] = str(len(left))
    config.hook.pytest_deselected(items=[item for item in items if item in left])
    items[:] = [item for item in items if item not in left]


def tried_elsewhere(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Give those whose twin, the same on the other database, stands for both; each module takes them by turns."""
    modules = defaultdict[Path, dict[str, list[pytest.Item]]](dict)
    for item in items:
        if item.get_closest_marker(on_either.name) and _KIND in (chosen := _parameters(item)):
            modules[item.path].setdefault(item.nodeid.replace(str(chosen[_KIND]), "*"), []).append(item)
    pairs = [(turn, pair) for twins in modules.values() for turn, pair in enumerate(twins.values())]
    return [item for turn, pair in pairs for item in pair if item is not pair[turn % len(pair)]]


def _parameters(item: pytest.Item) -> dict[str, object]:
    return item.callspec.params if hasattr(item, "callspec") else {}
