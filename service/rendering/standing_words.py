"""Where the post stands, in words: the figures, and what each thing is called; for the page and the terminal."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.standing import Standing, Warming
from service.rendering.locales import Language
from service.rendering.messages import message

_REASONS = {
    "deferred": message("put off by the server"),
    "unreached": message("the relay could not be reached"),
    "refused": message("refused by the server"),
    "in doubt": message("in doubt: the connection broke after the letter's end"),
    "in doubt again": message("in doubt again: the connection broke twice after the letter's end"),
    "in doubt on a channel": message(
        "in doubt on a channel that is not offered any more: by e-mail it might come twice"
    ),
    "expired": message("its day is over"),
    "no longer wanted": message("no longer wanted"),
    "not composed": message("it could not be composed"),
    "stopped": message("its edition was stopped"),
    "superseded": message("planned anew, since its event was changed"),
    "expired while held": message("held until its day was over"),
    "cancelled": message("cancelled"),
    "awaiting approval": message("waits for approval"),
    "held by an editor": message("held by an editor"),
    "paused": message("paused"),
    "too large": message("it is too large for the server"),
    "needs SMTPUTF8": message("the server does not take such an address"),
    "not sendable": message("it cannot be sent"),
    "policy": message("refused by the domain's policy"),
    "content": message("its content was refused"),
    "warm-up": message("waits for tomorrow, while the domain is new"),
    "mailbox full": message("the mailbox is full"),
    "no such mailbox": message("there is no such mailbox"),
}
_RESULTS = {
    "accepted": message("accepted"),
    "lost": message("lost: the worker died"),
    "late": message("told after the worker was given up"),
    "released": message("released by hand"),
}
_STATES = {
    "planned": message("planned"),
    "ready": message("ready"),
    "claimed": message("claimed"),
    "sending": message("being handed over"),
    "failed": message("failed"),
    "dropped": message("dropped"),
    "held": message("held"),
    "quarantine": message("set aside"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its label and what explains it, "" for nothing."""

    label: str
    value: str
    note: str = ""


def moment(at: datetime, language: Language) -> str:
    """Say a moment, to the minute, in UTC: 23 November 2026, 07:53 UTC."""
    return language.in_a_row((language.date(at.date()), f"{at:%H:%M} UTC"))


def age(duration: timedelta, language: Language) -> str:
    """Say how long something lasts, by its largest unit."""
    seconds = max(int(duration.total_seconds()), 0)
    if seconds < 120:
        return language.text("{n, plural, one {# second} other {# seconds}}", n=seconds)
    if seconds < 7200:
        return language.text("{n, plural, one {# minute} other {# minutes}}", n=seconds // 60)
    if seconds < 172_800:
        return language.text("{n, plural, one {# hour} other {# hours}}", n=seconds // 3600)
    return language.days(seconds // 86_400)


def known_words(text: str, language: Language) -> str:
    """Say a state, a reason or a result that is kept as one; words of a server stay as they are."""
    known = _STATES.get(text) or _RESULTS.get(text) or _REASONS.get(text)
    return language.text(known) if known else text


def figures(seen: Standing, language: Language) -> list[Figure]:
    """Give the numbers, with what explains them."""
    lately = language.text("of the last two days")
    counts = {state.value: count for state, count in seen.counts.items()}
    oldest = language.text("the oldest for {age}", age=age(seen.oldest_age, language)) if seen.oldest_at else ""
    sending = language.text("{n} being handed over", n=language.number(seen.sending)) if seen.sending else ""
    near = seen.nearest[0].due_at if seen.nearest else None
    following = language.text("the next at {when}", when=f"{near:%H:%M} UTC") if near else ""
    rows = [
        (language.text("due now"), seen.due, oldest),
        (language.text("under way"), seen.claimed + seen.sending, sending),
        (language.text("waiting for their edition"), seen.planned, ""),
        (language.text("put off"), seen.put_off, following),
        (language.text("accepted"), seen.accepted, lately),
        (language.text("failed"), counts["failed"], lately),
        (language.text("dropped"), counts["dropped"], lately),
        (language.text("held"), counts["held"], ""),
        (language.text("waits for approval"), seen.unapproved.count, ""),
        (language.text("set aside"), seen.quarantined, ""),
        (language.text("slots missed"), seen.missed, lately),
        (language.text("channels set aside"), seen.channels_aside, ""),
        *_heard(seen, language),
        *_webhooks(seen, language),
    ]
    said = [Figure(label, language.number(count), note if count else "") for label, count, note in rows]
    if seen.warming is not None:
        said.insert(0, _warming(seen.warming, language))
    return said


def _warming(today: Warming, language: Language) -> Figure:
    """Say how much of the day is used up while the domain is new."""
    left, limit = language.number(today.left), language.number(today.limit)
    used = language.text("{left} of {limit} letters", left=left, limit=limit)
    note = language.text("so many may leave on this day (UTC) while the domain is new")
    if today.waiting:
        waiting = language.text("{n, plural, one {# letter waits} other {# letters wait}}", n=today.waiting)
        note = language.in_a_row((note, waiting))
    return Figure(language.text("sent today"), used, note)


def _heard(seen: Standing, language: Language) -> list[tuple[str, int, str]]:
    """Give what is there of mail, and how much came back."""
    heard = seen.heard

    def of_all(rate: float) -> str:
        part, said = language.percent(rate), language.text("of the last thirty days")
        return language.text("{lately}: {part} of the letters", lately=said, part=part) if heard.letters else said

    return [
        (language.text("mail to be read"), heard.unread, ""),
        (language.text("mail set aside"), heard.aside, ""),
        (language.text("came back"), heard.bounces, of_all(heard.bounce_rate)),
        (language.text("complaints"), heard.complaints, of_all(heard.complaint_rate)),
    ]


def _webhooks(seen: Standing, language: Language) -> list[tuple[str, int, str]]:
    """Give how other programs stand that are told what happens."""
    told, why = seen.webhooks, language.text("why: remembrancer webhook list")
    return [
        (language.text("webhooks switched off"), told.off, why),
        (language.text("webhooks that take nothing now"), told.failing, why),
        (language.text("messages to webhooks that wait"), told.waiting, ""),
        (language.text("messages to webhooks that failed"), told.failed, why),
    ]


def tick_words(seen: Standing, language: Language) -> str:
    """Say when the clock last looked."""
    if seen.ticked_at is None:
        return language.text("The clock has never looked at what is due.")
    passed = age(seen.now - seen.ticked_at, language)
    return language.text("The clock last looked at what is due {age} ago.", age=passed)


def database_words(url: str, language: Language) -> str:
    """Say of which database all this is told."""
    return language.text("Database: {url}", url=url)
