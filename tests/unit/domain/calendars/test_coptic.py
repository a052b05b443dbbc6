"""The Coptic calendar, against known days, appendix C, convertdate and ICU."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars import coptic
from service.domain.calendars.calendar import Moved
from service.domain.errors import InvalidError
from tests.oracles.years import appendix_c, mismatches
from tests.unit.domain.calendars.laws import CLIP, NEXT, SKIP, civil, dated, hold_in, hold_on, returned

KNOWN = [
    ((1, 1, 1), "0284-08-29"),  # the Era of the Martyrs, 29 August 284 Julian, then the same in both
    ((1739, 13, 6), "2023-09-11"),  # 6 Nasie
    ((1740, 1, 1), "2023-09-12"),  # Nayrouz after a leap year
    ((1741, 1, 1), "2024-09-11"),  # Nayrouz otherwise
    ((1741, 4, 29), "2025-01-07"),  # Christmas, 29 Kiahk
    ((1740, 4, 28), "2024-01-07"),  # after a leap year 7 January is 28 Kiahk
    ((1816, 4, 28), "2100-01-07"),
    ((1817, 4, 29), "2101-01-08"),  # Gregorian 2100 has no leap day
]


@pytest.mark.parametrize(("date", "expected"), KNOWN)
def test_known_days(date, expected):
    assert civil(coptic, *date) == expected
    assert dated(coptic, expected) == date


def test_the_sample_dates_of_appendix_c():
    assert len(appendix_c("coptic")) == 16
    for number, date in appendix_c("coptic"):
        assert coptic.date_of(number) == date
        assert coptic.day_number(*date) == number


@pytest.mark.parametrize("oracle", ["convertdate-coptic", "icu-coptic"])
def test_every_day_of_1900_to_2100_is_that_of_the_oracle(oracle):
    assert mismatches(coptic, oracle) == []


def test_6_nasie_returns_by_the_policy():
    origin = (1739, 13, 6)
    assert returned(coptic, 1743, origin, SKIP) == [("2027-09-11", None)]
    assert returned(coptic, 1740, origin, CLIP) == [("2024-09-10", Moved.CLIPPED)]  # 5 Nasie
    assert returned(coptic, 1740, origin, NEXT) == [("2024-09-11", Moved.NEXT)]  # Nayrouz 1741
    assert returned(coptic, 1740, origin, SKIP) == []


def test_22_kiahk_occurs_twice_in_a_civil_year_or_not_at_all():
    years = [civil(coptic, year, 4, 22)[:4] for year in range(1730, 1760)]
    assert {years.count(str(year)) for year in range(2014, 2043)} == {0, 1, 2}


@pytest.mark.parametrize(
    "date", [(1740, 13, 6), (1739, 13, 7), (1740, 1, 31), (1740, 14, 1), (1740, 0, 1), (1740, 1, 0)]
)
def test_a_date_that_does_not_exist_is_refused_in_words(date):
    with pytest.raises(InvalidError, match="the Coptic calendar has no"):
        coptic.day_number(*date)


def test_the_day_is_the_civil_one():
    assert coptic.SUNSET is False


@given(st.integers(-1_000_000, 2_000_000))
def test_every_day_has_one_date(number):
    hold_on(coptic, number)


@given(st.integers(-3000, 5000))
def test_months_fill_their_year(year):
    hold_in(coptic, year)
    assert coptic.months_of(year) == range(1, 14)
    assert coptic.days_in(year, 13) == (6 if year % 4 == 3 else 5)
