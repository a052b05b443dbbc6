"""To which day an occasion moves when its own does not suit.

Saturday and Sunday are meant by the policies that name a weekday. Working days are those of the library
`holidays` when a country is given: its public holidays with their substitute days, its own weekend (Friday and
Saturday in Israel, and as it was in the year asked for) and weekend days that are worked (China). A list of
dates has Saturday and Sunday for its weekend, and so has an empty one.

Coming years' holidays are what the law says today; those that follow a sighted moon are the library's estimate,
and some of India's are known to it from 2001 to 2035 alone. What it does not know is no holiday here.
"""

import re
import warnings
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from service.domain.policies import Near, Observed, WeekdayName
from service.domain.weekdays import near, weekday_of

if TYPE_CHECKING:
    from holidays import HolidayBase

FARTHEST_DAYS = 31  # the longest run without a working day, 1950 to 2100, in all countries of `holidays`, is 12 days

_COUNTRY = re.compile(r"(?P<country>[A-Z]{2})(-(?P<subdivision>[A-Z0-9]{1,3}))?")
_SATURDAY, _SUNDAY = WeekdayName.SA.number, WeekdayName.SU.number
_FROM_A_WEEKEND = {
    Observed.NEAREST_WEEKDAY: {_SATURDAY: -1, _SUNDAY: 1},
    Observed.NEXT_MONDAY: {_SATURDAY: 2, _SUNDAY: 1},
    Observed.PREVIOUS_FRIDAY: {_SATURDAY: -1, _SUNDAY: -2},
}
_STEPS = {Observed.NEXT_WORKING_DAY: 1, Observed.PREVIOUS_WORKING_DAY: -1}
_SUNDAYS = {
    Observed.NEAREST_SUNDAY: Near.NEAREST,
    Observed.SUNDAY_ON_OR_BEFORE: Near.ON_OR_BEFORE,
    Observed.SUNDAY_ON_OR_AFTER: Near.ON_OR_AFTER,
}


def observe(day: date, observed: Observed, holidays: str | tuple[str, ...]) -> date:
    """Give the day on which `day` is observed, at most FARTHEST_DAYS away; it may lie in another year.

    A day without a working day within that reach stays where it is, as does one that would leave the years
    1 to 9999 of `datetime.date`.
    """
    number = day.toordinal()
    moved = _moved(number, observed, holidays)
    return date.fromordinal(moved) if _is_date(moved) else day


def check_holidays(holidays: str | tuple[str, ...]) -> None:
    """Raise ValueError for an unknown country, a wrong date, or a list that leaves no working day for a month."""
    if isinstance(holidays, str):
        _of_country(holidays, 2000)
        return
    for text in holidays:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError(f"a holiday must be a date (YYYY-MM-DD), not {text!r}")
        try:
            number = date.fromisoformat(text).toordinal()
        except ValueError as wrong:
            raise ValueError(f"there is no such day as the holiday {text!r}") from wrong
        if _working_day(number, 1, holidays) is None or _working_day(number, -1, holidays) is None:
            raise ValueError(f"there is no working day within {FARTHEST_DAYS} days of the holiday {text!r}")


def _moved(number: int, observed: Observed, holidays: str | tuple[str, ...]) -> int:
    if observed in _SUNDAYS:
        return near(number, _SUNDAY, _SUNDAYS[observed])
    if observed in _STEPS:
        return _working_day(number, _STEPS[observed], holidays) or number
    return number + _FROM_A_WEEKEND.get(observed, {}).get(weekday_of(number), 0)


def _working_day(number: int, step: int, holidays: str | tuple[str, ...]) -> int | None:
    """Find the day itself or the first working one after (`step` 1) or before it (-1); None if it is too far."""
    is_working = _works_in(holidays) if isinstance(holidays, str) else _works_without(holidays)
    for candidate in range(number, number + step * (FARTHEST_DAYS + 1), step):
        if not _is_date(candidate):
            return None
        if is_working(date.fromordinal(candidate)):
            return candidate
    return None


def _is_date(number: int) -> bool:
    return 1 <= number <= date.max.toordinal()


def _works_in(country: str) -> Callable[[date], bool]:
    return lambda day: _of_country(country, day.year).is_working_day(day)


def _works_without(holidays: tuple[str, ...]) -> Callable[[date], bool]:
    return lambda day: day.weekday() < _SATURDAY and day.isoformat() not in holidays


@lru_cache(maxsize=1024)
def _of_country(code: str, year: int) -> "HolidayBase":
    """Give the holidays of one year, which nobody changes afterwards (hence no `expand`)."""
    from holidays import country_holidays  # noqa: PLC0415  (a tenth of a second, and few rules know a country)

    match = _COUNTRY.fullmatch(code)
    if match is None:
        raise ValueError(f"holidays must be dates or a country such as AM or US-CA (ISO 3166), not {code!r}")
    try:
        with warnings.catch_warnings(action="ignore"):  # of years that are not covered
            return country_holidays(match["country"], subdiv=match["subdivision"], years=year, expand=False)
    except NotImplementedError as unknown:
        raise ValueError(f"the holidays of {code!r} are not known") from unknown
