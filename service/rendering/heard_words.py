"""What came back, in words: what it is, how that is known, what was done about it, and why."""

from service.domain.heard import By, Did, Lately, What
from service.rendering.locales import Language
from service.rendering.messages import message
from service.rendering.standing_words import known_words

_WHATS = {
    What.BOUNCED: message("A letter came back"),
    What.DELAYED: message("A letter is delayed"),
    What.PASSED_ON: message("A letter was passed on"),
    What.COMPLAINT: message("A complaint"),
    What.AUTOMATIC: message("An answer that nobody wrote"),
    What.LISTED: message("Mail to a list"),
    What.PERSON: message("Mail from somebody"),
    What.UNREADABLE: message("Mail that is too large or too intricate"),
}
_BYS = {
    By.REPORT: message("by a delivery report"),
    By.FEEDBACK: message("by a report of complaint"),
    By.WORDS: message("by the words of the mail"),
    By.HEADERS: message("by the headers of the mail"),
    By.LIMITS: message("by its size"),
    By.PROVIDER: message("by what the provider posted"),
}
_DIDS = {
    Did.NOTHING: message("nothing was done"),
    Did.UNPROVEN: message("nothing was done: it does not prove which letter it speaks of"),
    Did.COUNTED: message("counted against the address"),
    Did.SUPPRESSED: message("the address was struck off"),
    Did.TOLD: message("the editors were told"),
    Did.MOVED: message("nothing was done: the reader has another address since"),
    Did.CONFIRMED: message("the subscription was confirmed"),
    Did.LEFT: message("the reader left"),
    Did.ASKED: message("a letter to confirm was sent"),
    Did.ANSWERED: message("answered"),
    Did.UNANSWERED: message("not answered again"),
    Did.NOT_VALID: message("nothing was done: what it brought is not valid, or too old"),
}
_REASONS = {
    "complaint": message("the reader complained"),
    "given up": message("the server gave up trying"),
    "too old": message("it came too late"),
    "to an editor": message("the letter was an editor's"),
    "erased": message("its reader was erased"),
    "sender refused": message("our address was refused"),
}


def what_words(what: What, language: Language) -> str:
    """Say what a mail is."""
    return language.text(_WHATS[what])


def by_words(by: By, language: Language) -> str:
    """Say how that is known."""
    return language.text(_BYS[by])


def did_words(did: Did, language: Language) -> str:
    """Say what was done about it."""
    return language.text(_DIDS[did])


def reason_words(reason: str, language: Language) -> str:
    """Say why; words that are none of ours stay as they are."""
    known = _REASONS.get(reason)
    return language.text(known) if known else known_words(reason, language)


def lately_words(heard: Lately, language: Language) -> list[str]:
    """Say how much came back lately, what part of the letters that is, and what waits to be read; or nothing."""
    said = []
    if heard.bounces or heard.complaints:
        said.append(
            language.text(
                "In thirty days, {bounces, plural, =0 {no letter} one {# letter} other {# letters}} came back and "
                "{complaints, plural, =0 {nobody complained} one {# reader complained} other {# readers complained}}.",
                bounces=heard.bounces,
                complaints=heard.complaints,
            )
        )
        if heard.letters:
            said.append(
                language.text(
                    "Of {n, plural, one {# letter} other {# letters}}, {bounced} came back and {complained} were "
                    "complained of.",
                    n=heard.letters,
                    bounced=language.percent(heard.bounce_rate),
                    complained=language.percent(heard.complaint_rate),
                )
            )
    if heard.unread:
        said.append(language.text("{n, plural, one {# mail waits} other {# mails wait}} to be read.", n=heard.unread))
    if heard.aside:
        said.append(
            language.text("{n, plural, one {# mail was} other {# mails were}} set aside unread.", n=heard.aside)
        )
    return said
