"""The Sunday of Easter, by the computus of each tradition, over `dateutil.easter`.

Western: the Gregorian computus (Inter gravissimas, 1582) from 1583 on; before it the Julian one, which East
and West had in common. When a country or a Church changed is not looked at: Protestant Germany had the
Gregorian Easter from 1776, Great Britain from 1752.

Orthodox: the Julian computus (Dionysius Exiguus; Council of Nicaea, 325), given as a Gregorian day. The
Church of Finland keeps the western day.

Armenian: the Gregorian computus since 1924, because the encyclical of Catholicos Gevorg V is of 6 November
1923, after that year's Easter; before, the Julian one. Jerusalem keeps the Julian days: `orthodox` is its
tradition. Not reckoned here are the "crooked Easters" (tsrazatik), four in 532 years: when the Julian Easter is
on 6 April and its full moon on the 5th, the old Armenian cycle has Easter a week later, so in 1634, 1729 and
1824 (Ormanian, Azgapatum, 1361), and in Jerusalem next in 2071.
"""

from dateutil.easter import EASTER_JULIAN, EASTER_WESTERN, easter

from service.domain.calendars import julian
from service.domain.calendars.calendar import BeyondTableError
from service.domain.policies import Tradition

FIRST_YEAR, LAST_YEAR = 326, 4099  # after Nicaea; to where the lunar equation of dateutil's method is known to hold
ARMENIAN_REFORM = 1924
_GREGORIAN_SINCE = {Tradition.WESTERN: 1583, Tradition.ARMENIAN: ARMENIAN_REFORM, Tradition.ORTHODOX: LAST_YEAR + 1}


def easter_of(year: int, tradition: Tradition) -> int:
    """Give the day number of Easter in a year; raise BeyondTableError before 326 and after 4099."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        nearest = FIRST_YEAR if year < FIRST_YEAR else LAST_YEAR
        raise BeyondTableError(f"Easter is reckoned from {FIRST_YEAR} to {LAST_YEAR}, not in {year}", nearest)
    if year >= _GREGORIAN_SINCE[tradition]:
        return easter(year, EASTER_WESTERN).toordinal()
    old_style = easter(year, EASTER_JULIAN)  # month and day are Julian, whatever the type says
    return julian.day_number(year, old_style.month, old_style.day)
