"""What the pages of what is due say of kinds, fates and verdicts, and of an event on a day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from service.domain.approval import Fate, Verdict
from service.domain.event import Event, Words
from service.domain.notice import Kind
from service.domain.occasion import occasions
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.recount import text_in
from service.rendering.standing_words import moment
from service.rendering.views import Text
from service.rendering.wording import reason_words, today_words
from service.store.approvals import Judged, Pair
from service.store.asking import Awaited

KINDS = {
    Kind.NOTICE: message("notices"),
    Kind.NOTICE_FESTIVE: message("festive notices"),
    Kind.WEEKLY: message("weekly summaries"),
    Kind.WEEKLY_FESTIVE: message("festive weekly summaries"),
    Kind.MONTHLY: message("monthly summaries"),
    Kind.MONTHLY_FESTIVE: message("festive monthly summaries"),
}
FATES = {
    Fate.LEAVES: message("leaves"),
    Fate.UNASKED: message("not approved, and leaves all the same"),
    Fate.AWAITING: message("waits for approval"),
    Fate.PAUSED: message("paused"),
    Fate.HELD: message("held by an editor"),
    Fate.CANCELLED: message("cancelled"),
}
VERDICTS = {
    Verdict.APPROVED: message("Approved by {who}, {when}."),
    Verdict.HELD: message("Held by {who}, {when}."),
    Verdict.CANCELLED: message("Cancelled by {who}, {when}."),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What is told of an event on a day, as a page shows it."""

    event: str
    on: date
    title: Text
    words: tuple[str, ...]
    reasons: tuple[str, ...]
    fate: Fate
    fate_words: str
    version: str
    judged: Judged | None
    missing: tuple[str, ...]  # languages that have no words of it
    asked: Awaited | None


def kind_words(kind: Kind, language: Language) -> str:
    """Name a kind of letter, in the plural."""
    return language.text(KINDS[kind]) if kind in KINDS else kind.value


def fate_words(fate: Fate, language: Language) -> str:
    """Say what becomes of a letter."""
    return language.text(FATES[fate])


def judged_words(said: Judged, language: Language) -> str:
    """Say who gave a verdict, and when."""
    return language.text(VERDICTS[said.verdict], who=said.who, when=moment(said.at, language))


def language_words(readers: Mapping[str, int], language: Language) -> str:
    """Say in which languages so many readers are written to: English 120, Armenian 80."""
    return ", ".join(f"{language.language_name(code)} {language.number(count)}" for code, count in readers.items())


def titles_in(pairs: Iterable[Pair], titles: Mapping[str, Words], language: Language) -> list[tuple[str, date, Text]]:
    """Give each event and day with its title; one that is gone is left out."""
    return [(event, on, text_in(titles[event], language)) for event, on in pairs if event in titles]


def seen_of(one: Awaited, event: Event, judged: Judged | None, codes: Iterable[str], language: Language) -> Seen:
    """Give in words what is told of an event on a day, and what an editor said of it."""
    returns = [(rule, found) for rule in event.rules for found in occasions(event, rule, one.on, one.on)]
    reasons = (text for rule, found in returns for text in reason_words(event, rule, found, language))
    return Seen(
        event=one.event,
        on=one.on,
        title=text_in(event.title, language),
        words=tuple(filter(None, (today_words(event, rule, found, language) for rule, found in returns))),
        reasons=tuple(dict.fromkeys(reasons)),
        fate=one.fate,
        fate_words=fate_words(one.fate, language),
        version=one.version,
        judged=judged,
        missing=tuple(language.language_name(code) for code in missing_in(event, codes)),
        asked=one,
    )


def missing_in(event: Event, codes: Iterable[str]) -> tuple[str, ...]:
    """Give the languages that letters go out in and that an event's title or summary is not in."""
    return tuple(code for code in codes if code not in event.title or code not in event.summary)
