"""A private event: what one subscriber remembers, with nobody told of it but those they share it with.

It is a document like a public record, but shorter: a name, some words, a day, rules. `told_in` makes an event of it,
so that what reckons and tells events does the same for these.
"""

from dataclasses import dataclass
from typing import ClassVar

from service.domain.contradictions import MisplacedError
from service.domain.edtf import DayText
from service.domain.event import Event, Picture, Record, Tone
from service.domain.rule import Rule
from service.domain.targets import target_of

NAME_LONGEST = 120  # characters
WORDS_LONGEST = 2_000
ALTERNATIVE_LONGEST = 300
MOST_RULES = 12
MOST_EVENTS = 200  # of one subscriber


@dataclass(frozen=True, slots=True)
class PrivateTold(Event):
    """A private event as it is told: it needs no source, and belongs to somebody."""

    is_private: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class PrivateEvent(Record):
    """A private event as its owner wrote it.

    `first_day` is a whole day of `calendar`. `words` are the owner's own; `picture` says what its picture shows, None
    if it has none. Nothing says in which language all this is written.
    """

    name: str
    first_day: DayText
    rules: tuple[Rule, ...]
    words: str = ""
    calendar: str = "gregorian"
    after_sunset: bool = False
    tone: Tone = Tone.SOLEMN
    picture: str | None = None

    def __post_init__(self) -> None:
        for key, longest in (("name", NAME_LONGEST), ("words", WORDS_LONGEST), ("picture", ALTERNATIVE_LONGEST)):
            if len(getattr(self, key) or "") > longest:
                raise MisplacedError(f"this is longer than {longest} characters", key)
        if not self.name.strip():
            raise MisplacedError("this is required", "name")
        if not 1 <= len(self.rules) <= MOST_RULES:
            raise MisplacedError(f"it needs 1 to {MOST_RULES} rules", "rules")
        if self.told_in("private", "en").first.day is None:
            raise MisplacedError("the day must be known", "first_day")

    def told_in(self, id_: str, language: str) -> PrivateTold:
        """Give the event as it is told to a reader of a language: the owner's words are taken to be in it."""
        pictures = () if self.picture is None else (Picture("", "", {language: self.picture}),)
        first, _, rest = self.words.strip().partition("\n")
        return PrivateTold(
            id=target_of(id_),
            title={language: self.name},
            summary={language: first.strip()},
            narrative={language: rest.strip()} if rest.strip() else {},
            first_day=self.first_day,
            sources=(),
            rules=self.rules,
            calendar=self.calendar,
            after_sunset=self.after_sunset,
            tone=self.tone,
            pictures=pictures,
        )
