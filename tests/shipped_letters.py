"""Every letter that ships, of every kind, in every language, signed by the keys of a house: as a stranger gets it."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from service.actions import collections
from service.actions.templates import samples
from service.domain.event import Tone
from service.domain.letter import Mark, Variant, Words
from service.domain.letter_box import LetterBox
from service.domain.notice import Claim, Kind
from service.domain.occasion import occasions
from service.mail.compose import Composer
from service.mail.dkim import Signer
from service.mail.skeletons import skeleton
from service.mail.tokens import Tokens
from service.rendering.ical import About, calendar_file, entry
from service.rendering.proof import Proof, Reader, Wanted
from service.rendering.wording import LATE
from service.scheduling import horizon
from service.settings import shipped
from service.store import events, schema, templates
from service.store.dialect import Store
from service.store.events import Kept
from tests.builders import at, on
from tests.printers import HOUSE, proving, shipped_set
from tests.unit.rendering.letters import LANGUAGES, LINKS, letter_of
from tests.unit.rendering.letters import shipped as artsakh

# The past: no verifier believes a signature of the future.
NOW = at("2024-09-01T08:00")
TOKENS = Tokens((b"k" * 32,))
READER = "anna+list@example.org"
_SHARED = "letters/_layout.mjml"  # a piece of all of them
_MARKS = re.compile("|".join(Mark))
_VALUE = re.compile(r"[^\s<>\"]+")  # what may stand in a mark's place
_FEAST = "radonitsa"  # told of as if it were one: no event that ships is festive
_WANTED = (Variant.PLAIN | Variant.LATE, Variant.CALENDAR)  # as some want it, or get it
_FESTIVE = {
    Kind.NOTICE: Kind.NOTICE_FESTIVE,
    Kind.WEEKLY: Kind.WEEKLY_FESTIVE,
    Kind.MONTHLY: Kind.MONTHLY_FESTIVE,
}


@dataclass(frozen=True, slots=True)
class Shipped:
    """A letter and the words that went into it."""

    name: str
    kind: Kind
    language: str
    variant: Variant
    words: Words
    content: bytes

    @property
    def leaves(self) -> list[tuple[str, str]]:
        """What must arrive: each part's type and text, with marks where the reader's values go."""
        words = self.words
        if self.variant & Variant.LATE:
            assert words.late
            return [("text/plain", f"{words.text.rstrip()}\n\n{words.late}\n")]
        calendar = [("text/calendar", words.calendar)] if self.variant & Variant.CALENDAR else []
        return [("text/plain", words.text), ("text/html", words.html), *calendar]


def is_told(words: str, arrived: bytes) -> bool:
    """Say whether a text arrived as it went in: to the letter, but for the reader's own values."""
    first, *others = (text.replace("\r\n", "\n") for text in _MARKS.split(words))
    told = arrived.decode().replace("\r\n", "\n")
    ends = {len(first)} if told.startswith(first) else set()  # wherever what was read so far may end
    for text in others:
        values = (found.span() for end in ends if (found := _VALUE.match(told, end)))
        begins = {at for start, last in values for at in range(start + 1, last + 1) if told.startswith(text, at)}
        ends = {at + len(text) for at in begins}
    return len(told) in ends


async def shipped_letters(folder: Path, signers: Sequence[Signer]) -> list[Shipped]:
    """Make them from the record that ships, in a database in this folder."""
    store = Store(f"sqlite+aiosqlite:///{folder / 'letters.db'}")
    await schema.upgrade(store)
    async with store.write() as tx:
        await templates.ensure_shipped(tx, shipped_set(), NOW)
        await collections.import_files(tx, [shipped("data") / "collections"], NOW)
    await horizon.cover(store, NOW.date(), on("2025-10-01"))
    prove = proving(store, TOKENS, lambda: NOW)
    async with store.read() as tx:
        wanted = await samples(tx, _SHARED, NOW.date())
        feast = await events.event_named(tx, _FEAST)
    assert feast is not None
    proofs = [await prove(one, {}) for one in (*wanted, *_festive(wanted, feast))]
    await store.close()
    letter_box = LetterBox.of("", HOUSE.sender_address)  # with which letters have most in their headers
    return list(_composed(Composer(HOUSE, TOKENS, signers, letter_box), proofs))


def _welcome(language: str) -> Words:
    """Give the words of a welcome to somebody to whom letters will come soon, as to most."""
    days = [NOW.date() + timedelta(days=ahead) for ahead in range(60)]
    rendered = letter_of(*artsakh().events, day=NOW.date(), language=language, kind=Kind.WELCOME, on=days)
    assert rendered.words is not None, rendered.findings
    return rendered.words


def _festive(wanted: Iterable[Wanted], kept: Kept) -> Iterator[Wanted]:
    """Ask for letters of a feast."""
    feast = replace(kept.event, tone=Tone.FESTIVE)
    for kind, language in sorted({(one.kind, one.language) for one in wanted if one.kind in _FESTIVE}):
        yield Wanted(_FESTIVE[kind], language, record=feast, collection=kept.collection)


def _whole(words: Words, language: str) -> Words:
    """Add a calendar file and the sentence of a letter that is late, as the press does."""
    spoken, event = LANGUAGES.of(language), artsakh().events[0]
    rule = event.rules[0]
    occasion = occasions(event, rule, NOW.date(), on("2025-10-01"))[0]
    calendar = calendar_file(About(""), [entry(event, rule, occasion, spoken, LINKS, NOW)], method="PUBLISH")
    return replace(words, calendar=calendar.decode(), late=spoken.text(LATE))


def _composed(composer: Composer, proofs: Sequence[Proof]) -> Iterator[Shipped]:
    """Compose each letter; of each language one also as some want it, as an editor tries it, and a longer welcome."""
    told: set[tuple[Kind, Words]] = set()  # a busy reader may have nothing but the one event
    for proof in proofs:
        kind, language, words = proof.wanted.kind, proof.wanted.language, proof.words
        assert words is not None, proof.findings
        letters = [(kind, words, Variant.BOTH_PARTS)] if (kind, words) not in told else []
        told.add((kind, words))
        if proof.wanted.reader is Reader.AHEAD:
            letters += [(kind, _whole(words, language), variant) for variant in _WANTED]
            letters += [(Kind.TEST, words, Variant.BOTH_PARTS)]
            letters += [(Kind.WELCOME, _welcome(language), Variant.BOTH_PARTS)]
        for as_kind, said, variant in letters:
            name = f"{as_kind} {language} {variant.name or ''} {len(said.html)}"
            content = composer.compose(_claim(name, as_kind), skeleton(said, variant)).content
            yield Shipped(name, as_kind, language, variant, said, content)


def _claim(name: str, kind: Kind) -> Claim:
    """Claim a notice with identifiers as the store makes them."""
    notice, edition, subscriber = (f"0190f3c2a5b1{_digest(name, what)[:20]}" for what in "nes")
    return Claim(notice, 1, kind, edition, subscriber, READER, NOW, NOW + timedelta(days=1), 0, 0)


def _digest(name: str, what: str) -> str:
    return hashlib.sha256(f"{name} {what}".encode()).hexdigest()
