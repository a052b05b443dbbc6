"""What counts against an address: points that age."""

from datetime import UTC, datetime, timedelta

import pytest

from service.domain.heard import ENOUGH, By, Heard, What, judged, points_of, score

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def ago(days, points):
    return NOW - timedelta(days=days), points


def test_a_point_is_worth_half_after_each_thirty_days():
    assert score([ago(0, 2)], NOW) == 2
    assert score([ago(30, 2)], NOW) == pytest.approx(1)
    assert score([ago(60, 2)], NOW) == pytest.approx(0.5)


def test_of_one_day_only_the_worst_counts():
    assert score([ago(0, 1), ago(0.1, 2), ago(0.2, 1)], NOW) == pytest.approx(2, rel=0.01)


@pytest.mark.parametrize(
    ("counted", "is_enough"),
    [
        ([ago(0, 2)], False),
        ([ago(0, 2), ago(7, 2)], True),
        ([ago(0, 2), ago(25, 2)], False),
        ([ago(day, 1) for day in range(3)], False),
        ([ago(day, 1) for day in range(4)], True),
        ([ago(30 * month, 1) for month in range(12)], False),
    ],
)
def test_two_refusals_within_weeks_or_a_mailbox_full_for_days_are_enough(counted, is_enough):
    assert (score(counted, NOW) >= ENOUGH) is is_enough


@pytest.mark.parametrize(
    ("status", "points"),
    [("5.1.1", 0), ("5.7.1", 0), ("5.2.2", 1), ("4.2.2", 1), ("4.4.1", 1), ("5.0.0", 2), ("5.3.4", 0)],
)
def test_only_what_neither_decides_nor_blames_somebody_else_counts(status, points):
    assert points_of(judged(Heard(What.BOUNCED, By.REPORT, status))) == points
