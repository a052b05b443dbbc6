"""Jewish feasts, fasts and days of remembrance, with the rules by which each keeps clear of the Shabbat.

They begin on the eve, at sunset; the minor fasts alone begin at dawn of their own day (Shulchan Aruch, Orach Chaim
564), so `sunset` is not set for them. Days that a state appointed have none before they were first kept.
Yizkor is said on the last day of each festival, which in Israel comes a day earlier.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from service.domain.calendars import gregorian, hebrew
from service.domain.calendars.calendar import Returned
from service.domain.feasts.feast import Feast
from service.domain.weekdays import weekday_of

_MONDAY, _THURSDAY, _FRIDAY, _SATURDAY, _SUNDAY = 0, 3, 4, 5, 6
_LAST_ADAR = hebrew.ADAR_II  # Adar in a common year
_YEARS_BETWEEN = 3760  # a civil year begins in the Hebrew year of this difference and ends in the next


class Postponed(StrEnum):
    """Why a feast is not kept on its own date."""

    AFTER_SHABBAT = "jewish-after-shabbat"
    BEFORE_SHABBAT = "jewish-before-shabbat"


def _never(weekday: int, year: int) -> int:  # noqa: ARG001  (every rule is asked by weekday and civil year)
    """Keep the day whatever its weekday: festivals, the Tenth of Tevet (even on a Friday), Jerusalem Day."""
    return 0


def _deferred(weekday: int, year: int) -> int:  # noqa: ARG001
    """Defer a fast from Shabbat to Sunday (Shulchan Aruch, Orach Chaim 550:3)."""
    return 1 if weekday == _SATURDAY else 0


def _brought_forward(weekday: int, year: int) -> int:  # noqa: ARG001
    """Bring the Fast of Esther forward from Shabbat to Thursday, Purim being on Sunday (Orach Chaim 686:2)."""
    return -2 if weekday == _SATURDAY else 0


def _yom_hashoah(weekday: int, year: int) -> int:
    """Move 27 Nisan off the day before and, from 1997, the day after Shabbat.

    Martyrs' and Heroes' Remembrance Day Law, 5719-1959, section 1: Friday to Thursday; its amendment of 5757
    (1997): Sunday to Monday. The Knesset named the date in 1951. The one Friday before the law, in 1954, is
    taken by the same rule, which no source at hand confirms.
    """
    if weekday == _FRIDAY:
        return -1
    return 1 if weekday == _SUNDAY and year >= 1997 else 0


def _yom_haatzmaut(weekday: int, year: int) -> int:
    """Move 5 Iyar, Independence Day, so that neither it nor the day before touches Shabbat.

    Independence Day Law, 5709-1949, section 1(b) as amended in 5711, 5714 and 5764: Friday and Saturday to Thursday;
    from 2004 Monday to Tuesday. In 1950 it was put off from Shabbat to Sunday, once.
    """
    if weekday == _SATURDAY:
        return 1 if year == 1950 else -2
    if weekday == _FRIDAY:
        return -1
    return 1 if weekday == _MONDAY and year >= 2004 else 0


def _yom_hazikaron(weekday: int, year: int) -> int:
    """Move 4 Iyar, Remembrance Day, as the day after it.

    Kept on the eve of Independence Day since 1951, by the Remembrance Day Law of 5723-1963: so Thursday
    and Friday become Wednesday, and from 2004 Sunday becomes Monday.
    """
    return _yom_haatzmaut((weekday + 1) % 7, year)


def _feast(
    month: int, day: int, moved: Callable[[int, int], int] = _never, *, since: int | None = None, sunset: bool = True
) -> Feast:
    """Give the feast of a Hebrew date, moved by its rule, from its first civil year on."""

    def days(year: int) -> Sequence[Returned]:
        if since is not None and year < since:
            return ()
        first, last = gregorian.day_number(year, 1, 1), gregorian.day_number(year, 12, 31)
        found = (_in_year(hebrew_year, month, day, moved) for hebrew_year in _hebrew_years(year))
        return tuple(one for one in found if first <= one.day_number <= last)

    return Feast(days, sunset)


def _hebrew_years(year: int) -> tuple[int, int]:
    """Give the Hebrew years that a civil year has days of."""
    return year + _YEARS_BETWEEN, year + _YEARS_BETWEEN + 1


def _in_year(hebrew_year: int, month: int, day: int, moved: Callable[[int, int], int]) -> Returned:
    """Give the day on which a Hebrew date is kept in a Hebrew year."""
    if month == _LAST_ADAR and not hebrew.is_leap(hebrew_year):
        month = hebrew.ADAR
    own = hebrew.day_number(hebrew_year, month, day)
    shift = moved(weekday_of(own), gregorian.date_of(own)[0])
    if shift == 0:
        return Returned(own)
    return Returned(own + shift, Postponed.AFTER_SHABBAT if shift > 0 else Postponed.BEFORE_SHABBAT)


FEASTS: Mapping[str, Feast] = {
    # the remembrance days of the State of Israel
    "jewish-yom-hashoah": _feast(hebrew.NISAN, 27, _yom_hashoah, since=1951),
    "jewish-yom-hazikaron": _feast(hebrew.IYAR, 4, _yom_hazikaron, since=1951),
    "jewish-yom-haatzmaut": _feast(hebrew.IYAR, 5, _yom_haatzmaut, since=1949),
    "jewish-yom-yerushalayim": _feast(hebrew.IYAR, 28, since=1968),
    # the fasts
    "jewish-tisha-bav": _feast(hebrew.AV, 9, _deferred),
    "jewish-fast-of-gedaliah": _feast(hebrew.TISHRI, 3, _deferred, sunset=False),
    "jewish-tenth-of-tevet": _feast(hebrew.TEVET, 10, sunset=False),
    "jewish-fast-of-esther": _feast(_LAST_ADAR, 13, _brought_forward, sunset=False),
    "jewish-seventeenth-of-tammuz": _feast(hebrew.TAMMUZ, 17, _deferred, sunset=False),
    # the days on which Yizkor is said
    "jewish-yizkor-yom-kippur": _feast(hebrew.TISHRI, 10),
    "jewish-yizkor-shemini-atzeret": _feast(hebrew.TISHRI, 22),
    "jewish-yizkor-pesach": _feast(hebrew.NISAN, 22),
    "jewish-yizkor-pesach-israel": _feast(hebrew.NISAN, 21),
    "jewish-yizkor-shavuot": _feast(hebrew.SIVAN, 7),
    "jewish-yizkor-shavuot-israel": _feast(hebrew.SIVAN, 6),
    # the festivals, each by its first day
    "jewish-rosh-hashanah": _feast(hebrew.TISHRI, 1),
    "jewish-yom-kippur": _feast(hebrew.TISHRI, 10),
    "jewish-sukkot": _feast(hebrew.TISHRI, 15),
    "jewish-hanukkah": _feast(hebrew.KISLEV, 25),
    "jewish-purim": _feast(_LAST_ADAR, 14),
    "jewish-pesach": _feast(hebrew.NISAN, 15),
    "jewish-shavuot": _feast(hebrew.SIVAN, 6),
}
