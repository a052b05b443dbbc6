"""A template looked at as it is written: what cannot be read, what is not there, what nobody could translate."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from jinja2 import nodes

from service.domain.templates import LETTERS, LOCALES, Templates
from service.rendering.check import ELEMENTS
from service.rendering.checks.catalogue import check_catalogue
from service.rendering.checks.finding import Check, Severity, in_order
from service.rendering.checks.sayings import text_of
from service.rendering.checks.scope import Said
from service.rendering.checks.source import Source
from service.rendering.checks.syntax import parsed, tree_of
from service.rendering.checks.walking import TooLongError, Walk
from service.rendering.locales import SOURCE, Languages

_TAG = re.compile(r"</?([A-Za-z][\w-]*)(?=[\s/>])")
_LOUD = re.compile(r"!(?![\w=\[-])|՜|¡")
_MARKUP = re.compile(r"<[^<>]*>")


def check_source(name: str, text: str, templates: Templates) -> tuple[Check, ...]:
    """Give what is wrong with a piece before it is rendered, in it and in all that is made with it."""
    altered = templates.altered({name: text})
    if name.startswith(LOCALES):
        return check_catalogue(name, text, altered)
    source = Source(text)
    tree, wrong = parsed(name, text, source)
    if tree is None:
        return wrong
    found = set(_names(name, altered))
    found.update(_style(name, source, tree))
    found.update(_untranslated(name, source, tree, Languages(altered)))
    return in_order(found)


def trees_of(templates: Templates) -> dict[str, nodes.Template]:
    """Give the syntax trees of all templates that can be read."""
    letters = {name: text for name, text in templates.pieces.items() if name.startswith(LETTERS)}
    read = {name: tree_of(name, text) for name, text in letters.items()}
    return {name: tree for name, tree in read.items() if tree is not None}


def _suffix(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def is_shared(name: str) -> bool:
    """Say whether a piece is no letter by itself: its name begins with an underscore."""
    return name.rsplit("/", 1)[-1].startswith("_")


def _names(name: str, templates: Templates) -> Iterator[Check]:
    """Find what is not there, in the piece itself or in the letters that are made with it."""
    said: set[Said] = set()
    trees = trees_of(templates)
    walk = Walk(trees, said.add)
    roots = [root for root in sorted(trees) if not is_shared(root) and _suffix(root) == _suffix(name)]
    try:
        for root in roots if is_shared(name) else [name]:
            walk.letter(root)
        if is_shared(name):
            walk.uncalled(name)
    except (TooLongError, RecursionError):
        yield Check(Severity.STOPS, name, 0, 0, "templates and macros of it go into each other without end")
    sources: dict[str, Source] = {}
    for one in said:
        source = sources.setdefault(one.template, Source(templates.pieces[one.template]))
        yield Check(
            one.severity, one.template, *source.column_of(one.line, one.word, after_dot=one.after_dot), one.message
        )


def _style(name: str, source: Source, tree: nodes.Template) -> Iterator[Check]:
    """Find unknown elements, and what the voice of these letters does without."""
    if name.endswith(".mjml"):
        for token in source.data():
            for found in _TAG.finditer(token.value):
                if found[1] not in ELEMENTS:
                    place = source.place(source.offset(token) + found.start())
                    yield Check(Severity.STOPS, name, *place, f"<{found[1]}> is not a known element")
    for line, column, text in _words(name, source, tree):
        for at, char in enumerate(text):
            if _LOUD.match(text, at) or (unicodedata.category(char) == "So" and char not in "©®№°"):
                what = "an exclamation mark" if _LOUD.match(text, at) else f"{char}"
                yield Check(Severity.WARNS, name, line, column, f"{what} has no place in a solemn letter")
                break


def _words(name: str, source: Source, tree: nodes.Template) -> Iterator[tuple[int, int, str]]:
    for token in source.data():
        said = _MARKUP.sub(" ", _without_styles(token.value)) if name.endswith(".mjml") else token.value
        yield token.line, token.column, said
    for call in _said(tree):
        yield *source.column_of(call.lineno, "t"), text_of(call) or ""


def _without_styles(text: str) -> str:
    first, *parts = text.split("<mj-style")
    return " ".join([first, *(part.partition("</mj-style>")[2] for part in parts)])


def _untranslated(name: str, source: Source, tree: nodes.Template, languages: Languages) -> Iterator[Check]:
    """Find what readers of another language would be told in English."""
    spoken: Mapping[str, Mapping[str, str]] = {
        code: languages.of(code).catalogue for code in languages.codes if code != SOURCE
    }
    for call in _said(tree):
        text = text_of(call)
        lacking = [
            languages.of(SOURCE).language_name(code)
            for code, catalogue in spoken.items()
            if text and text not in catalogue
        ]
        if lacking:
            place = source.column_of(call.lineno, "t")
            yield Check(Severity.WARNS, name, *place, f"“{text}” is not translated into {', '.join(lacking)}")


def _said(tree: nodes.Template) -> Iterator[nodes.Call]:
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "t":
            yield call
