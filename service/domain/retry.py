"""What a notice does after an attempt, and what else follows: the one pure decision, with every input an argument.

Authorities: RFC 5321, 4.5.4.1 (first retries may be quick, for greylisting; later ones at least half an hour
apart); RFC 3463 for enhanced status codes; `faults.md` B.1 for what each answer says, and of whom.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from service.domain.notice import Claim, Outcome, Result, Stage, State

_WAITS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 120, 240))
_RELAY_WAIT = timedelta(seconds=30)
_AT_ONCE = timedelta(0)
_DOUBTS_RESENT = 1
_JITTER = 0.2


class Effect(StrEnum):
    """What follows beyond the notice itself."""

    SUPPRESS = "suppress"  # there is no such mailbox: do not write to it again
    SCORE = "score"  # refused without a reason: the second time within a week suppresses
    CLOSE_LANE = "close lane"  # this domain refuses us by policy: it is no fault of its people
    SLOW_LANE = "slow lane"  # this domain says: later
    STOP_EDITION = "stop edition"  # every letter of it would be refused: it is too large
    SUSPECT_EDITION = "suspect edition"  # its content was refused: the third time in a row stops it
    BLAME_RELAY = "blame relay"  # the relay refuses what all letters share


@dataclass(frozen=True, slots=True)
class Next:
    """The state after an attempt; `due_at` where it is to be tried again; the counters as they then stand."""

    state: State
    reason: str
    due_at: datetime | None
    attempts: int
    doubts: int
    effect: Effect | None = None


def after(claim: Claim, outcome: Outcome, now: datetime, chance: float) -> Next:
    """Decide what follows an outcome; `chance` from 0 to 1 spreads retries by a fifth either way."""
    attempts, doubts = claim.attempts + 1, claim.doubts
    effect = None
    match outcome.result:
        case Result.ACCEPTED:
            return Next(State.ACCEPTED, "", None, attempts, doubts)
        case Result.REFUSED:
            reason, effect = refusal(outcome)
            if effect is not Effect.BLAME_RELAY:
                return Next(State.FAILED, reason, None, attempts, doubts, effect)
            wait, attempts = _RELAY_WAIT, claim.attempts
        case Result.IN_DOUBT if claim.holds_doubt or doubts >= _DOUBTS_RESENT:
            again = "in doubt again" if doubts else "in doubt"
            return Next(State.HELD, again, None, attempts, doubts + 1)
        case Result.IN_DOUBT:
            wait, doubts = _AT_ONCE, doubts + 1
        case Result.UNREACHED:
            wait, attempts = _RELAY_WAIT, claim.attempts
        case Result.DEFERRED if not outcome.code:  # the connection broke: that says nothing of the letter
            wait = _AT_ONCE if not claim.attempts else _wait(claim.attempts - 1)
        case Result.DEFERRED:
            wait = _wait(claim.attempts)
            effect = Effect.SLOW_LANE if outcome.stage is Stage.RCPT else None
    due_at = now + wait * (1 + _JITTER * (2 * chance - 1))
    if due_at >= claim.expires_at:
        return Next(State.DROPPED, "expired", None, attempts, doubts, effect)
    return Next(State.READY, outcome.result.value, due_at, attempts, doubts, effect)


def _wait(attempts: int) -> timedelta:
    return _WAITS[min(attempts, len(_WAITS) - 1)]


def refusal(outcome: Outcome) -> tuple[str, Effect | None]:
    """Say why a letter was refused for ever, and of whom that speaks: of the address, the letter, or us."""
    return next((reason, effect) for applies, reason, effect in _REFUSALS if applies(outcome))


def _is_too_large(outcome: Outcome) -> bool:
    return outcome.status == "5.3.4" or (outcome.code == 552 and not outcome.status.startswith("5.2."))


def _speaks_of_the_address(outcome: Outcome) -> bool:
    return outcome.status.startswith("5.1.") and outcome.status not in _NOT_THE_ADDRESS


_NOT_THE_ADDRESS = ("5.1.0", "5.1.7", "5.1.8")  # no reason at all, and two that speak of the sender's
# The first that applies is the answer.
_REFUSALS: tuple[tuple[Callable[[Outcome], bool], str, Effect | None], ...] = (
    (_is_too_large, "too large", Effect.STOP_EDITION),
    (lambda outcome: outcome.status == "5.6.7", "needs SMTPUTF8", None),
    (lambda outcome: not outcome.code, "not sendable", None),  # we did not even try
    (lambda outcome: outcome.stage is Stage.MAIL, "sender refused", Effect.BLAME_RELAY),
    (lambda outcome: outcome.status.startswith("5.7."), "policy", Effect.CLOSE_LANE),
    (lambda outcome: outcome.stage is not Stage.RCPT, "content", Effect.SUSPECT_EDITION),
    (lambda outcome: outcome.status == "5.2.2", "mailbox full", None),
    (_speaks_of_the_address, "no such mailbox", Effect.SUPPRESS),
    (lambda _: True, "refused", Effect.SCORE),
)
