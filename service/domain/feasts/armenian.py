"""The five tabernacle feasts of the Armenian Apostolic Church, the Merelots after each, and Vardanants.

Theophany is on 6 January; Easter moves, and Transfiguration with it, 98 days later; Assumption is the Sunday
nearest 15 August (12 to 18), Exaltation the one nearest 14 September (11 to 17). Merelots, the remembrance of
the dead, is the day after each of the five: so 7 January on whatever weekday, and four Mondays. Vardanants is
the Thursday 52 days before Easter. No requiem is held on the five feasts themselves.

Authority: the Tonatsuyts of Simeon Yerevantsi (1774) as printed today; armenianchurch.org. The locked tables of
armenian-lectionary 2.1.0 have the same days in every year from 2001 to 2027. Before 1924 the dates are Julian,
as Easter is (see `easter.py`); Jerusalem keeps them so and is not meant here.
"""

from collections.abc import Callable, Mapping
from functools import partial

from service.domain.calendars import gregorian, julian
from service.domain.calendars.calendar import Returned
from service.domain.feasts.easter import ARMENIAN_REFORM, easter_of
from service.domain.feasts.feast import Feast
from service.domain.policies import Near, Tradition, WeekdayName
from service.domain.weekdays import near

_DayOf = Callable[[int], int]  # from a year to a day number


def _fixed(month: int, day: int, year: int) -> int:
    day_number = gregorian.day_number if year >= ARMENIAN_REFORM else julian.day_number
    return day_number(year, month, day)


def _sunday(month: int, day: int, year: int) -> int:
    return near(_fixed(month, day, year), WeekdayName.SU.number, Near.NEAREST)


def _after_easter(days: int, year: int) -> int:
    return easter_of(year, Tradition.ARMENIAN) + days


def _feast(day_of: _DayOf, later: int = 0) -> Feast:
    return Feast(days=lambda year: (Returned(day_of(year) + later),))


_TABERNACLE_FEASTS: Mapping[str, _DayOf] = {
    "armenian-theophany": partial(_fixed, 1, 6),
    "armenian-easter": partial(_after_easter, 0),
    "armenian-transfiguration": partial(_after_easter, 98),
    "armenian-assumption": partial(_sunday, 8, 15),
    "armenian-exaltation": partial(_sunday, 9, 14),
}

FEASTS: Mapping[str, Feast] = {
    "armenian-vardanants": _feast(partial(_after_easter, -52)),
    **{name: _feast(day_of) for name, day_of in _TABERNACLE_FEASTS.items()},
    **{f"{name}-merelots": _feast(day_of, later=1) for name, day_of in _TABERNACLE_FEASTS.items()},
}
