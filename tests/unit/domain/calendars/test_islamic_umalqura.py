"""The Umm al-Qura calendar as it was published, against printed days and its own ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars import islamic_umalqura
from service.domain.calendars.calendar import BeyondTableError, Moved
from service.domain.errors import InvalidError
from tests.unit.domain.calendars.laws import CLIP, NEXT, SKIP, civil, dated, hold_in, hold_on, returned

FIRST, LAST = 702_574, 758_564  # 1 August 1924 and 16 November 2077

# The first days of the months of 1413 AH in the printed calendar, compared with others at the time:
# moonsighting.org.uk, "An overview of crescent moon sighting", table 1. The computed table has 11 of them a day later.
PRINTED_1413 = [
    *("1992-07-01", "1992-07-30", "1992-08-29", "1992-09-27", "1992-10-26", "1992-11-25"),
    *("1992-12-25", "1993-01-23", "1993-02-22", "1993-03-24", "1993-04-22", "1993-05-22"),
]
KNOWN = [
    ((1343, 1, 1), "1924-08-01"),  # the first day of the table; hijridate issue 26, as the next five
    ((1343, 2, 1), "1924-08-31"),
    ((1343, 8, 1), "1925-02-25"),
    ((1344, 1, 1), "1925-07-23"),
    ((1344, 7, 1), "1926-01-15"),
    ((1345, 5, 1), "1926-11-06"),
    ((1420, 9, 1), "1999-12-09"),  # the printed sheet, moonsighting.org.uk, "Saudi dating system"
    ((1434, 1, 1), "2012-11-15"),  # hijridate issue 2: the day is not also 30 Dhu al-Hijja 1433
    ((1440, 4, 25), "2019-01-01"),  # ZulNs/Calendar.js issue 2
    ((1446, 6, 6), "2024-12-07"),  # Ahmed-Raouf/ummalqura-calendar issue 1: older tables have 5 here
    ((1446, 9, 1), "2025-03-01"),  # Ramadan
    ((1500, 12, 30), "2077-11-16"),  # the last day of the table
]


@pytest.mark.parametrize(("month", "expected"), list(enumerate(PRINTED_1413, 1)))
def test_the_months_of_1413_are_those_that_were_printed(month, expected):
    assert civil(islamic_umalqura, 1413, month, 1) == expected


@pytest.mark.parametrize(("date", "expected"), KNOWN)
def test_known_days(date, expected):
    assert civil(islamic_umalqura, *date) == expected
    assert dated(islamic_umalqura, expected) == date


def test_every_day_of_the_table_has_its_date():
    """From the first day to the last, in order, none left out."""
    expected = [
        (year, month, day)
        for year in range(1343, 1501)
        for month in range(1, 13)
        for day in range(1, islamic_umalqura.days_in(year, month) + 1)
    ]
    assert [islamic_umalqura.date_of(number) for number in range(FIRST, LAST + 1)] == expected
    assert [islamic_umalqura.day_number(*date) for date in expected] == list(range(FIRST, LAST + 1))


def test_early_months_of_28_and_31_days_are_kept_as_they_were_printed():
    months = [(year, month) for year in range(1343, 1501) for month in range(1, 13)]
    odd = {one: islamic_umalqura.days_in(*one) for one in months if islamic_umalqura.days_in(*one) not in {29, 30}}
    assert odd == {
        **dict.fromkeys([(1343, 9), (1345, 8), (1348, 12), (1349, 10), (1364, 8)], 28),
        **dict.fromkeys([(1345, 5), (1348, 11), (1349, 11)], 31),
    }


def test_a_31st_returns_as_a_missing_day():
    origin = (1345, 5, 31)
    assert islamic_umalqura.days_in(1346, 5) == 29
    assert [islamic_umalqura.date_of(one.day_number) for one in islamic_umalqura.returns_in(1346, origin, CLIP)] == [
        (1346, 5, 29)
    ]
    assert [islamic_umalqura.date_of(one.day_number) for one in islamic_umalqura.returns_in(1346, origin, NEXT)] == [
        (1346, 6, 1)
    ]


@pytest.mark.parametrize(("number", "nearest"), [(FIRST - 1, 1343), (LAST + 1, 1500), (0, 1343), (1_000_000, 1500)])
def test_beyond_the_table_no_day_is_named(number, nearest):
    with pytest.raises(BeyondTableError, match="known only for the years 1343 to 1500") as raised:
        islamic_umalqura.date_of(number)
    assert raised.value.nearest_year == nearest


@pytest.mark.parametrize(("year", "nearest"), [(1342, 1343), (1501, 1500), (-1, 1343)])
def test_beyond_the_table_no_date_is_reckoned(year, nearest):
    for reckon in (
        lambda: islamic_umalqura.day_number(year, 1, 1),
        lambda: islamic_umalqura.days_in(year, 1),
        lambda: islamic_umalqura.returns_in(year, (1400, 1, 1), CLIP),
    ):
        with pytest.raises(BeyondTableError) as raised:
            reckon()
        assert raised.value.nearest_year == nearest


def test_years_after_1450_are_provisional():
    found = [one for year in range(1449, 1453) for one in islamic_umalqura.returns_in(year, (1400, 9, 1), CLIP)]
    assert [one.provisional for one in found] == [False, False, True, True]


def test_a_30th_returns_by_the_policy():
    assert islamic_umalqura.days_in(1446, 8) == 29  # Sha'ban before the Ramadan of 1 March 2025
    origin = (1445, 8, 30)
    assert returned(islamic_umalqura, 1446, origin, CLIP) == [("2025-02-28", Moved.CLIPPED)]
    assert returned(islamic_umalqura, 1446, origin, NEXT) == [("2025-03-01", Moved.NEXT)]
    assert returned(islamic_umalqura, 1446, origin, SKIP) == []


@pytest.mark.parametrize(
    "date", [(1446, 8, 30), (1446, 9, 31), (1446, 13, 1), (1446, 0, 1), (1446, 1, 0), (1500, 12, 31)]
)
def test_a_date_that_does_not_exist_is_refused_in_words(date):
    with pytest.raises(InvalidError, match="the published Umm al-Qura calendar has no"):
        islamic_umalqura.day_number(*date)


def test_the_day_begins_at_sunset():
    assert islamic_umalqura.SUNSET is True


@given(st.integers(FIRST, LAST - 1))
def test_every_day_has_one_date(number):
    hold_on(islamic_umalqura, number)


@given(st.integers(1343, 1500))
def test_months_fill_their_year(year):
    hold_in(islamic_umalqura, year)
    assert islamic_umalqura.months_of(year) == range(1, 13)
