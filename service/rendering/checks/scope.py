"""Where an expression stands: the names that it sees, and what the conditions around it have made certain."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches

from jinja2 import nodes

from service.rendering.checks.finding import Severity
from service.rendering.checks.shapes import Shape


@dataclass(frozen=True, slots=True)
class Scope:
    """The names at one place of a template, and what conditions around it have made certain, by path."""

    template: str
    names: dict[str, Shape]
    certain: Mapping[str, Shape] = field(default_factory=dict)

    def inner(self, names: Mapping[str, Shape] | None = None) -> "Scope":
        """Give a scope within this one, whose names do not leave it."""
        added = names or {}
        kept = {path: shape for path, shape in self.certain.items() if re.split(r"[.\[]", path)[0] not in added}
        return Scope(self.template, {**self.names, **added}, kept)

    def knowing(self, certain: Mapping[str, Shape]) -> "Scope":
        """Give the same with more that is certain."""
        return replace(self, certain={**self.certain, **certain})


@dataclass(frozen=True, slots=True)
class Said:
    """Something to report: where by its template, line and word, and what."""

    template: str
    line: int
    word: str
    message: str
    after_dot: bool = False
    severity: Severity = Severity.STOPS


def path_of(node: nodes.Node) -> str | None:
    """Give a name with its fields and places, `today[0].event.place`; None of anything else."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, int):
        listed = path_of(node.node)
        return f"{listed}[{node.arg.value}]" if listed else None
    before = path_of(node.node) if isinstance(node, nodes.Getattr) else None
    return f"{before}.{node.attr}" if before and isinstance(node, nodes.Getattr) else None


def meant(name: str, known: Iterable[str]) -> str:
    """Name what may have been meant, for the end of a sentence."""
    close = get_close_matches(name, [one for one in known if not one.startswith("_")], 1)
    return f"; is {close[0]} meant?" if close else ""
