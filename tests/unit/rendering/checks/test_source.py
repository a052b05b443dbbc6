"""What an editor is told of a text as it is written: in words, with line and column, in every branch and language."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.templates import Templates
from service.rendering.checks import Check, Severity, check_source
from tests.unit.rendering.letters import SHIPPED

BODY, TEXT, PARTS = "letters/notice/body.mjml", "letters/notice/body.txt", "letters/_parts.mjml"
ARMENIAN = "locales/hy.po"

BROKEN = [
    ("a\n{% if today %}\nb", "2:1", "{% if %} on line 2 is not closed: {% endif %} is missing"),
    ("{% if day %}\n{% for a in today %}\n{% endif %}", "2:1", "{% endif %} on line 3 comes before its end"),
    ("{% endif %}", "1:1", "closes nothing"),
    ("{% else %}", "1:1", "stands in no {% if %} or {% for %}"),
    ("{% set a %}b", "1:1", "{% set %} on line 1 is not closed"),
    ("\n{{ day", "2:1", "{{ on line 2 is not closed: }} is missing"),
    ("{% if day }\n{% endif %}", "1:1", "{% on line 1 is not closed: %} is missing"),
    ("day {# and", "1:5", "{# on line 1 is not closed: #} is missing"),
    ("{{ t('day }}", "1:6", "the quotation mark ' that stands here is not closed"),
    ("{{ t(day }}", "1:5", "( on line 1 is not closed: ) is missing"),
    ("{{ day ? month }}", "1:8", "? means nothing here"),
    ("{{ }}", "1:1", "nothing stands there"),
    ("{{ day month }}", "1:8", "}} is expected here, not month"),
    ("{% if day = month %}{% endif %}", "1:11", "to compare, write =="),
    ("{% fro %}", "1:4", "{% fro %} is not known"),
    ("a\n{{ " + "(" * 70 + "1" + ")" * 70 + " }}", "2:1", "nested too deeply"),
]

UNDEFINED = [
    ("{{ nonsense }}", "1:4", "nonsense is not defined"),
    ("{{ dya }}", "1:4", "is day meant?"),
    ("{% if festive %}{{ nonsense }}{% endif %}", "1:20", "nonsense is not defined"),
    ("{{ today[0].event.titel }}", "1:19", "an EventView has no field titel; is title meant?"),
    ("{% for due in ahead %}\n{{ due.event.sorces }}{% endfor %}", "2:14", "has no field sorces; is sources meant?"),
    ("{% for due in ahead %}{{ loop.indx }}{% endfor %}", "1:31", "has no field indx; is index meant?"),
    ("{% for due in ahead %}{% endfor %}{{ due }}", "1:8", "due is not defined"),
    ("{{ day.upper() }}", "1:8", "day, which is a text, has no field upper"),
    ("{{ day | upper }}", "1:10", "there is no filter upper"),
    ("{% if day is nice %}{% endif %}", "1:14", "there is no test nice"),
    ("{{ lipsum(5) }}", "1:4", "lipsum is not defined"),
    ("{% if day %}{% set a = 1 %}{% endif %}{{ a }}", "1:20", "where it does not hold, it is missing"),
    ("{{ today[0].event.place.text }}", "1:25", "ask first, {% if today[0].event.place %}"),
    ("{{ today[0].event.place }}", "1:19", 'would be said as "None"'),
    ("{{ today }}", "1:4", "today is a list: go through it with {% for … in today %}"),
    ("{{ today[0] }}", "1:1", "a DueView, not a text"),
    ("{% for one in festive %}{% endfor %}", "1:1", "is no list, and cannot be gone through"),
    ("{{ day() }}", "1:4", "day is a text, and cannot be called"),
    ("{{ t(day) }}", "1:4", "t() needs its text in quotation marks"),
    ('{{ t("{a} of {b}", a=1) }}', "1:4", "t() is not given b"),
    ('{{ t("{a}", a=1, c=2) }}', "1:4", "t() is given c, which its text does not name"),
    ('{{ t("{n, plural, one {#}}", n=1) }}', "1:4", "t() cannot read its text"),
    ('{% from "letters/_parts.mjml" import tolld %}', "1:38", "has no tolld; is told meant?"),
    ('{% include "letters/_part.mjml" %}', "1:1", "there is no template 'letters/_part.mjml'"),
    (
        '{% from "letters/_parts.mjml" import gap %}{{ gap() }}',
        "1:38",
        "gap(height) is called with 0: height is missing",
    ),
    ("{% macro a(b) %}{{ b }}{{ c }}{% endmacro %}{{ a(1) }}", "1:27", "c is not defined"),
]

SOUND = [
    "{% if today[0].event.place %}{{ today[0].event.place.text }}{% endif %}",
    "{% if not today[0].event.place %}{% else %}{{ today[0].event.place }}{% endif %}",
    "{{ today[0].event.place.text if today[0].event.place else day }}",
    "{% if today and today[0].event.place and today[0].event.place.foreign %}{{ today[0].event.place }}{% endif %}",
    "{% if today[0].event.place is none %}{% else %}{{ today[0].event.place }}{% endif %}",
    "{% set a = today[0].event.narrative %}{% if a %}{{ a.html }}{% endif %}",
    "{% if nonsense is defined %}{{ nonsense }}{% endif %}{{ nonsense | default(day) }}",
    "{% if day %}{% set a = 1 %}{% else %}{% set a = 2 %}{% endif %}{{ a }}",
    "{% for due in today %}{{ loop.index }}{% for one in due.others %}{{ one }}{% endfor %}{% endfor %}",
    "{% with a = day %}{{ a }}{% endwith %}{{ (today | first).headline }}{{ today | length }}{{ detail ~ day }}",
    "{% macro a(b, c=1) %}{{ b.event.title }}{{ c }}{% endmacro %}{% for due in ahead %}{{ a(due) }}{% endfor %}",
    '{% import "letters/_parts.mjml" as p with context %}{% for due in ahead %}{{ p.head(due, 1) }}{% endfor %}',
]


def stopping(name: str, text: str, templates: Templates = SHIPPED) -> list[str]:
    return [str(check) for check in check_source(name, text, templates) if check.stops]


@pytest.mark.parametrize("name", sorted(SHIPPED.pieces))
def test_nothing_is_wrong_with_what_ships(name: str) -> None:
    assert check_source(name, SHIPPED.pieces[name], SHIPPED) == ()


@pytest.mark.parametrize(("text", "place", "words"), [*BROKEN, *UNDEFINED])
def test_what_is_wrong_is_said_in_words_at_its_place(text: str, place: str, words: str) -> None:
    found = stopping(TEXT, text)
    assert len(found) == 1, found
    assert found[0].startswith(f"{TEXT}:{place}: ")
    assert words in found[0]


@pytest.mark.parametrize("text", SOUND)
def test_what_is_asked_for_first_is_there(text: str) -> None:
    assert stopping(TEXT, text) == []


def test_case_086_what_is_too_large_or_too_deep_is_not_even_read() -> None:
    assert "longer than 100,000 characters" in stopping(TEXT, "x" * 600_000)[0]
    assert stopping(TEXT, "{% if day %}" * 1000 + "{% endif %}" * 1000)


def test_a_shared_part_is_looked_at_in_every_letter_that_is_made_with_it() -> None:
    found = stopping(PARTS, SHIPPED.pieces[PARTS].replace("{% macro gap(height) %}", "{% macro gapp(height) %}"))
    assert found == ["letters/summary/body.mjml:2:52: letters/_parts.mjml has no gap; is gapp meant?"]
    changed = SHIPPED.pieces[PARTS].replace("due.headline", "due.headlin")
    named = [number for number, line in enumerate(changed.splitlines(), 1) if "due.headlin" in line]
    assert [line.split(":")[1] for line in stopping(PARTS, changed)] == [str(number) for number in named] != []


def test_a_part_that_no_letter_uses_is_looked_at_too() -> None:
    text = SHIPPED.pieces[PARTS] + "{% macro mine(a) %}{{ a.whatever }}{{ b }}{% endmacro %}\n"
    assert [line.split(": ", 1)[1] for line in stopping(PARTS, text)] == ["b is not defined"]


def test_a_part_that_is_imported_without_context_sees_nothing_of_the_letter() -> None:
    found = stopping(BODY, SHIPPED.pieces[BODY].replace(" with context", ""))
    (place,) = [n for n, line in enumerate(SHIPPED.pieces[PARTS].splitlines(), 1) if "<p>{{ day }}</p>" in line]
    assert f"{PARTS}:{place}:17: day is not defined; is say meant?" in found


def test_an_unknown_element_is_found_where_it_stands() -> None:
    text = SHIPPED.pieces[BODY].replace("{% block body %}", "{% block body %}\n  <mj-sektion>")
    assert stopping(BODY, text) == [f"{BODY}:7:3: <mj-sektion> is not a known element"]


def test_what_is_not_translated_is_named_with_the_languages() -> None:
    (check,) = check_source(TEXT, SHIPPED.pieces[TEXT] + '{{ t("Said in English alone") }}\n', SHIPPED)
    line = SHIPPED.pieces[TEXT].count("\n") + 1
    assert replace(check, message="") == Check(Severity.WARNS, TEXT, line, 4, "")
    assert re.match("“Said in English alone” is not translated into .*Armenian", check.message)


@pytest.mark.parametrize("text", ["Remember!", "Remember 🎉", '{{ t("Ahead") ~ day }} ՜'])
def test_a_solemn_letter_does_not_exclaim(text: str) -> None:
    (check,) = check_source(TEXT, text, SHIPPED)
    assert (check.severity, check.message[-28:]) == (Severity.WARNS, "has no place in a solemn letter"[-28:])


CATALOGUES = [
    ('\nmsgid "x {a}"\nmsgstr "y {b}"\n', "names b, which it is not given"),
    ('\nmsgid "x {a}"\nmsgstr "y {a"\n', "cannot be read: a brace is not closed"),
    ('\nmsgid "x {a}"\nmsgstr "y {a}\n', "the quotation mark that begins this line is not closed"),
    ("\nnonsense\n", "unknown or misformatted keyword"),
    ('\nmsgid "a"\nmsgid_plural "b"\nmsgstr[0] "x"\nmsgstr[1] "y"\n', "plurals stand in the text itself"),
]


@pytest.mark.parametrize(("added", "words"), CATALOGUES)
def test_a_catalogue_that_would_say_something_wrong_is_stopped_at_its_line(added: str, words: str) -> None:
    text = SHIPPED.pieces[ARMENIAN]
    (found,) = [line for line in stopping(ARMENIAN, text + added) if words in line]
    assert int(found.split(":")[1]) > text.count("\n")


def test_a_catalogue_says_what_it_leaves_in_english() -> None:
    text = SHIPPED.pieces[ARMENIAN].replace('msgid "Timeline"', 'msgid "Time line"')
    assert [str(check) for check in check_source(ARMENIAN, text, SHIPPED)] == [
        f"{ARMENIAN}: not translated into Armenian: “Timeline”"
    ]


def test_a_catalogue_of_no_language_is_refused() -> None:
    assert stopping("locales/zzz.po", "") == ["locales/zzz.po: 'zzz' is no code of a language"]


ENDLESS = [
    "{% macro a(b, c) %}{{ a([b], c) }}{{ a(b, [c]) }}{% endmacro %}{{ a(1, 2) }}",
    "{% macro a(b) %}{{ a(b) }}{% endmacro %}{{ a(1) }}",
    '{% include "letters/notice/body.txt" %}',
    '{% extends "letters/notice/body.txt" %}',
    '{% import "letters/notice/body.txt" as own %}{{ own }}',
]


@pytest.mark.parametrize("text", ENDLESS)
def test_what_goes_into_itself_is_looked_at_once(text: str) -> None:
    check_source(TEXT, text, SHIPPED)


@given(
    name=st.sampled_from(sorted(SHIPPED.pieces)),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40)), min_size=1, max_size=3),
    added=st.text("{%}#'\"(|.<>-msgid \n", max_size=6),
)
def test_whatever_is_typed_is_answered_with_findings(name: str, cuts: list[tuple[float, int]], added: str) -> None:
    """Pieces of what ships are cut out, and something else put in their place."""
    text = SHIPPED.pieces[name]
    for share, length in cuts:
        at = int(share * len(text))
        text = text[:at] + added + text[at + length :]
    for check in check_source(name, text, SHIPPED):
        assert check.message
        assert 0 <= check.line <= text.count("\n") + 2 or check.place != name
