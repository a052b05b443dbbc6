"""What of a letter some mail programs do not show, by the data of caniemail.com (`mail_programs.json`).

Told is what templates say themselves; what MJML adds is its own answer to these programs. What stands under
`@media` is for those who know it, and what only adorns is missed by nobody.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import tinycss2

from service.rendering.checks.page import page_of, sheets

# Where these are not known, a letter is plainer or a little wider, and says the same.
_ADORNS = frozenset(
    {"border-radius", "text-decoration", "role=", "lang=", "table-layout", "list-style", "display:none"}
)
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Something that some mail programs pass over; `word` is how it stands in a template."""

    word: str
    message: str


def unsupported(html: str, source: str) -> Iterator[Unsupported]:
    """Give what some mail programs do not support in a letter, as far as it stands in the source of its templates."""
    found: dict[str, str] = {}
    page = page_of(html)
    for element in page.all():
        found[f"<{element.tag}>"] = rf"<{element.tag}(?![\w-])"
        for name in element.attributes.keys() - {"style"}:
            found[f"{name}="] = rf"<(?!mj-)[a-z][^<>]*\s{re.escape(name)}="
        for name, value in element.style.items():
            found.update(_of_declaration(name, value))
    for rule in tinycss2.parse_stylesheet(sheets(page), skip_comments=True, skip_whitespace=True):
        if rule.type == "at-rule" and rule.lower_at_keyword != "media":
            found[f"@{rule.lower_at_keyword}"] = f"@{rule.lower_at_keyword}"
        elif rule.type == "qualified-rule":
            for pseudo in re.findall(r":([a-z-]+)", tinycss2.serialize(rule.prelude)):
                found[f":{pseudo}"] = rf":{pseudo}(?![\w-])"
    known = _known()
    for name, written in sorted(found.items()):
        programs = known.get(name, ())
        stands = re.search(written, source) if programs and name not in _ADORNS else None
        if stands:
            more = f" and {len(programs) - _SHOWN} more" if len(programs) > _SHOWN else ""
            yield Unsupported(stands[0], f"{name} is not supported by {', '.join(programs[:_SHOWN])}{more}")


@lru_cache(maxsize=4096)
def _of_declaration(name: str, value: str) -> tuple[tuple[str, str], ...]:
    """Give what a declaration needs to be understood, each with how it is written."""
    said = rf"(?<![\w-]){re.escape(name)}\s*:"
    return (name, said), (f"{name}:{value}".replace(" ", ""), rf"{said}\s*{re.escape(value)}"), *_of_value(value)


def _of_value(value: str) -> Iterator[tuple[str, str]]:
    for part in tinycss2.parse_component_value_list(value):
        if part.type == "function":
            yield f"{part.lower_name}()", rf"{part.lower_name}\("
        elif part.type == "dimension":
            yield f"1{part.lower_unit}", re.escape(f"{part.representation}{part.unit}")


@cache
def _known() -> Mapping[str, tuple[str, ...]]:
    data = json.loads(files(__package__).joinpath("mail_programs.json").read_text(encoding="utf-8"))
    programs = data["programs"]
    return {
        name: tuple(programs[number] for number in support["n"])
        for name, support in data["features"].items()
        if "n" in support
    }
