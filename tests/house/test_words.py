"""What readers are promised is there: settings in the README, a changelog, every message in every language."""

import re
from collections import defaultdict

import pytest

from service.rendering.locales import SOURCE
from service.settings import Settings
from tests.house.repository import ROOT
from tests.house.untranslated import LANGUAGES, lacks

TRANSLATED = [code for code in LANGUAGES.codes if code != "en"]  # the messages themselves are English


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented_in_the_readme(name: str) -> None:
    """By its name in backticks, or by its variable's name."""
    readme = (ROOT / "README.md").read_text()
    assert re.search(rf"`{name}\b|\bREMEMBRANCER_{name.upper()}\b", readme), f"README.md does not tell of `{name}`"


def test_the_changelog_has_an_unreleased_part() -> None:
    assert re.search(r"^## \[?Unreleased\b", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_message_is_translated_with_its_arguments(code: str) -> None:
    assert [str(one) for one in lacks(code) if one.kind != "idle"] == []


@pytest.mark.parametrize("code", [code for code in LANGUAGES.codes if code != SOURCE])
def test_a_catalogue_says_each_text_in_one_way(code: str) -> None:
    """The files merge by union, so an entry may stand there twice; what it says may not differ."""
    text = (ROOT / "data" / "locales" / code / "LC_MESSAGES" / "remembrancer.po").read_text(encoding="utf-8")
    said = defaultdict(set)
    for message, translation in re.findall(r'^msgid (".+"(?:\n".*")*)\nmsgstr (".*"(?:\n".*")*)', text, re.MULTILINE):
        said[message].add(translation)
    assert [message for message, ways in said.items() if len(ways) > 1] == []
    assert re.findall(r'^msgstr .*\n(?:".*\n)*msgstr .*', text, re.MULTILINE) == []
