"""A slot's hour is the reader's, in every zone and on the two odd days of a year."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.errors import InvalidError
from service.domain.slot import Slot, check_hour, check_zone, zones
from tests.builders import at, on


@pytest.mark.parametrize(
    ("zone", "hour", "day", "due"),
    [
        ("Asia/Yerevan", "09:00", "2026-09-27", "2026-09-27T05:00"),
        ("America/Los_Angeles", "09:00", "2026-09-27", "2026-09-27T16:00"),
        ("Europe/Paris", "02:30", "2026-03-29", "2026-03-29T01:30"),  # skipped: 03:30 in summer time
        ("Europe/Paris", "02:30", "2026-10-25", "2026-10-25T00:30"),  # twice: the first
        ("Europe/Madrid", "02:30", "2026-03-29", "2026-03-29T01:30"),
        ("America/Sao_Paulo", "00:00", "2018-11-04", "2018-11-04T03:00"),  # midnight does not exist
        ("Australia/Lord_Howe", "02:15", "2026-10-04", "2026-10-03T15:45"),  # a gap of half an hour
        ("Pacific/Apia", "09:00", "2011-12-30", "2011-12-30T19:00"),  # the day does not exist: the next, same hour
    ],
)
def test_a_slot_is_due_when_its_local_clock_reaches_the_hour(zone: str, hour: str, day: str, due: str) -> None:
    assert Slot(zone, hour).due_at(on(day)) == at(due)


@given(
    st.sampled_from(sorted(zones())),
    st.dates(date(1985, 1, 1), date(2037, 12, 31)),
    st.integers(0, 23),
    st.sampled_from([0, 15, 30, 45]),
)
def test_every_day_is_due_exactly_once_and_is_found_due_at_its_moment(
    zone: str, day: date, hour: int, minute: int
) -> None:
    slot = Slot(zone, f"{hour:02}:{minute:02}")
    due = slot.due_at(day)
    assert day in slot.days_due(due)
    assert day not in slot.days_due(due - timedelta(microseconds=1))
    assert day not in slot.days_due(slot.useful_until(day))
    local = due.astimezone(ZoneInfo(zone))
    assert local.fold == 0
    assert local.date() - day <= timedelta(days=1)


@given(st.sampled_from(sorted(zones())), st.dates(date(1985, 1, 1), date(2037, 12, 31)))
def test_due_moments_follow_one_another_in_the_order_of_days(zone: str, day: date) -> None:
    slot = Slot(zone, "09:00")
    assert slot.due_at(day) <= slot.due_at(day + timedelta(days=1))


@pytest.mark.parametrize(
    ("text", "hour"), [("9", "09:00"), ("09:00", "09:00"), (" 2:30 ", "02:30"), ("0", "00:00"), ("23:59", "23:59")]
)
def test_an_hour_may_be_written_short_or_long(text: str, hour: str) -> None:
    assert check_hour(text) == hour


@pytest.mark.parametrize("text", ["24", "9:5", "noon", "", "-1", "09:60", "٩"])
def test_what_is_no_hour_is_refused(text: str) -> None:
    with pytest.raises(InvalidError, match="allowed"):
        check_hour(text)


def test_an_unknown_zone_is_refused_with_an_example() -> None:
    with pytest.raises(InvalidError, match="Asia/Yerevan"):
        check_zone("Mars/Olympus")
