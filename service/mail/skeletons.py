"""Skeletons: an edition's words as bytes, once for each variant of its letters, divided where a reader's values go."""

import hashlib
import html
import re
from dataclasses import dataclass

from service.domain.errors import InvalidError
from service.domain.letter import Mark, Variant, Words
from service.mail import quoted
from service.mail.headers import header

_MARKS = re.compile("|".join(Mark))
_QUOTED = b"Content-Transfer-Encoding: quoted-printable\r\n"
_PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n"
_HTML = b"Content-Type: text/html; charset=utf-8\r\n"
_FILE = (
    b"Content-Type: text/calendar; charset=utf-8; method=PUBLISH;\r\n"
    b' name="remembrance.ics"\r\n'
    b'Content-Disposition: attachment; filename="remembrance.ics"\r\n'
    b"Content-Transfer-Encoding: base64\r\n"
)
_LATE_LOOK = "max-width:520px;margin:0 auto;padding:0 40px 28px;font:15px/1.5 Georgia,serif"


@dataclass(frozen=True, slots=True)
class Slot:
    """A place among a skeleton's parts where a reader's value goes, and whether it stands in HTML."""

    index: int
    mark: Mark
    in_html: bool


@dataclass(frozen=True, slots=True, eq=False)  # known by identity: what follows from one is kept by it
class Skeleton:
    """An edition's words as bytes: the subject, the headers that say how the body is made, and the body's parts.

    Where a reader's value goes, a part is empty.
    """

    subject: bytes
    structure: tuple[bytes, ...]
    parts: tuple[bytes, ...]
    slots: tuple[Slot, ...]
    marks: frozenset[Mark]


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of the body: its headers, and its text with marks, or parts within it, or bytes as they are."""

    head: tuple[bytes, ...]
    text: str = ""
    in_html: bool = False
    within: "tuple[_Part, ...]" = ()
    boundary: str = ""
    raw: bytes = b""


def skeleton(words: Words, variant: Variant = Variant.BOTH_PARTS) -> Skeleton:
    """Encode an edition for a variant, 7 bit: the text alone, or before the HTML (RFC 2046, section 5.1.4).

    A calendar file is attached where it is wanted and there is one, and a late letter ends with the sentence that says
    so. Boundaries are made from the words, and hold `=_`, which quoted-printable never does. Raise InvalidError for a
    subject that holds a mark or a control character.
    """
    if _MARKS.search(words.subject):
        raise InvalidError("a subject is the same for all readers: no value of a reader can stand in it", "subject")
    whole = _whole(words, variant)
    parts: list[bytes] = []
    slots: list[Slot] = []
    _append(whole, parts, slots)
    parts.append(b"\r\n" if whole.text else b"")
    marks = frozenset(slot.mark for slot in slots)
    return Skeleton(header("Subject", words.subject), whole.head, *_merged(parts, slots), marks)


def _whole(words: Words, variant: Variant) -> _Part:
    text, page = _said_late(words) if variant & Variant.LATE and words.late else (words.text, words.html)
    content = f"{words.subject}\0{text}\0{page}".encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(content).hexdigest()
    if variant & Variant.PLAIN:
        # A body that ends in one line end is its own canonical form; a part may end in several.
        told = _Part((_PLAIN, _QUOTED), text.rstrip())
    else:
        both = (_Part((_PLAIN, _QUOTED), text), _Part((_HTML, _QUOTED), page, in_html=True))
        told = _container("alternative", f"=_{digest[:32]}", *both)
    if not (variant & Variant.CALENDAR and words.calendar):
        return told
    return _container("mixed", f"=_{digest[32:]}", told, _Part((_FILE,), raw=quoted.attached(words.calendar)))


def _container(kind: str, boundary: str, *within: _Part) -> _Part:
    head = f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n'.encode()
    return _Part((head,), within=within, boundary=boundary)


def _said_late(words: Words) -> tuple[str, str]:
    """Give text and HTML with the sentence at their end."""
    told = f'<p style="{_LATE_LOOK}">{html.escape(words.late)}</p>'
    before, end, after = words.html.rpartition("</body>")
    page = f"{before}{told}{end}{after}" if end else words.html + told
    return f"{words.text.rstrip()}\n\n{words.late}\n", page


def _append(part: _Part, parts: list[bytes], slots: list[Slot]) -> None:
    """Append a part's bytes without its headers, an empty one for each mark, and say where the marks stood."""
    if part.within:
        for one in part.within:
            parts.append(b"--%b\r\n%b\r\n" % (part.boundary.encode(), b"".join(one.head)))
            _append(one, parts, slots)
            parts.append(b"" if one.within or one.raw else b"\r\n")  # which is the boundary's
        parts.append(b"--%b--\r\n" % part.boundary.encode())
        return
    if part.raw:
        parts.append(part.raw)
        return
    text, end, marks = part.text, 0, list(_MARKS.finditer(part.text))
    for number, mark in enumerate(marks):
        parts.append(quoted.piece(text[end : mark.start()], slot_before=number > 0, slot_after=True))
        slots.append(Slot(len(parts), Mark(mark[0]), part.in_html))
        parts.append(b"")
        end = mark.end()
    parts.append(quoted.piece(text[end:], slot_before=bool(marks), slot_after=False))


def _merged(parts: list[bytes], slots: list[Slot]) -> tuple[tuple[bytes, ...], tuple[Slot, ...]]:
    """Join neighbouring parts between slots, so that a letter joins as few as there can be."""
    merged, moved, start = [], [], 0
    for slot in slots:
        merged.append(b"".join(parts[start : slot.index]))
        moved.append(Slot(len(merged), slot.mark, slot.in_html))
        merged.append(b"")
        start = slot.index + 1
    merged.append(b"".join(parts[start:]))
    return tuple(merged), tuple(moved)
