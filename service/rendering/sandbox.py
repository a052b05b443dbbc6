"""Where templates run: they are data from people, so they see plain values and can do little with them.

No attribute of a string, number or list can be reached, only fields of our views and of loops; there are
no globals, and a handful of filters. Nothing multiplies or formats, so no text can be blown up in one step, and
every step and every text is charged to the letter's budget.
"""

from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import Any, ClassVar

from jinja2 import BaseLoader, BytecodeCache, FunctionLoader, StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.bccache import Bucket
from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError
from jinja2.filters import FILTERS
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS
from jinja2.utils import pass_context

from service.rendering.budget import Budget
from service.rendering.counting import GONE_THROUGH, PIECE, SAID, counted
from service.rendering.plain import shorten, wrap
from service.rendering.shape import check_shape
from service.rendering.templates import LETTERS
from service.rendering.views import Text

_SEEN = (LoopContext, TemplateModule)
# The one function that there is says messages; what is undefined says so itself.
_CALLED = (Macro, BlockReference, LoopContext, FunctionType, Undefined)
_LISTS = (str, tuple, list, dict)
_TESTS = ("defined", "undefined", "none", "string", "number", "odd", "even", "eq", "ne", "lt", "le", "gt", "ge", "in")
_LARGEST_NUMBER = 1_000_000
_DEEPEST_INDENT = 16
_COMPILED_KEPT = 128


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 with next to nothing in it; HTML and MJML are escaped, `.txt` is not."""

    intercepted_binops: ClassVar[frozenset[str]] = frozenset({"+", "-", "*", "/", "//", "**", "%"})  # type: ignore[misc]  # of the class, not the object

    def __init__(self, loader: BaseLoader) -> None:
        super().__init__(
            loader=loader,
            autoescape=_is_escaped,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            finalize=_printed,
            optimized=False,  # what is reckoned while compiling is charged to nobody
            bytecode_cache=_COMPILED,
        )
        self.budget = Budget()
        self.globals = {}
        self.filters = dict(_FILTERS)
        self.tests = {name: TESTS[name] for name in _TESTS}

    def begin(self) -> Budget:
        """Give the budget of a new letter, which is charged from now on."""
        self.budget = Budget()
        return self.budget

    @property
    def used(self) -> list[str]:
        """The names of the templates that were loaded."""
        return [name for _, name in self.cache] if self.cache is not None else []

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Allow the fields of views, of `loop` and of imported templates, and no methods of texts and lists."""
        seen = isinstance(obj, _SEEN) or (is_dataclass(obj) and not callable(value))
        return seen and super().is_safe_attribute(obj, attr, value)

    def is_safe_callable(self, obj: Any) -> bool:
        """Allow macros, blocks, loops, and what says messages."""
        return isinstance(obj, _CALLED) or (isinstance(obj, MethodType) and isinstance(obj.__self__, LoopContext))

    def wrap_str_format(self, value: Any) -> None:
        """Keep `format` from being let through by name: its widths can blow a text up."""

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Reckon with numbers of modest size alone."""
        if operator == "**" or not (_is_modest(left) and _is_modest(right)):
            raise SecurityError(f"{operator} is for small numbers only (texts are joined with ~)")
        return super().call_binop(context, operator, left, right)

    def call(__self, __context: Context, __obj: Any, /, *args: Any, **kwargs: Any) -> Any:  # noqa: N805  (as its parent)
        """Charge a call, and the turns of a loop that calls itself."""
        __self.budget.step()
        if isinstance(__obj, LoopContext) and args:
            _gone_through(__context, args[0])
        said = super().call(__context, __obj, *args, **kwargs)
        if isinstance(said, str):
            __self.budget.text(len(said))
        return said

    def _load_template(self, name: str, globals: Any) -> Template:  # noqa: A002  (as its parent)
        self.budget.step()
        return super()._load_template(name, globals)

    def compile(self, source: Any, name: str | None = None, *args: Any, **kwargs: Any) -> Any:
        """Compile, and blame the template whatever comes of it."""
        try:
            return super().compile(source, name, *args, **kwargs)
        except TemplateSyntaxError:
            raise
        except Exception as error:  # noqa: BLE001  (a deep or long source breaks parser and compiler in many ways)
            told = "nested too deeply" if isinstance(error, RecursionError | SyntaxError) else str(error)
            raise TemplateSyntaxError(told or type(error).__name__, 0, name) from None

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        check_shape(source, name, self.lexer)
        return super()._parse(source, name, filename)

    def _generate(self, source: nodes.Template, *args: Any, **kwargs: Any) -> str:
        return super()._generate(counted(source), *args, **kwargs)


class _Compiled(BytecodeCache):
    """What this process has compiled, by name and digest of the source."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take the code of that very source, if it was compiled before."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code, and forget what is oldest."""
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code
        while len(self._kept) > _COMPILED_KEPT:
            del self._kept[next(iter(self._kept))]


_COMPILED = _Compiled()


def loader_of(pieces: Mapping[str, str]) -> BaseLoader:
    """Give the loader of texts by name; each goes by its name as a file's, so that errors tell where they are."""

    def load(name: str) -> tuple[str, str, Callable[[], bool]] | None:
        known = name in pieces and name.startswith(LETTERS)
        return (pieces[name], name, lambda: True) if known else None

    return FunctionLoader(load)


def _is_escaped(name: str | None) -> bool:
    return name is None or not name.endswith(".txt")


def _is_modest(number: Any) -> bool:
    return isinstance(number, int | float) and abs(number) < _LARGEST_NUMBER


def _budget(context: Context) -> Budget:
    budget: Budget = context.environment.budget  # type: ignore[attr-defined]  # it is always a sandbox
    return budget


@pass_context
def _printed(context: Context, value: Any) -> Any:
    """Charge what is printed or becomes part of a text: a text or a number, and nothing else."""
    if isinstance(value, str | Text | Undefined):
        _budget(context).text(len(str(value)))
    elif not isinstance(value, int | float):
        shown = "nothing" if value is None else f"a {type(value).__name__}"
        raise SecurityError(f"only texts and numbers can be printed, this is {shown}")
    return value


@pass_context
def _said(context: Context, length: int) -> None:
    _budget(context).text(length)


@pass_context
def _gone_through(context: Context, value: Any) -> Any:
    if not isinstance(value, (*_LISTS, Undefined)):
        raise SecurityError(f"only lists can be gone through ({type(value).__name__})")
    _budget(context).step(len(value))
    return value


@pass_context
def _join(context: Context, value: Any, between: Any = "") -> Any:
    for part in _gone_through(context, value):
        _printed(context, part)
        _printed(context, between)
    return FILTERS["join"](context.eval_ctx, value, between)


def _made(change: Callable[..., Any], context: Context, value: Any, *args: Any) -> Any:
    """Make a text from another, and charge both."""
    return _printed(context, change(_printed(context, value), *args))


def _wrap(text: Any, indent: str = "") -> str:
    if len(indent) > _DEEPEST_INDENT:
        raise SecurityError(f"an indent has at most {_DEEPEST_INDENT} characters")
    return wrap(str(text), indent)


def _shorten(text: Any, width: int) -> str:
    return shorten(str(text), width)


def _making(change: Callable[..., Any]) -> Callable[..., Any]:
    return pass_context(partial(_made, change))


_FILTERS: Mapping[str, Callable[..., Any]] = {
    "default": FILTERS["default"],
    "first": FILTERS["first"],
    "last": FILTERS["last"],
    "length": FILTERS["length"],
    "join": _join,
    **{name: _making(FILTERS[name]) for name in ("e", "escape", "trim", "urlencode")},
    "wrap": _making(_wrap),
    "shorten": _making(_shorten),
    GONE_THROUGH: _gone_through,
    PIECE: _printed,
    SAID: _said,
}
FILTERS_KEPT = frozenset(name for name in _FILTERS if not name.startswith(" "))
TESTS_KEPT = frozenset(_TESTS)
