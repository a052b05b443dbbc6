"""Where templates run: they are data from people, so they see plain values and can do little with them.

No attribute of a string, number or list can be reached, only fields of our views and of loops; there are
no globals, and a handful of filters. Nothing multiplies or formats, so no text can be blown up in one step.
"""

from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from typing import Any, ClassVar

from jinja2 import BaseLoader, FunctionLoader, StrictUndefined
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from service.rendering.plain import shorten, wrap

_SEEN = (LoopContext, TemplateModule)
_KEPT = ("default", "e", "escape", "first", "join", "last", "length", "trim", "urlencode")


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 with next to nothing in it; HTML and MJML are escaped, `.txt` is not."""

    intercepted_binops: ClassVar[frozenset[str]] = frozenset({"+", "*", "**", "%"})  # type: ignore[misc]  # of the class, not the object

    def __init__(self, loader: BaseLoader) -> None:
        super().__init__(
            loader=loader,
            autoescape=_is_escaped,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self.globals = {}
        self.filters = {name: FILTERS[name] for name in _KEPT}
        self.filters.update(wrap=wrap, shorten=shorten)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Allow the fields of views, of `loop` and of imported templates, and no methods of texts and lists."""
        seen = isinstance(obj, _SEEN) or (is_dataclass(obj) and not callable(value))
        return seen and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """Keep `format` from being let through by name: its widths can blow a text up."""

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Reckon with numbers of modest size alone."""
        numbers = isinstance(left, int) and isinstance(right, int) and max(abs(left), abs(right)) < 1_000_000
        if operator == "**" or not numbers:
            raise SecurityError(f"{operator} is for small numbers only (texts are joined with ~)")
        return super().call_binop(context, operator, left, right)


def loader_of(pieces: Mapping[str, str]) -> BaseLoader:
    """Give the loader of texts by name; each goes by its name as a file's, so that errors tell where they are."""

    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        return (pieces[name], name, lambda: True) if name in pieces else None

    return FunctionLoader(load)


def _is_escaped(name: str | None) -> bool:
    return name is None or not name.endswith(".txt")
