"""Writes the golden sentences of every language anew."""

from tests.unit.rendering.letters import LANGUAGES
from tests.unit.rendering.sentences import FOLDER, sentences

for code in LANGUAGES.codes:
    (FOLDER / f"{code}.txt").write_text(sentences(LANGUAGES.of(code)), encoding="utf-8")
