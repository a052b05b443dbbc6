"""Goes through a letter's template, its layout and its parts, through every branch, and reports what cannot be said.

It follows Jinja2: what is set in a loop does not leave it, a block sees what stands at the top, an imported template
sees what the letter sees if it is imported `with context`, and a macro what its own template sees.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from jinja2 import nodes

from service.rendering.checks.expressions import Expressions
from service.rendering.checks.finding import Severity
from service.rendering.checks.scope import Said, Scope, meant
from service.rendering.checks.shapes import (
    ANY,
    TEXT,
    Macro,
    Many,
    Maybe,
    Module,
    Shape,
    Special,
    Unset,
    joined,
    letter_names,
    named,
)

_MOST_STEPS = 20_000  # of statements; all that ships together has some four hundred
Block = tuple[str, nodes.Block]


class TooLongError(Exception):
    """The way does not end: templates that include, or macros that call, each other in ever new ways."""


@dataclass(slots=True)
class Walk:
    """A way through the templates of a set; `trees` are those that can be read."""

    trees: Mapping[str, nodes.Template]
    report: Callable[[Said], None]
    read: Expressions = field(init=False)
    _walked: set[object] = field(default_factory=set)
    _called: set[nodes.Macro] = field(default_factory=set)
    _blocks: dict[str, list[Block]] = field(default_factory=dict)
    _top: dict[str, Shape] = field(default_factory=dict)
    _within: list[str] = field(default_factory=list)
    _steps: int = 0

    def __post_init__(self) -> None:
        self.read = Expressions(self.report, self._macro)

    def letter(self, name: str) -> None:
        """Go through a template as a letter is made of it."""
        chain = self._chain(name)
        self._blocks = {}
        for template in chain:
            for block in self.trees[template].find_all(nodes.Block):
                self._blocks.setdefault(block.name, []).append((template, block))
        self._top = dict(letter_names())
        own = name.split("/")[-2]  # what only letters of one kind have, by its name, is there in those
        if isinstance(there := self._top.get(own), Maybe):
            self._top[own] = there.shape
        self._top["self"] = Special("self")
        for template in chain:
            self._within.append(template)
            self._body(self.trees[template].body, Scope(template, self._top))
        del self._within[-len(chain) :]

    def uncalled(self, name: str) -> None:
        """Go through the macros of a template that no letter has called, whatever they are given."""
        scope = Scope(name, dict(letter_names()))
        tree = self.trees[name]
        self._body((node for node in tree.body if not isinstance(node, nodes.Output)), scope)
        for shape in list(scope.names.values()):
            if isinstance(shape, Macro) and shape.template == name and shape.node not in self._called:
                self._macro(shape, {argument.name: ANY for argument in shape.node.args})

    def _chain(self, name: str) -> list[str]:
        """Give a template and what it extends, the outermost last."""
        chain = [name]
        while found := next(iter(self.trees[chain[-1]].find_all(nodes.Extends)), None):
            parent = self._wanted(found.template, found, chain[-1])
            if parent is None or parent in chain:
                break
            chain.append(parent)
        return chain

    def _wanted(self, wanted: nodes.Expr, node: nodes.Node, template: str) -> str | None:
        """Give the name of a template that another one asks for, if it is there."""
        if not isinstance(wanted, nodes.Const) or not isinstance(wanted.value, str):
            self._say(template, node, "the name of a template stands in quotation marks")
        elif wanted.value in self.trees:
            return wanted.value
        else:
            told = f"there is no template {wanted.value!r} that can be read{meant(wanted.value, self.trees)}"
            self._say(template, node, told)
        return None

    def _body(self, body: Iterable[nodes.Node], scope: Scope) -> None:
        for node in body:
            self._steps += 1
            if self._steps > _MOST_STEPS:
                raise TooLongError
            step = _STEPS.get(type(node))
            if step:
                getattr(self, step)(node, scope)
            elif isinstance(node, nodes.Expr):
                self.read.shape(node, scope)

    def _output(self, node: nodes.Output, scope: Scope) -> None:
        for part in node.nodes:
            if not isinstance(part, nodes.TemplateData):
                self.read.sayable(part, scope)

    def _if(self, node: nodes.If, scope: Scope) -> None:
        """Go through each branch; what only some set is missing where they do not hold."""
        self.read.shape(node.test, scope)
        branches, rest = [], scope
        for test, body in [(node.test, node.body), *((one.test, one.body) for one in node.elif_)]:
            if test is not node.test:
                self.read.shape(test, rest)
            inner = rest.inner().knowing(self.read.certain(test, rest, holds=True))
            self._body(body, inner)
            branches.append(inner.names)
            rest = rest.knowing(self.read.certain(test, rest, holds=False))
        last = rest.inner()
        self._body(node.else_, last)
        branches.append(last.names)
        for name in {name for names in branches for name in names}:
            shapes = [names[name] for names in branches if name in names]
            whole = shapes[0]
            for shape in shapes[1:]:
                whole = joined(whole, shape)
            before = scope.names.get(name)
            if before is None and len(shapes) < len(branches):
                whole = Unset(whole.shape if isinstance(whole, Unset) else whole, node.lineno)
            scope.names[name] = whole

    def _for(self, node: nodes.For, scope: Scope) -> None:
        listed = self.read.shape(node.iter, scope)
        if isinstance(listed, Maybe):
            self._say(scope.template, node, "what is gone through may be missing: ask first, {% if … %}")
            listed = listed.shape
        if not isinstance(listed, Many) and listed not in {ANY, TEXT}:
            self._say(scope.template, node, f"{named(listed)} is no list, and cannot be gone through")
        item = listed.item if isinstance(listed, Many) else listed if listed == TEXT else ANY
        own: dict[str, Shape] = {"loop": Special("loop")}
        if isinstance(node.target, nodes.Name):
            own[node.target.name] = item
        else:
            own.update(dict.fromkeys((name.name for name in node.target.find_all(nodes.Name)), ANY))
        inner = scope.inner(own)
        if node.test is not None:
            self.read.shape(node.test, inner)
            inner = inner.knowing(self.read.certain(node.test, inner, holds=True))
        self._body(node.body, inner)
        self._body(node.else_, scope.inner())

    def _assign(self, node: nodes.Assign, scope: Scope) -> None:
        shape = self.read.shape(node.node, scope)
        for name in _targets(node.target):
            scope.names[name] = shape if isinstance(node.target, nodes.Name) else ANY

    def _assign_block(self, node: nodes.AssignBlock, scope: Scope) -> None:
        self._body(node.body, scope.inner())
        for name in _targets(node.target):
            scope.names[name] = TEXT

    def _with(self, node: nodes.With, scope: Scope) -> None:
        own: dict[str, Shape] = {}
        for target, value in zip(node.targets, node.values, strict=True):
            shape = self.read.shape(value, scope)
            own.update(dict.fromkeys(_targets(target), shape if isinstance(target, nodes.Name) else ANY))
        self._body(node.body, scope.inner(own))

    def _within_it(self, node: nodes.FilterBlock | nodes.ScopedEvalContextModifier | nodes.Scope, scope: Scope) -> None:
        if isinstance(node, nodes.FilterBlock):
            self.read.shape(node.filter, scope)
        self._body(node.body, scope.inner())

    def _define(self, node: nodes.Macro, scope: Scope) -> None:
        for given in node.defaults:
            self.read.shape(given, scope)
        scope.names[node.name] = Macro(scope.template, node, scope.names)

    def _call_block(self, node: nodes.CallBlock, scope: Scope) -> None:
        self.read.shape(node.call, scope)
        self._body(node.body, scope.inner({argument.name: ANY for argument in node.args}))

    def _block(self, node: nodes.Block, scope: Scope) -> None:
        """Go through what is said in a block's place: by the template that stands nearest to the letter."""
        own = self._blocks.get(node.name, [])
        if self._within and own and scope.template != self._within_root(own):
            return
        seen = scope.names if node.scoped else self._top
        for template, block in own:
            self._body(block.body, Scope(template, {**seen, "super": Special("super")}))
            if not any(name.name == "super" for name in block.find_all(nodes.Name)):
                return

    def _within_root(self, own: list[Block]) -> str:
        """Give the template in which a block has its place: the outermost that has it."""
        return own[-1][0]

    def _include(self, node: nodes.Include, scope: Scope) -> None:
        name = self._wanted(node.template, node, scope.template)
        if name and name not in self._within:
            self._within.append(name)
            seen = scope.names if node.with_context else {}
            self._body(self.trees[name].body, Scope(name, dict(seen)))
            self._within.pop()

    def _import(self, node: nodes.Import, scope: Scope) -> None:
        name = self._wanted(node.template, node, scope.template)
        scope.names[node.target] = Module(name, self._imported(name, node, scope)) if name else ANY

    def _from(self, node: nodes.FromImport, scope: Scope) -> None:
        name = self._wanted(node.template, node, scope.template)
        found = self._imported(name, node, scope) if name else {}
        for one in node.names:
            wanted, target = (one, one) if isinstance(one, str) else one
            if name and wanted not in found:
                self._say(scope.template, node, f"{name} has no {wanted}{meant(wanted, found)}", wanted)
            scope.names[target] = found.get(wanted, ANY)

    def _imported(self, name: str, node: nodes.Import | nodes.FromImport, scope: Scope) -> Mapping[str, Shape]:
        """Give what a template defines, seen from one that imports it."""
        if name in self._within:
            return {}
        self._within.append(name)
        before = dict(scope.names) if node.with_context else {}
        inner = Scope(name, dict(before))
        self._body(self.trees[name].body, inner)
        self._within.pop()
        return {key: shape for key, shape in inner.names.items() if before.get(key) is not shape}

    def _macro(self, macro: Macro, given: Mapping[str, Shape]) -> None:
        """Go through a macro once for each kind of things that it is called with."""
        key = (macro.node, tuple(given.items()), frozenset(macro.seen))
        if key in self._walked:
            return
        self._walked.add(key)
        self._called.add(macro.node)
        own: dict[str, Shape] = {"caller": ANY, "varargs": ANY, "kwargs": ANY, **given}
        self._body(macro.node.body, Scope(macro.template, {**macro.seen, **own}))

    def _say(self, template: str, node: nodes.Node, message: str, word: str = "") -> None:
        self.report(Said(template, node.lineno, word, message, severity=Severity.STOPS))


def _targets(target: nodes.Node) -> list[str]:
    if isinstance(target, nodes.Name):
        return [target.name]
    return [name.name for name in target.find_all(nodes.Name)]


_STEPS: dict[type[nodes.Node], str] = {
    nodes.Output: "_output",
    nodes.If: "_if",
    nodes.For: "_for",
    nodes.Assign: "_assign",
    nodes.AssignBlock: "_assign_block",
    nodes.With: "_with",
    nodes.FilterBlock: "_within_it",
    nodes.ScopedEvalContextModifier: "_within_it",
    nodes.Scope: "_within_it",
    nodes.Macro: "_define",
    nodes.CallBlock: "_call_block",
    nodes.Block: "_block",
    nodes.Include: "_include",
    nodes.Import: "_import",
    nodes.FromImport: "_from",
}
