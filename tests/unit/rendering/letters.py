"""Letters of the shipped events, for the tests of this folder."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import yaml

from service.domain.documents import read_collection
from service.domain.event import Collection, Event
from service.domain.notice import Kind
from service.domain.occasion import occasions
from service.rendering.asked import Asked, Due, Links, Rendered
from service.rendering.context import LetterContext, letter_context
from service.rendering.facts import sample_facts
from service.rendering.locales import Language, Languages
from service.rendering.render import Renderer
from service.rendering.templates import shipped_templates

ROOT = Path(__file__).parents[3]
TEMPLATES = ROOT / "templates"
LOCALES = ROOT / "data" / "locales"
LANGUAGES = Languages(LOCALES)
SHIPPED = shipped_templates(TEMPLATES, LOCALES)
RENDERER = Renderer(SHIPPED)
LINKS = Links("https://remember.example", "https://remember.example/editions/1")


class _Loader(yaml.SafeLoader):
    """YAML with dates left as they are written."""


_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def shipped() -> Collection:
    """The collection of Artsakh, as it is tracked."""
    text = (ROOT / "data" / "collections" / "artsakh.yaml").read_text(encoding="utf-8")
    return read_collection(yaml.load(text, _Loader))  # noqa: S506  (a safe loader, less its dates)


def due_on(event: Event, day: date) -> Due:
    """The event with all its occasions of a day."""
    return Due(event, tuple((rule, one) for rule in event.rules for one in occasions(event, rule, day, day)))


def context_of(
    *events: Event, day: date, language: str | Language = "en", on: Sequence[date] = (), **parts: Any
) -> LetterContext:
    """The context of a letter that tells of the events, on the day itself if nothing else is said."""
    spoken = LANGUAGES.of(language) if isinstance(language, str) else language
    dues = tuple(due for event in events for one in on or (day,) if (due := due_on(event, one)).occasions)
    titles: Mapping[str, Mapping[str, str]] = {event.id: event.title for event in (*shipped().events, *events)}
    kind = parts.get("kind", Kind.NOTICE)
    because, facts = tuple(parts.get("because", [shipped().title])), parts.get("facts", sample_facts(kind))
    return letter_context(Asked(kind, spoken.code, day, dues, because, titles, LINKS, facts), spoken)


def letter_of(*events: Event, day: date, language: str = "en", **parts: Any) -> Rendered:
    """The letter rendered with the templates that ship."""
    return RENDERER.letter(context_of(*events, day=day, language=language, **parts))


class _Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.tags: list[str] = []
        self.texts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.links += [value for name, value in attrs if name == "href" and value]
        self._unseen += tag in {"style", "title", "head"}

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in {"style", "title", "head"}

    def handle_data(self, data: str) -> None:
        if not self._unseen and data.strip():
            self.texts.append(" ".join(data.split()))


def seen(html: str) -> _Seen:
    """What a mail program finds in the HTML."""
    reading = _Seen()
    reading.feed(html)
    return reading


def flat(text: str) -> str:
    """The text with its line ends, indents and firm blanks as single blanks."""
    return " ".join(text.split())
