"""The rules for Prometheus and the dashboard name numbers that a process tells, and each rule what mends it."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from service import metrics
from service.store import schema, status
from service.store.dialect import Store
from service.web.metrics import measured
from tests.builders import at
from tests.house.repository import ROOT

WATCHING = ROOT / "data" / "watching"
RULES = yaml.safe_load((WATCHING / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
DASHBOARD = json.loads((WATCHING / "dashboard.json").read_text(encoding="utf-8"))
NUMBER = re.compile(r"\b(?:remembrancer|process)_\w+")
LABELLED = re.compile(r'(remembrancer_\w+)\{[^}]*?(state|result)="([^"]+)"')
CAUSES = {  # why mail may stand still (issue 8): each has a number, a rule, and a place on the dashboard
    "remembrancer_stands_still",
    "remembrancer_relay_usable",
    "remembrancer_paused",
    "remembrancer_notices_unapproved",
    "remembrancer_last_tick_age_seconds",
    "remembrancer_room_for_changes",
}


@pytest.fixture
async def told(tmp_path: Path) -> set[tuple[str, str]]:
    """What a new installation tells: each number's name, with each of its labels' values or none."""
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}")
    await schema.upgrade(store)
    page = metrics.page(measured(await status.look(store, at("2026-09-01T08:00"), 0.0)))
    await store.close()
    samples = [sample for family in text_string_to_metric_families(page.decode()) for sample in family.samples]
    return {(one.name, value) for one in samples for value in ("", *one.labels.values())}


def asked_by_rules() -> list[str]:
    return [rule["expr"] for rule in RULES]


def asked_by_dashboard() -> list[str]:
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


def named(questions: list[str]) -> Iterator[tuple[str, str]]:
    """Give each number that is asked for, and each with the value of its label."""
    for question in questions:
        yield from ((name, "") for name in NUMBER.findall(question))
        yield from ((name, value) for name, _, value in LABELLED.findall(question))


async def test_every_number_that_is_asked_for_is_told(told: set[tuple[str, str]]) -> None:
    assert set(named(asked_by_rules() + asked_by_dashboard())) - told == set()


async def test_every_number_of_the_post_is_on_the_dashboard(told: set[tuple[str, str]]) -> None:
    ours = {name.removesuffix("_bucket") for name, value in told if name.startswith("remembrancer_") and not value}
    shown = {name for name, value in named(asked_by_dashboard()) if not value}
    assert ours - shown - {"remembrancer_commit_group_size"} == set()


def test_whatever_stops_mail_has_a_rule_and_a_place_on_the_dashboard() -> None:
    for questions in (asked_by_rules(), asked_by_dashboard()):
        assert {name for name, _ in named(questions)} >= CAUSES


def test_every_rule_says_what_is_wrong_and_what_mends_it() -> None:
    said: list[dict[str, Any]] = [rule["annotations"] for rule in RULES]
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    assert all(one["summary"].endswith(".") and one["remedy"].endswith(".") for one in said)
    assert {rule["labels"]["severity"] for rule in RULES} == {"critical", "warning"}


def test_prometheus_itself_takes_the_rules() -> None:
    if promtool := shutil.which("promtool"):
        looked = subprocess.run(
            [promtool, "check", "rules", str(WATCHING / "alerts.yml")], capture_output=True, text=True, check=False
        )
        assert looked.returncode == 0, looked.stdout + looked.stderr
