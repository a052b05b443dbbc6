"""What a template may use, for an editor's completion: fields, filters, tags, macros, elements, each with its words."""

import re
from collections.abc import Mapping
from typing import Any, Final

from service.rendering.check import elements
from service.rendering.messages import message
from service.rendering.reference import schema

FILTERS: Final = {
    "default": message('another value, where there is none: default("…")'),
    "escape": message("as HTML shows it; everything said in MJML is escaped by itself"),
    "first": message("the first of a list"),
    "join": message('a list as one text: join(", ")'),
    "last": message("the last of a list"),
    "length": message("how many, or how long"),
    "shorten": message("cut between words: shorten(40)"),
    "trim": message("without blanks at its ends"),
    "urlencode": message("as a part of an address"),
    "wrap": message('lines of 72 characters; wrap("  ") indents them'),
}
TAGS: Final = {
    "block": message("a part of the frame that this letter fills; ends with endblock"),
    "else": message("otherwise"),
    "elif": message("otherwise, if"),
    "endblock": message("ends a block"),
    "endfor": message("ends a repetition"),
    "endif": message("ends a choice"),
    "endmacro": message("ends a macro"),
    "extends": message("the frame that this letter fills, on the first line"),
    "for": message("repeats for each of a list; ends with endfor"),
    "from": message('takes macros from another piece: from "…" import …'),
    "if": message("chooses; ends with endif"),
    "import": message("takes a piece with its macros"),
    "include": message("puts another piece in here"),
    "macro": message("a part that can be said again; ends with endmacro"),
    "set": message("gives a name to a value"),
}
_MACRO: Final = re.compile(r"(?:\{#-?\s*(?P<says>[^#]*?)\s*-?#\}\s*)?\{%-?\s*macro\s+(?P<name>\w+)\((?P<takes>[^)]*)\)")


def guide(pieces: Mapping[str, str]) -> dict[str, Any]:
    """Give everything, as JSON can hold it; macros are those of the shared pieces."""
    return {
        "root": "LetterContext",
        "views": schema(),
        "also": [
            {"name": "detail", "says": "how much to tell: full, brief or list"},
            {"name": "t", "says": 'a text in the reader\'s language: t("…")'},
            {"name": "loop", "says": "in a repetition: loop.first, loop.last, loop.index"},
        ],
        "filters": [{"name": name, "says": says} for name, says in FILTERS.items()],
        "tags": [{"name": name, "says": says} for name, says in TAGS.items()],
        "elements": elements(),
        "macros": macros(pieces),
    }


def macros(pieces: Mapping[str, str]) -> list[dict[str, str]]:
    """Give the macros of the shared pieces: where each stands, what it takes, and the remark before it."""
    return [
        {"name": found["name"], "takes": found["takes"], "says": " ".join((found["says"] or "").split()), "from": name}
        for name in sorted(pieces)
        if name.startswith("letters/_")
        for found in _MACRO.finditer(pieces[name])
    ]
