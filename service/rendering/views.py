"""What templates see of an event: plain values in words, for letters and for pages alike.

The docstring below each field is its documentation for the authors of templates; `reference.py` writes
it into `templates/README.md`.
"""

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Text:
    """A text and the language that it is in, which may not be the reader's."""

    text: str
    """The text, one line."""
    code: str
    """The language it is in (BCP 47), for a `lang` attribute."""
    direction: str
    """`ltr` or `rtl`, for a `dir` attribute."""
    foreign: bool
    """Whether this is not the reader's language."""

    def __str__(self) -> str:
        """The text itself: `{{ event.title }}` is enough where no `lang` is needed."""
        return self.text


@dataclass(frozen=True, slots=True)
class FactView:
    """One line of an alert."""

    on: str
    """The day that it is about: "27 September 2024"; "" if it is about none."""
    words: Text
    """What it is."""


@dataclass(frozen=True, slots=True)
class AlertView:
    """What an editor must know."""

    matter: str
    """What it is about: `slots-missed`, `not-rendered`, `approval`, `standstill`, `restored`."""
    headline: str
    """The matter in a few words."""
    sentences: tuple[str, ...]
    """What it means, and what can be done."""
    facts: tuple[FactView, ...]
    """The facts."""
    more: str
    """How many more there are that are not told: "and 3 more"; "" if all are."""
    action: str
    """What the link to the page is called."""
    url: str
    """The page on which something can be done."""


@dataclass(frozen=True, slots=True)
class OfferedView:
    """A collection that can be asked for by mail."""

    title: Text
    """What it is called."""
    address: str
    """To which one writes for it."""


@dataclass(frozen=True, slots=True)
class ByMailView:
    """What can be done by mail: to which address one writes for what."""

    collections: tuple[OfferedView, ...]
    """What can be asked for."""
    more: str
    """How many more there are that are not told: "and 3 more"; "" if all are."""
    manage: str
    """To which one writes for the link to one's own pages."""
    unsubscribe: str
    """To which one writes to leave."""
    help: str
    """To which one writes for this letter."""


@dataclass(frozen=True, slots=True)
class ChannelView:
    """By which way notices and summaries come from now on, and by which they came until then."""

    name: str
    """What the channel is called: "ntfy", "Telegram"; "" for e-mail."""
    before: str
    """The one until then; "" for e-mail."""
    when: str
    """When it was chosen, by the reader's clock: "27 September 2026, 09:00"; "" if it was undone."""
    headline: str
    """The change as a line of its own."""
    words: str
    """The change in a sentence."""


@dataclass(frozen=True, slots=True)
class Prose:
    """A text of several paragraphs, written in Markdown."""

    html: Markup
    """As HTML: paragraphs, lists, emphasis, links, and nothing else."""
    text: str
    """As plain text, a paragraph a line; write `{{ prose.text | wrap }}`."""
    code: str
    """The language it is in (BCP 47)."""
    direction: str
    """`ltr` or `rtl`."""
    foreign: bool
    """Whether this is not the reader's language."""


@dataclass(frozen=True, slots=True)
class SourceView:
    """Where facts come from."""

    number: int
    """Its number in the list, from 1; attributions name it as [1]."""
    title: Text
    """What it is called."""
    author: str
    """Who wrote or said it; "" if not known."""
    publisher: str
    """Who published it; "" if not known."""
    date: str
    """When, as exactly as is known, in words; "" if not known."""
    address: str
    """Its web address; "" if it has none."""
    note: Text | None
    """What else must be known about it."""
    line: str
    """Author, publisher, date, and a place that is not on the web, in one line; "" if none is known."""


@dataclass(frozen=True, slots=True)
class FigureView:
    """A number that somebody gave for something at some time."""

    label: Text
    """What was counted."""
    amount: str
    """The number as it is to be read, with its unit: "more than 100,000 people"."""
    value: str
    """The number as it is to be read, without its unit: "more than 100,000", "dozens"."""
    unit: Text | None
    """What the number counts."""
    as_of: str
    """The time for which it holds: "September 2024"."""
    source: SourceView
    """Who says so."""
    attribution: str
    """Time and source in words: "as of September 2024, source [1]"."""
    earlier: "tuple[FigureView, ...]"
    """The figures that this one replaced, newest first; they are kept."""


@dataclass(frozen=True, slots=True)
class TimelineView:
    """One thing that happened in the course of an event."""

    when: str
    """The day or days, as exactly as is known, in words."""
    text: Text
    """What happened."""
    source: SourceView
    """Who says so."""


@dataclass(frozen=True, slots=True)
class UnresolvedView:
    """What is still open."""

    text: Text
    """What is open."""
    as_of: str
    """When it was said: "September 2024"."""
    source: SourceView
    """Who said so."""
    attribution: str
    """Time and source in words."""


@dataclass(frozen=True, slots=True)
class LinkView:
    """Another event that this one is tied to."""

    kind: str
    """What it is to this event, in words: "Part of", "Led to", "Followed by"."""
    title: Text
    """Its title."""
    url: str
    """Its page."""


@dataclass(frozen=True, slots=True)
class PictureView:
    """A picture; for pages only, a letter shows none."""

    file: str
    """The file's name beside the collection."""
    credit: str
    """Who made it."""
    alternative: Text
    """What it shows, for those who cannot see it."""


@dataclass(frozen=True, slots=True)
class EventView:
    """An event as a reader sees it."""

    id: str
    """Its id, which is no text to show."""
    url: str
    """Its page."""
    title: Text
    """What it is called."""
    summary: Text
    """What happened, in a sentence or two."""
    narrative: Prose | None
    """The whole story."""
    when: str
    """The days on which it happened: "27 September – 9 November 2020"; "" of a day that is only kept."""
    original: str
    """The days as they were written down in another calendar: "30 Kislev 5700 of the Hebrew calendar, after sunset";
    "" if they were written down in the Gregorian, and of a day that is only kept."""
    length: str
    """How long it lasted: "44 days"; "" for a single day or if it is not known to the day."""
    place: Text | None
    """Where it happened."""
    figures: tuple[FigureView, ...]
    """The figures that hold now; what they replaced is in each one's `earlier`."""
    figures_attribution: str
    """Time and source, said once, if they are the same for all figures; "" if each must say its own."""
    timeline: tuple[TimelineView, ...]
    """What happened, in its order."""
    unresolved: tuple[UnresolvedView, ...]
    """What is still open."""
    unresolved_attribution: str
    """Time and source, said once, if they are the same for all that is unresolved; "" otherwise."""
    links: tuple[LinkView, ...]
    """The events that it is tied to."""
    sources: tuple[SourceView, ...]
    """Where all this comes from."""
    pictures: tuple[PictureView, ...]
    """Pictures, for pages."""
    language_note: str
    """A sentence naming the languages of texts that are not in the reader's; "" if all are."""
    observance: bool
    """Whether it is a day that is kept rather than something that happened on it."""
    festive: bool
    """Whether it is celebrated; what is mourned is not."""
    private: bool
    """Whether it is the reader's own: nobody else sees it, and its page is behind their link."""
