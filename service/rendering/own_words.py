"""A letter's story, told to its reader: what kind it is, what became of it and when, and why one came at all."""

from datetime import datetime
from zoneinfo import ZoneInfo

from service.domain.notice import Kind, State
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.standing_words import known_words

_KINDS = {
    Kind.NOTICE: message("Letter of the day"),
    Kind.NOTICE_FESTIVE: message("Letter of the day"),
    Kind.WEEKLY: message("Letter of the week"),
    Kind.WEEKLY_FESTIVE: message("Letter of the week"),
    Kind.MONTHLY: message("Letter of the month"),
    Kind.MONTHLY_FESTIVE: message("Letter of the month"),
    Kind.CONFIRMATION: message("The question whether to write to you"),
    Kind.LINK: message("The link to your own pages"),
    Kind.WELCOME: message("The welcome"),
    Kind.FAREWELL: message("The farewell"),
    Kind.LEAVING: message("The question whether you wish to leave"),
    Kind.INVITATION: message("An invitation to remember together"),
}
_ASKED = {
    Kind.CONFIRMATION: message("Your address was typed into the form, and only you can say that letters may come."),
    Kind.LINK: message("The link to your own pages was asked for with your address."),
    Kind.WELCOME: message("It came once, when you confirmed."),
    Kind.FAREWELL: message("It came once, when your letters ended."),
    Kind.LEAVING: message("A mail in your name asked to leave, and only you can say that you wish it."),
}
_OVER = {
    State.FAILED: message("It could not be delivered: {reason}."),
    State.DROPPED: message("It was not sent: {reason}."),
    State.HELD: message("It is held: {reason}."),
    State.QUARANTINE: message("It is held: {reason}."),
}


def letter_name(kind: Kind, language: Language) -> str:
    """Name a kind of letter to its reader."""
    return language.text(_KINDS[kind]) if kind in _KINDS else language.text("Letter")


def asked_words(kind: Kind, language: Language) -> str:
    """Say why a letter came that remembers nothing; "" of others."""
    return language.text(_ASKED[kind]) if kind in _ASKED else ""


def story_words(
    story: tuple[State, str], due_at: datetime, ended_at: datetime | None, zone: str, lang: Language
) -> str:
    """Say what became of a letter, of a state and its reason, by the reader's clock."""
    state, reason = story
    if state is State.ACCEPTED and ended_at is not None:
        return lang.text("It was sent on {when}.", when=local_moment(ended_at, zone, lang))
    if state in _OVER:
        return lang.text(_OVER[state], reason=known_words(reason, lang))
    if state is State.READY and reason:
        when = local_moment(due_at, zone, lang)
        return lang.text(
            "It was put off, and is tried again on {when}: {reason}.", when=when, reason=known_words(reason, lang)
        )
    if state in {State.PLANNED, State.READY}:
        return lang.text("It leaves on {when}.", when=local_moment(due_at, zone, lang))
    return lang.text("It is being sent.")


def local_moment(at: datetime, zone: str, language: Language) -> str:
    """Say a moment to the minute by the clock of a zone: 27 September 2026, 09:00."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{language.date(local.date())}, {local:%H:%M}"
