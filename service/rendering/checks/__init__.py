"""Provisional."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.domain.templates import Templates
from service.rendering.proof import Proof


class Severity(StrEnum):
    STOPS = "stops"
    WARNS = "warns"


@dataclass(frozen=True)
class Check:
    severity: Severity
    place: str
    line: int
    column: int
    message: str


def check_source(name: str, text: str, templates: Templates) -> tuple[Check, ...]:
    return ()


def check_proofs(proofs: Sequence[Proof], templates: Templates) -> tuple[Check, ...]:
    return ()
