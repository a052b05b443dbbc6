"""The Ethiopian calendar, in the Era of the Incarnation (Amete Mihret): the year 1 began on 29 August 8 (Julian).

Authority: Dershowitz & Reingold, *Calendrical Calculations*, ch. 4; Unicode CLDR (`ethiopic`). The months are the
Coptic ones; every fourth year (3, 7, 11, ... the year of Luke) has a 6th day in the 13th month, Pagume. The Era of the
World (Amete Alem) is 5500 years ahead and is not offered. Hours are counted from dawn; the day is the civil one.
"""

import sys
from collections.abc import Sequence

from service.domain.calendars import calendar
from service.domain.calendars.calendar import Date, Returned, Ways
from service.domain.calendars.thirty_day_months import ThirtyDayMonths

SUNSET = False
_YEARS = ThirtyDayMonths("Ethiopian", epoch=2_796, leap_days=True)

months_of = _YEARS.months_of
days_in = _YEARS.days_in
day_number = _YEARS.day_number
date_of = _YEARS.date_of


def returns_in(year: int, origin: Date, ways: Ways) -> Sequence[Returned]:
    """Give the day on which a date returns; only 6 Pagume ever moves."""
    return calendar.same_day(_THIS, year, origin, ways.missing_day)


_THIS = sys.modules[__name__]
