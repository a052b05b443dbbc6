"""What readers are promised is there: settings in the README, a changelog, every message in Armenian."""

import re

import pytest

from service.rendering.locales import Languages
from service.rendering.messages import arguments, messages_used
from service.settings import Settings
from tests.house.repository import ROOT

TRANSLATED = ["hy"]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_in_the_readme(name: str) -> None:
    """By its name in backticks, or by its variable's name."""
    readme = (ROOT / "README.md").read_text()
    assert re.search(rf"`{name}\b|\bREMEMBRANCER_{name.upper()}\b", readme), f"README.md does not tell of `{name}`"


def test_the_changelog_has_an_unreleased_part() -> None:
    assert re.search(r"^## \[?Unreleased\b", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_message_is_translated_with_its_arguments(code: str) -> None:
    catalogue = Languages(ROOT / "data" / "locales").of(code).catalogue
    speaking = [folder for folder in (ROOT / "service").iterdir() if folder.is_dir() and folder.name != "store"]  # SQL
    used = messages_used(ROOT / "templates", speaking)
    assert sorted(message for message in used if not catalogue.get(message)) == []
    assert [message for message in sorted(used) if arguments(catalogue[message]) != arguments(message)] == []
