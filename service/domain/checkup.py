"""What an examination of an installation finds: one finding for each thing looked at, with what mends it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Grade(StrEnum):
    """How a thing stands."""

    FINE = "fine"
    WARNING = "warning"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: how it stands, what was seen, and what to do ("" if nothing)."""

    name: str
    grade: Grade
    seen: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, in the order in which it was looked at, and what is to be seen beside it.

    `records` are the lines to publish, as a zone file has them; `days` how many letters may leave on each day of UTC
    that has a limit.
    """

    findings: tuple[Finding, ...]
    records: tuple[str, ...] = ()
    days: tuple[tuple[date, int], ...] = ()


def fine(name: str, seen: str) -> Finding:
    """Say that a thing is in order."""
    return Finding(name, Grade.FINE, seen)


def warning(name: str, seen: str, remedy: str) -> Finding:
    """Say that a thing works, or may, and would be better otherwise."""
    return Finding(name, Grade.WARNING, seen, remedy)


def failing(name: str, seen: str, remedy: str) -> Finding:
    """Say that a thing does harm until it is mended."""
    return Finding(name, Grade.FAILING, seen, remedy)


def is_failing(findings: Iterable[Finding]) -> bool:
    """Say whether anything must be mended."""
    return any(one.grade is Grade.FAILING for one in findings)
