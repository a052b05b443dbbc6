"""What was told wrongly is corrected: in the next letter, and on the copy of the one that said it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from service.domain.event import Event
from service.domain.notice import Kind
from service.rendering.asked import Asked, Rendered
from service.rendering.context import letter_context
from service.rendering.corrected import with_corrections
from tests.builders import an_event, at, on
from tests.unit.rendering.letters import LANGUAGES, LINKS, RENDERER, due_on, flat, letter_of

DAY = on("2024-09-27")
WORDS = {"en": "The war lasted 44 days, not 43.", "hy": "Պատերազմը տևեց 44 օր, ոչ թե 43։"}
KILLED = {"label": {"en": "Killed"}, "source": "book", "unit": {"en": "soldiers"}}
EARLIER = {**KILLED, "id": "old", "value": 3825, "as_of": "2022-10", "superseded_by": "new"}


def _corrected(language: str, day: date = DAY, kind: Kind = Kind.NOTICE, detail: int = 1) -> Rendered:
    events = [an_event(id=f"war{number}") for number in range(detail)]
    dues = tuple(replace(due_on(event, on("2024-09-27")), errata=(WORDS,)) for event in events)
    rendered = RENDERER.letter(letter_context(Asked(kind, language, day, dues, (), {}, LINKS), LANGUAGES.of(language)))
    assert rendered.words is not None, rendered.findings
    return rendered


@pytest.mark.parametrize("language", ["en", "hy"])
@pytest.mark.parametrize(
    ("day", "kind", "events"),
    [
        (DAY, Kind.NOTICE, 1),
        (on("2024-09-20"), Kind.NOTICE, 1),
        (on("2024-09-23"), Kind.WEEKLY, 1),
        (DAY, Kind.NOTICE, 150),
    ],
)
def test_a_correction_stands_in_both_parts_of_every_letter_that_tells_of_the_event(
    language: str, day: date, kind: Kind, events: int
) -> None:
    words = _corrected(language, day, kind, events).words
    assert words is not None
    assert WORDS[language] in words.html
    assert WORDS[language] in flat(words.text)
    assert LANGUAGES.of(language).text("Correction") in words.html


def test_a_letter_without_a_correction_says_nothing_of_one() -> None:
    words = letter_of(an_event(), day=DAY).words
    assert words is not None
    assert "Correction" not in words.html + words.text


def _of_figures(*figures: dict[str, Any], **parts: Any) -> Event:
    return an_event(figures=list(figures), **parts)


def test_figures_newer_than_the_last_anniversary_are_told_as_changes_with_what_stood_before() -> None:
    event = _of_figures(EARLIER, {**KILLED, "id": "new", "value": 3830, "as_of": "2024-09"})
    words = letter_of(event, day=DAY).words
    assert words is not None
    assert "What has changed since the last anniversary" in words.html
    assert "Killed: 3,830 soldiers" in flat(words.text)
    assert "before: 3,825 soldiers" in flat(words.text)


@pytest.mark.parametrize("as_of", ["2023-09-27", "2023", "2021"])
def test_figures_that_stood_at_the_last_anniversary_are_no_change(as_of: str) -> None:
    words = letter_of(_of_figures({**KILLED, "id": "new", "value": 3830, "as_of": as_of}), day=DAY).words
    assert words is not None
    assert "What has changed" not in words.html + words.text


@pytest.mark.parametrize(
    ("rule", "day"),
    [({"kind": "yearly"}, "2021-09-27"), ({"kind": "day-count", "days": 40}, "2020-11-05")],
)
def test_the_first_anniversary_and_other_returns_tell_no_change(rule: dict[str, Any], day: str) -> None:
    event = _of_figures({**KILLED, "id": "new", "value": 3830, "as_of": "2025"}, rules=[rule])
    words = letter_of(event, day=on(day)).words
    assert words is not None
    assert "What has changed" not in words.html


def test_the_web_copy_of_a_letter_sent_before_begins_with_the_correction() -> None:
    page = '<html><body style="margin:0"><p>43 days</p></body></html>'
    shown = with_corrections(page, [(at("2024-10-01T09:00"), {"en": "44 <days>."})], LANGUAGES.of("hy"))
    assert shown.startswith('<html><body style="margin:0"><aside')
    assert "44 &lt;days&gt;." in shown
    assert 'lang="en"' in shown
    assert with_corrections(page, [], LANGUAGES.of("hy")) == page
