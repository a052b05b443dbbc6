"""The list of fields that templates may use, written from the views themselves into `templates/README.md`."""

import ast
import inspect
import re
from collections.abc import Iterator
from types import ModuleType

from service.rendering import context, views

BEGIN = "<!-- fields: begin (written by service/rendering/reference.py) -->"
END = "<!-- fields: end -->"

_SHOWN: tuple[tuple[ModuleType, tuple[str, ...]], ...] = (
    (context, ("LetterContext", "DueView", "LanguageView")),
    (
        views,
        (
            "EventView",
            "FigureView",
            "TimelineView",
            "UnresolvedView",
            "LinkView",
            "SourceView",
            "PictureView",
            "AlertView",
            "FactView",
            "ByMailView",
            "OfferedView",
            "ChannelView",
            "Text",
            "Prose",
        ),
    ),
)
HIDDEN = frozenset({"voice"})


def reference() -> str:
    """Give the list: for each view its fields, what each holds and what it is."""
    return "\n".join(part for module, names in _SHOWN for name in names for part in _described(module, name))


def with_reference(readme: str) -> str:
    """Give the README with the list as it is now between its two marks."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{reference()}\n{END}{after}"


def schema() -> dict[str, list[dict[str, str]]]:
    """Give the same for a program: for each view its fields, with the view that a field leads to, "" for none."""
    names = {name for _, views in _SHOWN for name in views}
    return {
        name: [
            {
                "name": field,
                "holds": kind,
                "says": " ".join(told.split()),
                "view": next((word for word in re.findall(r"\w+", kind) if word in names), ""),
            }
            for field, kind, told in _fields(module, name)
        ]
        for module, views in _SHOWN
        for name in views
    }


def undocumented() -> tuple[str, ...]:
    """Name the fields that have no docstring below them."""
    return tuple(
        f"{name}.{field}"
        for module, names in _SHOWN
        for name in names
        for field, _, told in _fields(module, name)
        if not told
    )


def _described(module: ModuleType, name: str) -> Iterator[str]:
    yield f"### {name}\n"
    yield f"{inspect.getdoc(getattr(module, name))}\n"
    yield "| Field | Holds | What it is |"
    yield "|---|---|---|"
    for field, kind, told in _fields(module, name):
        cells = (f"`{field}`", f"`{kind}`", told.replace("\n", " "))
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""


def _fields(module: ModuleType, name: str) -> Iterator[tuple[str, str, str]]:
    """Give each field's name, type and the docstring below it."""
    tree = ast.parse(inspect.getsource(getattr(module, name)))
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    for place, line in enumerate(body):
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.target.id not in HIDDEN:
            below = body[place + 1] if place + 1 < len(body) else None
            told = below.value.value if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) else ""
            yield line.target.id, ast.unparse(line.annotation).strip("'"), str(told)
