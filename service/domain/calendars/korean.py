"""The Korean calendar, lunar years 1899 to 2100 (10 February 1899 to 28 January 2101).

Authority: the tables of the Korea Astronomy and Space Science Institute (KASI), which reach to the end of 2050, as
the library korean-lunar-calendar has them: no month of 1899 to 2050 differs. They are the rule of GB/T 33661-2017 at
midnight of Korea's legal time: UTC+9 from 1912, +8:30 from 21 March 1954 to 9 August 1961, +9 since. Up to 1911 they
are the Chinese months, also from April 1908, when clocks were set to +8:30 (months of 30 April 1908 and 20 December
1911, which legal time would begin a day later).

What begins after 2050 follows the same rule, and is provisional until KASI issues it.
"""

from datetime import date

from service.domain.calendars.lunisolar import lunisolar
from service.domain.calendars.tables.korean_months import FIRST_DAY, FIRST_YEAR, UNCERTAIN, YEARS

SUNSET = False
LAST_CERTAIN_YEAR = 2050
_PROVISIONAL_FROM = date(LAST_CERTAIN_YEAR + 1, 1, 1).toordinal()
_TABLE = lunisolar("Korean", (FIRST_YEAR, FIRST_DAY), YEARS, UNCERTAIN, _PROVISIONAL_FROM)

months_of = _TABLE.months_of
days_in = _TABLE.days_in
day_number = _TABLE.day_number
date_of = _TABLE.date_of
returns_in = _TABLE.returns_in
