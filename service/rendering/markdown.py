"""Narratives: Markdown (CommonMark without HTML and pictures) to safe HTML and to text worth reading."""

from collections.abc import Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from service.rendering.plain import clean, without_marks

_SCHEMES = ("https://", "http://", "mailto:")
_LEAST_HEADING = 4  # above it are the headings of the letter or page itself


def html_of(text: str) -> Markup:
    """Give the HTML; it is well-formed XML and holds nothing but paragraphs, lists, emphasis and links."""
    tokens = _reader().parse(clean(text))
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, _LEAST_HEADING + int(token.tag[1:]) - 1)}"
    rendered = without_marks(_reader().renderer.render(tokens, _reader().options, {}))  # it has read entities by now
    return Markup(rendered.strip())  # noqa: S704  (markdown-it escapes all text, HTML in it too)


def plain_of(text: str) -> str:
    """Give the text: a paragraph a line, a blank line between, links behind what they stand for."""
    blocks: list[str] = []
    prefixes: list[str] = []
    marker = ""
    for token in _reader().parse(clean(text)):
        match token.type:
            case "blockquote_open" | "bullet_list_open" | "ordered_list_open":
                prefixes.append("> " if token.type == "blockquote_open" else "  " if _in_list(prefixes) else "")
            case "blockquote_close" | "bullet_list_close" | "ordered_list_close":
                prefixes.pop()
            case "list_item_open":
                marker = f"{token.info}. " if token.info else "- "
            case "inline":
                blocks.append("".join(prefixes) + marker + _words(token.children or ()))
                marker = ""
            case "fence" | "code_block":
                blocks.append(token.content.rstrip("\n"))
            case "hr":
                blocks.append("* * *")
    return without_marks("\n\n".join(blocks))


def _in_list(prefixes: Sequence[str]) -> bool:
    return bool(prefixes) and prefixes[-1] != "> "


def _words(tokens: Sequence[Token]) -> str:
    said, address, begun = "", "", 0
    for token in tokens:
        match token.type:
            case "link_open":
                address, begun = str(token.attrs.get("href", "")), len(said)
            case "link_close":
                said += f" <{address}>" if said[begun:] != address else ""
            case "softbreak":
                said += " "
            case "hardbreak":
                said += "\n"
            case _:
                said += token.content
    return said


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "xhtmlOut": True}).disable("image")
    reader.validateLink = lambda url: url.lower().startswith(_SCHEMES)  # type: ignore[method-assign]  # its documented hook
    return reader
