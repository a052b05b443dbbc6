"""The Vietnamese calendar, lunar years 1899 to 2100 (10 February 1899 to 28 January 2101).

Authority: the rule of GB/T 33661-2017 at midnight of UTC+7 from 1 January 1968 (decision 121/CP of 8 August 1967, in
the North; in the whole country from 1975). Before, both parts used the Chinese months, and this table has them as
issued in China; so has Ho Ngoc Duc's table of the 20th century, but for two months (23 April 1906 for the 24th,
25 January 1925 for the 24th). The court at Hue issued calendars of its own until 1945, which may differ further.

The South kept the Chinese months until April 1975. A day recorded there differs by one in four months: the first of
1968 (Tet on 30 January, here the 29th) and of 1969 (17 and 16 February), the eleventh of 1974, the third of 1975.

Four months to come begin so near to midnight that nobody can yet tell the day: 8 May 2054, 9 December 2072,
16 November 2077 and 19 October 2085. What falls in them is provisional, and so is a 30th of the month before.
"""

from service.domain.calendars.lunisolar import lunisolar
from service.domain.calendars.tables.vietnamese_months import FIRST_DAY, FIRST_YEAR, UNCERTAIN, YEARS

SUNSET = False
_NEVER = 10**9  # the rule is law and does not end
_TABLE = lunisolar("Vietnamese", (FIRST_YEAR, FIRST_DAY), YEARS, UNCERTAIN, _NEVER)

months_of = _TABLE.months_of
days_in = _TABLE.days_in
day_number = _TABLE.day_number
date_of = _TABLE.date_of
returns_in = _TABLE.returns_in
