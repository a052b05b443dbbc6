"""Proofs: a letter as it would leave, seen by an editor before anybody gets it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from service.domain.letter import Words
from service.domain.notice import Kind
from service.rendering.asked import TemplateFinding

# What a proof is shown under (`Content-Security-Policy`): a document without scripts, without an origin, that
# fetches nothing. It is to be answered from an address of its own, and without cookies.
POLICY: Final = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"


class Reader(StrEnum):
    """A reader worth seeing a letter as."""

    PLAIN = "plain"  # asked for the event's collection, and hears of it on the day
    AHEAD = "ahead"  # hears of it a week before
    BUSY = "busy"  # has several events on the day, and some to come
    UNKNOWN = "unknown"  # what they asked for is not known any more


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be seen: an event on a day, or, if that is None, on its next; `event` None takes the next of all."""

    kind: Kind
    language: str
    event: str | None = None
    on: date | None = None
    reader: Reader = Reader.PLAIN


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of it: the words or findings, and the whole letter as it would leave (b"" if there is none).

    `on` is the local day on which the letter goes out.
    """

    wanted: Wanted
    on: date
    words: Words | None
    findings: tuple[TemplateFinding, ...]
    content: bytes
    milliseconds: float


# Gives the proof with these drafts, by name, over the templates in use; raises InvalidError or NotFoundError for a
# day, event or language that has none, and BusyError when too many are asked for at once.
Prove = Callable[[Wanted, Mapping[str, str]], Awaitable[Proof]]
