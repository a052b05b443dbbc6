"""How each language writes a day, a month, a year: CLDR's patterns, and ours where CLDR's are nobody's."""

import datetime as dt
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from babel import Locale
from babel.dates import format_date, match_skeleton

from service.rendering.icu import month_alone

# CLDR's Armenian long form ("27 սեպտեմբերի, 2020 թ.") is nobody's; these are the forms of its full dates. In Russian
# the year is written out: its abbreviation has a point, and a sentence that ends with a date would end in two.
_PATTERNS: Final[Mapping[str, Mapping[str, str]]] = {
    "hy": {"long": "y 'թ'. MMMM d", "day": "MMMM d", "month": "y 'թ'. LLLL", "year": "y 'թ'."},
    "ru": {
        "full": "EEEE, d MMMM y 'года'",
        "long": "d MMMM y 'года'",
        "day": "d MMMM",
        "month": "LLLL y 'года'",
        "year": "y 'год'",
    },
}
_SKELETONS: Final = {"day": "MMMMd", "month": "yMMMM", "year": "y"}
FORMS: Final = ("full", "long", *_SKELETONS)
# Where the first of a month is an ordinal: "1er mai"; CLDR has no field for it.
_THE_FIRST: Final = {"fr": "d'er'"}


def written(code: str, locale: str, day: dt.date, form: str) -> str:
    """Write a day: `full` (with the weekday), `long`, `day` (without the year), `month`, `year`, or a pattern of CLDR.

    Blanks that are narrow are written as ordinary firm ones: not every mail program's fonts have them.
    """
    pattern = _pattern(code, locale, form)
    if day.day == 1 and code in _THE_FIRST:
        pattern = re.sub(r"\bd\b", _THE_FIRST[code], pattern)
    if "LLLL" in pattern:
        # Not Babel's name: what a locale takes from the root it keeps there, and others find it (Babel 2.18).
        name = month_alone(day.month, locale).replace("'", "''")
        pattern = pattern.replace("LLLL", f"'{name}'")
    return format_date(day, pattern, locale=locale).replace("\u202f", "\u00a0")


def within_a_year(code: str, locale: str, first: dt.date, last: dt.date) -> str:
    """Write two days of a year, which is named once; the month too where the language puts the day at the edge."""
    pattern = _pattern(code, locale, "long")
    start, end = written(code, locale, first, "long"), written(code, locale, last, "long")
    if first.month == last.month:
        if pattern.endswith(" d"):
            return f"{start}–{last.day}"
        if pattern.startswith("d "):
            return f"{written(code, locale, first, 'd')}–{end}"
    if pattern.startswith("y"):
        return f"{start} – {written(code, locale, last, 'day')}"
    return f"{written(code, locale, first, 'day')} – {end}"


@lru_cache(maxsize=512)
def _pattern(code: str, locale: str, form: str) -> str:
    own = _PATTERNS.get(code, {}).get(form)
    if own is not None or form not in FORMS:
        return own or form
    known = Locale.parse(locale)
    if form not in _SKELETONS:
        return str(known.date_formats[form].pattern)
    skeletons = known.datetime_skeletons
    asked = _SKELETONS[form]
    near = asked if asked in skeletons else match_skeleton(asked, skeletons)
    return str(skeletons[near].pattern)
