"""What a file of events says, whatever its form: entries with their lines, and what could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.domain.documents import Place
from service.domain.event import Collection, Event

MOST_BYTES = 1_500_000  # of a file that comes through a page
Lines = Mapping[Place, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as a file has it. `position` is its place in the collection, where the form of the file has one."""

    file: str
    line: int
    collection: str
    event: Event
    position: int | None = None
    lines: Lines = field(default_factory=dict)

    @property
    def where(self) -> str:
        """File and line, as findings begin."""
        return f"{self.file}:{self.line}"

    def place(self, *place: str | int) -> str:
        """Give file and line of a part of the event; the line of the nearest part that has one."""
        while place and place not in self.lines:
            place = place[:-1]
        return f"{self.file}:{self.lines.get(place, self.line)}"


@dataclass(frozen=True, slots=True)
class Refused:
    """What cannot be brought in: where it stands, what it is called, and why."""

    where: str
    name: str
    why: str

    def __str__(self) -> str:
        """The finding as one line that begins with file and line."""
        return f"{self.where}: {self.name + ': ' if self.name else ''}{self.why}"


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that files say.

    `collections` are the collections whose own words stand in them, without events. What is `refused` stops the
    whole import; what is `left_out` is no event of ours, is named, and stops nothing.
    """

    collections: tuple[tuple[str, Collection], ...] = ()  # each with file and line
    entries: tuple[Entry, ...] = ()
    refused: tuple[Refused, ...] = ()
    left_out: tuple[Refused, ...] = ()

    def __add__(self, other: "Reading") -> "Reading":
        """Put two readings together."""
        return Reading(
            self.collections + other.collections,
            self.entries + other.entries,
            self.refused + other.refused,
            self.left_out + other.left_out,
        )
