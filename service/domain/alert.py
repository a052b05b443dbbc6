"""What editors must know: a matter, and the facts of it, as they are kept until each language says them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from service.domain.editor import Role

LINES_MOST = 20


class Matter(StrEnum):
    """What an alert is about. The value stands in keys: it never changes."""

    SLOTS_MISSED = "slots-missed"
    NOT_RENDERED = "not-rendered"
    APPROVAL = "approval"
    UNAPPROVED = "unapproved"
    EXPIRED = "expired"
    STANDSTILL = "standstill"
    RESTORED = "restored"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of an alert: words in each language that there is, and the day that it is about."""

    words: Mapping[str, str]
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """What editors of at least a role are told. The same `about` of a matter is told once a day.

    `path` is the page on which something can be done; `count` how many facts there are, if not all are told.
    """

    matter: Matter
    facts: tuple[Fact, ...] = ()
    about: str = ""
    path: str = "/admin"
    least: Role = Role.APPROVER
    count: int = 0

    @property
    def more(self) -> int:
        """How many facts there are beyond those that are told."""
        return max(self.count, len(self.facts)) - min(len(self.facts), LINES_MOST)

    def document(self) -> dict[str, Any]:
        """Give it as it is kept with its letter."""
        told = self.facts[:LINES_MOST]
        return {
            "matter": self.matter.value,
            "facts": [[dict(fact.words), fact.on.isoformat() if fact.on else None] for fact in told],
            "path": self.path,
            "count": max(self.count, len(self.facts)),
        }


def read_alert(document: Mapping[str, Any]) -> Alert:
    """Read what `Alert.document` gave, as far as a letter tells it."""
    facts = tuple(Fact(words, date.fromisoformat(on) if on else None) for words, on in document["facts"])
    return Alert(Matter(document["matter"]), facts, path=document["path"], count=document["count"])
