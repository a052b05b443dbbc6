"""The Umm al-Qura calendar of Saudi Arabia as it was published, 1343 to 1500 AH (1 August 1924 to 16 November 2077).

Authority: the table of the library `hijridate` 2.6, which follows what was printed, also where it was not what the
rule of its time would have given: the mastheads of about 4,000 issues of the newspaper *Umm al-Qura* (hijridate
issue 26) and the comparison tables of KFUPM. That is what people wrote on letters and stones. What KACST computed
afterwards is `islamic_umalqura_kacst.py`. Eight months before 1365 AH have 28 or 31 days in it, which no moon has
but a printed calendar may. From 1423 AH a month begins if on the 29th the conjunction precedes sunset and the moon
sets after the sun at Mecca (R. H. van Gent, *The Umm al-Qura Calendar of Saudi Arabia*).

Years after 1450 AH are provisional: they are forecasts, on which the tables of different houses differ. Beyond the
table nothing is reckoned. A month that was announced after a sighting may begin a day or two earlier or later. The
day begins at sunset.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace

from hijridate.ummalqura import HIJRI_RANGE, MONTH_STARTS

from service.domain.calendars import calendar
from service.domain.calendars.calendar import Date, Returned, Ways
from service.domain.calendars.month_table import MonthTable

SUNSET = True
LAST_CERTAIN_YEAR = 1450
_REDUCED_JULIAN_DAYS = 678_575  # hijridate counts Julian days less 2,400,000
_TABLE = MonthTable(
    "published Umm al-Qura", HIJRI_RANGE[0][0], tuple(start + _REDUCED_JULIAN_DAYS for start in MONTH_STARTS)
)

months_of = _TABLE.months_of
days_in = _TABLE.days_in
day_number = _TABLE.day_number
date_of = _TABLE.date_of


def returns_in(year: int, origin: Date, ways: Ways) -> Sequence[Returned]:
    """Give the day on which a date returns; any 30th may move. BeyondTableError if the year is not in the table."""
    found = calendar.same_day(_THIS, year, origin, ways.missing_day)
    return [replace(one, provisional=year > LAST_CERTAIN_YEAR) for one in found]


_THIS = sys.modules[__name__]
