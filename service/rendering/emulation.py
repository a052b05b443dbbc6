"""A letter's HTML as a reader by day or by night has it, whatever the screen of who looks at it is set to.

A mail program asks the screen by a media query (`prefers-color-scheme`). In a preview the question is answered in the
HTML itself: the query becomes one that always holds, or one that never does. Nothing else of the letter is touched,
so the rules for the night that are seen are the letter's own. The letter that leaves is not changed.
"""

import re
from typing import Final

_HOLDS, _NEVER = "(min-width: 0)", "(max-width: 0)"
_QUERY: Final = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_META: Final = re.compile(r"<meta\b[^>]*\bname=\"(?:supported-color-schemes|color-scheme)\"[^>]*>", re.IGNORECASE)
_CONTENT: Final = re.compile(r"\bcontent=\"[^\"]*\"", re.IGNORECASE)
_PROPERTY: Final = re.compile(r"(?<![\w-])(color-scheme\s*:\s*)[^;}\"'<]+", re.IGNORECASE)


def emulated(html: str, *, dark: bool) -> str:
    """Give a letter's HTML as it looks by night, or by day."""
    scheme = "dark" if dark else "light"
    html = _QUERY.sub(lambda asked: _HOLDS if asked[1].lower() == scheme else _NEVER, html)
    html = _PROPERTY.sub(lambda found: f"{found[1]}{scheme}", html)
    return _META.sub(lambda meta: _CONTENT.sub(f'content="{scheme}"', meta[0]), html)


def without_links_out(html: str) -> str:
    """Give the HTML with links that would open a new window, which a preview without any power is not allowed."""
    head = html.lower().find("<head")
    end = html.find(">", head) + 1 if head >= 0 else 0
    return f'{html[:end]}<base target="_blank">{html[end:]}'
