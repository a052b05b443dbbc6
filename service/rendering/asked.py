"""What is asked of those who render, and what they answer: plain values that can travel to another process.

Nothing here knows a template engine, so whoever asks need not load one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol
from urllib.parse import quote

from service.domain.event import Event
from service.domain.event import Words as Texts
from service.domain.letter import Words
from service.domain.notice import Kind
from service.domain.occasion import Occasion
from service.domain.rule import Rule
from service.rendering.templates import Templates


@dataclass(frozen=True, slots=True)
class Due:
    """An event and its occasions of one day; several rules may give the same day, it is told once."""

    event: Event
    occasions: tuple[tuple[Rule, Occasion], ...]
    errata: tuple[Texts, ...] = ()  # what was told of it before and is corrected

    @property
    def on(self) -> date:
        """The day."""
        return self.occasions[0][1].on


@dataclass(frozen=True, slots=True)
class Links:
    """Where the pages are. `edition_url` is the web copy of this edition, if it has one."""

    public_url: str
    edition_url: str | None = None

    def event_url(self, id_: str) -> str:
        """Give the address of an event's page."""
        return f"{self.public_url}/events/{quote(id_, safe='')}"

    @property
    def subscribe_url(self) -> str:
        """The address of the page on which one asks to be reminded."""
        return f"{self.public_url}/subscribe"


@dataclass(frozen=True, slots=True)
class Asked:
    """All that a letter is made of but its templates.

    `language` is a code, `day` the local day on which it goes out. `because` are the titles of what the reader
    asked for, `titles` those of the events that the told ones are tied to, by id. `facts` are what an edition keeps
    beside occasions.
    """

    kind: Kind
    language: str
    day: date
    dues: tuple[Due, ...]
    because: tuple[Texts, ...]
    titles: Mapping[str, Texts]
    links: Links
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TemplateFinding:
    """What is wrong with a template, and where; line 0 if it has no one line."""

    template: str
    line: int
    message: str

    @property
    def place(self) -> str:
        """Where it is."""
        return f"{self.template}:{self.line}" if self.line else self.template

    def __str__(self) -> str:
        """The finding as one line."""
        return f"{self.place}: {self.message}"


@dataclass(frozen=True, slots=True)
class Rendered:
    """The words of a letter, or None and the findings that say why there are none."""

    words: Words | None
    findings: tuple[TemplateFinding, ...] = ()


class Printer(Protocol):
    """Renders letters, somewhere and within limits; whatever a template does ends as a finding."""

    async def letter(self, asked: Asked, templates: Templates) -> Rendered:
        """Render what was asked with these templates."""
