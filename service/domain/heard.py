"""What is heard: one mail that came back to us, what it is, and what a bounce says of an address, a letter or us."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from service.domain.notice import Outcome, Result, Stage
from service.domain.retry import Effect, refusal

_GIVEN_UP, _FULL = "given up", "mailbox full"
_REFUSED_CODE = 550
_POINTS = {"refused": 2.0, _FULL: 1.0, _GIVEN_UP: 1.0}
_HALVED_EVERY = timedelta(days=30)
LATELY = timedelta(days=30)
COUNTED = timedelta(days=180)  # by then a point is worth a sixty-fourth
ENOUGH = 3.5  # two refusals without a reason within three weeks, or a mailbox that is full on four days of a month


class What(StrEnum):
    """What a mail is. The value is kept: it never changes."""

    BOUNCED = "bounced"  # the letter will not arrive
    DELAYED = "delayed"  # it may yet
    PASSED_ON = "passed on"  # delivered, relayed or expanded (RFC 3464, section 2.3.3): good news, or none
    COMPLAINT = "complaint"  # a reader called it spam, or asked their provider to end it (RFC 5965)
    AUTOMATIC = "automatic"  # an answer that nobody wrote: out of office, a challenge, a receipt, a statistic
    LISTED = "listed"  # sent to a list, or in bulk
    PERSON = "person"  # none of these: somebody may have written it
    UNREADABLE = "unreadable"  # larger or more intricate than anything that would be read


class By(StrEnum):
    """How that is known."""

    REPORT = "report"  # RFC 3464
    FEEDBACK = "feedback"  # RFC 5965
    WORDS = "words"  # what is known of programs that write bounces of their own form
    HEADERS = "headers"  # RFC 3834 and what came before it
    LIMITS = "limits"
    PROVIDER = "provider"  # what a provider posts about letters, and vouches for


class Did(StrEnum):
    """What was done about a mail. The value is kept: it never changes."""

    NOTHING = "nothing"  # there was nothing to do
    UNPROVEN = "unproven"  # it does not prove which letter it speaks of, so nothing may follow
    COUNTED = "counted"  # against the address: often enough, and it is suppressed
    SUPPRESSED = "suppressed"
    TOLD = "told"  # it blames us, not the reader: the editors were told
    MOVED = "moved"  # it speaks of an address that the reader has left since
    CONFIRMED = "confirmed"
    LEFT = "left"
    ASKED = "asked"  # a confirmation was sent, or would have been but for its limits
    ANSWERED = "answered"
    UNANSWERED = "unanswered"  # within a day an address is answered once
    NOT_VALID = "not valid"  # a token that is none, or too old


@dataclass(frozen=True, slots=True)
class Heard:
    """One mail as it was understood.

    `status` is enhanced (RFC 3463), `words` are the foreign server's, `recipient` whom it names, `message_id` that of
    the letter it speaks of, and `leave` the token of the link in that one's List-Unsubscribe; each "" where it does not
    say. Of these only the last two can prove anything, as they are signed, and of a bounce not even they: only the
    signed address that it came to tells which letter came back.
    """

    what: What
    by: By
    status: str = ""
    words: str = ""
    recipient: str = ""
    message_id: str = ""
    leave: str = ""
    subject: str = ""  # of what somebody may have written
    author: str = ""  # its From, which anybody can write
    languages: str = ""  # that it says it is written in, or its writer reads
    opening: str = ""  # the first lines of it, which are kept nowhere


@dataclass(frozen=True, slots=True)
class Lately:
    """What waits to be read, what was set aside, and how much came back in thirty days, of how many letters."""

    unread: int = 0
    aside: int = 0
    bounces: int = 0
    complaints: int = 0
    letters: int = 0

    @property
    def bounce_rate(self) -> float:
        """How many of the letters came back, from 0 to 1."""
        return min(self.bounces / self.letters, 1.0) if self.letters else 0.0

    @property
    def complaint_rate(self) -> float:
        """How many of the letters were complained of, from 0 to 1; providers turn away who has 0.003."""
        return min(self.complaints / self.letters, 1.0) if self.letters else 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a bounce means, in the words of `retry`: the reason, and what follows beyond the notice."""

    reason: str
    effect: Effect | None


def judged(heard: Heard) -> Verdict:
    """Say of whom a bounce speaks, exactly as if our own relay had refused the letter with the same words.

    A server that gave up after trying for days (class 4) has not said that there is no such mailbox: a post office that
    is out of order for a week must not cost it all its readers (`faults.md`, case 121).
    """
    has_given_up = heard.status.startswith("4.")
    status = f"5{heard.status[1:]}" if has_given_up else heard.status
    words = f"{status} {heard.words}".strip()
    reason, effect = refusal(Outcome(Result.REFUSED, _REFUSED_CODE, words, _stage(status)))
    if has_given_up and effect is not Effect.CLOSE_LANE and reason != _FULL:
        return Verdict(_GIVEN_UP, None)
    return Verdict(reason, effect)


def points_of(verdict: Verdict) -> float:
    """Say how much a bounce counts against an address; 0 if it decides by itself, or blames somebody else."""
    return _POINTS.get(verdict.reason, 0.0)


def score(counted: Iterable[tuple[datetime, float]], now: datetime) -> float:
    """Add up what counts against an address, each worth half as much after every thirty days; one a day counts."""
    worst: dict[date, tuple[datetime, float]] = {}
    for at, points in counted:
        worst[at.date()] = max(worst.get(at.date(), (at, 0.0)), (at, points), key=lambda one: one[1])
    return sum(points * math.exp2(-max((now - at) / _HALVED_EVERY, 0.0)) for at, points in worst.values())


def _stage(status: str) -> Stage:
    """Say at which command a refusal with that status would have been heard: it says of what a server spoke."""
    if status in {"5.1.7", "5.1.8"}:  # the sender's address
        return Stage.MAIL
    return Stage.DOT if status.startswith("5.6.") else Stage.RCPT
