"""Provisional."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from service.domain.letter import Words
from service.domain.notice import Kind
from service.rendering.render import TemplateFinding


class Reader(StrEnum):
    PLAIN = "plain"
    BUSY = "busy"


@dataclass(frozen=True)
class Wanted:
    kind: Kind
    language: str
    event: str | None = None
    on: date | None = None
    reader: Reader = Reader.PLAIN


@dataclass(frozen=True)
class Proof:
    wanted: Wanted
    on: date
    words: Words | None
    findings: tuple[TemplateFinding, ...]
    content: bytes
    milliseconds: float


Prove = Callable[[Wanted, Mapping[str, str]], Awaitable[Proof]]
