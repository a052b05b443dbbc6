"""What a check has found: whether it stops a publication, and where it is, in words."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding means for publishing."""

    STOPS = "stops"
    WARNS = "warns"


@dataclass(frozen=True, slots=True)
class Check:
    """A finding: the template it is in, its line and column from 1 (0 if it has no one place), and what is wrong."""

    severity: Severity
    place: str
    line: int
    column: int
    message: str

    @property
    def stops(self) -> bool:
        """Whether it stands in the way of publishing."""
        return self.severity is Severity.STOPS

    def __str__(self) -> str:
        """The finding as one line."""
        where = f"{self.place}:{self.line}:{self.column}" if self.line else self.place
        return f"{where}: {self.message}"


def in_order(checks: "set[Check]") -> tuple[Check, ...]:
    """Give findings once each: by place, what stops before what warns."""
    return tuple(sorted(checks, key=lambda one: (one.place, one.line, one.column, one.severity, one.message)))
