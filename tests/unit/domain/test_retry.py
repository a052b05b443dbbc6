"""What follows an attempt, as a table."""

from datetime import timedelta

import pytest

from service.domain.notice import Claim, Kind, Outcome, Result, State
from service.domain.retry import after
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
    follows = after(a_claim(attempts), Outcome(result), NOW, 0.5)
    assert (follows.state, follows.attempts) == (state, counted)
    assert follows.due_at == (None if minutes is None else NOW + timedelta(minutes=minutes))


def test_a_letter_in_doubt_is_sent_again_once_and_then_held() -> None:
    assert after(a_claim(), Outcome(Result.IN_DOUBT), NOW, 0.5).doubts == 1
    assert after(a_claim(doubts=1), Outcome(Result.IN_DOUBT), NOW, 0.5).state is State.HELD


def test_what_would_be_tried_again_too_late_is_dropped() -> None:
    follows = after(a_claim(attempts=5, hours=3), Outcome(Result.DEFERRED), NOW, 0.5)
    assert (follows.state, follows.reason) == (State.DROPPED, "expired")


def test_retries_spread_by_a_fifth_either_way() -> None:
    due = [after(a_claim(), Outcome(Result.DEFERRED), NOW, chance).due_at for chance in (0, 1)]
    assert due == [NOW + timedelta(minutes=4), NOW + timedelta(minutes=6)]
