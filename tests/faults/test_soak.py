"""The soak itself: short ones of the kind that is asked to last an hour, and that it finds what is wrong."""

from pathlib import Path

import pytest

from tests.faults.script import Rule, Stage
from tests.faults.soak import soak
from tests.faults.soak_report import Plan
from tests.peers import UnavailableError


@pytest.mark.parametrize(("database", "seconds"), [("postgresql", 20), ("sqlite", 10)])
async def test_after_all_troubles_together_nothing_is_missing_and_what_is_doubled_is_few_and_known(
    tmp_path: Path, database: str, seconds: float
) -> None:
    plan = Plan(seconds, notices=300, seed=1, database=database, every=1.0, lease=2.0)
    try:
        report = await soak(plan, tmp_path)
    except UnavailableError as error:
        pytest.skip(f"PostgreSQL could not be brought: {error}")
    assert report.wrong() == []
    assert sum(report.troubles.values()) > 5


async def test_a_letter_that_the_relay_took_and_lost_is_found(tmp_path: Path) -> None:
    lost = Rule(Stage.DOT, keep=False, times=1)
    report = await soak(Plan(2, notices=100, seed=1, database="sqlite"), tmp_path, lost)
    (told,) = report.wrong()
    assert told.startswith("1 missing: ")
