"""Places in the source of a template: which token of Jinja2 stands where."""

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import Environment, TemplateSyntaxError

# Without trimming, so that what the lexer gives is what is written.
_LEXER = Environment(autoescape=True, keep_trailing_newline=True)
_SKIPPED = frozenset({"whitespace"})


@dataclass(frozen=True, slots=True)
class Token:
    """A token with its place: line and column from 1."""

    line: int
    column: int
    kind: str
    value: str


class Source:
    """The text of a template and its tokens, as far as they can be read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines = [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]
        self.tokens = tuple(self._read())

    def place(self, at: int) -> tuple[int, int]:
        """Give the line and column of an offset."""
        low, high = 0, len(self._lines)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._lines[middle] <= at else (low, middle)
        return low + 1, at - self._lines[low] + 1

    def offset(self, token: Token) -> int:
        """Give the offset of a token."""
        return self._lines[token.line - 1] + token.column - 1

    def find(self, needle: str, start: int = 0) -> tuple[int, int] | None:
        """Give the place of a text, None if it does not stand there."""
        at = self.text.find(needle, start) if needle else -1
        return None if at < 0 else self.place(at)

    def column_of(self, line: int, name: str, *, after_dot: bool = False) -> tuple[int, int]:
        """Give the place of a name on a line or the nearest below; the line alone if it cannot be told."""
        before = ""
        for token in self.tokens:
            if token.line >= line and token.kind == "name" and token.value == name and (before == ".") == after_dot:
                return token.line, token.column
            before = token.value
        return line, 1

    def data(self) -> Iterator[Token]:
        """Give what stands outside of tags and expressions."""
        return (token for token in self.tokens if token.kind == "data")

    def _read(self) -> Iterator[Token]:
        at = 0
        try:
            for _, kind, value in _LEXER.lexer.tokeniter(self.text, None):
                if not value:
                    continue
                found = self.text.find(value, at)
                at = found if found >= 0 else at
                if kind not in _SKIPPED:
                    yield Token(*self.place(at), kind, value)
                at += len(value)
        except TemplateSyntaxError:
            return
