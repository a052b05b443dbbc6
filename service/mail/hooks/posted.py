"""What providers' hooks have in common: a request as it came, what it takes to believe it, and JSON that may be odd."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

OLDEST = timedelta(days=3)  # providers try again for hours; the inbox knows for longer what it has had
_AHEAD_MOST = timedelta(minutes=10)
_WORDS_MOST = 500
_TOO_FAR = 1e11  # seconds since 1970: nobody's clock


@dataclass(frozen=True, slots=True)
class Posted:
    """One request: its headers by their names in small letters, its body, and when it came."""

    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    now: datetime


@dataclass(frozen=True, slots=True)
class Passed:
    """A request that its provider vouches for. `mark` is what makes it the same one again, "" if that is its body."""

    mark: str = ""


IsSigned = Callable[[bytes, bytes], bool]
"""Say whether a signature, given first, is of a content."""


class Hook(Protocol):
    """Whom to believe: made of the operator's key."""

    def certificate(self, posted: Posted) -> str:
        """Give the address of the certificate without which nothing can be checked; "" if none is needed."""

    def check(self, posted: Posted, certificate: bytes) -> Passed | None:
        """Say whether the provider vouches for a request; None if not, whatever it is."""


def is_of_now(seconds: float, now: datetime, oldest: timedelta = OLDEST) -> bool:
    """Say whether a request that was signed at a moment (in seconds since 1970) may still come."""
    if not 0 <= seconds < _TOO_FAR:
        return False
    return -_AHEAD_MOST <= now - datetime.fromtimestamp(seconds, UTC) <= oldest


def parsed(text: bytes | str) -> Any:
    """Read JSON; raise ValueError for what is none, or nested beyond reading."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None


def table(value: Any, *names: str) -> dict[str, Any]:
    """Give the object that stands under these names, one within the other; an empty one if it is anything else."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def rows(value: Any) -> list[dict[str, Any]]:
    """Give the objects of a list; none of anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def words(value: Any, most: int = _WORDS_MOST) -> str:
    """Give a text, on one line and at most so long; a number as a text, "" for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join(str(value)[: 2 * most].split())[:most]
