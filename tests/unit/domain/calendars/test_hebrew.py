"""The Hebrew calendar: named hard cases of yahrzeits and anniversaries, each with its source, and laws.

The same against another program, by the ten thousand: `tests/oracles/test_hebrew.py`.
"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars import hebrew
from service.domain.calendars.calendar import Adar, Custom, Date, MissingDay, Moved, Ways
from service.domain.calendars.hebrew import Kept
from service.domain.errors import InvalidError

YEARS = st.integers(-500, 7000)
DAY_NUMBERS = st.integers(-1_373_427, 1_100_000)
CHESHVAN, KISLEV, ADAR, ADAR_II = 8, 9, 12, 13
ORIGINS = DAY_NUMBERS.map(hebrew.date_of)
COMMON, LEAP = 5783, 5784

# Which day of which year, and why. Every row equals hebcal too.
YAHRZEITS: list[tuple[str, Date, int, str, str | None]] = [
    ("hdate docs: 30 Adar I, common year: 30 Shevat", (5774, 12, 30), 5780, "2020-02-25", Kept.SHEVAT),
    ("hdate docs: 30 Adar I, leap year: itself", (5774, 12, 30), 5776, "2016-03-10", None),
    ("webtrees 2604, after chabad.org: 30 Cheshvan, first year long", (5716, 8, 30), 5780, "2019-11-28", None),
    ("the same in a short year: 1 Kislev", (5716, 8, 30), 5781, "2020-11-17", Kept.FIRST_LONG),
    ("webtrees 2604: Adar I in a common year", (5673, 12, 27), 5780, "2020-03-23", Kept.ONE_ADAR),
    ("webtrees 2604: Adar I in a leap year", (5673, 12, 27), 5782, "2022-02-28", None),
    ("webtrees 2604: Adar II in a common year", (5700, 13, 1), 5780, "2020-02-26", Kept.ONE_ADAR),
    ("webtrees 2604: Adar II in a leap year", (5700, 13, 1), 5782, "2022-03-04", None),
    ("Luah Hashanah C: 30 Cheshvan, first year short: 29th", (5776, 8, 30), 5777, "2016-11-30", Kept.FIRST_SHORT),
    ("Luah Hashanah C: 30 Kislev, first year short: 29th", (5776, 9, 30), 5781, "2020-12-15", Kept.FIRST_SHORT),
    ("Luah Hashanah C: 30 Kislev, first year long: 1 Tevet", (5778, 9, 30), 5781, "2020-12-16", Kept.FIRST_LONG),
    ("Luah Hashanah C: 30 Kislev, in a long year", (5778, 9, 30), 5779, "2018-12-08", None),
    ("29 Cheshvan never moves", (5776, 8, 29), 5777, "2016-11-30", None),
    ("1 Tishri", (5776, 7, 1), 5785, "2024-10-03", None),
]


def returns(origin: Date, year: int, ways: Ways | None = None) -> list[tuple[str, str | None]]:
    found = hebrew.returns_in(year, origin, ways or Ways())
    return [(date.fromordinal(one.day_number).isoformat(), one.reason) for one in found]


@pytest.mark.parametrize(("source", "origin", "year", "expected", "reason"), YAHRZEITS)
def test_a_yahrzeit_falls_where_its_source_says(
    source: str, origin: Date, year: int, expected: str, reason: str | None
) -> None:
    assert returns(origin, year) == [(expected, reason)]


def test_the_first_year_after_the_death_decides_and_not_the_year_in_question() -> None:
    """Two deaths on 30 Cheshvan, and the same year without one: 5781."""
    assert [hebrew.days_in(year, CHESHVAN) for year in (5777, 5780, 5781)] == [29, 30, 29]
    assert returns((5776, 8, 30), 5781) == [("2020-11-16", Kept.FIRST_SHORT)]
    assert returns((5779, 8, 30), 5781) == [("2020-11-17", Kept.FIRST_LONG)]


def test_a_short_first_year_does_not_take_the_30th_away_from_long_years() -> None:
    """As Calendrical Calculations, hebcal and Emacs have it; Luah Hashanah 5774 has the 29th in these years too."""
    assert hebrew.days_in(5777, CHESHVAN) == 29
    assert hebrew.date_of(hebrew.returns_in(5779, (5776, 8, 30), Ways())[0].day_number) == (5779, CHESHVAN, 30)
    assert returns((5776, 8, 30), 5779)[0][1] is None


@pytest.mark.parametrize(
    ("adar", "expected"),
    [
        (Adar.ADAR1, [(5784, 12, 7)]),
        (Adar.ADAR2, [(5784, 13, 7)]),
        (Adar.BOTH, [(5784, 12, 7), (5784, 13, 7)]),
    ],
)
def test_adar_of_a_common_year_returns_in_a_leap_year_as_its_custom_says(adar: Adar, expected: list[Date]) -> None:
    found = hebrew.returns_in(LEAP, (COMMON, ADAR, 7), Ways(adar=adar))
    assert [(hebrew.date_of(one.day_number), one.reason) for one in found] == [(at, Kept.TWO_ADARS) for at in expected]


@pytest.mark.parametrize("adar", Adar)
@pytest.mark.parametrize("month", [ADAR, ADAR_II])
def test_a_death_in_either_adar_of_a_leap_year_stays_in_its_own(adar: Adar, month: int) -> None:
    (found,) = hebrew.returns_in(5787, (LEAP, month, 7), Ways(adar=adar))
    assert (hebrew.date_of(found.day_number), found.reason) == ((5787, month, 7), None)


# Where the day is missing: hdate's documentation of getBirthdayOrAnniversary and Calendrical Calculations, p. 111.
ANNIVERSARIES: list[tuple[str, Date, int, str, str | None]] = [
    ("hdate docs: 30 Adar I, common year: 1 Nisan", (5774, 12, 30), 5780, "2020-03-26", Moved.NEXT),
    ("30 Cheshvan, first year short: 1 Kislev", (5776, 8, 30), 5777, "2016-12-01", Moved.NEXT),
    ("30 Kislev (shulchanaruchharav.com): 1 Tevet", (5782, 9, 30), 5784, "2023-12-13", Moved.NEXT),
    ("Adar of a common year: Adar II", (5783, 12, 7), 5784, "2024-03-17", Kept.TWO_ADARS),
    ("Adar II: the only Adar", (5784, 13, 7), 5785, "2025-03-07", Kept.ONE_ADAR),
    ("Adar I in a leap year", (5784, 12, 7), 5787, "2027-02-14", None),
]


@pytest.mark.parametrize(("source", "origin", "year", "expected", "reason"), ANNIVERSARIES)
def test_an_anniversary_falls_where_its_source_says(
    source: str, origin: Date, year: int, expected: str, reason: str | None
) -> None:
    assert returns(origin, year, Ways(custom=Custom.ANNIVERSARY)) == [(expected, reason)]


def test_an_anniversary_in_both_adars_if_the_rule_says_so() -> None:
    found = hebrew.returns_in(LEAP, (COMMON, ADAR, 7), Ways(custom=Custom.ANNIVERSARY, adar=Adar.BOTH))
    assert [hebrew.date_of(one.day_number) for one in found] == [(LEAP, ADAR, 7), (LEAP, ADAR_II, 7)]


def test_only_an_anniversary_may_be_skipped() -> None:
    skip = MissingDay.SKIP
    assert returns((5774, 12, 30), 5780, Ways(missing_day=skip, custom=Custom.ANNIVERSARY)) == []
    assert returns((5774, 12, 30), 5780, Ways(missing_day=skip)) == [("2020-02-25", Kept.SHEVAT)]


@pytest.mark.parametrize("missing_day", [MissingDay.CLIP, MissingDay.NEXT])
@pytest.mark.parametrize("custom", Custom)
def test_the_custom_says_where_a_missing_day_goes(missing_day: MissingDay, custom: Custom) -> None:
    for origin in [(5776, 8, 30), (5776, 9, 30), (5774, 12, 30)]:
        for year in range(5777, 5800):
            assert returns(origin, year, Ways(missing_day, custom=custom)) == returns(origin, year, Ways(custom=custom))


# Published new years: hebcal.com; the proclamation of 5 Iyar 5708; Maimonides' epoch.
@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("1948-05-14", (5708, 2, 5)),
        ("2023-09-16", (5784, 7, 1)),
        ("2024-02-10", (5784, 12, 1)),
        ("2024-03-11", (5784, 13, 1)),
        ("2025-09-23", (5786, 7, 1)),
        ("1900-01-01", (5660, 11, 1)),
        ("1492-08-11", (5252, 5, 9)),  # 2 August 1492 in the Julian calendar: the ninth of Av
    ],
)
def test_a_civil_day_has_its_hebrew_date(day: str, expected: Date) -> None:
    assert hebrew.date_of(date.fromisoformat(day).toordinal()) == expected


def test_the_first_day_is_the_epoch() -> None:
    assert hebrew.date_of(-1_373_427) == (1, 7, 1)
    assert hebrew.date_of(-1_373_428) == (0, 6, 29)


@pytest.mark.parametrize("no_date", [(5783, 13, 1), (5783, 12, 30), (5777, 8, 30), (5784, 14, 1), (5784, 1, 0)])
def test_a_date_that_does_not_exist_is_refused(no_date: Date) -> None:
    with pytest.raises(InvalidError):
        hebrew.day_number(*no_date)


@given(DAY_NUMBERS)
def test_every_day_number_has_one_date(number: int) -> None:
    assert hebrew.day_number(*hebrew.date_of(number)) == number


@given(YEARS)
def test_a_year_has_one_of_six_lengths_and_its_months_fill_it(year: int) -> None:
    months = hebrew.months_of(year)
    lengths = [hebrew.days_in(year, month) for month in months]
    assert {29, 30} == set(lengths)
    assert sum(lengths) == hebrew.day_number(year + 1, 7, 1) - hebrew.day_number(year, 7, 1)
    assert sum(lengths) in {353, 354, 355, 383, 384, 385}
    assert len(months) == (13 if hebrew.is_leap(year) else 12)


@given(YEARS)
def test_the_new_year_is_never_on_sunday_wednesday_or_friday(year: int) -> None:
    assert (hebrew.day_number(year, 7, 1) - 1) % 7 not in {6, 2, 4}


@given(ORIGINS, st.integers(0, 300), st.sampled_from(Adar), st.sampled_from(Custom))
def test_a_day_returns_in_the_year_that_was_asked_for(origin: Date, later: int, adar: Adar, custom: Custom) -> None:
    year = origin[0] + later
    found = hebrew.returns_in(year, origin, Ways(adar=adar, custom=custom))
    assert 1 <= len(found) <= (2 if adar is Adar.BOTH else 1)
    for one in found:
        returned, month, day = hebrew.date_of(one.day_number)
        assert returned == year
        assert (one.reason is None) <= ((month, day) == origin[1:])
    assert later or [(one.day_number, one.reason) for one in found] == [(hebrew.day_number(*origin), None)]


@given(ORIGINS, st.integers(1, 300))
def test_a_yahrzeit_is_never_later_than_the_anniversary(origin: Date, later: int) -> None:
    year = origin[0] + later
    (yahrzeit,) = hebrew.returns_in(year, origin, Ways())
    (anniversary,) = hebrew.returns_in(year, origin, Ways(custom=Custom.ANNIVERSARY))
    assert yahrzeit.day_number <= anniversary.day_number
