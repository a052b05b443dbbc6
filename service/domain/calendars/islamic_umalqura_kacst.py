"""The Umm al-Qura calendar as KACST computed it, 1300 to 1600 AH: what computers show (ICU, browsers, Java).

Authority: the table of the King Abdulaziz City for Science and Technology as Unicode ICU and the JDK carry it, see
`islamic_umalqura_kacst_months.py`. It is reckoned in hindsight, for times before the calendar was printed too, and
differs from what was published in 740 of the 1896 months of 1343 to 1500 AH, in none of 1420 to 1450.

Years after 1450 AH are provisional: from 1451 on this table leaves the present criterion of the calendar in a third
of the months. Beyond 1300 to 1600 ICU goes over to the civil reckoning, unsaid; here nothing is reckoned.
The day begins at sunset.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

from service.domain.calendars import calendar
from service.domain.calendars.calendar import Date, Returned, Ways
from service.domain.calendars.islamic_umalqura_kacst_months import FIRST_DAY, FIRST_YEAR, LONG_MONTHS
from service.domain.calendars.month_table import MonthTable

SUNSET = True
LAST_CERTAIN_YEAR = 1450


def _lengths() -> list[int]:
    """Give the days of all months; the first month of a year is its highest bit."""
    return [29 + (year >> place & 1) for year in LONG_MONTHS for place in range(11, -1, -1)]


_TABLE = MonthTable("computed Umm al-Qura", FIRST_YEAR, tuple(accumulate(_lengths(), initial=FIRST_DAY)))

months_of = _TABLE.months_of
days_in = _TABLE.days_in
day_number = _TABLE.day_number
date_of = _TABLE.date_of


def returns_in(year: int, origin: Date, ways: Ways) -> Sequence[Returned]:
    """Give the day on which a date returns; any 30th may move. BeyondTableError if the year is not in the table."""
    found = calendar.same_day(_THIS, year, origin, ways.missing_day)
    return [replace(one, provisional=year > LAST_CERTAIN_YEAR) for one in found]


_THIS = sys.modules[__name__]
