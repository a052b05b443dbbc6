"""What comes, as pages show it: occasions with their events, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from service.domain.calendars.calendar import Moved
from service.domain.event import Event
from service.domain.occasion import Occasion, returns
from service.rendering.locales import Language
from service.rendering.recount import text_in
from service.rendering.views import Text
from service.rendering.wording import ahead_words, reason_words, today_words
from service.store import events, returning
from service.store.dialect import Tx
from service.store.returning import Dates

_SEARCHED_YEARS = (1, 11, 100)  # few are asked for, and most rules fall every year


@dataclass(frozen=True, slots=True)
class Coming:
    """One return of one event: its day, the day in words, how long it has been, and why it was moved."""

    event: str
    title: Text
    on: date
    when: str
    words: str
    reasons: tuple[str, ...]
    today: bool


class Falling(Protocol):
    """One return of one event by one of its rules."""

    @property
    def event(self) -> str: ...  # noqa: D102  (the protocol says what it is)
    @property
    def rule(self) -> str: ...  # noqa: D102  (the protocol says what it is)
    @property
    def occasion(self) -> Occasion: ...  # noqa: D102  (the protocol says what it is)


async def told(tx: Tx, listed: Sequence[Falling], language: Language, today: date) -> list[Coming]:
    """Give occasions in words; one whose event or rule has just gone is left out."""
    kept = await returning.named(tx, [one.event for one in listed])
    return [
        coming
        for one in listed
        if one.event in kept
        for coming in _in_words(kept[one.event], [(one.rule, one.occasion)], language, today)
    ]


def shelf_view(shelf: events.Shelf, language: Language) -> dict[str, Any]:
    """Give a collection in words."""
    return {
        "id": shelf.id,
        "title": text_in(shelf.title, language),
        "description": text_in(shelf.description, language),
        "events": shelf.events,
    }


def next_of(event: Dates | Event, language: Language, today: date, most: int) -> list[Coming]:
    """Give the next returns of one event, however far ahead they are within a lifetime."""
    found: list[tuple[str, Occasion]] = []
    for years in _SEARCHED_YEARS:
        far = date(min(today.year + years, date.max.year), 12, 31)
        found = sorted(returns(event, today, far), key=lambda pair: pair[1].on)
        if len(found) >= most:
            break
    return _in_words(event, found[:most], language, today)


def _in_words(
    event: Dates | Event,
    found: Iterable[tuple[str, Occasion]],
    language: Language,
    today: date,
) -> list[Coming]:
    rules = {rule.id: rule for rule in event.rules}
    said = []
    for rule_id, occasion in found:
        rule = rules.get(rule_id)
        if rule is None:
            continue
        is_today = occasion.on == today
        words = (today_words if is_today else ahead_words)(event, rule, occasion, language)
        reasons = reason_words(event, rule, occasion, language)
        when = _when(occasion, language)
        said.append(Coming(event.id, text_in(event.title, language), occasion.on, when, words, reasons, is_today))
    return said


def _when(occasion: Occasion, language: Language) -> str:
    """Say the day with its weekday; only the month, where nothing more is known."""
    return language.date(occasion.on, "month" if occasion.reason == Moved.MONTH_KNOWN else "full")
