"""Tables of events: lossless both ways, formulas defused, every mistake with its line."""

import csv
import io
from typing import Any

import pytest

from service.actions import csv_files, yaml_files
from service.domain.documents import write_event
from service.domain.event import Event
from tests.builders import a_collection, an_event
from tests.house.repository import ROOT

SHIPPED = [
    entry.event
    for file in sorted((ROOT / "data" / "collections").glob("*.yaml"))
    for entry in yaml_files.read(file.name, file.read_text(encoding="utf-8")).entries
]
HEAD = "title.en,summary.en,first_day,source\r\n"


def read(text: str, **known: Event) -> tuple[list[Event], list[str]]:
    documents: dict[str, Any] = {id_: write_event(event) | {"collection": "wars"} for id_, event in known.items()}
    reading = csv_files.read("wars.csv", text.removeprefix("\ufeff"), "wars", documents)
    return [entry.event for entry in reading.entries], [str(one) for one in reading.refused]


def test_every_shipped_event_comes_back_from_a_table_as_it_was() -> None:
    assert len(SHIPPED) > 20
    table = csv_files.write([a_collection(*SHIPPED)])
    assert table.startswith("\ufeffid,collection,title.")
    assert read(table) == (SHIPPED, [])


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "'=", "''-"])
def test_case_079_a_cell_that_would_be_a_formula_is_defused_on_export_and_comes_back(start: str) -> None:
    title = f"{start}HYPERLINK(1)"
    event = an_event(title={"en": title}, place={"latitude": -12.5, "longitude": 1.0})
    table = csv_files.write([a_collection(event)])
    cells = [cell for row in csv.reader(io.StringIO(table)) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))] == []
    found, refused = read(table)
    assert (found, refused) == ([event], []) or "\t" in title
    assert found or refused == ["wars.csv:2: war: title.en: the character U+0009 cannot stand in a text"]


def test_a_table_written_by_hand_needs_a_title_a_summary_a_day_and_a_source() -> None:
    found, refused = read(HEAD + "The harbour fire,It burned.,1911-03-03,The Gazette\r\n,,,\r\n")
    assert refused == []
    assert [(one.id, one.rules[0].kind, one.sources[0].title) for one in found] == [
        ("harbour-fire-1911", "yearly", {"en": "The Gazette"})
    ]


def test_a_column_that_is_not_in_the_file_leaves_what_is_recorded() -> None:
    known = an_event(narrative={"en": "Long."}, tone="festive", after_sunset=True)
    found, refused = read("id,title.en,title.hy\nwar,The war,Պատերազմ\n", war=known)
    assert refused == []
    (event,) = found
    assert (event.title, event.narrative) == ({"en": "The war", "hy": "Պատերազմ"}, known.narrative)
    assert (event.tone, event.after_sunset, event.sources) == (known.tone, True, known.sources)
    found, _ = read("id,narrative.en,after_sunset\nwar,,\n", war=known)
    assert (dict(found[0].narrative), found[0].after_sunset) == ({}, False)


WRONG = {
    "a day that there is not": ("The fire,It burned.,1911-02-30,G\n", "wars.csv:2: fire-1911: first_day: "),
    "too many cells": ("The fire,It burned.,1911,G,G\n", "wars.csv:2: this row has not as many cells"),
    "too few cells": ("The fire,It burned.\n", "wars.csv:2: this row has not as many cells"),
    "a title of two lines": (
        '"The\nfire",It burned.,1911,G\n',
        "wars.csv:2: fire-1911: title.en: this must be one line",
    ),
    "no source": ("The fire,It burned.,1911,\n", "wars.csv:2: fire-1911: sources: this is required"),
    "an open quotation mark": ('"The fire,It burned.,1911,G\n', "wars.csv:2: this is not CSV"),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_case_079_a_mistake_is_named_by_its_line(mistake: str) -> None:
    row, said = WRONG[mistake]
    found, refused = read(HEAD + row)
    assert found == []
    assert len(refused) == 1
    assert refused[0].startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "this file is empty"),
        ("titel.en\nx\n", "the column 'titel.en' is not known"),
        ("title.en,title.en\nx,y\n", "the column 'title.en' stands twice"),
        ("id,title.<b>\nx,y\n", "the column 'title.<b>' is not known"),
        ("id,title.en,sources\nx,y,{}\n", "sources: this must be a list in JSON"),
        ("id,title.en,sources\nx,y," + "[" * 5000 + "\n", "sources: this must be a list in JSON"),
    ],
)
def test_a_table_that_is_none_is_refused_in_words(text: str, said: str) -> None:
    _, refused = read(text)
    assert said in refused[0]
