"""ICU messages: texts with names in braces, plurals and choices, filled in for a locale."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

from icu4py.messageformat import MessageFormat

from service.rendering.messages import arguments

_SOFT_HYPHEN = "\u00ad"
_IN_WORDS = {
    "U_UNMATCHED_BRACES": "a brace is not closed",
    "U_PATTERN_SYNTAX_ERROR": "what stands in its braces is not complete (a plural or a choice ends with other {…})",
    "U_ILLEGAL_ARGUMENT_ERROR": "what stands behind the comma in its braces is not known (known: plural, select)",
    "U_DEFAULT_KEYWORD_MISSING": "a plural or a choice needs other {…}",
}


def said(pattern: str, locale: str, values: Mapping[str, object]) -> str:
    """Fill in a message; raise LookupError if a value is missing, ValueError if ICU cannot read it."""
    if missing := _arguments(pattern) - values.keys():  # ICU would print their names, in silence
        raise LookupError(f"the text {pattern!r} needs {', '.join(sorted(missing))}")
    given: dict[str, int | float | str | Decimal | dt.date | dt.datetime] = {
        name: value if isinstance(value, int) else str(value) for name, value in values.items()
    }
    return _compiled(pattern, locale).format(given).replace(_SOFT_HYPHEN, "")


@lru_cache(maxsize=512)
def month_alone(month: int, locale: str) -> str:
    """Name a month of the Gregorian calendar as it stands without a day; Russian has another form for that."""
    middle = dt.date(2000, month, 15)  # so that no time zone makes it another month
    return _compiled("{day,date,::LLLL}", f"{locale}@calendar=gregorian").format({"day": middle})


@lru_cache(maxsize=2048)
def _arguments(pattern: str) -> frozenset[str]:
    return arguments(pattern)


@lru_cache(maxsize=2048)
def _compiled(pattern: str, locale: str) -> MessageFormat:
    return MessageFormat(pattern, locale)


def unreadable(pattern: str, locale: str = "en_GB") -> str:
    """Say why ICU cannot read a message, "" if it can."""
    try:
        _compiled(pattern, locale)
    except (ValueError, RuntimeError) as error:
        code = str(error).rsplit(" ", 1)[-1]
        return _IN_WORDS.get(code, f"it is not an ICU message ({code})")
    return ""
