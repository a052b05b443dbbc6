"""Where the post stands, in words: one sentence, what to do next, and the figures; for the page and the terminal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.notice import Result
from service.domain.standing import Standing, Verdict, Warming
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
class Said:
    """The verdict in a sentence, and what to do about it."""

    sentence: str
    remedy: str


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


def verdict_words(seen: Standing, language: Language) -> Said:
    """Say what all adds up to, and what to do next."""
    said = _SAID[seen.verdict](seen, language)
    if seen.needs_somebody and not seen.verdict.stands_still:
        remedy = language.text("Some letters need somebody: they are held, set aside or not rendered.")
        return Said(said.sentence, remedy)
    if seen.webhooks.off and not seen.verdict.stands_still:
        remedy = language.text(
            "A webhook is switched off: `remembrancer webhook list` says why, and "
            "`remembrancer webhook resume ID` tells it again."
        )
        return Said(said.sentence, remedy)
    return said


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


def _leaving(_seen: Standing, language: Language) -> Said:
    return Said(language.text("Mail is leaving."), language.text("Nothing needs to be done."))


def _nothing_due(_seen: Standing, language: Language) -> Said:
    return Said(language.text("Nothing is due."), language.text("Nothing needs to be done."))


def _waiting(seen: Standing, language: Language) -> Said:
    said = language.text(
        "Nothing is due now; {n, plural, one {# letter waits} other {# letters wait}} for the next attempt.",
        n=seen.put_off,
    )
    return Said(said, language.text("Nothing needs to be done: each is tried again by itself."))


def _paused(seen: Standing, language: Language) -> Said:
    when = moment(seen.paused_at or seen.now, language)
    if seen.paused_reason:
        said = language.text(
            "Mail stands still: the post is paused since {when}, because: {reason}",
            when=when,
            reason=seen.paused_reason,
        )
    else:
        said = language.text("Mail stands still: the post is paused since {when}.", when=when)
    return Said(said, language.text("To let it go on: remembrancer resume, with --take-over if this is a copy"))


def _no_tick(seen: Standing, language: Language) -> Said:
    if seen.ticked_at is None:
        said = language.text("No tick has ever come: nothing is planned.")
    else:
        when = moment(seen.ticked_at, language)
        said = language.text("No tick since {when}: nothing new is planned.", when=when)
    return Said(said, language.text("Start a process with the role clock: remembrancer run --roles clock"))


def _unreached(seen: Standing, language: Language) -> Said:
    when = moment(seen.relay_trouble_at or seen.now, language)
    trouble = seen.relay_trouble
    words = trouble.words if trouble else ""
    if trouble and trouble.reason == Result.REFUSED:
        said = language.text(
            "Mail stands still: the relay refuses our letters since {when}: {words}", when=when, words=words
        )
    else:
        said = language.text(
            "Mail stands still: the relay cannot be reached since {when}: {words}", when=when, words=words
        )
    remedy = language.text(
        "See to the relay, or to the settings smtp_url and sender; the letters are tried again by themselves."
    )
    return Said(said, remedy)


def _nobody_sends(seen: Standing, language: Language) -> Said:
    said = language.text(
        "Mail stands still: {n, plural, one {# letter is} other {# letters are}} due since {when}, "
        "and no process sends.",
        n=seen.due + seen.claimed + seen.sending,
        when=moment(seen.oldest_at or seen.now, language),
    )
    return Said(said, language.text("Start a process with the role post: remembrancer run --roles post"))


def _stuck(seen: Standing, language: Language) -> Said:
    said = language.text(
        "Mail stands still: {n, plural, one {# letter is} other {# letters are}} due since {when}, "
        "and none is under way.",
        n=seen.due,
        when=moment(seen.oldest_at or seen.now, language),
    )
    return Said(said, language.text("See the log of the processes with the role post."))


def _not_rendered(_seen: Standing, language: Language) -> Said:
    said = language.text("Mail stands still: what is due waits for editions that are not rendered.")
    return Said(said, language.text("See what was found in them. A letter whose day is over is not sent late."))


def _unapproved(seen: Standing, language: Language) -> Said:
    said = language.text(
        "Mail stands still: {n, plural, one {# letter has} other {# letters have}} waited for an editor's approval "
        "since {when}.",
        n=seen.unapproved.count,
        when=moment(seen.unapproved.since or seen.now, language),
    )
    remedy = language.text(
        "An approver approves them in the editors' room; a letter whose day is over is not sent late."
    )
    return Said(said, remedy)


def _no_room(seen: Standing, language: Language) -> Said:
    said = language.text("Mail stands still: the database has no room for changes: {words}", words=seen.no_room)
    return Said(said, language.text("Make room on its disk; everything then goes on by itself."))


_SAID: Mapping[Verdict, Callable[[Standing, Language], Said]] = {
    Verdict.LEAVING: _leaving,
    Verdict.NOTHING_DUE: _nothing_due,
    Verdict.WAITING: _waiting,
    Verdict.PAUSED: _paused,
    Verdict.NO_TICK: _no_tick,
    Verdict.UNREACHED: _unreached,
    Verdict.NOBODY_SENDS: _nobody_sends,
    Verdict.STUCK: _stuck,
    Verdict.NOT_RENDERED: _not_rendered,
    Verdict.UNAPPROVED: _unapproved,
    Verdict.NO_ROOM: _no_room,
}
