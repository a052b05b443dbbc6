"""Documents: what is wrong is said in words and with its place, and what is written is read again."""

from typing import Any

import pytest

from service.domain.documents import (
    DocumentError,
    read_collection,
    read_event,
    read_question,
    write_collection,
    write_event,
)
from tests.builders import SOURCE, an_event

GOOD = {
    "id": "war",
    "title": {"en": "A war"},
    "summary": {"en": "It began."},
    "first_day": "2020-09-27",
    "sources": [SOURCE],
    "rules": [{"kind": "yearly"}],
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"timeline": [{"on": "2024", "until": "2024-13", "text": {"en": "x"}, "source": "book"}]},
            "timeline.0.until: 2024-13: the year 2024 of the gregorian calendar has no month 13",
        ),
        (
            {"unresolved": [{"text": {"en": "x"}, "as_of": "2024-09-31", "source": "book"}]},
            "unresolved.0.as_of: 2024-09-31: month 9 of the year 2024 in the gregorian calendar has no day 31",
        ),
        ({"first_day": "2021-02-29"}, "month 2 of the year 2021 in the gregorian calendar has no day 29"),
        ({"first_day": "27.9.2020"}, "is not a date"),
        ({"last_day": "2020-09-26"}, "last_day 2020-09-26 is before first_day 2020-09-27"),
        ({"colour": "red"}, "colour: this key is not known here"),
        ({"rules": [{"kind": "weekly"}]}, "rules.0: "),
        ({"rules": [{}]}, "rules.0: a rule needs a `kind`"),
        ({"rules": [{"kind": "yearly", "leap": 1}]}, "rules.0.leap: this key is not known here"),
        ({"rules": [{"kind": "yearly", "calendar": "martian"}]}, "unknown calendar 'martian'"),
        ({"rules": [{"kind": "yearly"}, {"kind": "yearly"}]}, "two rules are called 'yearly'"),
        ({"sources": []}, "an event needs at least one source"),
        ({"title": None}, "title: "),
        ({"calendar": "martian"}, "unknown calendar 'martian'"),
        (
            {"figures": [{"id": "dead", "label": {"en": "dead"}, "value": 1, "as_of": "2024", "source": "nobody"}]},
            "source 'nobody' is not among the event's sources",
        ),
        (
            {
                "figures": [
                    {
                        "id": "dead",
                        "label": {"en": "dead"},
                        "value": 1,
                        "as_of": "2024",
                        "source": "book",
                        "superseded_by": "dead",
                    }
                ]
            },
            "no other figure of the event",
        ),
    ],
)
def test_what_is_wrong_with_an_event_is_said_in_words(change: dict[str, object], message: str) -> None:
    with pytest.raises(DocumentError) as refused:
        read_event(GOOD | change)
    assert message in str(refused.value)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(DocumentError) as refused:
        read_event({"id": "war", "colour": "red"})
    assert len(refused.value.findings) >= 5


def test_an_event_that_is_written_is_read_as_the_same() -> None:
    event = an_event(
        last_day="2020-11-09",
        figures=[{"id": "dead", "label": {"en": "dead"}, "value": 3830, "as_of": "2024-09", "source": "book"}],
        rules=[{"kind": "yearly", "anchor": "every_day", "only": {"every": 5}}, {"kind": "day-count", "days": 40}],
    )
    assert read_event(write_event(event)) == event


def test_years_that_yaml_takes_for_numbers_are_dates() -> None:
    assert read_event(GOOD | {"first_day": 2020}).first.month is None


def test_a_question_names_its_window_as_from_and_to() -> None:
    asked = {
        "id": 1,
        "event": {"first_day": "1950-02-14"},
        "rule": {"kind": "yearly"},
        "from": "2026-01-01",
        "to": "2026-12-31",
    }
    assert read_question(asked).last.isoformat() == "2026-12-31"


@pytest.mark.parametrize("in_doubt", ["hold", "resend"])
def test_a_collection_says_what_becomes_of_a_letter_in_doubt_and_its_document_says_it_only_if_unusual(in_doubt: str):
    document = {"id": "wars", "title": {"en": "Wars"}, "description": {"en": "Some."}, "events": []}
    written = write_collection(read_collection(document | {"in_doubt": in_doubt}))
    assert written == (document | {"in_doubt": "hold"} if in_doubt == "hold" else document)


def test_another_word_for_what_becomes_of_it_is_refused():
    document = {"id": "wars", "title": {"en": "Wars"}, "description": {"en": "Some."}, "events": []}
    with pytest.raises(DocumentError, match=r"in_doubt.*'resend' or 'hold'"):
        read_collection(document | {"in_doubt": "perhaps"})


@pytest.mark.parametrize("approval", ["none", "hold", "send"])
def test_a_collection_says_whether_editors_are_asked_and_how_long_before(approval: str):
    document: dict[str, Any] = {"id": "wars", "title": {"en": "Wars"}, "description": {"en": "Some."}, "events": []}
    asked = {"approval": approval, "approve_days": 7}
    written = write_collection(read_collection(document | asked))
    unusual = {key: value for key, value in asked.items() if value != "none"}
    assert written == document | unusual


@pytest.mark.parametrize(("key", "value"), [("approval", "perhaps"), ("approve_days", -1), ("approve_days", 61)])
def test_an_approval_that_is_none_is_refused_with_its_key(key: str, value: object):
    document = {"id": "wars", "title": {"en": "Wars"}, "description": {"en": "Some."}, "events": []}
    with pytest.raises(DocumentError, match=key):
        read_collection(document | {key: value})
