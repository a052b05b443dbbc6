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

    def __post_init__(self) -> None:
        self.style = declared(self.attributes.get("style", ""))

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
        """Give it and every element in it."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.all()

    def hidden(self) -> bool:
        """Say whether nobody sees it: the line that mail programs show beside the subject is hidden in the letter."""
        for one in self.upwards():
            style = one.style
            if style.get("display") == "none" or style.get("visibility") == "hidden" or style.get("opacity") == "0":
                return True
        return False


class _Reading(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Element("", {}, None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(element)
        if tag not in _EMPTY:
            self.here = element

    def handle_endtag(self, tag: str) -> None:
        for one in self.here.upwards():
            if one.tag == tag and one.parent is not None:
                self.here = one.parent
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


def read_texts(element: Element) -> Iterator[tuple[Element, str]]:
    """Give every text that a reader sees, with the element it stands in."""
    for child in element.children:
        if isinstance(child, str):
            if child.strip() and not element.hidden():
                yield element, child
        elif child.tag not in _UNREAD:
            yield from read_texts(child)


def read_text(element: Element) -> str:
    """Give what a reader sees as one text; what stands in different blocks does not run together."""
    parts: list[str] = []
    for child in element.children:
        if isinstance(child, str):
            parts.append("" if element.hidden() else child)
        elif child.tag not in _UNREAD:
            apart = " " if child.tag in _BLOCKS else ""
            parts.append(f"{apart}{read_text(child)}{apart}")
    return "".join(parts)


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
