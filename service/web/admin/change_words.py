"""What differs, in words: the field by its name on the form, and the text with what is new and what is gone marked."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from service.domain.differences import Change
from service.domain.documents import Place
from service.rendering.locales import Language, Languages
from service.rendering.messages import message
from service.web.admin.event_spec import GROUPS, SECTIONS, Ask

_MOST_WORDS = 4000
_OTHERS = {
    "collection": message("Collection"),
    "id": message("Id"),
    "place": message("Place"),
    "title": message("Title"),
    "description": message("Description"),
    "in_doubt": message("What becomes of a letter in doubt"),
    "events": message("Order of the events"),
    "approval": message("Approval"),
    "approve_days": message("Days ahead for approval"),
    "only": message("Milestones"),
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text; `changed` if the other text does not have it."""

    text: str
    changed: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A change in words: the field, and what stood and stands there; empty where nothing was or is."""

    field: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


def told(changes: Iterable[Change], language: Language, languages: Languages) -> list[Told]:
    """Give changes in words."""
    return [_told(change, language, languages) for change in changes]


def _told(change: Change, language: Language, languages: Languages) -> Told:
    before, after = pieces(change.before or "", change.after or "")
    return Told(place_words(change.place, language, languages), before, after)


def place_words(place: Place, language: Language, languages: Languages) -> str:
    """Name a place of a record as the form does: "Source gazette: Title (Armenian)"."""
    return ": ".join(_steps(tuple(place), language, languages))


def _steps(place: Place, language: Language, languages: Languages) -> Iterator[str]:
    if not place:
        yield language.text("The whole record")
        return
    top, rest = str(place[0]), place[1:]
    if top in GROUPS:
        yield language.text(GROUPS[top].title)
        if rest:
            yield language.text("number {n}", n=rest[0] + 1) if isinstance(rest[0], int) else str(rest[0])
            yield from _named(rest[1:], [*GROUPS[top].asked, *GROUPS[top].more], language, languages)
        return
    yield from _named(place, [one for several in SECTIONS.values() for one in several], language, languages)


def _named(place: Place, asked: Iterable[Ask], language: Language, languages: Languages) -> Iterator[str]:
    if not place:
        return
    keys = {one.key: one for one in asked}
    for length in (2, 1):
        one = keys.get(".".join(map(str, place[:length])))
        if one is not None and len(place) >= length:
            rest = place[length:]
            label = language.text(one.label)
            yield f"{label} ({_speech(str(rest[0]), language, languages)})" if one.worded and rest else label
            return
    own = _OTHERS.get(str(place[0]))
    label = language.text(own) if own else str(place[0])
    worded = own is not None and str(place[0]) in {"title", "description"} and len(place) > 1
    yield f"{label} ({_speech(str(place[1]), language, languages)})" if worded else label


def _speech(code: str, language: Language, languages: Languages) -> str:
    own = languages.of(code)
    return language.sentence(own.name) if own.name else code


def pieces(before: str, after: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Part two texts into what they share and what only one of them has, by words."""
    old, new = re.findall(r"\S+|\s+", before), re.findall(r"\S+|\s+", after)
    if len(old) + len(new) > _MOST_WORDS:
        return (Piece(before, changed=True),), (Piece(after, changed=True),)
    was: list[Piece] = []
    now: list[Piece] = []
    for tag, low, high, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if high > low:
            was.append(Piece("".join(old[low:high]), tag != "equal"))
        if end > start:
            now.append(Piece("".join(new[start:end]), tag != "equal"))
    return tuple(was), tuple(now)
