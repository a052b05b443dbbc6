"""Whether mail leaves, in words: one sentence, and what to do next; for the page, the terminal and the editors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from service.domain.notice import Result
from service.domain.standing import Standing, Verdict
from service.rendering.locales import Language
from service.rendering.standing_words import moment


@dataclass(frozen=True, slots=True)
class Said:
    """The verdict in a sentence, and what to do about it."""

    sentence: str
    remedy: str


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


def _leaving(_seen: Standing, language: Language) -> Said:
    return Said(language.text("Mail is leaving."), language.text("Nothing needs to be done."))


def _nothing_due(_seen: Standing, language: Language) -> Said:
    return Said(language.text("Nothing is due."), language.text("Nothing needs to be done."))


def _rendering(seen: Standing, language: Language) -> Said:
    said = language.text(
        "Nothing leaves yet; "
        "{n, plural, one {# letter waits for its edition} other {# letters wait for their edition}}.",
        n=seen.planned,
    )
    return Said(said, language.text("Nothing needs to be done."))


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
    Verdict.RENDERING: _rendering,
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
