"""What the names of a template stand for, read from the types of `rendering/context.py`: texts, views, lists."""

import types
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from jinja2 import nodes
from markupsafe import Markup

from service.rendering.context import LetterContext
from service.rendering.reference import HIDDEN


@dataclass(frozen=True, slots=True)
class Simple:
    """A text, a number, a yes or no."""

    called: str


@dataclass(frozen=True, slots=True)
class View:
    """One of our views, with fields."""

    of: type


@dataclass(frozen=True, slots=True)
class Many:
    """A list."""

    item: "Shape"


@dataclass(frozen=True, slots=True)
class Maybe:
    """What may be missing in some letters."""

    shape: "Shape"


@dataclass(frozen=True, slots=True)
class Unset:
    """A name that is set only under a condition, by that line."""

    shape: "Shape"
    line: int


@dataclass(frozen=True, slots=True, eq=False)
class Macro:
    """A macro of a template; `seen` are the names that it sees beside its own, by place of definition."""

    template: str
    node: nodes.Macro
    seen: Mapping[str, "Shape"]


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """An imported template: its macros and what it sets."""

    template: str
    names: Mapping[str, "Shape"]


@dataclass(frozen=True, slots=True)
class Special:
    """What only templates have: `t`, `loop`, `self`, `super`, `caller`."""

    called: str


Shape = Simple | View | Many | Maybe | Unset | Macro | Module | Special

TEXT, NUMBER, YES, ANY = Simple("a text"), Simple("a number"), Simple("a yes or no"), Simple("anything")
_SIMPLE = {str: TEXT, Markup: TEXT, int: NUMBER, bool: YES}
_LOOP: Mapping[str, Shape] = {
    **dict.fromkeys(("index", "index0", "revindex", "revindex0", "length", "depth", "depth0"), NUMBER),
    **dict.fromkeys(("first", "last"), YES),
    **dict.fromkeys(("previtem", "nextitem", "cycle", "changed"), ANY),
}


@cache
def letter_names() -> Mapping[str, Shape]:
    """Give what every letter's template sees."""
    seen = {name: shape for name, shape in fields_of(LetterContext).items() if name not in HIDDEN}
    return {**seen, "detail": TEXT, "t": Special("t")}


@cache
def fields_of(view: type) -> Mapping[str, Shape]:
    """Give the fields of a view."""
    hints = get_type_hints(view)
    return {field.name: _shape(hints[field.name]) for field in fields(view)}


def attributes(shape: Shape) -> Mapping[str, Shape] | None:
    """Give what can be reached in a shape by a dot; None if that is not known."""
    match shape:
        case View(view):
            return fields_of(view)
        case Module(_, names):
            return names
        case Special("loop"):
            return _LOOP
        case Special("self") | Simple("anything"):
            return None
    return {}


def says_itself(shape: Shape) -> bool:
    """Say whether `{{ … }}` of it is a text: a view with words of its own is, others are not."""
    if isinstance(shape, View):
        return "__str__" in vars(shape.of)
    return isinstance(shape, Simple) and shape is not YES


def named(shape: Shape) -> str:
    """Name a shape, for a sentence."""
    match shape:
        case Simple(called):
            said = called
        case View(view):
            said = f"{_article(view.__name__)} {view.__name__}"
        case Many(item):
            said = f"a list ({named(item)} each)"
        case Macro(_, node, _):
            said = f"the macro {node.name}"
        case Special(called):
            said = f"`{called}`"
        case Maybe(inner) | Unset(inner, _):
            said = named(inner)
        case Module():
            said = "an imported template"
    return said


def joined(one: Shape, other: Shape) -> Shape:
    """Give what a name stands for that is one thing or another."""
    if one == other:
        return one
    if isinstance(one, Maybe) or isinstance(other, Maybe):
        inner = joined(*(shape.shape if isinstance(shape, Maybe) else shape for shape in (one, other)))
        return Maybe(inner)
    return ANY


def _shape(hint: Any) -> Shape:
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    origin, inside = get_origin(hint), get_args(hint)
    if origin is tuple:
        return Many(_shape(inside[0]))
    if origin in {Union, types.UnionType}:
        (one,) = (part for part in inside if part is not type(None))
        return Maybe(_shape(one))
    return View(hint) if isinstance(hint, type) else ANY


def _article(name: str) -> str:
    return "an" if name[0] in "AEIOU" else "a"
