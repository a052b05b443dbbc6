"""Sentences with numbers and dates are those of the golden files, in every language that ships."""

import pytest

from tests.unit.rendering.letters import LANGUAGES
from tests.unit.rendering.sentences import FOLDER, sentences


@pytest.mark.parametrize("code", LANGUAGES.codes)
def test_sentences_with_numbers_and_dates_are_as_they_were_read(code: str) -> None:
    golden = (FOLDER / f"{code}.txt").read_text(encoding="utf-8")
    assert sentences(LANGUAGES.of(code)).splitlines() == golden.splitlines()
    assert {file.stem for file in FOLDER.glob("*.txt")} == set(LANGUAGES.codes)
