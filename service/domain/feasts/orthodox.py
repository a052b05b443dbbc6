"""The days on which the Orthodox Church remembers all its dead, in Churches that keep the Julian Easter.

Meatfare Saturday, the second to fourth Saturdays of Lent, Radonitsa (the Tuesday after Thomas Sunday) and
Trinity Saturday stand at fixed distances from Easter (Triodion, Pentecostarion). Demetrius Saturday is the
last one before 26 October of the Julian calendar, never that day itself: 8 November until 28 February 2100, then 9.
In Moscow's usage it is a week earlier when it would meet the Kazan icon (22 October Julian): 28 October in
2023; the Serbian Church does not move it.

A greater feast on one of the other Saturdays may displace the service (the Meeting of the Lord on Meatfare
Saturday in 2042): typika and parishes differ, so that is not reckoned. No memorial is served from Lazarus
Saturday (Greek usage) or Holy Thursday (Slavic) through Thomas Sunday.
"""

from collections.abc import Mapping, Sequence

from service.domain.calendars import julian
from service.domain.calendars.calendar import Returned
from service.domain.feasts.easter import easter_of
from service.domain.feasts.feast import Feast
from service.domain.policies import Near, Tradition, WeekdayName
from service.domain.weekdays import near

_DAYS_AFTER_EASTER = {
    "orthodox-meatfare-saturday": -57,
    "orthodox-second-lenten-saturday": -36,
    "orthodox-third-lenten-saturday": -29,
    "orthodox-fourth-lenten-saturday": -22,
    "orthodox-radonitsa": 9,
    "orthodox-trinity-saturday": 48,
}


def _after_easter(days: int) -> Feast:
    return Feast(days=lambda year: (Returned(easter_of(year, Tradition.ORTHODOX) + days),))


def _demetrius_saturday(year: int) -> Sequence[Returned]:
    demetrius = julian.day_number(year, 10, 26)
    return (Returned(near(demetrius, WeekdayName.SA.number, Near.BEFORE)),)


def _demetrius_saturday_of_moscow(year: int) -> Sequence[Returned]:
    (saturday,) = _demetrius_saturday(year)
    kazan = julian.day_number(year, 10, 22)
    return (Returned(saturday.day_number - 7),) if saturday.day_number == kazan else (saturday,)


FEASTS: Mapping[str, Feast] = {
    **{name: _after_easter(days) for name, days in _DAYS_AFTER_EASTER.items()},
    "orthodox-demetrius-saturday": Feast(days=_demetrius_saturday),
    "orthodox-demetrius-saturday-moscow": Feast(days=_demetrius_saturday_of_moscow),
}
