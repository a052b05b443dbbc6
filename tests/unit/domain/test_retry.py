"""What follows an attempt, as a table."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.notice import Claim, Kind, Outcome, Result, Stage, State
from service.domain.retry import Effect, after
from tests.builders import at

NOW = at("2024-09-27T05:00")


def a_claim(attempts: int = 0, doubts: int = 0, hours: int = 19) -> Claim:
    return Claim("n", 1, Kind.NOTICE, "e", "s", "a@example.org", NOW, NOW + timedelta(hours=hours), attempts, doubts)


@pytest.mark.parametrize(
    ("result", "attempts", "state", "minutes", "counted"),
    [
        (Result.ACCEPTED, 0, State.ACCEPTED, None, 1),
        (Result.REFUSED, 0, State.FAILED, None, 1),
        (Result.DEFERRED, 0, State.READY, 5, 1),
        (Result.DEFERRED, 1, State.READY, 15, 2),
        (Result.DEFERRED, 5, State.READY, 240, 6),
        (Result.DEFERRED, 9, State.READY, 240, 10),
        (Result.UNREACHED, 3, State.READY, 0.5, 3),
        (Result.IN_DOUBT, 0, State.READY, 0, 1),
    ],
)
def test_each_result_leads_to_its_state(
    result: Result, attempts: int, state: State, minutes: float | None, counted: int
) -> None:
    follows = after(a_claim(attempts), Outcome(result, 451), NOW, 0.5)
    assert (follows.state, follows.attempts) == (state, counted)
    assert follows.due_at == (None if minutes is None else NOW + timedelta(minutes=minutes))


def test_a_letter_in_doubt_is_sent_again_once_and_then_held() -> None:
    assert after(a_claim(), Outcome(Result.IN_DOUBT), NOW, 0.5).doubts == 1
    assert after(a_claim(doubts=1), Outcome(Result.IN_DOUBT), NOW, 0.5).state is State.HELD


def test_what_would_be_tried_again_too_late_is_dropped() -> None:
    follows = after(a_claim(attempts=5, hours=3), Outcome(Result.DEFERRED, 451), NOW, 0.5)
    assert (follows.state, follows.reason) == (State.DROPPED, "expired")


def test_retries_spread_by_a_fifth_either_way() -> None:
    due = [after(a_claim(), Outcome(Result.DEFERRED, 451), NOW, chance).due_at for chance in (0, 1)]
    assert due == [NOW + timedelta(minutes=4), NOW + timedelta(minutes=6)]


def test_a_connection_that_broke_is_tried_again_at_once_the_first_time() -> None:
    broken = Outcome(Result.DEFERRED, 0, "the connection was lost", Stage.RCPT)
    assert after(a_claim(), broken, NOW, 0.5).due_at == NOW
    assert after(a_claim(attempts=1), broken, NOW, 0.5).due_at == NOW + timedelta(minutes=5)


def test_where_a_doubt_is_held_nothing_is_sent_again() -> None:
    follows = after(replace(a_claim(), holds_doubt=True), Outcome(Result.IN_DOUBT), NOW, 0.5)
    assert (follows.state, follows.reason, follows.due_at) == (State.HELD, "in doubt", None)


@pytest.mark.parametrize(
    ("stage", "code", "words", "reason", "effect"),
    [
        (Stage.RCPT, 550, "5.1.1 no such user", "no such mailbox", Effect.SUPPRESS),
        (Stage.RCPT, 550, "5.1.10 null MX", "no such mailbox", Effect.SUPPRESS),
        (Stage.RCPT, 550, "5.1.0 refused", "refused", Effect.SCORE),
        (Stage.RCPT, 550, "5.1.8 the sender's domain does not exist", "refused", Effect.SCORE),
        (Stage.RCPT, 550, "no", "refused", Effect.SCORE),
        (Stage.RCPT, 550, "5.2.1 disabled", "refused", Effect.SCORE),
        (Stage.RCPT, 552, "5.2.2 mailbox full", "mailbox full", None),
        (Stage.RCPT, 550, "5.7.515 access denied, not authenticated", "policy", Effect.CLOSE_LANE),
        (Stage.DOT, 550, "5.7.26 unauthenticated", "policy", Effect.CLOSE_LANE),
        (Stage.DOT, 552, "5.3.4 too big", "too large", Effect.STOP_EDITION),
        (Stage.MAIL, 552, "message size exceeds fixed limit", "too large", Effect.STOP_EDITION),
        (Stage.MAIL, 0, "5.3.4 the relay takes 10 octets", "too large", Effect.STOP_EDITION),
        (Stage.MAIL, 0, "5.6.7 no SMTPUTF8", "needs SMTPUTF8", None),
        (Stage.MAIL, 0, "it cannot be written to", "not sendable", None),
        (Stage.DOT, 554, "rejected", "content", Effect.SUSPECT_EDITION),
        (Stage.DATA, 554, "no", "content", Effect.SUSPECT_EDITION),
    ],
)
def test_a_refusal_speaks_of_the_address_the_letter_or_us(
    stage: Stage, code: int, words: str, reason: str, effect: Effect | None
) -> None:
    follows = after(a_claim(), Outcome(Result.REFUSED, code, words, stage), NOW, 0.5)
    assert (follows.state, follows.reason, follows.effect) == (State.FAILED, reason, effect)


def test_a_relay_that_refuses_our_own_address_ends_no_notice() -> None:
    refused = Outcome(Result.REFUSED, 553, "5.1.8 sender address rejected", Stage.MAIL)
    follows = after(a_claim(), refused, NOW, 0.5)
    assert (follows.state, follows.attempts, follows.effect) == (State.READY, 0, Effect.BLAME_RELAY)
