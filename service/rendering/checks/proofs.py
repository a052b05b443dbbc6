"""Letters looked at as they would leave: links, colours, size, what programs and readers of plain text miss."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from service.domain.letter import Mark, Words
from service.domain.notice import Kind
from service.domain.templates import LETTERS, Templates
from service.rendering.checks.contrast import faint_texts
from service.rendering.checks.finding import Check, Severity, in_order
from service.rendering.checks.page import Element, page_of
from service.rendering.checks.parity import missing_in_text
from service.rendering.checks.source import Source
from service.rendering.checks.support import unsupported
from service.rendering.context import folder_of
from service.rendering.proof import Proof, Reader

LARGEST_HTML = 90_000  # bytes; Gmail cuts a letter off at about 102 kB
_LARGE_HTML = 80_000
_LONGEST_SUBJECT = 60
_NEEDED = {
    Kind.CONFIRMATION: (Mark.CONFIRM_URL,),
    Kind.ADDRESS: (Mark.CONFIRM_URL,),
    Kind.INVITATION: (Mark.CONFIRM_URL,),
    Kind.MOVED: (Mark.CONFIRM_URL,),
    Kind.CHANNEL: (Mark.CONFIRM_URL,),
    Kind.DATA: (Mark.CONFIRM_URL,),
    Kind.LINK: (Mark.MANAGE_URL,),
    Kind.LEAVING: (Mark.LEAVE_URL,),
    Kind.WELCOME: (Mark.MANAGE_URL, Mark.LEAVE_URL),
}
_OF_READERS = (Mark.MANAGE_URL, Mark.LEAVE_URL)
_NAMES = {Mark.CONFIRM_URL: "confirm_url", Mark.MANAGE_URL: "manage_url", Mark.LEAVE_URL: "leave_url"}


def check_proofs(proofs: Sequence[Proof], templates: Templates) -> tuple[Check, ...]:
    """Give what is wrong with letters that were made for it, each finding once; of some languages only, with them."""
    found: dict[Check, set[str]] = {}
    for proof in proofs:
        for check in _of_proof(proof, templates):
            found.setdefault(check, set()).add(proof.wanted.language)
    languages = {proof.wanted.language for proof in proofs}
    said = set()
    for check, spoken in found.items():
        where = "" if spoken == languages else f" (in {', '.join(sorted(spoken))})"
        said.add(Check(check.severity, check.place, check.line, check.column, check.message + where))
    return in_order(said)


def _of_proof(proof: Proof, templates: Templates) -> Iterator[Check]:
    for finding in proof.findings:
        yield Check(Severity.STOPS, finding.template, finding.line, 1 if finding.line else 0, finding.message)
    if proof.words is None:
        return
    folder = f"{LETTERS}{folder_of(proof.wanted.kind, is_ahead=proof.wanted.reader is Reader.AHEAD)}"
    written = _Written(folder, templates)
    html, text = f"{folder}/body.mjml", f"{folder}/body.txt"
    for mark in _needed(proof.wanted.kind):
        for name, said in ((html, proof.words.html), (text, proof.words.text)):
            if mark not in said:
                yield Check(Severity.STOPS, name, 0, 0, f"the letter does not give {_NAMES[mark]}")
    size = len(proof.words.html.encode())
    if size > _LARGE_HTML:
        severity = Severity.STOPS if size > LARGEST_HTML else Severity.WARNS
        told = f"the HTML has {size:,} bytes; Gmail cuts letters off at about 102,000 (allowed: {LARGEST_HTML:,})"
        yield Check(severity, html, 0, 0, told)
    if size <= LARGEST_HTML:
        yield from _of_links(proof.words, written)
        yield from _of_looks(proof.words, written)
        for one in missing_in_text(proof.words.html, proof.words.text):
            yield Check(Severity.STOPS if one.is_link else Severity.WARNS, text, 0, 0, one.message)
    if len(proof.words.subject) > _LONGEST_SUBJECT and proof.wanted.event:
        told = (
            f"the subject has {len(proof.words.subject)} characters; past {_LONGEST_SUBJECT} many programs cut it off"
        )
        yield Check(Severity.WARNS, f"{folder}/subject.txt", 0, 0, f"{told}: “{proof.words.subject}”")


def _needed(kind: Kind) -> tuple[Mark, ...]:
    return _OF_READERS if kind.remembers else _NEEDED.get(kind, ())


def _of_links(words: Words, written: "_Written") -> Iterator[Check]:
    for element in page_of(words.html).all():
        if element.tag == "a":
            href = element.attributes.get("href", "")
            if not _leads_somewhere(href):
                told = f"{href!r} is no address that a letter may lead to" if href else "a link leads nowhere"
                yield Check(Severity.STOPS, *written.place(f'href="{href}"'), told)
            elif not _says_something(element):
                yield Check(Severity.STOPS, *written.place(f'href="{href}"'), "a link has no words")
        elif element.tag == "img" and "alt" not in element.attributes:
            told = "an image has no alternative text, for those who do not see it"
            yield Check(Severity.STOPS, *written.place("<mj-image", "<img"), told)


def _of_looks(words: Words, written: "_Written") -> Iterator[Check]:
    for faint in faint_texts(words.html):
        needles = [f'class="{name}' for name in faint.classes] + [f".{name}" for name in faint.classes]
        yield Check(Severity.STOPS, *written.place(*needles, faint.colour), faint.message)
    for one in unsupported(words.html, written.source):
        yield Check(Severity.WARNS, *written.place(one.word), one.message)


def _leads_somewhere(href: str) -> bool:
    if href in {mark.value for mark in Mark}:
        return True
    if href.startswith("mailto:"):
        return "@" in href
    try:
        parts = urlsplit(href)
    except ValueError:  # a bracket without its other
        return False
    return parts.scheme in {"https", "http"} and bool(parts.hostname)


def _says_something(element: Element) -> bool:
    return any(
        one.attributes.get("alt") or any(isinstance(child, str) and child.strip() for child in one.children)
        for one in element.all()
    )


class _Written:
    """The MJML that a letter is made of: its own, the layout, the parts; places of what stands in it."""

    def __init__(self, folder: str, templates: Templates) -> None:
        own = f"{folder}/body.mjml"
        shared = sorted(name for name in templates.pieces if re.fullmatch(rf"{LETTERS}_[\w-]+\.mjml", name))
        self._names = [name for name in (own, *shared) if name in templates.pieces]
        self._own = own
        self._texts = {name: templates.pieces[name] for name in self._names}
        self.source = "\n".join(self._texts.values())

    def place(self, *needles: str) -> tuple[str, int, int]:
        """Give the place of the first of these that stands somewhere; the letter's own template if none does."""
        for needle in needles:
            for name in self._names:
                if needle and needle in self._texts[name]:
                    return name, *(Source(self._texts[name]).find(needle) or (0, 0))
        return self._own, 0, 0
