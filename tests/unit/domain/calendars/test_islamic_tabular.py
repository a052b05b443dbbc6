"""The tabular Islamic calendar of the astronomers, against known days and ICU."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars import islamic_civil, islamic_tabular
from service.domain.calendars.calendar import Moved
from service.domain.errors import InvalidError
from tests.oracles.years import mismatches
from tests.unit.domain.calendars.laws import CLIP, NEXT, SKIP, civil, dated, hold_in, hold_on, returned

KNOWN = [
    ((1, 1, 1), "0622-07-18"),  # the epoch, Thursday 15 July 622 Julian
    ((1300, 1, 1), "1882-11-11"),
    ((1446, 1, 1), "2024-07-07"),
]


@pytest.mark.parametrize(("date", "expected"), KNOWN)
def test_known_days(date, expected):
    assert civil(islamic_tabular, *date) == expected
    assert dated(islamic_tabular, expected) == date


def test_every_day_of_1900_to_2100_is_that_of_icu():
    assert mismatches(islamic_tabular, "icu-islamic-tbla") == []


def test_30_dhu_al_hijja_returns_by_the_policy():
    origin = (1445, 12, 30)
    assert returned(islamic_tabular, 1447, origin, SKIP) == [("2026-06-15", None)]
    assert returned(islamic_tabular, 1446, origin, CLIP) == [("2025-06-25", Moved.CLIPPED)]
    assert returned(islamic_tabular, 1446, origin, NEXT) == [("2025-06-26", Moved.NEXT)]
    assert returned(islamic_tabular, 1446, origin, SKIP) == []


@pytest.mark.parametrize("date", [(1446, 12, 30), (1446, 2, 30), (1446, 13, 1), (1446, 0, 1), (1446, 1, 0)])
def test_a_date_that_does_not_exist_is_refused_in_words(date):
    with pytest.raises(InvalidError, match="the tabular Islamic calendar has no"):
        islamic_tabular.day_number(*date)


def test_the_day_begins_at_sunset():
    assert islamic_tabular.SUNSET is True


@given(st.integers(-1_000_000, 2_000_000))
def test_every_date_is_a_day_before_the_civil_one(number):
    hold_on(islamic_tabular, number)
    assert islamic_tabular.date_of(number) == islamic_civil.date_of(number + 1)


@given(st.integers(-3000, 5000))
def test_months_fill_their_year(year):
    hold_in(islamic_tabular, year)
