"""The tabular Islamic calendar with the astronomers' epoch, Thursday 15 July 622 (Julian): `islamic-tbla` of CLDR.

Authority: the cycle in `thirty_year_cycle.py`; Unicode CLDR for the epoch, which is that of medieval astronomers.
Every date is a day before that of the civil reckoning. It does not follow the moon that people see either. The day
begins at sunset.
"""

import sys
from collections.abc import Sequence

from service.domain.calendars import calendar
from service.domain.calendars.calendar import Date, Returned, Ways
from service.domain.calendars.thirty_year_cycle import ThirtyYearCycle

SUNSET = True
_CYCLE = ThirtyYearCycle("tabular Islamic", epoch=227_014)

months_of = _CYCLE.months_of
days_in = _CYCLE.days_in
day_number = _CYCLE.day_number
date_of = _CYCLE.date_of


def returns_in(year: int, origin: Date, ways: Ways) -> Sequence[Returned]:
    """Give the day on which a date returns; only 30 Dhu al-Hijja ever moves."""
    return calendar.same_day(_THIS, year, origin, ways.missing_day)


_THIS = sys.modules[__name__]
