"""Whether Jinja2 can read a template, and if not, why, in words and with the place where it began."""

import re
from collections.abc import Iterator
from functools import lru_cache

from jinja2 import Environment, TemplateSyntaxError, nodes

from service.rendering.checks.finding import Check, Severity
from service.rendering.checks.source import Source, Token
from service.rendering.shape import check_shape

_PARSER = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
_CLOSED = ("if", "for", "block", "macro", "call", "filter", "with", "autoescape")
_INNER = {"else": ("if", "for"), "elif": ("if",)}
_KNOWN = (*_CLOSED, "set", "extends", "include", "import", "from", "else", "elif")
_TOO_MUCH = ("longer than", "nested too deeply", "too much between")  # what the sandbox does not even parse
_ENDS = {"variable_begin": ("{{", "}}"), "block_begin": ("{%", "%}"), "comment_begin": ("{#", "#}")}


def parsed(name: str, text: str, source: Source) -> tuple[nodes.Template | None, tuple[Check, ...]]:
    """Give the syntax tree of a template, or what stands in the way of reading it."""
    try:
        check_shape(text, name, _PARSER.lexer)
        return _PARSER.parse(text, name), ()
    except TemplateSyntaxError as error:
        line, column, said = (
            _too_much(error, source)
            or _unread(error, source)
            or _never_ends(source)
            or _open(source)
            or _told(error, source)
        )
        return None, (Check(Severity.STOPS, name, line, column, said),)
    except RecursionError:
        return None, (Check(Severity.STOPS, name, 0, 0, "the template is nested too deeply to be read"),)


@lru_cache(maxsize=256)
def tree_of(name: str, text: str) -> nodes.Template | None:
    """Give the syntax tree of a template, None if it cannot be read; the last ones are kept, and not to be changed."""
    return parsed(name, text, Source(text))[0]


def _open(source: Source) -> tuple[int, int, str] | None:
    """Find the block that is not closed, or is closed by another's end."""
    stack: list[tuple[str, int, int]] = []
    for word, tag in _tags(source):
        if word in _CLOSED or word == "set":
            stack.append((word, tag.line, tag.column))
        elif word in _INNER and (not stack or stack[-1][0] not in _INNER[word]):
            return tag.line, tag.column, _misplaced(word, stack)
        elif word.startswith("end") and (*_CLOSED, "set").count(word[3:]):
            if not stack:
                return tag.line, tag.column, f"{{% {word} %}} closes nothing: no {{% {word[3:]} %}} is open"
            kind, line, column = stack.pop()
            if kind != word[3:]:
                told = f"{{% {kind} %}} on line {line} is not closed"
                return line, column, f"{told}: {{% {word} %}} on line {tag.line} comes before its end"
    if not stack:
        return None
    kind, line, column = stack[-1]
    return line, column, f"{{% {kind} %}} on line {line} is not closed: {{% end{kind} %}} is missing"


def _tags(source: Source) -> Iterator[tuple[str, Token]]:
    """Give the word of each tag, and where it begins; of `set` only where it takes what stands before its end."""
    for index, token in enumerate(source.tokens[:-1]):
        word = source.tokens[index + 1].value
        if token.kind == "block_begin" and (word != "set" or _captures(source, index)):
            yield word, token


def _misplaced(word: str, stack: list[tuple[str, int, int]]) -> str:
    wanted = " or ".join(f"{{% {one} %}}" for one in _INNER[word])
    inside = f"; the nearest that is open is {{% {stack[-1][0]} %}} on line {stack[-1][1]}" if stack else ""
    return f"{{% {word} %}} stands in no {wanted}{inside}"


def _captures(source: Source, index: int) -> bool:
    """Say whether a `set` has no value, so that it takes what stands between it and its end."""
    for token in source.tokens[index + 1 :]:
        if token.kind == "block_end":
            return True
        if token.kind == "operator" and token.value == "=":
            return False
    return True


def _too_much(error: TemplateSyntaxError, source: Source) -> tuple[int, int, str] | None:
    """Say what would cost too much to read (`faults.md`, case 86)."""
    said = error.message or ""
    return (error.lineno, _first_column(source, error.lineno), said) if said.startswith(_TOO_MUCH) else None


def _unread(error: TemplateSyntaxError, source: Source) -> tuple[int, int, str] | None:
    """Say what the lexer stopped at, beyond which there are no tokens."""
    said = error.message or ""
    if found := re.search(r"unexpected char (?:'(.)'|\"(')\") at (\d+)", said):
        char, place = found[1] or found[2], source.place(int(found[3]))
        if char in "'\"":
            return *place, f"the quotation mark {char} that stands here is not closed"
        return *place, f"{char} means nothing here"
    if found := re.search(r"unexpected '(.+?)', expected '([)\]}])'", said):
        opener = {")": "(", "]": "[", "}": "{"}[found[2]]
        opened = [token for token in source.tokens if token.kind == "operator" and token.value == opener]
        line, column = (opened[-1].line, opened[-1].column) if opened else (error.lineno, 1)
        return line, column, f"{opener} on line {line} is not closed: {found[2]} is missing"
    return None


def _told(error: TemplateSyntaxError, source: Source) -> tuple[int, int, str]:
    """Put Jinja2's own words into plainer ones, at the place that they speak of."""
    said, line = error.message or "it cannot be read", error.lineno
    if found := re.search(r"unknown tag '([^']+)'", said):
        place = source.column_of(line, found[1])
        return *place, f"{{% {found[1]} %}} is not known (known: {', '.join(_KNOWN)})"
    if found := re.search(r"expected token '(.+?)', got '(.+?)'", said):
        hint = "; to compare, write ==" if found[2] == "=" else ""
        told = f"{_named(found[1])} is expected here, not {_named(found[2])}{hint}"
        return *_of_value(source, line, found[2]), told
    if "Expected an expression" in said:
        return line, _first_column(source, line), "something is to be said here, and nothing stands there"
    if found := re.search(r"unexpected '(.+?)'", said):
        return *_of_value(source, line, found[1]), f"{_named(found[1])} means nothing here"
    return line, _first_column(source, line), said.rstrip(".")


def _never_ends(source: Source) -> tuple[int, int, str] | None:
    """Find the expression, tag or remark that has no end."""
    begun = None
    for token in source.tokens:
        if token.kind in _ENDS:
            begun = token
        elif token.kind.endswith("_end") and not token.kind.startswith("raw"):
            begun = None
        elif begun and token.kind == "data":
            break
    if begun is not None:
        line, column, (opener, closer) = begun.line, begun.column, _ENDS[begun.kind]
    else:  # a remark without an end gives no token at all
        at = source.text.rfind("{#")
        if at < 0 or "#}" in source.text[at:]:
            return None
        (line, column), (opener, closer) = source.place(at), _ENDS["comment_begin"]
    return line, column, f"{opener} on line {line} is not closed: {closer} is missing"


def _of_value(source: Source, line: int, value: str) -> tuple[int, int]:
    for token in source.tokens:
        if token.line >= line and token.value.strip("-+ \n") == value:
            return token.line, token.column
    return line, _first_column(source, line)


def _first_column(source: Source, line: int) -> int:
    return next((token.column for token in source.tokens if token.line == line and token.kind != "data"), 1)


def _named(token: str) -> str:
    names = {
        "end of print statement": "}}",
        "end of statement block": "%}",
        "begin of print statement": "{{",
        "begin of statement block": "{%",
        "end of template": "the end of the template",
        "name": "a name",
        "string": "a text in quotation marks",
        "integer": "a number",
    }
    return names.get(token, token)
