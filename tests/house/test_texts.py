"""Tracked files name no place that only one machine has, and no promise without its issue.

The forbidden words are put together here, so that this file does not contain them.
"""

import re
from pathlib import Path

import pytest

from tests.house.repository import ROOT, texts

REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pypi", "python", "org"),
        ("pythonhosted", "org"),
        ("anaconda", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("ftp", "debian", "org"),
        ("security", "debian", "org"),
        ("snapshot", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("crates", "io"),
        ("rubygems", "org"),
        ("proxy", "golang", "org"),
        ("pkg", "dev"),
    )
]
EVERYWHERE = {Path(f"/{name}") for name in ("", "tmp", "home", "opt", "srv", "usr", "var", "app", "builds", "data")}
DEBTS = re.compile(r"(?:#|//|/\*|<!--)\s*(?:" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b(?!\(#\d+\))")


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """Give the places where the pattern stands."""
    return [
        f"{name}:{number}"
        for name, text in texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def places_of_one_machine() -> list[str]:
    """Give this checkout's folders, and the homes of people on any machine."""
    here = {ROOT, ROOT.parent, Path.home()} - EVERYWHERE
    homes = ["/" + "home" + r"/\w[\w.-]*/", "/" + "Users" + r"/\w[\w.-]*/", r"[A-Z]:\\" + "Users" + r"\\"]
    return [re.escape(str(place)) + "/" for place in here] + homes


def test_no_file_names_an_absolute_path_of_one_machine() -> None:
    assert lines_with(re.compile(r"(?<![\w.:/-])(?:" + "|".join(places_of_one_machine()) + ")")) == []


@pytest.mark.parametrize("host", REGISTRIES)
def test_no_file_names_a_package_registry(host: str) -> None:
    assert lines_with(re.compile(r"(?<![\w-])" + re.escape(host) + r"(?![\w-])", re.IGNORECASE)) == []


def test_no_pattern_repeats_a_group_without_going_back() -> None:
    """CPython before 3.11.5, Debian 12's among them, matches such groups wrongly (gh-106052)."""
    possessive = re.compile(r"[^\\(]\)(?:[*+?]|\{[\d,]+\})\+")
    assert [line for line in lines_with(possessive) if line.startswith("service/") and ".py:" in line] == []


def test_every_debt_names_its_issue() -> None:
    """A debt is a comment that begins with one of the three words; behind it stands `(#12)`."""
    assert lines_with(DEBTS) == []
