"""A catalogue of translations, looked at as it is written: whether it can be read, and says what it is asked for."""

import io
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Message
from babel.messages.pofile import PoFileError, read_po
from jinja2 import nodes

from service.domain.templates import LETTERS, LOCALES, Templates
from service.rendering.checks.finding import Check, Severity, in_order
from service.rendering.checks.syntax import tree_of
from service.rendering.icu import unreadable
from service.rendering.messages import OUR_CODE, arguments, messages_used

_SHOWN = 5


def check_catalogue(name: str, text: str, templates: Templates) -> tuple[Check, ...]:
    """Give what is wrong with a catalogue."""
    code = name.removeprefix(LOCALES).removesuffix(".po")
    locale = code.replace("-", "_")
    try:
        Locale.parse(locale)
    except (ValueError, UnknownLocaleError):
        return (Check(Severity.STOPS, name, 0, 0, f"{code!r} is no code of a language"),)
    if unended := _unended(text):
        return (Check(Severity.STOPS, name, *unended, "the quotation mark that begins this line is not closed"),)
    try:
        read = list(read_po(io.StringIO(text), locale=locale, abort_invalid=True))
    except PoFileError as error:
        return (Check(Severity.STOPS, name, (error.lineno or 0) + 1, 1, f"this cannot be read: {_said(error)}"),)
    except (ValueError, LookupError) as error:
        return (Check(Severity.STOPS, name, 1, 1, f"its first entry cannot be read: {error}"),)
    found = {check for message in read if message.id for check in _of_message(name, message, locale)}
    kept = {message.id for message in read if message.string and not message.fuzzy}
    found.update(_missing(name, code, used_in(templates) - kept))
    return in_order(found)


def used_in(templates: Templates) -> AbstractSet[str]:
    """Give every text that the letters of a set say, by themselves and by what the program says in them."""
    said = set(_of_code())
    for name, text in templates.pieces.items():
        tree = tree_of(name, text) if name.startswith(LETTERS) else None
        for call in tree.find_all(nodes.Call) if tree else ():
            if isinstance(call.node, nodes.Name) and call.node.name == "t" and call.args:
                given = call.args[0]
                if isinstance(given, nodes.Const) and isinstance(given.value, str):
                    said.add(given.value)
    return said


@cache
def _of_code() -> frozenset[str]:
    return frozenset(messages_used(Path(__file__).parent / "none", OUR_CODE))


def _unended(text: str) -> tuple[int, int] | None:
    for number, line in enumerate(text.splitlines(), 1):
        said = line.strip()
        quoted = re.fullmatch(r'(?:msg\w+(?:\[\d+\])?\s*)?(".*)', said)
        if quoted and not re.fullmatch(r'"(?:[^"\\]|\\.)*"', quoted[1]):
            return number, line.index('"') + 1
    return None


def _of_message(name: str, message: Message, locale: str) -> Iterator[Check]:
    original, said, line = message.id, message.string, message.lineno or 0
    if not isinstance(original, str) or not isinstance(said, str):
        yield Check(
            Severity.STOPS, name, line, 1, "plurals stand in the text itself, {n, plural, …}, not in msgid_plural"
        )
        return
    if message.fuzzy or not said:
        return
    if "{" in original and (wrong := unreadable(said, locale)):
        yield Check(Severity.STOPS, name, line, 1, f"the translation of “{original}” cannot be read: {wrong}")
        return
    lost, added = arguments(original) - arguments(said), arguments(said) - arguments(original)
    if added:
        told = f"the translation of “{original}” names {', '.join(sorted(added))}, which it is not given"
        yield Check(Severity.STOPS, name, line, 1, told)
    if lost:
        yield Check(
            Severity.WARNS, name, line, 1, f"the translation of “{original}” leaves out {', '.join(sorted(lost))}"
        )
    if "!" in said or "՜" in said:
        yield Check(Severity.WARNS, name, line, 1, f"an exclamation mark has no place in a solemn letter: “{said}”")


def _missing(name: str, code: str, missing: AbstractSet[str]) -> Iterator[Check]:
    if missing:
        shown = ", ".join(f"“{text}”" for text in sorted(missing)[:_SHOWN])
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        yield Check(
            Severity.WARNS, name, 0, 0, f"not translated into {Locale.parse(code, sep='-').english_name}: {shown}{more}"
        )


def _said(error: PoFileError) -> str:
    words = str(error).rsplit(" on ", 1)[0]
    return words[:1].lower() + words[1:]
