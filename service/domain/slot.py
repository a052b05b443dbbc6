"""A slot: all subscribers of one time zone who want their letters at one hour.

A slot is due when its local clock reaches the hour. Authority for the two odd days of a year: RFC 5545,
section 3.3.5 (a time that a spring gap skips is read with the offset before the gap, which moves it
forward by the gap; of a repeated time the first is taken).
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from service.domain.errors import InvalidError

_HOUR = re.compile(r"(?P<hour>[01]?[0-9]|2[0-3])(?::(?P<minute>[0-5][0-9]))?")


@dataclass(frozen=True, slots=True)
class Slot:
    """A time zone (IANA name) and a local hour (HH:MM)."""

    zone: str
    hour: str

    def due_at(self, day: date) -> datetime:
        """Give the instant (UTC) at which the slot is due on a local day.

        A local day that the zone left out (Samoa, 30 December 2011) is due with the next day that exists.
        """
        return _due_at(self.zone, self.hour, day)

    def day_at(self, instant: datetime) -> date:
        """Give the local day at an instant."""
        return instant.astimezone(ZoneInfo(self.zone)).date()

    def useful_until(self, day: date) -> datetime:
        """Give the instant (UTC) at which the local day of being due ends: after it, a letter comes too late.

        It is the day itself, but for an hour that a gap moved into the next one.
        """
        return _useful_until(self.zone, self.hour, day)

    def days_due(self, now: datetime) -> list[date]:
        """Give the local days whose hour has come and which are not over yet: today, or none."""
        today = self.day_at(now)
        near = (today - timedelta(days=1), today)
        return [day for day in near if self.due_at(day) <= now < self.useful_until(day)]


# Each minute asks for today's and yesterday's of every slot; the zone files are read once by a process anyway.
_REMEMBERED = 1 << 16


@lru_cache(_REMEMBERED)
def _due_at(zone: str, hour: str, day: date) -> datetime:
    return datetime.combine(day, time.fromisoformat(hour), ZoneInfo(zone)).astimezone(UTC)


@lru_cache(_REMEMBERED)
def _useful_until(zone: str, hour: str, day: date) -> datetime:
    due_on = _due_at(zone, hour, day).astimezone(ZoneInfo(zone)).date()
    return datetime.combine(due_on + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


@cache
def zones() -> frozenset[str]:
    """Give the names of all time zones; read from the zone files once."""
    return frozenset(available_timezones())


def check_zone(name: str) -> str:
    """Give the name back if it is an IANA time zone; raise InvalidError with an example if not."""
    if name not in zones():
        raise InvalidError(f"{name!r} is not a time zone (allowed: an IANA name such as Asia/Yerevan)", "zone")
    return name


def check_hour(text: str) -> str:
    """Read an hour of the day, `9` or `09:00` or `02:30`, and give it as HH:MM; else raise InvalidError."""
    match = _HOUR.fullmatch(text.strip())
    if match is None:
        raise InvalidError(f"{text!r} is not an hour (allowed: 0 to 23, or HH:MM)", "hour")
    return f"{int(match['hour']):02}:{match['minute'] or '00'}"
