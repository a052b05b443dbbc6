"""What somebody wrote above what they answer: the first lines of it, without what mail programs add."""

import html
import re
from itertools import islice, takewhile

from service.mail.arrived import Arrived

_LINES_MOST = 2
_LONGEST = 300
_HTML_MOST = 8_000  # characters from its body on; what is longer begins with something else than a few words
_UNSHOWN = re.compile(r"<(style|script|title)\b.{0,4000}?</\1>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,1000}>")


def own_words(mail: Arrived) -> str:
    """Give the first two lines that are written, on one; "" if there is nothing but what is quoted."""
    plain = next(mail.of_kind("text/plain"), None)
    rich = next(mail.of_kind("text/html"), None)
    text = plain.text if plain else _shown(rich.text) if rich else ""
    lines = (line.strip() for line in text.splitlines())
    own = takewhile(lambda line: not line.startswith((">", "--")), filter(None, lines))
    return " ".join(islice(own, _LINES_MOST))[:_LONGEST]


def _shown(source: str) -> str:
    start = max(source.lower().find("<body"), 0)
    return html.unescape(_TAG.sub("\n", _UNSHOWN.sub("", source[start : start + _HTML_MOST])))
