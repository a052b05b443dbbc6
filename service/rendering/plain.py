"""Plain text: cleaned of what has no place in a line, wrapped for people who read mail without HTML."""

import re
import textwrap
import unicodedata

from service.domain.letter import Mark
from service.rendering.bidi import ISOLATES

WIDTH = 72
# What would reorder the text around it, and what XML 1.0 (section 2.2) excludes beside the control characters.
_FORBIDDEN = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff")
_MARKS_BEGIN = "RMBRz"  # as `domain.letter.Mark` does: nobody's text may be taken for one
_BEHIND_AN_ADDRESS = re.compile(r"[\w/?=&.%;+~@#-](?:" + "|".join(set(Mark) - {Mark.ADDRESS}) + ")")
_REPLACEMENT = "\ufffd"


def clean(text: str) -> str:
    """Give the text with line feeds for line ends, and what no document may contain replaced."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return without_marks("".join(map(_allowed, lines)))


def without_marks(text: str) -> str:
    """Give the text with nothing in it that could be taken for a mark: whatever makes text of text says this last."""
    return text.replace(_MARKS_BEGIN, _MARKS_BEGIN.lower())


def betrays_a_reader(text: str) -> bool:
    """Say whether a reader's own link stands behind another address, which would tell its owner that link."""
    return bool(_BEHIND_AN_ADDRESS.search(text))


def one_line(text: str) -> str:
    """Give the text cleaned and as one line, whatever line ends it has."""
    return " ".join(clean(" ".join(text.split())).split())


def subject_line(text: str) -> str:
    """Give a subject as one line: what runs the other way in it was isolated by us, and stays so."""
    line = " ".join(text.split())
    return " ".join("".join(one if one in ISOLATES else _allowed(one) for one in line).split())


def shorten(text: str, width: int) -> str:
    """Cut the text between words to at most so many characters, with an ellipsis where something is missing."""
    if len(text) <= width:
        return text
    cut = text[: max(width - 1, 1)]
    whole = cut.rsplit(" ", 1)[0] if " " in cut and not text[len(cut)].isspace() else cut
    return whole.rstrip(" ,;:–-՝") + "…"


def wrap(text: str, indent: str = "") -> str:
    """Wrap each line of the text at 72 characters; addresses stay whole, lists and quotations hang."""
    return "\n".join(_wrap_line(line, indent) for line in text.split("\n"))


def _wrap_line(line: str, indent: str) -> str:
    body = line.lstrip(" ")
    lead = line[: len(line) - len(body)]
    marker = body.split(" ", 1)[0]
    hangs = marker in {"-", ">", "–"} or (marker.endswith(".") and marker[:-1].isdecimal())
    follow = lead + ("> " if marker == ">" else " " * (len(marker) + 1) if hangs else "")
    return textwrap.fill(
        body,
        WIDTH,
        initial_indent=indent + lead,
        subsequent_indent=indent + follow,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _allowed(character: str) -> str:
    if character == "\n":
        return character
    if character in _FORBIDDEN or unicodedata.category(character) in {"Cc", "Cs"}:
        return _REPLACEMENT
    return character
