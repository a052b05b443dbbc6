"""Collections come in from files, all or nothing, and go out as they came."""

from pathlib import Path

import pytest

from tests.databases import on_either
from tests.journeys.program import Program
from tests.peers.founding import WithTables

pytestmark = on_either

GOOD = """
id: good
title: { en: Good }
description: { en: Some. }
events:
  - id: fire
    title: { en: The fire }
    summary: { en: It burned. }
    first_day: 1911-03-03
    sources:
      - { id: gazette, title: { en: The Gazette, hy: Թերթ }, date: 1911-03 }
    figures:
      - { id: killed, label: { en: Killed }, value: 12, as_of: "1911", source: gazette, superseded_by: later }
      - { id: later, label: { en: Killed }, value: 14, as_of: 1912~, source: gazette }
    rules: [{ kind: yearly }, { kind: day-count, days: 40 }]
"""
WRONG = {
    "a key that is not known": (("first_day:", "frist_day:"), ["wrong.yaml:9: ", "frist_day"]),
    "a day that there is not": (("1911-03-03", "1911-02-30"), ["wrong.yaml:9: ", "1911-02-30"]),
    "a source that is not named": (("source: gazette }", "source: gossip }"), ["wrong.yaml:", "'gossip'"]),
    "a rule of no kind": (("kind: day-count", "kind: moonrise"), ["wrong.yaml:15: ", "moonrise"]),
    "a value that is no number": (("value: 12", "value: dozen"), ["wrong.yaml:13: ", "value"]),
    "what is no YAML": (("rules: [", "rules: [["), ["wrong.yaml:16: ", "this is not YAML"]),
    "a key that stands twice": (("    summary:", "    title:"), ["wrong.yaml:8: ", "'title' stands twice"]),
    "an event that another file has": (("id: good", "id: other"), ["wrong.yaml:6: ", "event fire is already at"]),
    "a link to nothing": (
        ("    rules:", "    links: [{ kind: led_to, event: nothing }]\n    rules:"),
        ["wrong.yaml:15: ", "there is no event 'nothing'"],
    ),
}


@pytest.mark.parametrize("mistake", WRONG)
async def test_a_mistake_is_named_by_file_and_line_and_nothing_is_imported(alone: Program, mistake: str):
    (old, new), said = WRONG[mistake]
    folder = alone.folder / "collections"
    folder.mkdir(parents=True)
    (folder / "good.yaml").write_text(GOOD)
    wrong = GOOD.replace(old, new)
    if mistake != "an event that another file has":
        wrong = wrong.replace("id: good", "id: wrong").replace("id: fire", "id: other-fire")
    (folder / "wrong.yaml").write_text(wrong)
    ended = await alone.ends("import", str(folder))
    assert (ended.status, ended.out) == (1, "")
    assert [words for words in said if words not in ended.err] == [], ended.err
    assert "Nothing was imported." in ended.err
    assert "Traceback" not in ended.err
    assert (await alone.does("export")).out == ""


async def test_every_mistake_is_named_at_once(alone: Program):
    file = alone.folder / "wrong.yaml"
    file.write_text(
        GOOD.replace("1911-03-03", "3 March").replace("value: 14", "value: many").replace("rules:", "ruels:")
    )
    ended = await alone.ends("import", str(file))
    assert ended.status == 1
    assert [line for line in (9, 14, 15) if f"wrong.yaml:{line}: " not in ended.err] == []


async def test_what_ships_is_imported_once_and_changes_nothing_again(program: Program):
    first = (await program.does("import", "--json")).told
    again = (await program.does("import", "--json")).told
    assert first["events"] == first["changed"] == again["events"] > 20
    assert again["changed"] == 0


async def test_an_export_brought_into_a_new_database_is_exported_the_same(
    program: Program, tmp_path: Path, with_tables: WithTables
):
    await program.does("import")
    exported = (await program.does("export")).out
    file = program.folder / "exported.yaml"
    file.write_text(exported)
    fresh = Program(tmp_path / "fresh")
    with_tables(fresh.own_url)
    await fresh.does("import", str(file))
    assert (await fresh.does("export")).out == exported
    assert exported.count("---\nid: ") == 4
    assert (await program.does("import", str(file), "--json")).told["changed"] == 0
    assert (await program.does("export", "artsakh")).out in exported


async def test_a_corrected_fact_is_in_the_next_letter(alone: Program):
    await alone.does("import")
    exported = (await alone.does("export", "artsakh")).out
    file = alone.folder / "artsakh.yaml"
    file.write_text(exported.replace("value: 3830", "value: 3831"))
    assert (await alone.does("import", str(file), "--json")).told["changed"] == 1
    letter = await alone.does("preview", "artsakh-war-2020", "--on", "2024-09-27")
    assert "3,831 people" in letter.out


async def test_a_table_and_a_calendar_are_tried_and_then_brought_in(alone: Program):
    (alone.folder / "good.yaml").write_text(GOOD)
    await alone.does("import", str(alone.folder / "good.yaml"))
    table, calendar = alone.folder / "more.csv", alone.folder / "family.ics"
    table.write_text("id,title.en,summary.en,first_day,source\nfire,The great fire,,1911-03-03,\nflood,F,F.,1912,G\n")
    calendar.write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nSUMMARY:Grandfather\nDTSTART;VALUE=DATE:19110303\nRRULE:FREQ=YEARLY\n"
        "END:VEVENT\nBEGIN:VEVENT\nUID:b\nSUMMARY:Tea\nDTSTART:20200927T150000Z\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    tried = await alone.ends("import", "--dry-run", "--collection", "good", str(table))
    assert tried.status == 1
    assert "more.csv:2: refused: fire: summary: this is required" in tried.out.replace("\n    ", "\n")
    table.write_text(table.read_text().replace("great fire,,", "great fire,It burned.,"))
    tried = await alone.ends("import", "--dry-run", "--collection", "good", str(table), str(calendar))
    assert tried.status == 0
    assert [line.split(": ")[1] for line in tried.out.splitlines() if ":" in line] == [
        "changed",
        "new",
        "new",
        "left out",
    ]
    assert "    title.en" in tried.out
    assert "flood" not in (await alone.does("export")).out
    done = await alone.does("import", "--collection", "good", str(table), str(calendar))
    assert "3 events are new or changed." in done.out
    exported = (await alone.does("export", "--format", "csv")).out
    assert "The great fire" in exported
    assert "Grandfather" in exported
