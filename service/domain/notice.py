"""That one subscriber is to have one edition, once, on one local day; and how that may end."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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

    @property
    def remembers(self) -> bool:
        """Whether it tells of occasions, and so ends with an unsubscription."""
        return self not in {Kind.CONFIRMATION, Kind.LINK}


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


TERMINAL = frozenset({State.ACCEPTED, State.FAILED, State.DROPPED, State.HELD, State.QUARANTINE})


class Result(StrEnum):
    """What became of handing one letter over."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"  # the server said: later (4xx), or the connection broke before the final dot
    REFUSED = "refused"  # the server said: never (5xx), or the letter cannot be sent at all
    IN_DOUBT = "in doubt"  # the connection broke after the final dot: nobody can know
    UNREACHED = "unreached"  # the relay could not be spoken to; no fault of this letter


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one letter, with the server's code (0 if it gave none) and words."""

    result: Result
    code: int = 0
    words: str = ""


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
