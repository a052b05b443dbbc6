"""Numbers of years and months in words, in the languages that ICU spells rightly; the others get digits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from service.rendering.icu import said


@dataclass(frozen=True, slots=True)
class Spelling:
    """ICU's rule sets for what is counted, and the last number that is told in words."""

    years: str
    months: str
    last: int = 999


# A language that is not here gets digits. Arabic stays out: ICU gives 3 to 10 the wrong gender before "years", spells
# 11 wrongly, and knows no cases. Hebrew counts years as feminine and months as masculine.
SPELLED: Final[Mapping[str, Spelling]] = {
    "en": Spelling("%spellout-cardinal-verbose", "%spellout-cardinal-verbose"),
    "es": Spelling("%spellout-cardinal-masculine", "%spellout-cardinal-masculine"),
    "fr": Spelling("%spellout-cardinal-masculine", "%spellout-cardinal-masculine"),
    "he": Spelling("%spellout-cardinal-feminine", "%spellout-cardinal-masculine"),
    "hy": Spelling("%spellout-cardinal", "%spellout-cardinal"),
    "ru": Spelling("%spellout-cardinal-masculine", "%spellout-cardinal-masculine"),
}


def spelled_years(number: int, code: str, locale: str) -> str | None:
    """Spell a number of years; None where digits are right."""
    known = SPELLED.get(code)
    return _spelled(number, code, locale, known.years, known.last) if known else None


def spelled_months(number: int, code: str, locale: str) -> str | None:
    """Spell a number of months; None where digits are right."""
    known = SPELLED.get(code)
    return _spelled(number, code, locale, known.months, known.last) if known else None


def _spelled(number: int, code: str, locale: str, rules: str, last: int) -> str | None:
    if not 0 <= number <= last:
        return None
    words = said(f"{{n,spellout,{rules}}}", locale, {"n": number})
    return _armenian(words) if code == "hy" else words


def _armenian(spelled: str) -> str:
    """Mend what CLDR gives: hundreds stand apart and the first without "one"; ten that ends a number is տասը."""
    spelled = re.sub(r"(?<=\S)հարյուր", " հարյուր", spelled).removeprefix("մեկ ")
    return re.sub(r"\bտասն$", "տասը", spelled)
