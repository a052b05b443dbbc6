"""That one subscriber is to have one edition, once, on one local day; and how that may end."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from service.domain.letter import Variant

LATE_AFTER = timedelta(hours=1)  # of its hour, a letter that leaves says that it is late
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")


class Kind(StrEnum):
    """What a letter is. A subscriber has at most one notice of a kind on a day.

    The value stands in the notice's unique key and in the name of its templates: it never changes.
    """

    NOTICE = "notice"
    NOTICE_FESTIVE = "notice-festive"
    WEEKLY = "weekly"
    WEEKLY_FESTIVE = "weekly-festive"
    MONTHLY = "monthly"
    MONTHLY_FESTIVE = "monthly-festive"
    CONFIRMATION = "confirmation"
    LINK = "link"  # the manage link, sent again
    WELCOME = "welcome"
    FAREWELL = "farewell"
    LEAVING = "leaving"  # to who asked to leave by a mail that proves nothing: the link by which they do
    HELP = "help"  # what can be done by mail, in answer to one
    INVITATION = "invitation"  # to remember a private event together
    ADDRESS = "address"  # to a new address, for its owner to confirm
    MOVED = "moved"  # to the address that letters went to until it was changed
    CHANNEL = "channel"  # by which way notices come from now on: to the address, whatever the way
    DATA = "data"  # the link by which a reader fetches what is kept of them
    TEST = "test"  # any letter as an editor tries it: its words are those of a proof
    ALERT = "alert"  # what editors must know

    @property
    def remembers(self) -> bool:
        """Whether it tells of occasions, and so ends with an unsubscription."""
        return self.value.removesuffix("-festive") in {"notice", "weekly", "monthly"}

    @property
    def answers(self) -> bool:
        """Whether it only ever answers what somebody just asked for, such as a mail."""
        return self in {Kind.CONFIRMATION, Kind.LINK, Kind.LEAVING, Kind.HELP}

    @property
    def can_be_left(self) -> bool:
        """Whether its reader can leave by it, and so also by the button of their mail program (RFC 8058)."""
        return self.remembers or self is Kind.WELCOME

    @property
    def is_of_the_list(self) -> bool:
        """Whether mail programs are told that it is a mailing list's.

        What an editor tries is to be filed likewise, and help tells of nothing but the list.
        """
        return self.can_be_left or self in {Kind.TEST, Kind.HELP}

    @property
    def is_to_editors(self) -> bool:
        """Whether no reader gets it: it is in no figure of theirs, and its links act for nobody."""
        return self in {Kind.TEST, Kind.ALERT}


class State(StrEnum):
    """Where a notice stands (`faults.md`, D.2). The last five are terminal."""

    PLANNED = "planned"  # its edition is not rendered yet
    READY = "ready"
    CLAIMED = "claimed"
    SENDING = "sending"
    ACCEPTED = "accepted"
    FAILED = "failed"
    DROPPED = "dropped"
    HELD = "held"
    QUARANTINE = "quarantine"


ENDED = frozenset({State.ACCEPTED, State.FAILED, State.DROPPED})
"""Nobody needs to look at it, and nothing more becomes of it."""
TERMINAL = ENDED | {State.HELD, State.QUARANTINE}


class InDoubt(StrEnum):
    """What becomes of a letter of which nobody knows whether the relay took it."""

    RESEND = "resend"  # one further copy, the same bytes
    HOLD = "hold"  # none: better no letter than two


class Stage(StrEnum):
    """How far a letter came in its dialogue with the relay (RFC 5321)."""

    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    DOT = "dot"  # the content was sent, its final dot included


class Result(StrEnum):
    """What became of handing one letter over."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"  # the server said: later (4xx), or the connection broke before the final dot
    REFUSED = "refused"  # the server said: never (5xx), or the letter cannot be sent at all
    IN_DOUBT = "in doubt"  # the connection broke after the final dot: nobody can know
    UNREACHED = "unreached"  # the relay could not be spoken to; no fault of this letter


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one letter: the server's code (0 if it gave none), its words, and how far the letter came."""

    result: Result
    code: int = 0
    words: str = ""
    stage: Stage = Stage.DOT

    @property
    def status(self) -> str:
        """The enhanced status with which the words begin, such as "5.1.1" (RFC 2034 and 3463); "" without one."""
        found = _ENHANCED.match(self.words)
        return found[0] if found else ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A notice that a worker holds: what is needed to compose its letter and to record what became of it.

    `generation` grows with each claim; every record names the one it read, so that a worker that comes
    back late changes nothing. `dated_at` is fixed at the first claim: a second copy has the same Date.
    """

    id: str
    generation: int
    kind: Kind
    edition: str
    subscriber: str
    address: str
    dated_at: datetime
    expires_at: datetime
    attempts: int
    doubts: int
    crashes: int = 0
    holds_doubt: bool = False  # its collection would rather have no copy than two
    paced_for: datetime | None = None  # the moment that its lane has kept for it
    variant: Variant = Variant.BOTH_PARTS
