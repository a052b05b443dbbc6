"""The Chinese calendar as it was issued, lunar years 1899 to 2100 (10 February 1899 to 28 January 2101).

Authority: GB/T 33661-2017 at midnight of UTC+8, reckoned by `tests/oracles/east_asian_tables.py`. Three new moons are
as the calendars of their time had them, which were reckoned for Beijing (+7:45:40, before 1929): 17 November 1914,
3 February 1916 (a New Year) and 10 November 1920, each a day before the rule at UTC+8. With these the table is that
of the Purple Mountain Observatory (*New Edition of Wannianli*; Y. T. Liu, *Calendar Calculation*), before 1912 that
of the Qing court.

Three months to come begin so near to midnight that nobody can yet tell the day: 29 September 2057, 4 September 2089
and 8 August 2097. What falls in them is provisional, and so is a 30th of the month before.
"""

from service.domain.calendars.lunisolar import lunisolar
from service.domain.calendars.tables.chinese_months import FIRST_DAY, FIRST_YEAR, UNCERTAIN, YEARS

SUNSET = False
_NEVER = 10**9  # the rule is a standard and does not end
_TABLE = lunisolar("Chinese", (FIRST_YEAR, FIRST_DAY), YEARS, UNCERTAIN, _NEVER)

months_of = _TABLE.months_of
days_in = _TABLE.days_in
day_number = _TABLE.day_number
date_of = _TABLE.date_of
returns_in = _TABLE.returns_in
