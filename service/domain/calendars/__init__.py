"""The calendars in which an event may be recorded and return, each in a module of its own.

The engine speaks to a calendar only through `Calendar`. A day number is the proleptic Gregorian ordinal (1 is
1 January of the year 1), so that calendars meet in integers and none knows another. To add one: its module,
one line in `CALENDARS`, and its golden table in the tests.
"""

from collections.abc import Mapping

from service.domain.calendars import (
    armenian,
    chinese,
    coptic,
    ethiopic,
    gregorian,
    hebrew,
    islamic_civil,
    islamic_tabular,
    islamic_umalqura,
    islamic_umalqura_kacst,
    julian,
    korean,
    persian,
    vietnamese,
)
from service.domain.calendars.calendar import Calendar
from service.domain.errors import InvalidError

CALENDARS: Mapping[str, Calendar] = {
    "gregorian": gregorian,
    "julian": julian,
    "hebrew": hebrew,
    "islamic-umalqura": islamic_umalqura,
    "islamic-umalqura-kacst": islamic_umalqura_kacst,
    "islamic-civil": islamic_civil,
    "islamic-tabular": islamic_tabular,
    "chinese": chinese,
    "korean": korean,
    "vietnamese": vietnamese,
    "persian": persian,
    "coptic": coptic,
    "ethiopic": ethiopic,
    "armenian": armenian,
}


def calendar_named(name: str) -> Calendar:
    """Give the calendar of that name; InvalidError says which there are."""
    try:
        return CALENDARS[name]
    except KeyError:
        known = ", ".join(sorted(CALENDARS))
        raise InvalidError(f"unknown calendar {name!r} (known: {known})", "calendar") from None
