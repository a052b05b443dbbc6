"""A record goes through the form unchanged, and what is typed becomes a document with its places."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.actions import yaml_files
from service.domain.documents import read_event, write_event
from service.domain.event import Event
from service.web.admin.event_fields import fields_of, tidy, written
from tests.builders import an_event
from tests.house.repository import ROOT

SHIPPED = [
    entry.event
    for file in sorted((ROOT / "data" / "collections").glob("*.yaml"))
    for entry in yaml_files.read(file.name, file.read_text(encoding="utf-8")).entries
]
KINDS: list[dict[str, Any]] = [
    {"kind": "yearly", "calendar": "hebrew", "adar": "adar2", "custom": "anniversary"},
    {"kind": "yearly", "calendar": "chinese", "leap_month": "both", "missing_day": "skip", "reading": "nominal"},
    {"kind": "yearly", "calendar": "islamic-umalqura", "table": "kacst", "anchor": "every_day", "id": "hijri"},
    {"kind": "day-count", "days": 40, "count": "exclusive", "id": "karasunk"},
    {"kind": "month-count", "months": 9, "missing_day": "overflow", "calendar": "julian"},
    {"kind": "weekday", "month": 5, "weekday": "MO", "n": -1},
    {"kind": "weekday-near", "month_day": "11-26", "weekday": "SU", "mode": "on_or_before"},
    {"kind": "easter", "tradition": "orthodox", "offset": -57},
    {"kind": "feast", "name": "armenian-easter-merelots"},
    {"kind": "solar-term", "term": "qingming", "meridian": "japan"},
    {"kind": "nenki", "numbers": [1, 3, 7], "days": [7, 49], "counting": "kansai"},
    {"kind": "nenki", "numbers": [], "days": [7]},
    {"kind": "yearly", "only": {"every": 10, "numbers": [1, 3]}, "from_number": 5, "until": "2100-12-31"},
    {"kind": "yearly", "observed": "next_working_day", "holidays": "AM"},
    {"kind": "yearly", "observed": "previous_working_day", "holidays": ["2025-01-01", "2025-01-06"]},
    {"kind": "yearly", "observed": "previous_working_day", "holidays": ["2025-01-01"]},
]


def through_the_form(event: Event) -> Event:
    return read_event(written(tidy(fields_of(write_event(event)))).document)


def test_there_are_shipped_events_to_try() -> None:
    assert len(SHIPPED) > 20


@pytest.mark.parametrize("event", SHIPPED, ids=lambda event: event.id)
def test_every_shipped_event_goes_through_the_form_unchanged(event: Event) -> None:
    assert through_the_form(event) == event


@pytest.mark.parametrize("rule", KINDS, ids=str)
def test_a_rule_of_every_kind_goes_through_the_form_with_all_its_keys(rule: dict[str, Any]) -> None:
    event = an_event(rules=[rule])
    assert through_the_form(event) == event


TEXTS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
WORDS = st.dictionaries(st.sampled_from(["en", "hy", "he"]), TEXTS, min_size=1)


@given(
    st.lists(st.sampled_from(KINDS), max_size=4),
    st.lists(st.fixed_dictionaries({"label": WORDS, "value": st.integers(-(10**9), 10**12)}), max_size=4),
    st.lists(st.fixed_dictionaries({"text": WORDS, "on": st.sampled_from(["1911", "1911-03", "1911-03-05~"])})),
    WORDS,
)
def test_law_whatever_a_record_holds_it_goes_through_the_form_unchanged(
    rules: list[Any], figures: list[Any], timeline: list[Any], narrative: dict[str, str]
) -> None:
    event = an_event(
        rules=[rule | {"id": f"rule-{n}"} for n, rule in enumerate(rules)],
        figures=[one | {"id": f"f{n}", "as_of": "1911", "source": "book"} for n, one in enumerate(figures)],
        timeline=[one | {"source": "book"} for one in timeline],
        narrative=narrative,
    )
    assert through_the_form(event) == event


def test_an_empty_part_is_no_part_and_the_places_of_the_others_are_known() -> None:
    fields = {"sources.0.id": "", "sources.0.title.en": "", "sources.1.id": "book", "sources.1.date": "soon"}
    made = written(fields)
    assert made.document["sources"] == [{"id": "book", "date": "soon"}]
    assert made.field(("sources", 0, "date")) == "sources.1.date"
    assert made.field(("title", "en")) == "title.en"


def test_parts_without_an_id_get_one_of_their_own() -> None:
    fields = {"sources.3.title.en": "The Gazette", "sources.4.title.en": "Gazette", "sources.7.title.hy": "Թերթ"}
    tidied = tidy(fields | {"rules.0.kind": "yearly", "rules.1.kind": "yearly"})
    assert [tidied[f"sources.{n}.id"] for n in range(3)] == ["gazette", "gazette-2", "source-3"]
    assert written(tidied).document["rules"] == [{"kind": "yearly"}, {"kind": "yearly", "id": "yearly-2"}]


def test_keys_of_another_kind_of_rule_are_kept_in_the_form_and_stay_out_of_the_document() -> None:
    fields = {"rules.0.kind": "easter", "rules.0.offset": "9", "rules.0.days": "40"}
    assert tidy(fields) == fields
    assert written(fields).document["rules"] == [{"kind": "easter", "offset": "9"}]


def test_a_number_may_be_typed_in_groups_and_lines_of_a_sentence_are_joined() -> None:
    fields = tidy({"figures.0.value": "3,830", "summary.en": "It\r\nburned.", "narrative.en": "One.\r\n\r\nTwo.\r\n"})
    made = written(fields).document
    assert (made["figures"], made["summary"], made["narrative"]) == (
        [{"value": "3830"}],
        {"en": "It burned."},
        {"en": "One.\n\nTwo."},
    )


@pytest.mark.parametrize("name", ["sources", "sources.x.id", "sources.-1.id", "sources.0", "sources.99999999.id", "."])
def test_a_field_of_no_form_does_no_harm(name: str) -> None:
    assert written(tidy({name: "x"})).document["sources"] == []
