"""Whether what is told of an event on a day may leave: what its collection asks, and what an editor said.

An approval holds for a version of the record and of the templates: a later change of either asks anew. What was
held or cancelled stays so, whatever is changed.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

APPROVE_DAYS = 3
APPROVE_DAYS_MOST = 60


class Approval(StrEnum):
    """What becomes of letters that tell of a collection's events and that no editor has approved."""

    NONE = "none"  # nobody is asked
    HOLD = "hold"  # they wait for the approval, and expire without it
    SEND = "send"  # they leave, and the editors are told

    @property
    def holds(self) -> bool:
        """Whether letters wait."""
        return self is Approval.HOLD


class Verdict(StrEnum):
    """What an editor said of what is told of an event on a day."""

    APPROVED = "approved"
    HELD = "held"
    CANCELLED = "cancelled"


class Fate(StrEnum):
    """What becomes of it; the values of those that are held are the reasons with which editions are stopped."""

    LEAVES = "leaves"
    UNASKED = "not approved"  # it leaves all the same, as its collection says
    AWAITING = "awaiting approval"
    PAUSED = "paused"
    HELD = "held by an editor"
    CANCELLED = "cancelled"

    @property
    def is_held(self) -> bool:
        """Whether it is planned and then waits."""
        return self in HOLDING


HOLDING = (Fate.AWAITING, Fate.PAUSED, Fate.HELD)


@dataclass(frozen=True, slots=True)
class Leave:
    """What there is to know: what the collection asks, the verdict with the version it was given for, a pause."""

    asked: Approval = Approval.NONE
    verdict: Verdict | None = None
    version: str = ""
    paused: bool = False

    def fate(self, version: str) -> Fate:
        """Say what becomes of what is told now, in a version."""
        if self.verdict is Verdict.CANCELLED:
            return Fate.CANCELLED
        if self.verdict is Verdict.HELD:
            return Fate.HELD
        if self.paused:
            return Fate.PAUSED
        if self.asked is Approval.NONE or (self.verdict is Verdict.APPROVED and self.version == version):
            return Fate.LEAVES
        return Fate.AWAITING if self.asked is Approval.HOLD else Fate.UNASKED


def worst(fates: Iterable[Fate]) -> Fate:
    """Give the fate of a letter that tells of several: that of the one that keeps it longest."""
    return max(fates, key=list(Fate).index, default=Fate.LEAVES)


def record_version(version: str, errata: Sequence[str]) -> str:
    """Give the version of what is told of an event: of its record, and of the corrections that stand (their ids)."""
    return _digest([version, *sorted(errata)])[:16] if errata else version


def version_of(record: str, templates: str) -> str:
    """Give the version that an approval is for: of what is told, and of the templates in use."""
    return _digest([record, templates])


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
