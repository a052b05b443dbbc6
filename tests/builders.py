"""Values with sane defaults, so that a test names only what matters to it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from service.actions.subscribing import Desk
from service.domain.documents import read_collection, read_event
from service.domain.event import Collection, Event
from service.domain.rule import Rule
from service.domain.subscription import Habit
from service.mail.tokens import Tokens
from service.rendering.locales import Languages

SOURCE = {"id": "book", "title": {"en": "A book"}}


def an_event(**parts: Any) -> Event:
    """An event of one day that returns every year, changed as said."""
    document = {
        "id": "war",
        "title": {"en": "A war"},
        "summary": {"en": "It began."},
        "first_day": "2020-09-27",
        "sources": [SOURCE],
        "rules": [{"kind": "yearly"}],
    }
    return read_event(document | parts)


def a_rule(kind: str = "yearly", **keys: Any) -> Rule:
    """A rule, read as a document is."""
    return an_event(rules=[{"kind": kind, **keys}]).rules[0]


def a_collection(*events: Event, id_: str = "wars") -> Collection:
    """A collection of these events."""
    empty = read_collection({"id": id_, "title": {"en": "Wars"}, "description": {"en": "Some."}, "events": []})
    return Collection(empty.id, empty.title, empty.description, events or (an_event(),))


def a_habit(**parts: Any) -> Habit:
    """Nine in the morning in Yerevan, in English."""
    return Habit(**({"language": "en", "zone": "Asia/Yerevan", "hour": "09:00"} | parts))


def a_desk() -> Desk:
    """The desk of actions, with keys of its own and every language."""
    locales = Path(__file__).parents[1] / "data" / "locales"
    return Desk(Tokens((b"k" * 32,)), Languages(locales))


def at(text: str) -> datetime:
    """A moment in UTC: `2024-09-27T05:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def on(text: str) -> date:
    """A date."""
    return date.fromisoformat(text)
