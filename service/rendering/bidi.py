"""Texts of the other direction within a sentence: each stands in isolation, so that it moves nothing around it.

Marks are written as U+2068 and U+2069 (Unicode Standard Annex 9), which HTML, mails and terminals read alike.
"""

import unicodedata
from typing import Final

_OPENS, _CLOSES = "\u2068", "\u2069"
ISOLATES: Final = frozenset((_OPENS, _CLOSES))
_LEFT: Final = frozenset({"L"})
_RIGHT: Final = frozenset({"R", "AL"})
_DIGITS: Final = frozenset({"EN", "AN"})


def isolated(text: str, direction: str) -> str:
    """Give a text as it stands within a sentence of a direction, `ltr` or `rtl`; what cannot disturb it is not marked.

    Within a sentence from right to left that is also a number with signs in it: 2020-09-27 would be turned round.
    """
    if text[:1] == _OPENS and text[-1:] == _CLOSES and text.count(_OPENS) == 1:
        return text
    if direction != "rtl":
        return f"{_OPENS}{text}{_CLOSES}" if not text.isascii() and _kinds(text) & _RIGHT else text
    kinds = _kinds(text)
    turned = kinds & _DIGITS and not kinds & _RIGHT and not text.isdecimal()
    return f"{_OPENS}{text}{_CLOSES}" if kinds & _LEFT or turned else text


def _kinds(text: str) -> frozenset[str]:
    return frozenset(map(unicodedata.bidirectional, text))
