"""What of a letter goes by a channel: its subject, its first paragraphs, and its links, in the edition's own words.

Whoever can read a topic, a group or a room reads what comes there, so nothing in it acts for the reader: in place of
their own links stands the page that sends them their link by e-mail.

Nothing is worded here: the text of the letter is cut at its foot, whose lines say what each link is for. Where the
whole letter is on the web, its beginning is enough, and three dots say that there is more; a letter that is one
reader's own has no copy there, and goes as far as a message has room.
"""

import json
from dataclasses import dataclass, field
from itertools import groupby

from service.domain.errors import InvalidError
from service.domain.letter import Letter, Mark, Variant, Words
from service.domain.notice import Claim
from service.mail.compose import Composer
from service.store import handing
from service.store.dialect import Store

BEGINNING, WHOLE = 900, 2800  # characters: Telegram takes 4,096 in all
_MORE = "…"
_FOOT = "--"
_EDITIONS_KEPT = 64


@dataclass(frozen=True, slots=True)
class Excerpt:
    """An edition ready to go by a channel: title and body with marks, and what brought it."""

    title: str
    body: str
    because: tuple[str, ...]

    def letter(self, composer: Composer, claim: Claim) -> Letter:
        """Give the message of a claim, whose address is its way; composed again, it is the same bytes."""
        body = self.body.replace(Mark.MANAGE_URL, composer.asking_url)
        return Letter(claim.id, "", claim.address, json.dumps([self.title, body]).encode())


@dataclass(slots=True)
class Excerpts:
    """The few editions that are being sent by channels."""

    store: Store
    _kept: dict[tuple[str, bool], Excerpt] = field(default_factory=dict)

    async def of(self, id_: str, variant: Variant) -> Excerpt:
        """Give an edition in a variant; raise InvalidError if it is not rendered."""
        key = (id_, bool(variant & Variant.LATE))
        if key not in self._kept:
            found = await self.store.group(lambda tx: handing.words_of(tx, id_))
            if found is None:
                raise InvalidError("the edition is not rendered")
            if len(self._kept) >= _EDITIONS_KEPT:
                self._kept.clear()
            self._kept[key] = excerpt(*found, late=key[1])
        return self._kept[key]


def excerpt(words: Words, because: tuple[str, ...], *, late: bool = False) -> Excerpt:
    """Cut an edition's text; a late one says so."""
    told, links = _parted(words.text)
    is_on_web = any("/editions/" in link for _, link in links)
    begun = _begun(told, BEGINNING if is_on_web else WHOLE)
    said = [*begun, *([words.late] if late and words.late else [])]
    said += ["\n".join(filter(None, link)) for link in links]
    return Excerpt(words.subject, "\n\n".join(said), because)


def _parted(text: str) -> tuple[list[str], list[tuple[str, str]]]:
    """Give the paragraphs above the foot, and the foot's links with their words: to the letter, and to change.

    Of a template without a foot, every paragraph counts, and the link to change follows without words.
    """
    lines = [line.rstrip() for line in text.strip().splitlines()]
    foot = max((place for place, line in enumerate(lines) if line == _FOOT), default=len(lines))
    told, below = _paragraphs(lines[:foot]), _paragraphs(lines[foot + 1 :])
    links, to_change = dict[str, str](), ""
    for block in below:
        words, _, link = block.rpartition("\n")
        if link.startswith(("http://", "https://")) and not _is_own(words):
            links[link] = words
        elif link == Mark.MANAGE_URL:
            to_change = words
    return [one for one in told if not _is_own(one)], [
        *((words, link) for link, words in links.items()),
        (to_change, Mark.MANAGE_URL),
    ]


def _is_own(text: str) -> bool:
    return any(mark in text for mark in Mark)


def _paragraphs(lines: list[str]) -> list[str]:
    return ["\n".join(block) for is_told, block in groupby(lines, key=bool) if is_told]


def _begun(told: list[str], most: int) -> list[str]:
    """Give the first paragraphs, as many as there is room for, and of the first at least its beginning."""
    begun, room = list[str](), most
    for one in told:
        if len(one) > room:
            break
        begun.append(one)
        room -= len(one) + 2
    if not begun and told:
        begun = [told[0][:most].rsplit(None, 1)[0]]
    if (begun and len(begun) < len(told)) or (told and begun and len(begun[0]) < len(told[0])):
        begun.append(_MORE)
    return begun
