"""Those who keep templates in files: exported, changed, checked, imported, and what was published meanwhile."""

import shutil
from pathlib import Path

from tests.journeys.program import Program

SUBJECT, BODY = "letters/link/subject.txt", "letters/link/body.txt"
WHY = ("--reason", "From our files.")


async def test_templates_go_out_into_files_and_come_back_changed(alone: Program, tmp_path: Path) -> None:
    """What is wrong is said with its line, what others published is not overwritten, nothing comes in by halves."""
    theirs, ours, again = tmp_path / "theirs", tmp_path / "ours", tmp_path / "again"
    await alone.does("templates", "export", str(theirs))
    shutil.copytree(theirs, ours)
    (theirs / SUBJECT).write_text("Theirs\n", encoding="utf-8")
    imported = await alone.ends("templates", "import", str(theirs), "--json", "--reason", "A better subject.")
    assert imported.told == {SUBJECT: 1}

    (ours / SUBJECT).write_text("Ours\n", encoding="utf-8")
    refused = await alone.ends("templates", "import", str(ours), *WHY)
    assert refused.status == 1
    assert "command line has published version 1 since this was exported (A better subject.)" in refused.err

    whole = (ours / BODY).read_text(encoding="utf-8")
    (ours / BODY).write_text(f"{whole}{{% if day %}}\n", encoding="utf-8")
    refused = await alone.ends("templates", "import", str(ours), "--overwrite", *WHY)
    line = whole.count("\n") + 1
    wrong = f"{ours / BODY}:{line}:1: {{% if %}} on line {line} is not closed: {{% endif %}} is missing"
    assert refused.err.splitlines() == [wrong, "Nothing was imported."]
    (ours / BODY).write_text(whole, encoding="utf-8")

    taken = await alone.ends("templates", "import", str(ours), "--overwrite", "--json", *WHY)
    assert taken.told == {SUBJECT: 2}
    await alone.does("templates", "export", str(again))
    files = [file.relative_to(ours) for file in ours.rglob("*") if file.is_file()]
    assert [file for file in files if (again / file).read_bytes() != (ours / file).read_bytes()] == []
    listed = (await alone.ends("templates", "list", "--json")).told
    assert {piece["name"]: (piece["number"], piece["why"]) for piece in listed if piece["number"]} == {
        SUBJECT: (2, "From our files.")
    }
