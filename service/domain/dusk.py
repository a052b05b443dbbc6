"""Whether something happened after sunset, which in many traditions belongs to the next day (over astral)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from astral import Observer
from astral.sun import elevation, noon

_AT_SUNSET = -0.833  # the centre of the sun in degrees: half its disc and the refraction at the horizon
_WITHOUT_SUNSET = time(18)  # the hour that stands for it in a polar day or night


def after_sunset(day: date, local_time: time, zone: str, latitude: float, longitude: float) -> bool:
    """Say whether a local time of a civil day is after that day's sunset, so that the next day has begun.

    After midnight it is still the civil day that has begun with it, before sunrise too: its own sunset is
    to come. Sunset is the moment when the upper edge of the sun goes below a level horizon at sea; it is
    good to about a minute, and dusk or nightfall are later. Where the sun does not rise or does not set on
    that day (near the poles), 18:00 stands for sunset. Where it sets only after midnight, the whole
    evening is still before sunset.
    """
    observer = Observer(latitude, longitude)
    civil_noon = datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)
    # The solar noon within twelve hours of the clock's: east and west of the date line it is that of another UTC day.
    solar_day = (civil_noon + timedelta(hours=longitude / 15)).date()
    highest = noon(observer, solar_day)
    lowest = highest + timedelta(hours=12)
    sets = _elevation(observer, lowest) < _AT_SUNSET <= _elevation(observer, highest)
    if not sets:
        return local_time >= _WITHOUT_SUNSET
    moment = datetime.combine(day, local_time, ZoneInfo(zone)).astimezone(UTC)
    return moment >= lowest or (moment > highest and _elevation(observer, moment) < _AT_SUNSET)


def _elevation(observer: Observer, moment: datetime) -> float:
    return elevation(observer, moment, with_refraction=False)
