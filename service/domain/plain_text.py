"""Characters that no text of a record holds: those that end a line in a header, or are no characters at all."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from service.domain.documents import DocumentError, Finding, Place

_OF_SEVERAL_LINES = frozenset({"narrative"})
_NO_TEXT = frozenset({"Cc", "Cs", "Zl", "Zp"})  # controls (CR, LF, NUL, U+0085), half characters, U+2028, U+2029


def odd_characters(document: Any, place: Place = (), *, lines: bool = False) -> Iterator[Finding]:
    """Find the texts of a document that hold what no text may; `lines` lets every text have several lines."""
    if isinstance(document, Mapping):
        for key, value in document.items():
            yield from odd_characters(value, (*place, key), lines=lines)
    elif isinstance(document, list | tuple):
        for position, value in enumerate(document):
            yield from odd_characters(value, (*place, position), lines=lines)
    elif isinstance(document, str):
        several = lines or (bool(place) and place[0] in _OF_SEVERAL_LINES)
        allowed = "\n\t" if several else ""
        odd = next((one for one in document if one not in allowed and unicodedata.category(one) in _NO_TEXT), None)
        if odd is not None and odd in "\r\n":
            yield Finding(place, "this must be one line")
        elif odd is not None:
            yield Finding(place, f"the character U+{ord(odd):04X} cannot stand in a text")


def refuse_odd_characters(document: Any) -> None:
    """Raise DocumentError with every text of a document that holds what no text may."""
    found = tuple(odd_characters(document))
    if found:
        raise DocumentError(found)
