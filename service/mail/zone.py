"""What DNS is asked, and what it said: the answers that the checks read, and a note of those still missing.

A check is run over the answers at hand; what it looked for in vain is asked, and it is run again until nothing is
missing. So a check is a function of strings, and whoever asks knows nothing of what the records mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from service.domain.errors import RemembrancerError

_TEXT_MOST = 255  # one character string of a TXT record (RFC 1035, section 3.3)


class Kind(StrEnum):
    """A type of record (RFC 1035, section 3.2.2; RFC 3596 for AAAA)."""

    TXT = "TXT"
    MX = "MX"
    A = "A"
    AAAA = "AAAA"
    PTR = "PTR"


class Question(NamedTuple):
    """A name in lower case without the last dot, and the type of the records wanted."""

    name: str
    kind: Kind


class UnansweredError(RemembrancerError):
    """No server answered a question, so that nothing is known of the name."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers by question: records as text (the strings of a TXT joined), () for none, None for no answer.

    `wanted` collects the questions that were looked up and have not been asked yet; they read as "none" meanwhile.
    """

    known: Mapping[Question, tuple[str, ...] | None]
    wanted: set[Question] = field(default_factory=set)

    def of(self, name: str, kind: Kind) -> tuple[str, ...]:
        """Give the records of a name; raise UnansweredError where no server answered."""
        question = Question(name.rstrip(".").lower(), kind)
        if question not in self.known:
            self.wanted.add(question)
            return ()
        found = self.known[question]
        if found is None:
            raise UnansweredError(f"no DNS server answered for {question.name} {kind}")
        return found

    def addresses(self, name: str) -> tuple[str, ...]:
        """Give the addresses of a name, of both versions of IP."""
        return self.of(name, Kind.A) + self.of(name, Kind.AAAA)


def line(name: str, text: str) -> str:
    """Write a TXT record of ASCII as a line of a zone file, its text in strings of 255 characters at most."""
    strings = " ".join(f'"{text[start : start + _TEXT_MOST]}"' for start in range(0, len(text), _TEXT_MOST))
    return f"{name}. IN TXT {strings}"


def tags(record: str) -> dict[str, str]:
    """Read a list of tags, `v=DMARC1; p=none` (RFC 6376, section 3.2); raise ValueError for what is none."""
    found: dict[str, str] = {}
    for part in record.rstrip("; \t").split(";"):
        name, equals, value = part.partition("=")
        name = name.strip()
        if not equals or not name.isidentifier():
            raise ValueError(f"{part.strip()!r} is not NAME=VALUE")
        if name in found:
            raise ValueError(f"{name}= stands twice")
        found[name] = value.strip()
    return found
