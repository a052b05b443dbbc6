"""Three lunisolar calendars and the solar terms against five libraries, whose answers are in the files beside.

`east_asian_libraries.py` says how they were obtained. Each known difference stands here with the authority we follow.
"""

from typing import NamedTuple

import pytest

from service.domain.calendars import chinese, gregorian, korean, vietnamese
from service.domain.calendars.calendar import Calendar
from service.domain.policies import Meridian
from service.domain.solar_terms import TERMS, day_of_term
from tests.oracles.years import rows

CLOSE = {
    # One or two minutes before midnight: Y. T. Liu (DE431) has 4 September 23:57:36. Provisional.
    "borax": ["2089-08 on 2089-09-05 for 2089-09-04"],
    # Before midnight by the older forecast of the Earth's turning (Liu: 23:59:41), after it by the newer, which borax
    # and Swiss Ephemeris follow. Provisional.
    "lunar_python": ["2097-07 on 2097-08-07 for 2097-08-08"],
    # A minute and half a minute from midnight; lunar-vn has a short series for the Moon. Swiss Ephemeris has our days.
    # Provisional.
    "lunar-vn": ["2072-11 on 2072-12-10 for 2072-12-09", "2085-09 on 2085-10-18 for 2085-10-19"],
    "korean_lunar_calendar": [],
}


TERMS_OF_OTHERS = [  # theirs, ours, and whether ours is provisional
    ("xiaoxue 1912-11-22 for 1912-11-23", False),  # six days as issued in China, Y. T. Liu
    ("qiufen 1913-09-23 for 1913-09-24", False),
    ("daxue 1917-12-08 for 1917-12-07", False),
    ("bailu 1927-09-09 for 1927-09-08", False),
    ("xiazhi 1928-06-22 for 1928-06-21", False),
    ("dahan 1979-01-20 for 1979-01-21", False),
    ("chunfen 2084-03-19 for 2084-03-20", True),  # a minute about midnight, by the forecast of the Earth's turning
]


class Start(NamedTuple):
    """The first day of a month, as a library has it."""

    year: int
    month: int
    day_number: int


def months(oracle: str) -> list[Start]:
    found = []
    for row in rows(oracle):
        year, start, leap, *lengths = map(int, row)
        names = [month for number in range(1, 13) for month in ((number, -number) if number == leap else (number,))]
        for month, length in zip(names, lengths, strict=False):
            found.append(Start(year, month, start))
            start += length
    return found


def written(number: int) -> str:
    year, month, day = gregorian.date_of(number)
    return f"{year}-{month:02}-{day:02}"


def differences(calendar: Calendar, theirs: list[Start]) -> list[str]:
    found = []
    for year, month, start in theirs:
        ours = calendar.day_number(year, month, 1) if month in calendar.months_of(year) else 0
        if ours != start:
            name = f"{year}-{month:02}" if month > 0 else f"{year}-{-month:02}L"
            found.append(f"{name} on {written(start)} for {written(ours) if ours else 'none'}")
    return found


@pytest.mark.parametrize(
    ("calendar", "oracle", "first", "last", "count"),
    [
        (chinese, "borax", 1900, 2100, 2486),
        (chinese, "lunar_python", 1899, 2100, 2498),
        (korean, "korean_lunar_calendar", 1899, 2050, 1878),
        (vietnamese, "lunar-vn", 1968, 2100, 1644),
    ],
)
def test_every_month_of_a_library_is_ours_but_for_the_known(calendar, oracle, first, last, count):
    theirs = [one for one in months(oracle) if first <= one.year <= last]
    assert (theirs[0].year, theirs[-1].year, len(theirs)) == (first, last, count)
    assert differences(calendar, theirs) == CLOSE[oracle]


def test_before_1968_vietnam_had_the_chinese_months_which_lunar_vn_does_not_know():
    """It reckons at UTC+7 throughout, and so has a leap month 8 instead of 7 in 1938."""
    early = [one for one in months("lunar-vn") if one.year < 1968]
    found = differences(vietnamese, early)
    assert len(found) == 28
    assert "1938-08L on 1938-09-24 for none" in found
    assert differences(vietnamese, [one for one in months("borax") if one.year < 1968]) == []


def test_korea_had_the_chinese_months_until_1911():
    assert differences(korean, [one for one in months("borax") if one.year < 1912]) == []


def test_the_terms_of_china_are_those_of_lunar_python_but_for_the_known():
    found = []
    for row in rows("lunar_python-terms"):
        year, *days = map(int, row)
        for place, (term, day) in enumerate(zip(TERMS, days, strict=True)):
            theirs = gregorian.day_number(year, place // 2 + 1, day)
            ours = day_of_term(year, term, Meridian.CHINA)
            if ours.day_number != theirs:
                found.append((f"{term} {written(theirs)} for {written(ours.day_number)}", ours.provisional))
    assert found == TERMS_OF_OTHERS


def test_the_equinoxes_of_japan_are_its_holidays():
    """All from the law of 1948 to 2050, those to come as astronomers expect them."""
    theirs = [tuple(map(int, row)) for row in rows("holidays-equinoxes")]
    assert (theirs[0][0], theirs[-1][0]) == (1949, 2050)
    for year, march, september in theirs:
        spring, autumn = (day_of_term(year, term, Meridian.JAPAN).day_number for term in ("chunfen", "qiufen"))
        assert (written(spring), written(autumn)) == (f"{year}-03-{march}", f"{year}-09-{september}")
