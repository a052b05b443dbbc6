"""What the catalogues lack: `python -m tests.house.untranslated [CODE …]` prints it, with the status 1 if there is any.

Missing are texts that pages, letters and commands say; wrong are translations that name other arguments, that ICU
cannot read, or that leave out a form of the plural; idle are those that nothing says any more.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from service.rendering.icu import unreadable
from service.rendering.locales import SOURCE, Languages
from service.rendering.messages import arguments, messages_used
from tests.peers import ROOT

LANGUAGES = Languages(ROOT / "data" / "locales")
# The forms of CLDR's plural that a sentence with a number needs; what is left out here is for fractions and millions.
FORMS: Mapping[str, frozenset[str]] = {
    "ar": frozenset({"one", "two", "few", "many"}),
    "he": frozenset({"one"}),
    "ru": frozenset({"one", "few", "many"}),
}
_ALONE = {"=1": "one", "=2": "two"}
_ONE_IS_ONE = frozenset({"ar", "he"})  # where these forms are of these numbers alone: Russian has "one" for 21 too
_KEYWORD = re.compile(r"\s*(=-?\d+|\w+)\s*\{")


@dataclass(frozen=True)
class Lack:
    """Something that a catalogue lacks: `missing`, `wrong` or `idle`, with the English text."""

    kind: str
    message: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.message!r}" + (f" ({self.why})" if self.why else "")


@cache
def said() -> frozenset[str]:
    """Give every text that templates and the program say."""
    speaking = [folder for folder in (ROOT / "service").iterdir() if folder.is_dir() and folder.name != "store"]  # SQL
    return frozenset(messages_used(ROOT / "templates", speaking))


def lacks(code: str) -> list[Lack]:
    """Give what a language's catalogue lacks, in the order of the texts."""
    catalogue = LANGUAGES.of(code).catalogue if code in LANGUAGES.codes else {}
    found = [Lack("missing", message) for message in said() if not catalogue.get(message)]
    found += [Lack("idle", message) for message in catalogue.keys() - said()]
    for message in said() & catalogue.keys():
        found += [Lack("wrong", message, why) for why in _wrong(message, catalogue[message], code)]
    return sorted(found, key=lambda one: (one.kind, one.message))


def _wrong(message: str, translation: str, code: str) -> Iterator[str]:
    if not arguments(message):
        return
    if arguments(translation) != arguments(message):
        yield f"its arguments are {sorted(arguments(translation))}, not {sorted(arguments(message))}"
    if why := unreadable(translation, code):
        yield why
    for forms in _plurals(translation):
        named = {form for form in forms if not form.startswith("=")}
        if named == {"other"}:  # on purpose: a text that is the same for all numbers, or for all but some
            continue
        if code in _ONE_IS_ONE:
            named |= {_ALONE[form] for form in forms & _ALONE.keys()}
        if left_out := FORMS.get(code, frozenset()) - named:
            yield f"a plural lacks {', '.join(sorted(left_out))}"


def _plurals(pattern: str) -> Iterator[set[str]]:
    """Give the forms of each plural in a pattern."""
    for begun in re.finditer(r"\{\s*\w+\s*,\s*plural\s*,", pattern):
        at, forms = begun.end(), set()
        while keyword := _KEYWORD.match(pattern, at):
            forms.add(keyword[1])
            at, depth = keyword.end(), 1
            while depth and at < len(pattern):
                depth += {"{": 1, "}": -1}.get(pattern[at], 0)
                at += 1
        yield forms


def main(codes: list[str]) -> int:
    """Print what the languages lack, all of them if none is named; give the status."""
    total = 0
    for code in codes or [code for code in LANGUAGES.codes if code != SOURCE]:
        found = lacks(code)
        total += len(found)
        for one in found:
            print(f"{code}: {one}")
        print(
            f"{code}: {len(found)} of {len(said())} texts need somebody." if found else f"{code}: nothing is lacking."
        )
    return min(total, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
