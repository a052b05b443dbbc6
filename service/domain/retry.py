"""What a notice does after an attempt: the one pure decision, with every input an argument.

Authority: RFC 5321, 4.5.4.1 (first retries may be quick, for greylisting; later ones at least half an
hour apart) and `faults.md` D.3.10 (faults of the relay are not counted as attempts).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.notice import Claim, Outcome, Result, State

_WAITS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 120, 240))
_RELAY_WAIT = timedelta(seconds=30)
_DOUBTS_RESENT = 1
_JITTER = 0.2


@dataclass(frozen=True, slots=True)
class Next:
    """The state after an attempt; `due_at` where it is to be tried again; the counters as they then stand."""

    state: State
    reason: str
    due_at: datetime | None
    attempts: int
    doubts: int


def after(claim: Claim, outcome: Outcome, now: datetime, chance: float) -> Next:
    """Decide what follows an outcome; `chance` from 0 to 1 spreads retries by a fifth either way."""
    attempts, doubts = claim.attempts + 1, claim.doubts
    match outcome.result:
        case Result.ACCEPTED:
            return Next(State.ACCEPTED, "", None, attempts, doubts)
        case Result.REFUSED:
            return Next(State.FAILED, "refused", None, attempts, doubts)
        case Result.IN_DOUBT if doubts >= _DOUBTS_RESENT:
            return Next(State.HELD, "in doubt again", None, attempts, doubts + 1)
        case Result.IN_DOUBT:
            wait, doubts = timedelta(0), doubts + 1
        case Result.UNREACHED:
            wait, attempts = _RELAY_WAIT, claim.attempts
        case Result.DEFERRED:
            wait = _WAITS[min(claim.attempts, len(_WAITS) - 1)]
    due_at = now + wait * (1 + _JITTER * (2 * chance - 1))
    if due_at >= claim.expires_at:
        return Next(State.DROPPED, "expired", None, attempts, doubts)
    return Next(State.READY, outcome.result.value, due_at, attempts, doubts)
