"""The lock files say what pyproject.toml asks for, each wheel by its hash, and no address."""

import re
import tomllib
from collections.abc import Iterator

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.repository import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCKS = {
    "run.lock": [*PROJECT["dependencies"], *EXTRAS["build"]],
    "test.lock": [*PROJECT["dependencies"], *EXTRAS["build"], *EXTRAS["test"]],
}


def pins(lock: str) -> Iterator[tuple[Requirement, str]]:
    """Give each pin of a lock file with the text that follows it."""
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            pin, found, hashes = line.partition("--hash=")
            yield Requirement(pin.strip()), found + hashes


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_every_dependency_at_a_version_that_is_allowed(lock: str) -> None:
    pinned: dict[str, list[str]] = {}
    for pin, _ in pins(lock):
        (version,) = pin.specifier
        pinned.setdefault(canonicalize_name(pin.name), []).append(version.version)
    asked = [Requirement(line) for line in LOCKS[lock]]
    wrong = [
        f"{wanted} is locked at {pinned.get(canonicalize_name(wanted.name))}: run `make lock`"
        for wanted in asked
        if not any(wanted.specifier.contains(version) for version in pinned.get(canonicalize_name(wanted.name), []))
    ]
    assert wrong == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_checks_every_wheel_and_names_no_address(lock: str) -> None:
    assert [str(pin) for pin, hashes in pins(lock) if not re.match(r"--hash=sha256:[0-9a-f]{64}", hashes)] == []
    assert "://" not in (ROOT / lock).read_text()


def test_both_locks_agree() -> None:
    tested = {str(pin) for pin, _ in pins("test.lock")}
    assert {str(pin) for pin, _ in pins("run.lock")} - tested == set()
