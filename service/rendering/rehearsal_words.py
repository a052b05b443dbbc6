"""A rehearsed letter in words: its day and hour, what the clock does to it, what it tells, and why on that day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from service.domain.event import Event
from service.domain.lines import Tellable
from service.domain.rehearsal import Hour, Rehearsed
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.recount import text_in
from service.rendering.views import Text
from service.rendering.wording import ahead_words, reason_words, today_words

_HOURS = {
    Hour.SKIPPED: message("The clock leaps over the hour on this day: the letter leaves at {time}."),
    Hour.REPEATED: message("The clock shows {time} twice on this day: the letter leaves at the first."),
}
_FORWARD = message("Since the letter before, the clock has gone forward by {hours}.")
_BACK = message("Since the letter before, the clock has gone back by {hours}.")


@dataclass(frozen=True, slots=True)
class ToldSeen:
    """One thing that a letter tells: the event, its day, which return it is, and why it was moved."""

    event: str
    title: Text
    on: str
    words: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LetterSeen:
    """A letter to come, in words; `remarks` are about its hour and whether it is sent at all."""

    day: str
    local: datetime
    due_at: datetime
    kind: str
    remarks: tuple[str, ...]
    told: tuple[ToldSeen, ...]


def letter_words(
    letter: Rehearsed[Tellable], events: Mapping[str, Event], language: Language, *, from_afar: bool = False
) -> LetterSeen:
    """Give a rehearsed letter in words; what it tells of an event that is not among these is left out.

    `from_afar` is for a page of days to come, which does not speak of them as of today.
    """
    return LetterSeen(
        day=language.date(letter.day, "full"),
        local=letter.local,
        due_at=letter.due_at.astimezone(UTC),
        kind=letter.kind.value,
        remarks=tuple(_remarks(letter, language)),
        told=tuple(
            _told(one, events[one.event], language, is_today=not from_afar and one.occasion.on <= letter.day)
            for one in letter.told
            if one.event in events
        ),
    )


def _remarks(letter: Rehearsed[Tellable], language: Language) -> list[str]:
    said = [language.text("Not sent: the reader has paused.")] if letter.paused else []
    if letter.hour in _HOURS:
        said.append(language.text(_HOURS[letter.hour], time=f"{letter.local:%H:%M}"))
    if letter.clock_moved:
        moved = _FORWARD if letter.clock_moved > timedelta() else _BACK
        minutes = abs(int(letter.clock_moved.total_seconds())) // 60
        said.append(language.text(moved, hours=f"{minutes // 60}:{minutes % 60:02}"))
    if len(letter.told) > 1:
        said.append(language.text("{n, plural, other {# returns share this letter.}}", n=len(letter.told)))
    return said


def _told(one: Tellable, event: Event, language: Language, *, is_today: bool) -> ToldSeen:
    rule = next(rule for rule in event.rules if rule.id == one.rule)
    words = (today_words if is_today else ahead_words)(event, rule, one.occasion, language)
    on = language.date(one.occasion.on, "full")
    return ToldSeen(
        event.id, text_in(event.title, language), on, words, reason_words(event, rule, one.occasion, language)
    )
