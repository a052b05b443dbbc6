"""A language's catalogue as a translator works on it: each message with where it is said, and the file written anew."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po, write_po

from service.domain.errors import InvalidError
from service.rendering.messages import arguments

_HEAD = """msgid ""
msgstr ""
"Project-Id-Version: Remembrancer\\n"
"Language: {code}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals};\\n"
"""
_ELSEWHERE: Final = 2
_RANKS: Final = {"letters": 0, "rendering": 1}
_CODE: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A message, its translation ("" for none), where it is said, and what is wrong with the translation."""

    message: str
    translation: str
    where: tuple[str, ...] = ()
    wrong: str = ""

    @property
    def in_letters(self) -> bool:
        """Whether a letter says it; everything else is said on pages."""
        return self.rank < _ELSEWHERE

    @property
    def rank(self) -> int:
        """Its place among all: what letters' own pieces say, then what is said of dates and the like, then pages."""
        return min((_RANKS.get(place.partition("/")[0], _ELSEWHERE) for place in self.where), default=_ELSEWHERE)


def language_code(code: str) -> str:
    """Give the code of a language that Babel knows; raise InvalidError for anything else."""
    try:
        if _CODE.fullmatch(code):
            return str(Locale.parse(code, sep="-")).replace("_", "-")
    except (UnknownLocaleError, ValueError):
        pass
    raise InvalidError(f"{code!r} is not the code of a language. It looks like fr, or pt-BR.", "code")


def direction_of(code: str) -> str:
    """Give the direction in which a language is written: `ltr` or `rtl`."""
    return str(Locale.parse(code, sep="-").text_direction)


def read_catalogue(text: str, code: str) -> dict[str, str]:
    """Give the translations of a catalogue by message; raise InvalidError for a file that cannot be read."""
    return {
        entry.id: entry.string
        for entry in _read(text, code)
        if isinstance(entry.id, str) and isinstance(entry.string, str) and entry.id and entry.string
    }


def entries(text: str, code: str, said: Mapping[str, Iterable[str]]) -> list[Entry]:
    """Give every message that is said, with its translation; those that letters say come first."""
    kept = read_catalogue(text, code) if text else {}
    found = [
        Entry(message, kept.get(message, ""), tuple(where), wrong_with(message, kept.get(message, "")))
        for message, where in said.items()
    ]
    return sorted(found, key=lambda entry: (entry.rank, entry.message.casefold()))


def wrong_with(message: str, translation: str) -> str:
    """Say in words what keeps a translation from being used; "" if nothing does."""
    if not translation:
        return ""
    missing = sorted(arguments(message) - arguments(translation))
    unknown = sorted(arguments(translation) - arguments(message))
    told = []
    if missing:
        told.append(f"it lacks {', '.join(f'{{{name}}}' for name in missing)}")
    if unknown:
        told.append(f"it names {', '.join(f'{{{name}}}' for name in unknown)}, which the message has not")
    if translation.count("{") != translation.count("}"):
        told.append("a brace is not closed")
    return "; ".join(told)


def with_translations(text: str, code: str, changes: Mapping[str, str]) -> str:
    """Give a catalogue with other translations; its own remarks and order are kept, what is new stands at the end."""
    catalogue = _read(text, code) if text else _new(code)
    for message, translation in changes.items():
        known = catalogue.get(message)
        if known is not None:
            known.string = translation
            known.flags.discard("fuzzy")
        elif translation:
            catalogue.add(message, translation)
    for entry in catalogue:
        entry.flags -= {"python-format", "python-brace-format"}  # Babel takes names in braces for Python's
    written = BytesIO()
    write_po(written, catalogue, width=0, omit_header=True)
    head = text.partition("\n\n")[0] if text else _HEAD.format(code=code, plurals=catalogue.plural_forms.rstrip(";"))
    return f"{head.strip()}\n\n{written.getvalue().decode().strip()}\n"


def _read(text: str, code: str) -> Catalog:
    try:
        return read_po(StringIO(text), locale=code.replace("-", "_"), abort_invalid=True)
    except (PoFileError, ValueError, UnknownLocaleError) as error:
        raise InvalidError(f"The catalogue cannot be read: {error}", "text") from None


def _new(code: str) -> Catalog:
    return Catalog(locale=code.replace("-", "_"), project="Remembrancer", fuzzy=False, charset="utf-8")
