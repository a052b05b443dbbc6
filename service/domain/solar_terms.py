"""The 24 solar terms, 1900 to 2100: the day in which the Sun reaches a multiple of 15 degrees, at a country's midnight.

Authority: GB/T 33661-2017 for names and longitudes (qingming is 15 degrees, dongzhi 270); the instants are reckoned
by `tests/oracles/east_asian_tables.py`. In China the day is that of the calendar as issued: in 1912 to 2050 it leaves
the reckoning at UTC+8 six times (Y. T. Liu, *Calendar Calculation*, table of discrepancies; before 1929 calendars
were reckoned for Beijing). Japan is UTC+9. Korea and Vietnam have their legal time as their months have it, see
`calendars/korean.py` and `calendars/vietnamese.py`, and before 1912 and 1968 that of China.

A term within two minutes of midnight is provisional: the Sun is that slow, and so little is the Earth's turning known.
"""

from datetime import date
from itertools import accumulate

from service.domain.calendars.calendar import BeyondTableError, Returned
from service.domain.calendars.tables.term_minutes import BEFORE, FIRST_YEAR, GAPS
from service.domain.errors import InvalidError
from service.domain.policies import Meridian

TERMS = (
    *("xiaohan", "dahan", "lichun", "yushui", "jingzhe", "chunfen"),
    *("qingming", "guyu", "lixia", "xiaoman", "mangzhong", "xiazhi"),
    *("xiaoshu", "dashu", "liqiu", "chushu", "bailu", "qiufen"),
    *("hanlu", "shuangjiang", "lidong", "xiaoxue", "daxue", "dongzhi"),
)
LAST_YEAR = FIRST_YEAR + len(GAPS) - 1
_DAY = 24 * 60  # in minutes
_NEAR = 2  # minutes
_LEAST_GAP = 20_000  # minutes, which the table leaves out
_PLACES = {term: place for place, term in enumerate(TERMS)}
_MINUTES = tuple(
    accumulate(
        (int(line[at : at + 3], 16) + _LEAST_GAP for line in GAPS for at in range(0, 3 * len(TERMS), 3)), initial=BEFORE
    )
)[1:]
_ISSUED = {
    (1912, "xiaoxue"): date(1912, 11, 23).toordinal(),  # 22 November 23:48
    (1913, "qiufen"): date(1913, 9, 24).toordinal(),  # 23 September 23:53
    (1917, "daxue"): date(1917, 12, 7).toordinal(),  # 8 December 0:01
    (1927, "bailu"): date(1927, 9, 8).toordinal(),  # 9 September 0:05
    (1928, "xiazhi"): date(1928, 6, 21).toordinal(),  # 22 June 0:06
    (1979, "dahan"): date(1979, 1, 21).toordinal(),  # 20 January 23:59:54
}
_OFFSETS = {  # minutes from universal time, and the first day of them, latest first
    Meridian.CHINA: ((0, 480),),
    Meridian.JAPAN: ((0, 540),),
    Meridian.KOREA: (
        (date(1961, 8, 10).toordinal(), 540),
        (date(1954, 3, 21).toordinal(), 510),
        (date(1912, 1, 1).toordinal(), 540),
        (0, 480),
    ),
    Meridian.VIETNAM: ((date(1968, 1, 1).toordinal(), 420), (0, 480)),
}


def day_of_term(year: int, term: str, meridian: Meridian) -> Returned:
    """Give the day of a term of a civil year; raise InvalidError, BeyondTableError."""
    if term not in _PLACES:
        raise InvalidError(f"unknown solar term {term!r} (known: {', '.join(TERMS)})")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        nearest = FIRST_YEAR if year < FIRST_YEAR else LAST_YEAR
        raise BeyondTableError(f"solar terms are known only for the years {FIRST_YEAR} to {LAST_YEAR}", nearest)
    if meridian is Meridian.CHINA and (year, term) in _ISSUED:
        return Returned(_ISSUED[year, term])
    minute = _MINUTES[(year - FIRST_YEAR) * len(TERMS) + _PLACES[term]]
    offset = next(offset for since, offset in _OFFSETS[meridian] if minute // _DAY >= since)
    day, of_day = divmod(minute + offset, _DAY)
    return Returned(day, provisional=not _NEAR <= of_day < _DAY - _NEAR)
