"""The solar terms: days that were published, days that depend on the country, and the ends of the table."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars.calendar import BeyondTableError
from service.domain.errors import InvalidError
from service.domain.policies import Meridian
from service.domain.solar_terms import TERMS, day_of_term
from tests.unit.domain.calendars.laws import written

CHINA, KOREA, JAPAN, VIETNAM = Meridian.CHINA, Meridian.KOREA, Meridian.JAPAN, Meridian.VIETNAM
KNOWN = [
    (2024, "qingming", CHINA, "2024-04-04"),  # Hong Kong Observatory, as the next six
    (2025, "qingming", CHINA, "2025-04-04"),
    (2026, "qingming", CHINA, "2026-04-05"),
    (2023, "qingming", CHINA, "2023-04-05"),
    (2023, "dongzhi", CHINA, "2023-12-22"),
    (2024, "dongzhi", CHINA, "2024-12-21"),
    (2025, "lichun", CHINA, "2025-02-03"),
    (1903, "qingming", CHINA, "1903-04-06"),
    (2021, "dongzhi", CHINA, "2021-12-21"),  # 23:59
    (2021, "dongzhi", JAPAN, "2021-12-22"),
    (2021, "dongzhi", VIETNAM, "2021-12-21"),
    (2021, "lichun", JAPAN, "2021-02-03"),  # 23:59, the first on a 3rd since 1897 (NAOJ)
    (2025, "lichun", JAPAN, "2025-02-03"),
    (1984, "chunfen", JAPAN, "1984-03-20"),  # NAOJ, Reki Yoko, as the next four
    (2012, "qiufen", JAPAN, "2012-09-22"),
    (2023, "chunfen", JAPAN, "2023-03-21"),
    (2024, "qiufen", JAPAN, "2024-09-22"),
    (2026, "chunfen", JAPAN, "2026-03-20"),
    (1912, "xiaoxue", CHINA, "1912-11-23"),  # as issued, Y. T. Liu, as the next five; reckoned on the 22nd
    (1913, "qiufen", CHINA, "1913-09-24"),
    (1917, "daxue", CHINA, "1917-12-07"),
    (1927, "bailu", CHINA, "1927-09-08"),
    (1928, "xiazhi", CHINA, "1928-06-21"),
    (1979, "dahan", CHINA, "1979-01-21"),  # six seconds before midnight, printed as 0:00
    (2012, "guyu", CHINA, "2012-04-20"),
    (2012, "xiaoman", CHINA, "2012-05-20"),  # 23:16, which makes the leap month 4 in China
    (2012, "xiaoman", KOREA, "2012-05-21"),  # 0:16, which makes the leap month 3 in Korea
    (1984, "dongzhi", CHINA, "1984-12-22"),  # 0:23
    (1984, "dongzhi", VIETNAM, "1984-12-21"),  # 23:23: another month 11, another leap month
]


@pytest.mark.parametrize(("year", "term", "meridian", "expected"), KNOWN)
def test_known_days(year, term, meridian, expected):
    assert written(day_of_term(year, term, meridian).day_number) == expected


def test_there_are_24_terms_in_the_order_of_the_civil_year():
    assert len(set(TERMS)) == 24
    assert (TERMS[0], TERMS[6], TERMS[20], TERMS[23]) == ("xiaohan", "qingming", "lidong", "dongzhi")


@pytest.mark.parametrize("meridian", Meridian)
@given(year=st.integers(1900, 2100))
def test_the_terms_of_a_year_follow_one_another_by_14_to_16_days(meridian, year):
    days = [day_of_term(year, term, meridian).day_number for term in TERMS]
    assert {written(day)[:4] for day in days} == {str(year)}
    assert all(14 <= after - before <= 16 for before, after in pairwise(days))


@given(st.integers(1900, 2100))
def test_qingming_is_the_4th_5th_or_6th_of_april(year):
    assert {written(day_of_term(year, "qingming", one).day_number)[5:] for one in Meridian} <= {
        "04-04",
        "04-05",
        "04-06",
    }


@pytest.mark.parametrize(
    ("year", "term", "meridian", "provisional"),
    [
        (2051, "chunfen", CHINA, True),
        (2051, "chunfen", JAPAN, False),
        (2084, "chunfen", CHINA, True),
        (2030, "yushui", JAPAN, True),
        (1979, "dahan", CHINA, False),  # known as issued
        (2025, "qingming", CHINA, False),
    ],
)
def test_a_term_within_two_minutes_of_midnight_is_provisional(year, term, meridian, provisional):
    assert day_of_term(year, term, meridian).provisional is provisional


@pytest.mark.parametrize(("year", "nearest"), [(1899, 1900), (2101, 2100), (-500, 1900)])
def test_beyond_the_table_no_term_is_reckoned(year, nearest):
    with pytest.raises(BeyondTableError, match="known only for the years 1900 to 2100") as raised:
        day_of_term(year, "qingming", Meridian.CHINA)
    assert raised.value.nearest_year == nearest


def test_an_unknown_term_is_refused_with_the_known():
    with pytest.raises(InvalidError, match=r"unknown solar term 'lixiong' .*lidong"):
        day_of_term(2024, "lixiong", Meridian.CHINA)
