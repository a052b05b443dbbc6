"""Orders by mail: from the address that a mail came to, and from its subject, to what somebody wants. Pure.

Nothing is guessed. A subject is an order if it is one as a whole: the words of the table (`order_words.py`), with a
name behind them that is known. A sentence in which such a word occurs is left for people to read.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from service.domain.letter_box import Addressed, For
from service.domain.order_words import BEFORE, BETWEEN, ORDERS, POLITE, REFUSALS, Wants

__all__ = ["Offered", "Order", "Wants", "folded", "is_answer", "is_leaving", "order", "says_no"]

_LONGEST = 1_000  # characters of a subject that are looked at
_PREFIXES_MOST = 20
_MARKS = {"Mn", "Me", "Cf", "Cc"}  # accents and points; what is not seen
_SILENT = {*map(chr, range(0x055A, 0x0560)), "\u0640"}  # Armenian marks within words; the Arabic stroke
_ALIKE = str.maketrans({"ى": "ي", "ة": "ه"})
_SEPARATORS = re.compile("[,;\u060c\u061b]")


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants: for SUBSCRIBE also what of, at least one; and in which language they said it, "" if none."""

    wants: Wants
    targets: tuple[str, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """What can be subscribed to by mail: folded names with the target that each means; `only` if there is but one."""

    targets: Mapping[str, str]
    only: str = ""

    @classmethod
    def of(cls, collections: Mapping[str, Iterable[str]]) -> Self:
        """Take targets (`collection:ID`) with their titles; a title that two of them have names neither.

        A collection is always found by its id, whatever others are called.
        """
        by_id = _meant((target.partition(":")[2], target) for target in collections)
        by_title = _meant((title, target) for target, titles in collections.items() for title in titles)
        return cls(by_title | by_id, next(iter(collections)) if len(collections) == 1 else "")

    def named(self, names: Sequence[str]) -> tuple[str, ...]:
        """Give the targets of these names, none unless all are known."""
        found = [self.targets.get(folded(name), "") for name in names]
        return tuple(dict.fromkeys(found)) if all(found) else ()

    def listed(self, text: str) -> tuple[str, ...]:
        """Give the targets of a name, or of several parted by commas; none unless all are known."""
        return self.named([text]) or self.named(_SEPARATORS.split(text))


@dataclass(frozen=True, slots=True)
class _Meaning:
    wants: Wants
    languages: frozenset[str]
    is_followed: bool

    @property
    def language(self) -> str:
        """Give the language, "" if the word is one of several."""
        return next(iter(self.languages)) if len(self.languages) == 1 else ""


def order(addressed: Addressed, subject: str, offered: Offered, sender: str = "") -> Order:
    """Say what somebody wants; the address decides if it says something, else the subject (decoded, on one line).

    HELP is given too where an order is recognized that cannot be followed. `sender` is who wrote: their own address
    behind an order changes nothing, another's makes it none.
    """
    words = _words(subject)
    said = _said(words, offered, sender)
    match addressed.to:
        case For.SUBSCRIBE:
            targets = _joined(addressed.more, words, said, offered)
            return Order(Wants.SUBSCRIBE if targets else Wants.HELP, targets, said.language)
        case For.UNSUBSCRIBE:
            return Order(Wants.UNSUBSCRIBE, (), said.language)
        case For.MANAGE:
            return Order(Wants.MANAGE, (), said.language)
        case For.HELP:
            return Order(Wants.HELP, (), said.language)
        case _:
            return said


def is_leaving(text: str) -> bool:
    """Whether a text as a whole says that somebody leaves."""
    return _said(_words(text), _NOTHING_OFFERED, "").wants is Wants.UNSUBSCRIBE


def says_no(text: str) -> bool:
    """Whether there is a word in a text that says no, or may: too often rather than too seldom, for a consent.

    Addresses are passed over: there is one of ours in what mail programs write above a quotation.
    """
    words = [word for word in text[:_LONGEST].split() if not re.search(r"@|/|<|\w\.\w", word)]
    return not _REFUSALS.isdisjoint(folded(" ".join(words)).split())


def is_answer(subject: str, asked: str) -> bool:
    """Say whether a mail with this subject answers a letter whose subject was `asked`.

    It repeats that one, behind no more than mail programs and companies write before it, or has none at all.
    """
    said = folded(" ".join(_words(subject)))
    return not said or said == folded(" ".join(_words(asked)))


def folded(text: str) -> str:
    """Give what is the same however a text is written: case, accents, marks, what is not seen, punctuation."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()).translate(_ALIKE)
    kept = (one for one in plain if unicodedata.category(one) not in _MARKS and one not in _SILENT)
    return " ".join("".join(one if one.isalnum() else " " for one in kept).split())


def _meant(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Give what each name means, folded; one that means several things means none."""
    found: dict[str, set[str]] = {}
    for name, target in names:
        found.setdefault(folded(name), set()).add(target)
    return {name: next(iter(targets)) for name, targets in found.items() if name and len(targets) == 1}


def _joined(more: str, words: Sequence[str], said: Order, offered: Offered) -> tuple[str, ...]:
    """Give what is subscribed to by a mail to the address for it: what that names, else the subject, else all."""
    if more:
        return offered.named(more.split("+"))
    named = said.targets or offered.listed(" ".join(words))
    return named or (_only(offered) if said.wants is Wants.NOTHING else ())


def _only(offered: Offered) -> tuple[str, ...]:
    return (offered.only,) if offered.only else ()


def _said(words: Sequence[str], offered: Offered, sender: str) -> Order:
    """Read the words of a subject as an order."""
    own = sender.casefold()
    words = _without_politeness([word for word in words if word.strip("<>()[]:").casefold() != own or not own])
    for count in range(min(len(words), _WORDS_MOST), 0, -1):
        meaning = _MEANINGS.get(folded(" ".join(words[:count])))
        if meaning is not None:
            return _followed(meaning, words[count:], offered)
    return Order(Wants.NOTHING)


def _followed(meaning: _Meaning, rest: Sequence[str], offered: Offered) -> Order:
    """Read what stands behind the words of an order."""
    language, is_joining = meaning.language, meaning.wants is Wants.SUBSCRIBE
    if not rest:
        targets = _only(offered) if is_joining else ()
        return Order(Wants.HELP if is_joining and not targets else meaning.wants, targets, language)
    named = list(rest)
    while named:
        targets = offered.listed(" ".join(named))
        if targets and meaning.wants in {Wants.SUBSCRIBE, Wants.UNSUBSCRIBE}:
            return Order(meaning.wants, targets if is_joining else (), language)
        if folded(named[0]) not in _BETWEEN or len(named) == 1:
            break
        del named[0]
    if meaning.is_followed and len(named) == 1:  # a name that is not known, or "now"
        return Order(Wants.HELP if is_joining else meaning.wants, (), language)
    return Order(Wants.NOTHING)


def _words(subject: str) -> list[str]:
    """Give the words of a subject, without what mail programs and companies write before it."""
    text = "".join(one for one in subject[:_LONGEST] if unicodedata.category(one) != "Cf")
    text = unicodedata.normalize("NFKC", text)
    for _ in range(_PREFIXES_MOST):
        found = _PREFIX.match(text)
        if found is None or not text[found.end() :].strip():
            break
        text = text[found.end() :]
    return [word for word in text.replace(":", ": ").split() if folded(word) or _SEPARATORS.search(word)]


def _without_politeness(words: list[str]) -> list[str]:
    """Cut polite words from both ends, if anything is left then."""
    while len(words) > 1:
        ahead = next((count for count in range(1, _POLITE_MOST + 1) if folded(" ".join(words[:count])) in _POLITE), 0)
        behind = next((count for count in range(1, _POLITE_MOST + 1) if folded(" ".join(words[-count:])) in _POLITE), 0)
        left = words[ahead : len(words) - behind]
        if not left or left == words:
            break
        words = left
    return words


def _meanings() -> dict[str, _Meaning]:
    found: dict[str, _Meaning] = {}
    for language, orders in ORDERS.items():
        for wants, words in orders.items():
            for is_followed, phrases in ((True, words.followed), (False, words.alone)):
                for phrase in map(folded, phrases):
                    known = found.get(phrase)
                    spoken = known.languages if known else frozenset()
                    found[phrase] = _Meaning(wants, spoken | {language}, is_followed)
    return found


_NOTHING_OFFERED = Offered({})
_REFUSALS = frozenset(map(folded, REFUSALS))
_MEANINGS = _meanings()
_WORDS_MOST = max(len(phrase.split()) for phrase in _MEANINGS)
_POLITE = frozenset(map(folded, POLITE))
_POLITE_MOST = max(len(phrase.split()) for phrase in _POLITE)
_BETWEEN = frozenset(map(folded, BETWEEN))
_PREFIX = re.compile(
    rf"\s*(?:\[[^\]]{{1,40}}\]|\*{{2,5}}[^*]{{1,30}}\*{{2,5}}|(?:{'|'.join(map(re.escape, BEFORE))})\.?"
    r"\s*(?:[\[(^]?\d{1,3}[\])]?)?\s*[:\u0589])\s*",
    re.IGNORECASE,
)
