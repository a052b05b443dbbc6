"""What each expression of a template stands for, in every branch: names and fields that are not there are found.

A field that may be missing is known to be there inside `{% if … %}` of it, and nowhere else.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from jinja2 import nodes

from service.rendering.checks.finding import Severity
from service.rendering.checks.sayings import said_wrongly
from service.rendering.checks.scope import Said, Scope, meant, path_of
from service.rendering.checks.shapes import (
    ANY,
    NUMBER,
    TEXT,
    YES,
    Macro,
    Many,
    Maybe,
    Module,
    Shape,
    Special,
    Unset,
    View,
    attributes,
    fields_of,
    joined,
    named,
    says_itself,
)
from service.rendering.sandbox import Sandbox, loader_of

_SANDBOX = Sandbox(loader_of({}))
FILTERS, TESTS = frozenset(_SANDBOX.filters), frozenset(_SANDBOX.tests)
_OF_TEXTS = frozenset({"wrap", "shorten", "trim", "e", "escape", "urlencode"})


@dataclass(slots=True)
class Expressions:
    """Reads expressions; `report` takes what is wrong, `call` walks the body of a macro."""

    report: Callable[[Said], None]
    call: Callable[[Macro, Mapping[str, Shape]], None]
    _muted: int = 0

    def shape(self, node: nodes.Node, scope: Scope) -> Shape:
        """Give what an expression stands for."""
        reading = _READ.get(type(node))
        return getattr(self, reading)(node, scope) if reading else self._other(node, scope)

    def sayable(self, node: nodes.Node, scope: Scope) -> None:
        """Report what is no text where one is said."""
        shape = self.shape(node, scope)
        if says_itself(shape) or shape == ANY:
            return
        path = path_of(node) or "this"
        match shape:
            case Maybe():
                told = f'{path} may be missing, and would be said as "None": ask first, {{% if {path} %}}'
            case Many():
                told = f"{path} is a list: go through it with {{% for … in {path} %}}"
            case View(view):
                told = f"{path} is {named(shape)}, not a text; it has {', '.join(list(fields_of(view))[:6])} …"
            case Macro() | Special():
                told = f"{path} is to be called: {path}(…)"
            case Module():
                told = f"{path} is an imported template: say one of its macros"
            case _:
                told = f'{path} is {named(shape)}, and would be said as "True" or "False"'
        self._say(scope, node, told, severity=Severity.WARNS if shape == YES else Severity.STOPS)

    def certain(self, test: nodes.Node, scope: Scope, *, holds: bool) -> dict[str, Shape]:
        """Give what is certain where a condition holds, or does not."""
        match test:
            case nodes.Not():
                return self.certain(test.node, scope, holds=not holds)
            case nodes.And() | nodes.Or() if isinstance(test, nodes.And) == holds:
                left = self.certain(test.left, scope, holds=holds)
                return {**left, **self.certain(test.right, scope.knowing(left), holds=holds)}
            case nodes.Test(name="defined" | "undefined" | "none") if (test.name == "defined") == holds:
                return self._there(test.node, scope)
            case nodes.Compare(ops=[nodes.Operand(op="ne" | "eq", expr=nodes.Const(value=None))]):
                return self._there(test.expr, scope) if (test.ops[0].op == "ne") == holds else {}
            case nodes.Name() | nodes.Getattr() if holds:
                return self._there(test, scope)
        return {}

    def _there(self, node: nodes.Node, scope: Scope) -> dict[str, Shape]:
        path = path_of(node)
        shape = self._quietly(node, scope)
        return {path: shape.shape if isinstance(shape, (Maybe, Unset)) else shape} if path else {}

    def _quietly(self, node: nodes.Node, scope: Scope) -> Shape:
        if isinstance(node, nodes.Name):  # as it is, though it may not be set
            return scope.certain.get(node.name) or scope.names.get(node.name, ANY)
        self._muted += 1
        try:
            return self.shape(node, scope)
        finally:
            self._muted -= 1

    def _constant(self, node: nodes.Const, scope: Scope) -> Shape:  # noqa: ARG002  (called like the others)
        if isinstance(node.value, bool):
            return YES
        return TEXT if isinstance(node.value, str) else NUMBER if isinstance(node.value, int) else ANY

    def _getattr(self, node: nodes.Getattr, scope: Scope) -> Shape:
        return self._field(node.node, node.attr, node, scope)

    def _both(self, node: nodes.And | nodes.Or, scope: Scope) -> Shape:
        right = scope.knowing(self.certain(node.left, scope, holds=isinstance(node, nodes.And)))
        return joined(self.shape(node.left, scope), self.shape(node.right, right))

    def _concat(self, node: nodes.Concat, scope: Scope) -> Shape:
        for part in node.nodes:
            self.sayable(part, scope)
        return TEXT

    def _name(self, node: nodes.Name, scope: Scope) -> Shape:
        shape = scope.certain.get(node.name) or scope.names.get(node.name)
        if shape is None:
            self._say(scope, node, f"{node.name} is not defined{meant(node.name, scope.names)}")
            return ANY
        if isinstance(shape, Unset):
            told = (
                f"{node.name} is set on line {shape.line} under a condition only; where it does not hold, it is missing"
            )
            self._say(scope, node, told)
            return shape.shape
        return shape

    def _field(self, base: nodes.Node, name: str, node: nodes.Node, scope: Scope) -> Shape:
        path, before = path_of(node), path_of(base) or "this"
        shape = self.shape(base, scope)
        if path and path in scope.certain:
            return scope.certain[path]
        if isinstance(shape, Maybe):
            self._say(scope, node, f"{before} may be missing: ask first, {{% if {before} %}}", word=name)
            shape = shape.shape
        known = attributes(shape)
        if known is None:
            return ANY
        if name not in known:
            of = named(shape) if isinstance(shape, View | Special | Module) else f"{before}, which is {named(shape)},"
            told = f"{of} has no field {name}{meant(name, known)}"
            self._say(scope, node, told, word=name)
            return ANY
        return known[name]

    def _item(self, node: nodes.Getitem, scope: Scope) -> Shape:
        if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            return self._field(node.node, node.arg.value, node, scope)
        shape = self.shape(node.node, scope)
        self.shape(node.arg, scope)
        if isinstance(shape, Many):
            return shape if isinstance(node.arg, nodes.Slice) else shape.item
        return TEXT if shape == TEXT else ANY

    def _filtered(self, node: nodes.Filter, scope: Scope) -> Shape:
        if node.name not in FILTERS:
            told = f"there is no filter {node.name} (there are: {', '.join(sorted(FILTERS))})"
            self._say(scope, node, told, word=node.name)
        for given in (*node.args, *(pair.value for pair in node.kwargs)):
            self.shape(given, scope)
        if node.node is None:
            return TEXT
        if node.name == "default":
            shape = self._quietly(node.node, scope)
            return joined(shape.shape, ANY) if isinstance(shape, (Maybe, Unset)) and node.args[1:] else _set(shape)
        if node.name in _OF_TEXTS:
            self.sayable(node.node, scope)
            return TEXT
        shape = self.shape(node.node, scope)
        if isinstance(shape, Maybe):
            path = path_of(node.node) or "this"
            self._say(scope, node, f"{path} may be missing: ask first, {{% if {path} %}}", word=node.name)
        if node.name in {"first", "last"}:
            return shape.item if isinstance(shape, Many) else ANY
        return NUMBER if node.name == "length" else TEXT

    def _test(self, node: nodes.Test, scope: Scope) -> Shape:
        if node.name not in TESTS:
            self._say(
                scope, node, f"there is no test {node.name} (there are: {', '.join(sorted(TESTS))})", word=node.name
            )
        if node.name in {"defined", "undefined"}:
            self._quietly(node.node, scope)
        else:
            self.shape(node.node, scope)
        for given in node.args:
            self.shape(given, scope)
        return YES

    def _call(self, node: nodes.Call, scope: Scope) -> Shape:
        called = self.shape(node.node, scope)
        given = [self.shape(one, scope) for one in node.args]
        named_ones = {pair.key: self.shape(pair.value, scope) for pair in node.kwargs}
        match called:
            case Special("t"):
                for pair in node.kwargs:
                    self.sayable(pair.value, scope)
                for message in said_wrongly(node):
                    self._say(scope, node, message, word="t")
            case Macro():
                self._call_macro(node, called, given, named_ones, scope)
            case Special() | _ if called == ANY or isinstance(called, Special):
                return ANY
            case _:
                self._say(scope, node.node, f"{path_of(node.node) or 'this'} is {named(called)}, and cannot be called")
        return TEXT

    def _call_macro(
        self, node: nodes.Call, macro: Macro, given: Sequence[Shape], by_name: Mapping[str, Shape], scope: Scope
    ) -> None:
        wanted = [argument.name for argument in macro.node.args]
        bound = {**dict(zip(wanted, given, strict=False)), **by_name}
        kept = wanted[len(wanted) - len(macro.node.defaults) :] if macro.node.defaults else []
        missing = [name for name in wanted if name not in bound and name not in kept]
        unknown = [name for name in by_name if name not in wanted]
        if missing or unknown or len(given) > len(wanted):
            told = f"{macro.node.name}({', '.join(wanted)}) is called with {len(given) + len(by_name)}"
            which = (
                f": {', '.join(missing)} is missing"
                if missing
                else f": {', '.join(unknown)} is not known"
                if unknown
                else ""
            )
            self._say(scope, node, told + which, word=macro.node.name)
            return
        self.call(macro, {name: bound.get(name, ANY) for name in wanted})

    def _choice(self, node: nodes.CondExpr, scope: Scope) -> Shape:
        self.shape(node.test, scope)
        first = self.shape(node.expr1, scope.knowing(self.certain(node.test, scope, holds=True)))
        if node.expr2 is None:
            return first
        other = scope.knowing(self.certain(node.test, scope, holds=False))
        return joined(first, self.shape(node.expr2, other))

    def _other(self, node: nodes.Node, scope: Scope) -> Shape:
        parts = [
            self.shape(part, scope) for part in node.iter_child_nodes() if isinstance(part, nodes.Expr | nodes.Helper)
        ]
        if isinstance(node, nodes.Compare | nodes.Not):
            return YES
        if isinstance(node, nodes.List | nodes.Tuple):
            return Many(parts[0] if len(set(parts)) == 1 else ANY)
        return NUMBER if parts and all(part == NUMBER for part in parts) else ANY

    def _say(
        self, scope: Scope, node: nodes.Node, message: str, *, word: str = "", severity: Severity = Severity.STOPS
    ) -> None:
        if not self._muted:
            path = path_of(node) or ""
            last = word or path.rsplit(".", 1)[-1]
            after_dot = bool(word or path) and isinstance(node, nodes.Getattr)
            self.report(Said(scope.template, node.lineno, last, message, after_dot, severity))


def _set(shape: Shape) -> Shape:
    return shape.shape if isinstance(shape, Unset) else shape


_READ: dict[type[nodes.Node], str] = {
    nodes.Const: "_constant",
    nodes.Name: "_name",
    nodes.Getattr: "_getattr",
    nodes.Getitem: "_item",
    nodes.Filter: "_filtered",
    nodes.Test: "_test",
    nodes.Call: "_call",
    nodes.And: "_both",
    nodes.Or: "_both",
    nodes.CondExpr: "_choice",
    nodes.Concat: "_concat",
}
