"""What was made elsewhere and is kept here is what its note says, and can run under a strict policy."""

import hashlib
import re

from tests.house.repository import ROOT

STATIC = ROOT / "service" / "web" / "static"


def test_the_editor_is_the_file_that_its_note_tells_of() -> None:
    note = (STATIC / "editor.md").read_text(encoding="utf-8")
    digest = hashlib.sha256((STATIC / "editor.js").read_bytes()).hexdigest()
    assert f"`{digest}`" in note
    assert "MIT License" in note
    assert re.search(r"\| `@codemirror/view` \| 6\.", note)


def test_the_editor_makes_no_code_of_texts() -> None:
    for file in ("editor.js", "templates.js"):
        text = (STATIC / file).read_text(encoding="utf-8")
        assert not re.search(r"\beval\s*\(|new\s+Function\b|\bimport\s*\(", text), file
