"""Texts that run the other way within a sentence: isolated, so that nothing around them moves."""

import pytest

from service.rendering.bidi import isolated
from service.rendering.locales import Language

HE = Language(
    "he",
    "rtl",
    "עברית",
    {"{kind, select, leap {x} other {{name}: {date}}}": "{kind, select, leap {א} other {ב {name} {date}}}"},
)
EN = Language("en", "ltr", "English")


def marked(text: str) -> str:
    """The text between the marks that open and close an isolate."""
    return f"\u2068{text}\u2069"


@pytest.mark.parametrize(
    ("text", "from_right"),
    [
        ("Anna", True),
        ("anna@example.org", True),
        ("Աննա", True),
        ("2020-09-27", True),
        ("+1 234", True),
        ("remembrancer run --roles post", True),
        ("27 בספטמבר 2020", False),
        ("27 سبتمبر 2020", False),
        ("2020", False),
        ("…", False),
        ("", False),
    ],
)
def test_within_a_sentence_from_the_right_what_runs_from_the_left_is_isolated(text: str, *, from_right: bool) -> None:
    assert isolated(text, "rtl") == (marked(text) if from_right else text)


@pytest.mark.parametrize(
    ("text", "is_isolated"), [("זיכרון", True), ("ذكرى", True), ("Anna", False), ("1. Mai", False)]
)
def test_within_a_sentence_from_the_left_what_runs_from_the_right_is_isolated(text: str, *, is_isolated: bool) -> None:
    assert isolated(text, "ltr") == (marked(text) if is_isolated else text)


def test_what_is_isolated_stays_as_it_is() -> None:
    assert isolated(marked("Anna"), "rtl") == marked("Anna")
    assert isolated(f"{marked('A')} {marked('B')}", "rtl") == marked(f"{marked('A')} {marked('B')}")


def test_what_a_choice_is_made_by_is_not_touched_and_what_is_printed_is() -> None:
    pattern = "{kind, select, leap {x} other {{name}: {date}}}"
    assert HE.text(pattern, kind="leap", name="Anna", date="1") == "א"
    assert HE.text(pattern, kind="no", name="Anna", date="1 במאי") == f"ב {marked('Anna')} 1 במאי"


def test_lists_isolate_each_of_their_parts() -> None:
    assert HE.listed(["A", "B"]) == f"{marked('A')} ו־{marked('B')}"
    assert HE.listed(["1", "א"]) == "1 וא"
    assert EN.listed(["A", "ב"]) == f"A and {marked('ב')}"
