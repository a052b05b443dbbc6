"""How large and how deep a template's source may be: found by reading its tokens, before it is parsed.

The parser and the compiler go into every bracket and block by calling themselves.
"""

from jinja2 import TemplateSyntaxError
from jinja2.lexer import Lexer

LARGEST_SOURCE = 100_000  # characters
_DEEPEST_BLOCKS = 20
_DEEPEST_BRACKETS = 20
_LONGEST_TAG = 250  # tokens between two pairs of braces
_OPENS = frozenset({"for", "if", "block", "macro", "call", "filter", "with", "autoescape"})
_IGNORED = frozenset({"whitespace", "comment", "comment_begin", "comment_end", "linecomment", "data"})


def check_shape(source: str, name: str | None, lexer: Lexer) -> None:
    """Raise TemplateSyntaxError for a source that is too long, or nested too deeply, with its line."""
    if len(source) > LARGEST_SOURCE:
        raise TemplateSyntaxError(f"longer than {LARGEST_SOURCE:,} characters", 1, name)
    blocks = brackets = 0
    tag: list[str] = []
    for line, kind, text in lexer.tokeniter(source, name):
        if kind in _IGNORED:
            continue
        if kind in {"block_begin", "variable_begin"}:
            tag, brackets = [], 0
        elif kind == "block_end":
            blocks += _step_of(tag)
        elif kind == "operator" and text in "([{":
            brackets += 1
        elif kind == "operator" and text in ")]}":
            brackets -= 1
        tag.append(text)
        if blocks > _DEEPEST_BLOCKS or brackets > _DEEPEST_BRACKETS:
            raise TemplateSyntaxError("nested too deeply", line, name)
        if len(tag) > _LONGEST_TAG:
            raise TemplateSyntaxError("too much between two pairs of braces", line, name)


def _step_of(tag: list[str]) -> int:
    """Say whether a tag, from the word behind its begin, goes a block deeper (1), ends one (-1), or neither."""
    word = tag[1] if len(tag) > 1 else ""
    if word.startswith("end"):
        return -1
    return int(word in _OPENS or (word == "set" and "=" not in tag))
