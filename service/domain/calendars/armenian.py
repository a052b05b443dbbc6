"""The old Armenian (Haykian) calendar: a vague year of 365 days, whose year 1 began on 11 July 552 (Julian).

Authority: Dershowitz & Reingold, *Calendrical Calculations*, ch. 1 (`armenian-epoch`). Twelve months from Navasard to
Hrotits have 30 days, the 13th, Aveleats, has 5 and never more, so the year moves forward by a day in four of ours;
1476 began in July 2026. The calendar of Hovhannes Sarkavag (1084, with leap days) and that of Azaria (1616) are
others and are not offered by this name. The day is the civil one.
"""

import sys
from collections.abc import Sequence

from service.domain.calendars import calendar
from service.domain.calendars.calendar import Date, Returned, Ways
from service.domain.calendars.thirty_day_months import ThirtyDayMonths

SUNSET = False
_YEARS = ThirtyDayMonths("Haykian Armenian", epoch=201_443, leap_days=False)

months_of = _YEARS.months_of
days_in = _YEARS.days_in
day_number = _YEARS.day_number
date_of = _YEARS.date_of


def returns_in(year: int, origin: Date, ways: Ways) -> Sequence[Returned]:
    """Give the day on which a date returns; every year has every day, so none ever moves."""
    return calendar.same_day(_THIS, year, origin, ways.missing_day)


_THIS = sys.modules[__name__]
