"""The HTML of a letter as a tree: what is read in it, and with which colours, by day and by night."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser

import tinycss2

_EMPTY = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
_UNREAD = frozenset({"head", "style", "title", "script"})
_BLOCKS = frozenset({"p", "div", "td", "th", "li", "h1", "h2", "h3", "h4", "h5", "h6", "br", "tr", "table", "dt", "dd"})
_DEEPEST = 60  # levels; what is nested deeper is read as if it stood beside
_APART = " "
_PIXELS = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)px")
_BOLD = frozenset({"b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"})
_HEAVY = frozenset({"600", "700", "800", "900"})
_COMPOUND = re.compile(r"([a-zA-Z][\w-]*|\*)?((?:[.#][\w-]+|\[[^\]]*\])*)")
_PART = re.compile(r"([.#])([\w-]+)|\[\s*([\w-]+)\s*(?:=\s*[\"']?([^\"'\]]*)[\"']?)?\s*\]")
Specificity = tuple[int, int, int]


@dataclass(slots=True, eq=False)
class Element:
    """An element with what stands in it, in order."""

    tag: str
    attributes: dict[str, str]
    parent: "Element | None"
    children: "list[Element | str]" = field(default_factory=list)
    style: Mapping[str, str] = field(default_factory=dict)
    hidden: bool = False
    """Whether nobody sees it: the line that mail programs show beside the subject is hidden in the letter."""
    pixels: float = 16.0
    """The size of what is written in it."""
    bold: bool = False

    def __post_init__(self) -> None:
        """Take over what is inherited."""
        self.style = style = declared(self.attributes.get("style", ""))
        before = self.parent or self
        unseen = (style.get("display"), style.get("visibility"), style.get("opacity"))
        self.hidden = before.hidden or unseen[0] == "none" or unseen[1] == "hidden" or unseen[2] == "0"
        size = _PIXELS.fullmatch(style.get("font-size", ""))
        self.pixels = float(size[1]) if size else before.pixels
        weight = style.get("font-weight", "bold" if self.tag in _BOLD else "")
        self.bold = (weight in {"bold", "bolder"} or weight in _HEAVY) if weight else before.bold

    @property
    def classes(self) -> list[str]:
        """The names of its classes."""
        return self.attributes.get("class", "").split()

    def upwards(self) -> "Iterator[Element]":
        """Give it and what it stands in."""
        here: Element | None = self
        while here is not None:
            yield here
            here = here.parent

    def all(self) -> "Iterator[Element]":
        """Give it and every element in it, in the order in which they are read."""
        waiting = [self]
        while waiting:
            here = waiting.pop()
            yield here
            waiting += [child for child in reversed(here.children) if isinstance(child, Element)]


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Element("", {}, None)
        self._depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(element)
        if tag not in _EMPTY and self._depth < _DEEPEST:
            self.here = element
            self._depth += 1

    def handle_endtag(self, tag: str) -> None:
        for levels, one in enumerate(self.here.upwards(), 1):
            if one.tag == tag and one.parent is not None:
                self.here = one.parent
                self._depth -= levels
                return

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


@lru_cache(maxsize=2)
def page_of(html: str) -> Element:
    """Read the HTML of a letter; the last is kept, as several look at it."""
    reading = _Reading()
    reading.feed(html)
    reading.close()
    return reading.root


def read_texts(page: Element) -> Iterator[tuple[Element, str]]:
    """Give every text that a reader sees, with the element it stands in."""
    return ((element, text) for element, text in _parts(page) if text.strip() and not element.hidden)


def read_text(page: Element) -> str:
    """Give what a reader sees as one text; what stands in different blocks does not run together."""
    return "".join(text if text == _APART or not element.hidden else "" for element, text in _parts(page))


def _parts(page: Element) -> Iterator[tuple[Element, str]]:
    """Give the texts in their order, with a blank where a block begins or ends."""
    waiting: list[tuple[Element, Element | str]] = [(page, page)]
    while waiting:
        element, part = waiting.pop()
        if isinstance(part, str):
            yield element, part
        elif part.tag not in _UNREAD:
            apart: list[tuple[Element, Element | str]] = [(part, _APART)] if part.tag in _BLOCKS else []
            inside: list[tuple[Element, Element | str]] = [(part, child) for child in reversed(part.children)]
            waiting += [*apart, *inside, *apart]


@lru_cache(maxsize=4096)
def declared(css: str) -> Mapping[str, str]:
    """Read declarations: name to value, each name's last."""
    found = tinycss2.parse_blocks_contents(css, skip_comments=True, skip_whitespace=True)
    return {one.lower_name: tinycss2.serialize(one.value).strip() for one in found if one.type == "declaration"}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a style sheet that wins over what elements say of themselves, for one selector."""

    selector: str
    specificity: Specificity
    declarations: dict[str, str]


def sheets(page: Element) -> str:
    """Give the style sheets of a letter."""
    return "\n".join(
        child for one in page.all() if one.tag == "style" for child in one.children if isinstance(child, str)
    )


@lru_cache(maxsize=8)
def night_rules(css: str) -> Sequence[Rule]:
    """Give what holds by night and wins, the weakest first."""
    rules: list[Rule] = []
    for at_rule in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        if at_rule.type != "at-rule" or at_rule.content is None or at_rule.lower_at_keyword != "media":
            continue
        if not re.search(r"prefers-color-scheme\s*:\s*dark", tinycss2.serialize(at_rule.prelude)):
            continue
        for rule in tinycss2.parse_rule_list(at_rule.content, skip_comments=True, skip_whitespace=True):
            if rule.type == "qualified-rule":
                rules += _rules(rule)
    return sorted(rules, key=lambda one: one.specificity)


def _rules(rule: tinycss2.ast.QualifiedRule) -> Iterator[Rule]:
    found = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
    winning = {
        one.lower_name: tinycss2.serialize(one.value).strip()
        for one in found
        if one.type == "declaration" and one.important
    }
    for selector in tinycss2.serialize(rule.prelude).split(","):
        if winning and ":" not in selector and "+" not in selector and "~" not in selector:
            yield Rule(selector.strip(), _specificity(selector), winning)


def _specificity(selector: str) -> Specificity:
    parts = [part for part in re.split(r"[\s>]+", selector.strip()) if part]
    tags = sum(bool(re.match(r"[a-zA-Z]", part)) for part in parts)
    return selector.count("#"), selector.count(".") + selector.count("["), tags


def matches(element: Element, selector: str) -> bool:
    """Say whether a selector of elements, classes, ids, attributes, descendants and children is true of an element."""
    steps = re.findall(r">|[^\s>]+", selector)
    return bool(steps) and _ends(element, steps)


def _ends(element: Element, steps: list[str]) -> bool:
    *before, last = steps
    if not _is(element, last):
        return False
    if not before:
        return True
    if before[-1] == ">":
        return element.parent is not None and _ends(element.parent, before[:-1])
    return any(_ends(one, before) for one in element.upwards() if one is not element)


def _is(element: Element, compound: str) -> bool:
    found = _COMPOUND.fullmatch(compound)
    if not found or (found[1] not in {None, "*"} and found[1].lower() != element.tag):
        return False
    for mark, name, attribute, value in _PART.findall(found[2]):
        if mark == "." and name not in element.classes:
            return False
        if mark == "#" and element.attributes.get("id") != name:
            return False
        if attribute and (attribute not in element.attributes or value not in {"", element.attributes[attribute]}):
            return False
    return True
