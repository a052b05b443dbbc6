"""The plan by which a new domain begins: what may leave on each day, and what is no plan."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import InvalidError
from service.domain.warm_up import ENDLESS, WarmUp, day_after, read_warm_up
from tests.builders import at, on

FIRST = on("2026-12-01")


def test_each_day_has_twice_as_many_until_there_is_no_limit() -> None:
    plan = read_warm_up("2026-12-01=200")
    assert plan is not None
    limits = [limit for _, limit in plan.days()]
    assert limits[:4] == [200, 400, 800, 1600]
    assert len(limits) == 13
    assert limits[-1] == 819_200
    assert plan.ends_on == on("2026-12-14")
    assert plan.limit_on(plan.ends_on) is None
    assert plan.limit_on(on("2028-01-01")) is None
    assert plan.limit_on(on("2026-11-30")) is None


def test_it_may_grow_more_slowly() -> None:
    plan = read_warm_up(" 2026-12-01 = 100 * 1.5 ")
    assert plan == WarmUp(FIRST, 100, Fraction(3, 2))
    assert [limit for _, limit in plan.days()][:5] == [100, 150, 225, 337, 506]


def test_no_plan_is_no_limit() -> None:
    assert read_warm_up("") is None
    assert read_warm_up("  ") is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("200", "DATE=LETTERS"),
        ("2026-12-01", "DATE=LETTERS"),
        ("2026-13-01=200", "DATE=LETTERS"),
        ("01.12.2026=200", "DATE=LETTERS"),
        ("2026-12-01=200/day", "DATE=LETTERS"),
        ("2026-12-01=-5", "DATE=LETTERS"),
        ("2026-12-01=1000000", "DATE=LETTERS"),
        ("2026-12-01=٢٠٠", "DATE=LETTERS"),
        ("2026-12-01=0", "allowed: 1 to 999999 letters"),
        ("2026-12-01=200*1", "allowed: 1.1 to 2 times a day"),
        ("2026-12-01=200*3", "allowed: 1.1 to 2 times a day"),
        ("2026-12-01=200*0.5", "allowed: 1.1 to 2 times a day"),
    ],
)
def test_what_is_no_plan_is_refused_with_the_allowed_form(text: str, told: str) -> None:
    with pytest.raises(InvalidError, match="allowed: ") as refused:
        read_warm_up(text)
    assert told in str(refused.value)
    assert text in str(refused.value)


plans = st.builds(
    WarmUp,
    st.dates(date(2020, 1, 1), date(2100, 1, 1)),
    st.integers(1, ENDLESS - 1),
    st.sampled_from([Fraction("1.1"), Fraction("1.5"), Fraction("1.99"), Fraction(2)]),
)


@given(plans)
def test_no_day_has_fewer_than_the_day_before_or_more_than_twice_as_many(plan: WarmUp) -> None:
    limits = [limit for _, limit in plan.days()]
    assert all(before <= after <= 2 * before + 1 for before, after in pairwise(limits))
    assert plan.limit_on(plan.ends_on + timedelta(days=5000)) is None


@given(plans)
def test_a_plan_reads_back_as_it_is_written(plan: WarmUp) -> None:
    assert read_warm_up(str(plan)) == plan


def test_the_next_day_begins_at_midnight_utc() -> None:
    assert day_after(at("2026-12-01T00:00")) == at("2026-12-02T00:00")
    assert day_after(at("2026-12-31T23:59")) == at("2027-01-01T00:00")
