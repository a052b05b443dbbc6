"""The Coptic calendar, in the Era of the Martyrs: the year 1 began on 29 August 284 (Julian).

Authority: Dershowitz & Reingold, *Calendrical Calculations*, ch. 4; Unicode CLDR. Every fourth year (3, 7, 11, ...) has
a 6th day in the 13th month, Nasie, which puts the next new year on 12 September instead of the 11th (1900 to 2099).
The liturgical day begins in the evening before; here, as in civil use, the day is the one on which it is light.
"""

import sys
from collections.abc import Sequence

from service.domain.calendars import calendar
from service.domain.calendars.calendar import Date, Returned, Ways
from service.domain.calendars.thirty_day_months import ThirtyDayMonths

SUNSET = False
_YEARS = ThirtyDayMonths("Coptic", epoch=103_605, leap_days=True)

months_of = _YEARS.months_of
days_in = _YEARS.days_in
day_number = _YEARS.day_number
date_of = _YEARS.date_of


def returns_in(year: int, origin: Date, ways: Ways) -> Sequence[Returned]:
    """Give the day on which a date returns; only 6 Nasie ever moves."""
    return calendar.same_day(_THIS, year, origin, ways.missing_day)


_THIS = sys.modules[__name__]
