"""Whether it was after sunset: another library's sunsets, the date line, and the poles."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from astral import Observer
from astral.sun import sunset
from hypothesis import given
from hypothesis import strategies as st

from service.domain.dusk import after_sunset

PLACES = {
    "Asia/Yerevan": (40.18, 44.51),
    "Asia/Jerusalem": (31.78, 35.22),
    "America/New_York": (40.71, -74.01),
    "America/Anchorage": (61.22, -149.90),
    "Asia/Shanghai": (39.47, 75.99),  # Kashgar, where the sun is highest at about 15:00
    "Asia/Kolkata": (28.61, 77.21),
    "Pacific/Apia": (-13.83, -171.77),  # west in degrees, east in its clock
    "Pacific/Kiritimati": (1.87, -157.40),
    "Pacific/Auckland": (-36.85, 174.76),
    "America/Argentina/Ushuaia": (-54.80, -68.30),
}


def dark(day: str, hour: str, zone: str, place: tuple[float, float] | None = None) -> bool:
    return after_sunset(date.fromisoformat(day), time.fromisoformat(hour), zone, *(place or PLACES[zone]))


@pytest.mark.parametrize(
    ("day", "light", "after", "zone"),
    [  # the sunsets are those of @hebcal/core, another implementation
        ("2024-06-20", "20:28", "20:33", "America/New_York"),  # 20:30:39
        ("2024-12-21", "16:29", "16:34", "America/New_York"),  # 16:32:05
        ("2024-03-20", "17:49", "17:54", "Asia/Jerusalem"),  # 17:50:48
    ],
)
def test_before_and_after_sunset(day: str, light: str, after: str, zone: str) -> None:
    assert (dark(day, light, zone), dark(day, after, zone)) == (False, True)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.sampled_from(sorted(PLACES)))
def test_a_minute_before_sunset_is_light_and_a_minute_after_is_dark(day: date, zone: str) -> None:
    sets = sunset(Observer(*PLACES[zone]), day, tzinfo=ZoneInfo(zone))
    for minutes in (-1, 1):
        moment = (sets + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone))
        assert after_sunset(moment.date(), moment.time(), zone, *PLACES[zone]) is (minutes > 0)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)), st.sampled_from(sorted(PLACES)))
def test_after_midnight_it_is_still_the_civil_day(day: date, zone: str) -> None:
    assert not after_sunset(day, time(0), zone, *PLACES[zone])
    assert not after_sunset(day, time(3, 30), zone, *PLACES[zone])
    assert after_sunset(day, time(23, 59), zone, *PLACES[zone])


def test_where_the_sun_sets_after_midnight_the_whole_evening_is_before_sunset() -> None:
    reykjavik = (64.15, -21.94)  # 21 June 2024: sunset at 00:03 on the 22nd
    zone = "Atlantic/Reykjavik"
    assert not dark("2024-06-21", "23:50", zone, reykjavik)
    assert not dark("2024-06-22", "00:10", zone, reykjavik)
    assert dark("2024-12-21", "16:00", zone, reykjavik)


@pytest.mark.parametrize("day", ["2024-06-21", "2024-12-21"])  # the sun does not set, does not rise
def test_where_there_is_no_sunset_18_00_stands_for_it(day: str) -> None:
    tromso = (69.65, 18.96)
    assert [dark(day, hour, "Europe/Oslo", tromso) for hour in ("02:00", "17:59", "18:00")] == [False, False, True]


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 12, 31)),  # noqa: DTZ001  (a wall clock)
    st.floats(-90, 90),
    st.floats(-180, 180),
)
def test_there_is_an_answer_everywhere_and_no_day_grows_light_again(
    moment: datetime, latitude: float, longitude: float
) -> None:
    hours = round(longitude / 15)
    zone = f"Etc/GMT{-hours:+d}"  # in POSIX west is positive
    day, clock = moment.date(), moment.time()
    if after_sunset(day, clock, zone, latitude, longitude):
        assert after_sunset(day, time.max, zone, latitude, longitude)
