"""Days as they are written: ISO 8601-2 (EDTF), levels 0 and 1."""

from datetime import date

import pytest

from service.domain.edtf import Day, check_day, parse_day


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2020-09-27", Day(2020, 9, 27)),
        ("1915-04", Day(1915, 4)),
        ("1988", Day(1988)),
        ("1915-04-24~", Day(1915, 4, 24, about=True)),
        ("1915?", Day(1915, about=True)),
        ("1915-04%", Day(1915, 4, about=True)),
        ("1915-04-XX", Day(1915, 4)),
        ("1915-XX-XX", Day(1915)),
        ("1915-XX", Day(1915)),
        ("1988-23", Day(1988)),
        ("198X", Day(1980, years=10)),
        ("19XX", Day(1900, years=100)),
        ("-0043-03-15", Day(-43, 3, 15)),
        ("Y-17000", Day(-17000)),
        ("0000", Day(0)),
        ("2020-04L-08", Day(2020, -4, 8)),
    ],
)
def test_a_day_is_read_as_exactly_as_it_is_known(text: str, day: Day) -> None:
    assert parse_day(text) == day


@pytest.mark.parametrize(
    "text", ["", "1988-1-2", "24.4.1915", "1915-04-24-01", "X988", "٢٠٢٠", "1915/1916", "tomorrow"]
)
def test_what_is_no_day_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ValueError, match="allowed: YYYY-MM-DD"):
        parse_day(text)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("1915-04-24", "1915-04-24", "1915-04-24"),
        ("1915-02", "1915-02-01", "1915-02-28"),
        ("1988", "1988-01-01", "1988-12-31"),
        ("198X", "1980-01-01", "1989-12-31"),
        ("19XX", "1900-01-01", "1999-12-31"),
    ],
)
def test_what_is_not_known_has_bounds(text: str, first: str, last: str) -> None:
    day = parse_day(text)
    bounds = (day.first_possible("gregorian"), day.last_possible("gregorian"))
    assert bounds == (date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal())


def test_a_year_that_is_only_known_begins_with_its_calendar_s_first_month() -> None:
    first = date.fromordinal(parse_day("5784").first_possible("hebrew"))
    assert first == date(2023, 9, 16)  # 1 Tishri


@pytest.mark.parametrize(
    ("text", "calendar"),
    [("2021-02-29", "gregorian"), ("2021-13-01", "gregorian"), ("2021-04L-01", "chinese"), ("5783-13-01", "hebrew")],
)
def test_a_day_that_its_calendar_lacks_is_refused(text: str, calendar: str) -> None:
    with pytest.raises(ValueError, match="has no"):
        check_day(parse_day(text), calendar)
