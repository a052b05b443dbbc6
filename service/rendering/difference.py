"""Two texts beside each other, line by line, and two people's changes of one text put together."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise

_AROUND = 3
_WORD = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Side:
    """A line of one side: its number, and its text in pieces, each with whether the other side lacks it."""

    number: int
    pieces: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of both sides; None where a side has none. `skipped` lines that are the same were left out before it."""

    before: Side | None
    after: Side | None
    same: bool
    skipped: int = 0


def rows(before: str, after: str, around: int = _AROUND) -> list[Row]:
    """Give what differs, with some lines around it; nothing if the texts are the same."""
    left, right = before.splitlines(), after.splitlines()
    found: list[Row] = []
    shown = 0
    for group in SequenceMatcher(None, left, right, autojunk=False).get_grouped_opcodes(around):
        made = [row for tag, *span in group for row in _rows(tag, left, right, span)]
        made[0] = replace(made[0], skipped=group[0][1] - shown)
        shown = group[-1][2]
        found.extend(made)
    return found


def merged(base: str, mine: str, theirs: str) -> str | None:
    """Give a text with the changes of both, line by line; None where both changed the same lines differently."""
    old, ours, other = (text.splitlines(keepends=True) for text in (base, mine, theirs))
    changes = sorted({*_changes(old, ours), *_changes(old, other)})
    for one, next_ in pairwise(changes):
        touching = next_[0] < one[1] or (next_[0] == one[0] and one[0] == one[1]) or next_[:2] == one[:2]
        if touching:
            return None
    made: list[str] = []
    at = 0
    for start, end, lines in changes:
        made.extend(old[at:start])
        made.extend(lines)
        at = end
    return "".join([*made, *old[at:]])


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    for tag, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield start, end, tuple(new[first:last])


def _rows(tag: str, left: Sequence[str], right: Sequence[str], span: Sequence[int]) -> Iterator[Row]:
    first, last, start, end = span
    for place in range(max(last - first, end - start)):
        one = first + place if first + place < last else None
        other = start + place if start + place < end else None
        if tag == "equal" and one is not None and other is not None:
            yield Row(_whole(one, left, new=False), _whole(other, right, new=False), same=True)
        elif one is not None and other is not None:
            yield Row(*_beside(one, other, left[one], right[other]), same=False)
        else:
            yield Row(
                None if one is None else _whole(one, left, new=True),
                None if other is None else _whole(other, right, new=True),
                same=False,
            )


def _whole(place: int, lines: Sequence[str], *, new: bool) -> Side:
    return Side(place + 1, ((lines[place], new),))


def _beside(one: int, other: int, before: str, after: str) -> tuple[Side, Side]:
    """Mark the words by which two lines differ."""
    left, right = _WORD.findall(before), _WORD.findall(after)
    codes = SequenceMatcher(None, left, right, autojunk=False).get_opcodes()
    return (
        Side(one + 1, tuple(("".join(left[a:b]), tag != "equal") for tag, a, b, _, _ in codes if b > a)),
        Side(other + 1, tuple(("".join(right[a:b]), tag != "equal") for tag, _, _, a, b in codes if b > a)),
    )
