"""Jewish feasts: published dates of the years in which they are postponed, each with its source, and laws."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.calendars import hebrew
from service.domain.feasts.jewish import FEASTS, Postponed

AFTER, BEFORE = Postponed.AFTER_SHABBAT, Postponed.BEFORE_SHABBAT
HASHOAH, HAZIKARON, HAATZMAUT = "jewish-yom-hashoah", "jewish-yom-hazikaron", "jewish-yom-haatzmaut"
AV_9, TEVET_10, ESTHER = "jewish-tisha-bav", "jewish-tenth-of-tevet", "jewish-fast-of-esther"
DAWN = {"jewish-fast-of-gedaliah", TEVET_10, ESTHER, "jewish-seventeenth-of-tammuz"}

DATES = [
    # the list of the United States Holocaust Memorial Museum for 2014 to 2020
    (HASHOAH, "2014-04-28", AFTER),
    (HASHOAH, "2015-04-16", None),
    (HASHOAH, "2016-05-05", None),
    (HASHOAH, "2017-04-24", AFTER),
    (HASHOAH, "2018-04-12", None),
    (HASHOAH, "2019-05-02", None),
    (HASHOAH, "2020-04-21", None),
    (HASHOAH, "1959-05-05", None),
    (HASHOAH, "1951-05-03", None),
    # the law of 1959 knew no rule for a Sunday: 18 April 1993, fifty years after the rising of the Warsaw ghetto
    (HASHOAH, "1993-04-18", None),
    (HASHOAH, "1994-04-07", BEFORE),
    (HASHOAH, "2021-04-08", BEFORE),
    # Haaretz for 2015 to 2019; hebcal's news of 2007; the law of 2004
    (HAZIKARON, "2015-04-22", BEFORE),
    (HAZIKARON, "2016-05-11", BEFORE),
    (HAZIKARON, "2017-05-01", AFTER),
    (HAZIKARON, "2018-04-18", BEFORE),
    (HAZIKARON, "2019-05-08", BEFORE),
    (HAZIKARON, "2020-04-28", None),
    (HAZIKARON, "2007-04-23", AFTER),
    (HAZIKARON, "2004-04-26", AFTER),
    (HAZIKARON, "2001-04-25", BEFORE),
    (HAZIKARON, "1951-05-09", BEFORE),
    # Wikipedia for 2011 to 2014; the law's own text for 1998; Israel Hayom for 1950
    (HAATZMAUT, "2011-05-10", AFTER),
    (HAATZMAUT, "2012-04-26", BEFORE),
    (HAATZMAUT, "2013-04-16", AFTER),
    (HAATZMAUT, "2014-05-06", AFTER),
    (HAATZMAUT, "1998-04-30", BEFORE),
    (HAATZMAUT, "1950-04-23", AFTER),
    (HAATZMAUT, "1949-05-04", None),
    # hebcal.com
    (AV_9, "2022-08-07", AFTER),
    (AV_9, "2024-08-13", None),
    ("jewish-seventeenth-of-tammuz", "2022-07-17", AFTER),
    ("jewish-fast-of-gedaliah", "2017-09-24", AFTER),
    (ESTHER, "2024-03-21", BEFORE),
    (ESTHER, "2025-03-13", None),
    ("jewish-purim", "2024-03-24", None),
    ("jewish-yizkor-pesach", "2024-04-30", None),
    ("jewish-yizkor-pesach-israel", "2024-04-29", None),
    ("jewish-yizkor-shavuot", "2024-06-13", None),
    ("jewish-yizkor-shavuot-israel", "2024-06-12", None),
    ("jewish-yizkor-shemini-atzeret", "2024-10-24", None),
    ("jewish-yizkor-yom-kippur", "2024-10-12", None),
    ("jewish-yom-yerushalayim", "2024-06-05", None),
]


def days(name: str, year: int) -> list[tuple[str, str | None]]:
    return [(date.fromordinal(one.day_number).isoformat(), one.reason) for one in FEASTS[name].days(year)]


@pytest.mark.parametrize(("name", "on", "reason"), DATES)
def test_a_feast_is_kept_on_its_published_date(name: str, on: str, reason: str | None) -> None:
    assert days(name, int(on[:4])) == [(on, reason)]


def test_the_tenth_of_tevet_falls_not_at_all_once_or_twice_in_a_civil_year_and_is_kept_on_a_friday() -> None:
    assert days(TEVET_10, 2011) == []
    assert days(TEVET_10, 2012) == [("2012-01-05", None), ("2012-12-23", None)]
    assert days(TEVET_10, 2013) == [("2013-12-13", None)]  # a Friday


@pytest.mark.parametrize(
    ("name", "first"),
    [(HASHOAH, 1951), (HAZIKARON, 1951), (HAATZMAUT, 1949), ("jewish-yom-yerushalayim", 1968)],
)
def test_what_a_state_appointed_has_no_days_before(name: str, first: int) -> None:
    assert [len(days(name, year)) for year in (first - 1, first)] == [0, 1]


def test_the_minor_fasts_alone_begin_at_dawn() -> None:
    assert {name for name, feast in FEASTS.items() if not feast.sunset} == DAWN


@given(st.integers(1, 2700))
def test_the_days_of_a_civil_year_lie_in_it(year: int) -> None:
    for name in FEASTS:
        for on, _ in days(name, year):
            assert date.fromisoformat(on).year == year


@given(st.integers(2004, 2700))
def test_no_day_of_remembrance_and_no_fast_but_that_of_atonement_touches_shabbat(year: int) -> None:
    for name in (HASHOAH, HAZIKARON, HAATZMAUT, AV_9, *DAWN):
        for one in FEASTS[name].days(year):
            assert date.fromordinal(one.day_number).weekday() != 5
    for name in (HASHOAH, HAZIKARON):
        assert date.fromordinal(FEASTS[name].days(year)[0].day_number).weekday() not in {4, 5, 6}


@given(st.integers(1951, 2700))
def test_remembrance_day_is_the_eve_of_independence_day(year: int) -> None:
    (remembrance,), (independence,) = FEASTS[HAZIKARON].days(year), FEASTS[HAATZMAUT].days(year)
    assert independence.day_number == remembrance.day_number + 1
    assert remembrance.reason == independence.reason


@given(st.integers(1, 2700))
def test_a_postponed_day_says_so(year: int) -> None:
    own = {"jewish-tisha-bav": (5, 9), ESTHER: (13, 13), "jewish-fast-of-gedaliah": (7, 3)}
    for name, (month, day) in own.items():
        (one,) = FEASTS[name].days(year)
        _, kept_month, kept_day = hebrew.date_of(one.day_number)
        assert (one.reason is None) == (kept_day == day)
        assert kept_month == month or (month == 13 and kept_month == 12)
