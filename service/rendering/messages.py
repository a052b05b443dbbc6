"""Which messages templates and code say: for the check that every catalogue has them all.

A text is marked by how it is said: `t("…")` in a template, `language.text("…")` in code, and
`message("…")` where code keeps a message to say it later. The text must stand there itself.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, TemplateSyntaxError, nodes

OUR_CODE: Final = (Path(__file__).parent,)
_CHOOSING: Final = re.compile(r"\{\s*(\w+)\s*,\s*select\s*,")
_SUFFIXES = frozenset({".txt", ".mjml", ".html", ".xml"})


def message(text: str) -> str:
    """Give the text back: it marks a message that is said later."""
    return text


def messages_used(templates: Path, code: Iterable[Path] = OUR_CODE) -> set[str]:
    """Give every message that the templates and the Python files in `code` (folders) say.

    ValueError names the file and line of a text that is put together when it is said.
    """
    found: set[str] = set()
    for file in sorted(templates.rglob("*")):
        if file.suffix in _SUFFIXES:
            found.update(_said_in_template(file))
    for folder in code:
        for file in sorted(folder.rglob("*.py")):
            found.update(_said_in_code(file))
    return found


def places_on_pages(templates: Path, code: Path) -> dict[str, set[str]]:
    """Give every message that pages and the program say, each with the files that say it; a broken file says none."""
    found: dict[str, set[str]] = {}
    pages = [(file, templates, _said_in_template) for file in sorted((templates / "pages").rglob("*.html"))]
    for file, folder, said_in in (*pages, *((file, code, _said_in_code) for file in sorted(code.rglob("*.py")))):
        with suppress(TemplateSyntaxError, ValueError):
            for text in list(said_in(file)):
                found.setdefault(text, set()).add(file.relative_to(folder).as_posix())
    return found


def places_in_letters(pieces: Mapping[str, str]) -> dict[str, set[str]]:
    """Give every message that letters say, each with the pieces that say it; a piece that is broken says none."""
    found: dict[str, set[str]] = {}
    for name, text in pieces.items():
        if name.startswith("letters/"):
            try:
                for said in _said_in(text, name):
                    found.setdefault(said, set()).add(name)
            except (TemplateSyntaxError, ValueError):
                continue
    return found


def arguments(pattern: str) -> frozenset[str]:
    """Give the names of an ICU pattern's arguments, those within its branches too."""
    names: set[str] = set()
    _read_text(pattern, 0, names)
    return frozenset(names)


@lru_cache(maxsize=2048)
def choosing(pattern: str) -> frozenset[str]:
    """Give the names of the arguments by which an ICU pattern chooses, `{name, select, …}`."""
    return frozenset(_CHOOSING.findall(pattern))


def _said_in_template(file: Path) -> Iterator[str]:
    return _said_in(file.read_text(encoding="utf-8"), str(file))


def _said_in(source: str, file: str) -> Iterator[str]:
    for call in Environment(autoescape=True).parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "t":
            text = call.args[0] if call.args else None
            if not isinstance(text, nodes.Const) or not isinstance(text.value, str):
                raise ValueError(f"{file}:{call.lineno}: t() needs its text in quotation marks")
            yield text.value


def _said_in_code(file: Path) -> Iterator[str]:
    for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(call, ast.Call) or not call.args:
            continue
        called = call.func
        says = isinstance(called, ast.Attribute) and called.attr == "text"
        marks = isinstance(called, ast.Name) and called.id == "message"
        text = call.args[0]
        if (says or marks) and isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield text.value
        elif marks:
            raise ValueError(f"{file}:{call.lineno}: message() needs its text in quotation marks")


def _read_text(pattern: str, at: int, names: set[str]) -> int:
    """Read a text up to the brace that closes it, or the end; give the place behind it."""
    while at < len(pattern):
        if pattern[at] == "{":
            at = _read_argument(pattern, at + 1, names)
        elif pattern[at] == "}":
            return at + 1
        else:
            at += 1
    return at


def _read_argument(pattern: str, at: int, names: set[str]) -> int:
    """Read `name}`, `name, kind}` or `name, plural, one {…} other {…}`; give the place behind it."""
    start = at
    while at < len(pattern) and pattern[at] not in ",}":
        at += 1
    names.add(pattern[start:at].strip())
    while at < len(pattern) and pattern[at] != "}":
        at = _read_text(pattern, at + 1, names) if pattern[at] == "{" else at + 1
    return at + 1
