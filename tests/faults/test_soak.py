"""The soak itself: short ones of the kind that is asked to last an hour, and that it finds what is wrong."""

import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.script import Rule, Stage
from tests.faults.soak import held_by, soak
from tests.faults.soak_report import Plan, Seen
from tests.faults.soak_troubles import AWAY, KILLED, TURNED, draw


@pytest.mark.parametrize(("database", "seconds"), [("postgresql", 20), ("sqlite", 10)])
async def test_after_all_troubles_together_nothing_is_missing_and_what_is_doubled_is_few_and_known(
    tmp_path: Path, database: str, seconds: float
) -> None:
    plan = Plan(seconds, notices=300, seed=1, database=database, every=1.0, lease=2.0)
    report = await soak(plan, tmp_path)
    assert report.wrong() == []
    assert sum(report.troubles.values()) > 5


def test_a_seed_draws_the_same_troubles_again_whatever_becomes_of_each() -> None:
    first, again = (draw(random.Random(7), 600, 4.0, (KILLED, TURNED, AWAY)) for _ in range(2))  # noqa: S311  (to be repeated)
    for trouble in first[::2]:
        trouble.chance.random()
    told = [[(one.after, one.kind, one.chance.random()) for one in which[1::2]] for which in (first, again)]
    assert told[0] == told[1]
    assert len(first) == len(again) > 100
    assert all(0 < one.after < 600 for one in first)


def test_who_has_died_holds_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        assert min(held_by(child.pid)) > 0
    assert held_by(child.pid) == (0.0, 0)


async def test_a_veteran_that_died_is_reported(tmp_path: Path) -> None:
    report = await soak(Plan(1, notices=70, seed=1, database="sqlite", every=60.0), tmp_path)
    died = replace(report, last=Seen(0.0, 0, report.last.sessions))
    assert [told for told in died.wrong() if told not in report.wrong()] == ["the worker that is never killed died"]


async def test_a_letter_that_the_relay_took_and_lost_is_found(tmp_path: Path) -> None:
    lost = Rule(Stage.DOT, keep=False, times=1)
    report = await soak(Plan(2, notices=100, seed=1, database="sqlite"), tmp_path, lost)
    (told,) = report.wrong()
    assert told.startswith("1 missing: ")
