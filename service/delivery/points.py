"""Named points on a letter's way, for those who must be told when a worker comes by: the tests of its death."""

from collections.abc import Callable
from enum import StrEnum


class Point(StrEnum):
    """Where a worker may be when it dies (`faults.md`, section B)."""

    BEFORE_CLAIM = "before_claim"
    AFTER_CLAIM = "after_claim"
    AFTER_COMPOSE = "after_compose"
    AFTER_INTENT = "after_intent"
    AFTER_REPLY = "after_reply"
    AFTER_RECORD = "after_record"


Reached = Callable[[Point], None]


def unobserved(_point: Point) -> None:
    """Tell nobody."""
