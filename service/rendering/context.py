"""The frozen context of a letter: all that its templates see, and how it is made.

The docstring below each field is its documentation for the authors of templates (`reference.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from service.domain.alert import read_alert
from service.domain.event import Event, Tone, Words
from service.domain.letter import Mark
from service.domain.notice import Kind
from service.domain.policies import Anchor
from service.domain.rule import DayCount, MonthCount, Nenki, Rule, Yearly
from service.rendering.asked import Asked, Due, Links
from service.rendering.changes import changed_figures
from service.rendering.facts import alert_view, by_mail_view, channel_view, comes_words
from service.rendering.locales import Language
from service.rendering.recount import event_view, text_in
from service.rendering.views import AlertView, ByMailView, ChannelView, EventView, FigureView, Text
from service.rendering.wording import ahead_words, lead_words, occasion_words, reason_words, today_words

__all__ = [
    "WRITTEN",
    "Due",
    "DueView",
    "EventView",
    "LanguageView",
    "LetterContext",
    "Links",
    "event_view",
    "folder_for",
    "folder_of",
    "letter_context",
    "occasion_words",
    "reason_words",
]

_FOLDERS = {
    Kind.NOTICE: "notice",
    Kind.NOTICE_FESTIVE: "notice",
    Kind.WEEKLY: "summary",
    Kind.WEEKLY_FESTIVE: "summary",
    Kind.MONTHLY: "summary",
    Kind.MONTHLY_FESTIVE: "summary",
    Kind.CONFIRMATION: "confirmation",
    Kind.LINK: "link",
    Kind.WELCOME: "welcome",
    Kind.FAREWELL: "farewell",
    Kind.LEAVING: "leaving",
    Kind.HELP: "help",
    Kind.INVITATION: "invitation",
    Kind.ADDRESS: "address",
    Kind.MOVED: "moved",
    Kind.CHANNEL: "channel",
    Kind.DATA: "data",
    Kind.ALERT: "alert",
}
_ADVANCE = "advance"
WRITTEN = tuple(_FOLDERS)  # the kinds that have words of their own
_FESTIVE = frozenset({Kind.NOTICE_FESTIVE, Kind.WEEKLY_FESTIVE, Kind.MONTHLY_FESTIVE})


@dataclass(frozen=True, slots=True)
class LanguageView:
    """The reader's language."""

    code: str
    """Its code (BCP 47), for a `lang` attribute."""
    direction: str
    """`ltr` or `rtl`, for a `dir` attribute."""
    name: str
    """Its own name."""


@dataclass(frozen=True, slots=True)
class DueView:
    """An event that is remembered on a day."""

    event: EventView
    """The event."""
    on: str
    """The day: "27 September 2024"."""
    weekday: str
    """The day with its weekday, without the year: "Friday, 27 September"."""
    today: bool
    """Whether it is the day of the letter."""
    words: str
    """Which return it is: "four years", "day 17 of 44", "the 40th day"; "" of a day that is only kept."""
    short: str
    """For a subject: "four years ago today"; of a day to come "in 7 days, on 27 September"."""
    headline: str
    """As a line of its own: "Four years ago today", "In 7 days, on 27 September: four years since it began"."""
    others: tuple[str, ...]
    """What else it is on this day, if several rules give it, as lines of their own."""
    reasons: tuple[str, ...]
    """Sentences that say why it is this day, if it was moved."""
    corrections: tuple[Text, ...]
    """What earlier letters said wrongly of it, each corrected in a sentence or two; they come once."""
    changes: tuple[FigureView, ...]
    """Those of the figures that are newer than the anniversary before this one."""


@dataclass(frozen=True, slots=True)
class LetterContext:
    """A letter: what its templates see, under these names."""

    kind: str
    """The kind of letter: `notice`, `weekly`, `monthly`, `confirmation`, `link`, `welcome`, `farewell`,
    `leaving`, `help`, `invitation`, `address`, `moved`, `channel`, `data`, `alert`."""
    festive: bool
    """Whether it celebrates; a letter that mourns never does."""
    language: LanguageView
    """The reader's language."""
    day: str
    """The day of the letter, with its weekday: "Friday, 27 September 2024"."""
    month: str
    """The month of the letter: "September 2024"."""
    period: str
    """What a summary is of: "This week", "September 2024", "The coming week", "The coming month"; else ""."""
    today: tuple[DueView, ...]
    """What is remembered on the day of the letter, in the order of the events' first days."""
    ahead: tuple[DueView, ...]
    """What is coming, the nearest first."""
    because: str
    """What the reader asked to remember, as a list in a sentence; "" if that is not known."""
    comes: tuple[str, ...]
    """When letters will come, in sentences; in welcomes only."""
    parting: str
    """Why a farewell is said: `by mail` for who left by a mail, `ended` where nothing more is to come; else ""."""
    answerable: bool
    """Whether to answer the letter does what it asks for; in confirmations only."""
    help: ByMailView | None
    """What can be done by mail; in help only."""
    channel: ChannelView | None
    """By which way notices come from now on; in letters that say so only."""
    alert: AlertView | None
    """What an editor must know; in alerts only."""
    edition_url: str
    """The page on which this letter can be read; "" if there is none."""
    public_url: str
    """The address of the service; "" if it has none."""
    subscribe_url: str
    """The page on which anyone may ask to be reminded."""
    address: str
    """The reader's address. This and the next three are marks until the letter is composed."""
    manage_url: str
    """The page on which the reader changes what they asked for."""
    leave_url: str
    """The page on which the reader leaves."""
    confirm_url: str
    """The page on which the reader confirms, fetches their data or chooses a way; in letters that ask for it only."""
    voice: Language
    """What says `t("…")`; templates do not see it."""


def folder_of(kind: Kind, *, is_ahead: bool = False) -> str:
    """Give the folder in `templates/letters` that a kind of letter is written in; `is_ahead` if all it tells is."""
    folder = _FOLDERS[kind]
    return _ADVANCE if folder == "notice" and is_ahead else folder


def folder_for(context: LetterContext) -> str:
    """Give the folder of the letter that a context is for."""
    return folder_of(Kind(context.kind), is_ahead=not context.today)


def letter_context(asked: Asked, language: Language) -> LetterContext:
    """Give the context of a letter in a language, which is the one asked for or the nearest that there is."""
    kind, day = asked.kind, asked.day
    ordered = sorted((due for due in asked.dues if due.occasions), key=lambda due: (due.on, _first_day(due.event)))
    views = [(due, _due_view(kind, language, day, due, asked.titles, asked.links)) for due in ordered]
    because = dict.fromkeys(text_in(words, language).text for words in asked.because)
    return LetterContext(
        kind=kind.value.removesuffix("-festive"),
        festive=kind in _FESTIVE,
        language=LanguageView(language.code, language.direction, language.name),
        day=language.date(day, "full"),
        month=language.date(day, "month"),
        period=_period(kind, day, language),
        today=tuple(view for due, view in views if due.on <= day),
        ahead=tuple(view for due, view in views if due.on > day),
        because=language.listed(because) if because else "",
        comes=comes_words(asked.facts, language) if kind is Kind.WELCOME else (),
        parting=str(asked.facts.get("parting", "")),
        answerable=bool(asked.facts.get("answerable")),
        help=by_mail_view(asked.facts, language) if kind is Kind.HELP else None,
        channel=channel_view(asked.facts, language) if kind is Kind.CHANNEL else None,
        alert=alert_view(read_alert(asked.facts), language, asked.links) if kind is Kind.ALERT else None,
        edition_url=asked.links.edition_url or "",
        public_url=asked.links.public_url,
        subscribe_url=asked.links.subscribe_url,
        address=Mark.ADDRESS.value,
        manage_url=Mark.MANAGE_URL.value,
        leave_url=Mark.LEAVE_URL.value,
        confirm_url=Mark.CONFIRM_URL.value,
        voice=language,
    )


def _due_view(
    kind: Kind, language: Language, day: date, due: Due, titles: Mapping[str, Words], links: Links
) -> DueView:
    occasions = sorted(due.occasions, key=lambda pair: _weight(pair[0]))
    today = due.on <= day
    if today:
        said = [today_words(due.event, rule, occasion, language) for rule, occasion in occasions]
    else:
        said = [ahead_words(due.event, rule, occasion, language) for rule, occasion in occasions]
    said = list(dict.fromkeys(filter(None, said)))
    headline = short = said[0] if said else ""
    if not today:
        summary = folder_of(kind) == "summary"
        short = language.date(due.on, "weekday") if summary else lead_words(day, due.on, language)
        headline = language.text("{day}: {words}", day=short, words=headline) if headline else short
    reasons = (reason for rule, occasion in occasions for reason in reason_words(due.event, rule, occasion, language))
    view = event_view(due.event, language, titles, links)
    return DueView(
        event=view,
        on=language.date(due.on),
        weekday=language.date(due.on, "weekday"),
        today=today,
        words=occasion_words(due.event, *occasions[0], language),
        short=short,
        headline=language.sentence(headline),
        others=tuple(map(language.sentence, said[1:])),
        reasons=tuple(dict.fromkeys(reasons)),
        corrections=tuple(text_in(words, language) for words in due.errata),
        changes=changed_figures(due.event, view, occasions),
    )


def _period(kind: Kind, day: date, language: Language) -> str:
    """Say what a summary is of; its last day is not the same for all who share it."""
    match kind:
        case Kind.WEEKLY | Kind.WEEKLY_FESTIVE:
            return language.text("This week") if day.isoweekday() == 1 else language.text("The coming week")
        case Kind.MONTHLY | Kind.MONTHLY_FESTIVE:
            return language.date(day, "month") if day.day == 1 else language.text("The coming month")
        case _:
            return ""


def _weight(rule: Rule) -> int:
    """Order the rules that give one day: years since it began, since it ended, counts, days of the span."""
    match rule:
        case Yearly(anchor=Anchor.LAST_DAY):
            return 1
        case DayCount() | MonthCount() | Nenki():
            return 2
        case Yearly(anchor=Anchor.EVERY_DAY):
            return 3
        case _:
            return 0


def _first_day(event: Event) -> tuple[int, int, str]:
    """Order events by when they happened; days that are only kept come last."""
    festive = event.tone is Tone.FESTIVE
    return (int(event.observance) + festive * 2, event.first.first_possible(event.calendar), event.id)
