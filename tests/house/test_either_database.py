"""What is tried on one database of the two in an ordinary run: each test once, each module on both."""

import os
import re
import subprocess
import sys

from tests.house.repository import ROOT

MODULES = ("tests/journeys/test_clock_changes.py", "tests/contract/test_a_few_ahead.py")
KINDS = {"sqlite", "postgresql"}


def collected(*words: str, whole: bool) -> list[tuple[str, str]]:
    """Give which tests would be tried: the name of each, and its database."""
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "--collect-only", *MODULES, *words]
    environment = os.environ | {"TEST_WHOLE": str(whole).lower()}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    found = re.findall(r"^(tests/.*)\[(sqlite|postgresql)(.*)\]$", ended.stdout, re.MULTILINE)
    return sorted((name + others, kind) for name, kind, others in found)


def test_each_is_tried_once_and_each_module_on_both() -> None:
    whole, ordinary = (collected(whole=one) for one in (True, False))
    names = sorted({name for name, _ in whole})
    assert whole == sorted((name, kind) for name in names for kind in KINDS)
    assert [name for name, _ in ordinary] == names
    for module in MODULES:
        assert {kind for name, kind in ordinary if name.startswith(module)} == KINDS


def test_what_is_asked_for_is_tried_whatever_its_turn() -> None:
    (asked,) = collected("-k", "postgresql and spring", whole=False)  # a first one: its turn is on SQLite
    assert asked[1] == "postgresql"
