"""What a parser of somebody else's makes of a letter, in one shape whoever it is."""

import base64
import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """The subject and From as shown, each leaf's type and bytes after decoding, and whatever the parser objects to.

    `shape` is the tree of types: `multipart/alternative(text/plain text/html)`.
    """

    subject: str
    sender: str
    shape: str
    leaves: tuple[tuple[str, bytes], ...]
    defects: tuple[str, ...]


def read_lines(told: str) -> list[Reading]:
    """Read what a peer's child says: a line of JSON for each letter."""
    return [_reading(json.loads(line)) for line in told.splitlines()]


def _reading(told: dict[str, object]) -> Reading:
    leaves = tuple((kind, base64.b64decode(body)) for kind, body in told["leaves"])
    return Reading(told["subject"], told["sender"], told["shape"], leaves, tuple(told["defects"]))
