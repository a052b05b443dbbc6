"""Makes a parsed template count: what it goes through, joins, cuts and says is charged as it runs.

The charges are calls of filters whose names no template can write.
"""

from typing import Any, Final

from jinja2 import TemplateSyntaxError, nodes
from jinja2.visitor import NodeTransformer

GONE_THROUGH: Final = " gone through"  # what a loop takes its turns from
PIECE: Final = " piece"  # a text that becomes a part of another, or is cut from one
SAID: Final = " said"  # so many characters of the template itself


def counted(template: nodes.Template) -> nodes.Template:
    """Give the template with its charges; raise TemplateSyntaxError for a tag that no letter may have."""
    _Counting().visit(template)
    template.set_environment(template.environment)  # type: ignore[arg-type]  # set by the parser
    return template


class _Counting(NodeTransformer):
    def generic_visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> nodes.Node:
        super().generic_visit(node, *args, **kwargs)
        for _, body in node.iter_fields():
            if isinstance(body, list):
                _charge_words(body)
        return node

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802  (Jinja2 calls it by the node's name)
        self.generic_visit(node)
        node.iter = _through(GONE_THROUGH, node.iter)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        node.nodes = [_through(PIECE, part) for part in node.nodes]
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:  # noqa: N802
        self.generic_visit(node)
        return _through(PIECE, node) if isinstance(node.arg, nodes.Slice) else node

    def visit_Pow(self, node: nodes.Pow) -> nodes.Node:  # noqa: N802
        raise TemplateSyntaxError("** may not stand in a letter", node.lineno)

    def visit_ScopedEvalContextModifier(self, node: nodes.ScopedEvalContextModifier) -> nodes.Node:  # noqa: N802
        raise TemplateSyntaxError("{% autoescape %} may not stand in a letter", node.lineno)


def _through(name: str, node: Any) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno)


def _charge_words(body: list[Any]) -> None:
    """Charge the words that stand in a list of statements themselves, each time that these are gone through."""
    outputs = [one for one in body if isinstance(one, nodes.Output)]
    words = [part for one in outputs for part in one.nodes if isinstance(part, nodes.TemplateData)]
    if words:
        length = nodes.Const(sum(len(word.data) for word in words), lineno=words[0].lineno)
        body.insert(0, nodes.ExprStmt(_through(SAID, length), lineno=words[0].lineno))
