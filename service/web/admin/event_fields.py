"""The form of an event as flat fields, to its document and back: `sources.0.title.en` is the first source's title.

What was typed is kept as it was; nothing here refuses anything. A part of which everything is empty is no part of the
document, and `Written.places` knows at which number of the form each part of the document stands.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.domain.documents import Place
from service.domain.naming import id_of
from service.web.admin.event_keys import (
    ALWAYS_SAID,
    FLAGS,
    LISTS,
    NUMBERED,
    RULE_KEYS,
    SEVERAL_LINES,
)

Fields = dict[str, str]
NONE = "-"  # a list of numbers that is empty, where leaving it out means the usual ones
_GAPS = re.compile(r"[,;\s]+")
_GROUPED = re.compile(r"[\s,'’\u00a0\u202f]")


@dataclass(frozen=True, slots=True)
class Written:
    """The document that a form makes, and at which number in the form each part of its lists stands."""

    document: dict[str, Any]
    places: Mapping[str, tuple[int, ...]]

    def field(self, place: Place) -> str:
        """Give the name of the field, or the beginning of the names, that a place of the document was read from."""
        steps = list(place)
        if len(steps) > 1 and isinstance(steps[1], int):
            known = self.places.get(str(steps[0]), ())
            steps[1] = known[steps[1]] if steps[1] < len(known) else steps[1]
        return ".".join(map(str, steps))


def fields_of(document: Mapping[str, Any]) -> Fields:
    """Give the fields of a document."""
    return dict(_flat(document, ""))


def _flat(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _flat(part, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple) and not all(isinstance(one, Mapping) for one in value):
        yield name, ", ".join(map(str, value))
    elif isinstance(value, list | tuple):
        for place, part in enumerate(value):
            yield from _flat(part, f"{name}.{place}")
        if not value and "." in name:
            yield name, NONE
    elif isinstance(value, bool):
        yield name, "true" if value else ""
    elif value is not None:
        yield name, str(value)


def tidy(fields: Mapping[str, str]) -> Fields:
    """Number the parts of each list from 0, write line ends one way, and give ids to parts that have none."""
    found: Fields = {}
    renumbered = {name: {old: new for new, old in enumerate(numbers(fields, name))} for name in LISTS}
    for name, value in fields.items():
        top, _, rest = name.partition(".")
        number, _, key = rest.partition(".")
        if top in LISTS:
            if not number.isdecimal() or int(number) not in renumbered[top] or not key:
                continue
            found[f"{top}.{renumbered[top][int(number)]}.{key}"] = _lines(key, value)
        else:
            found[name] = _lines(name, value)
    for top in ("sources", "figures"):
        _name_parts(found, top)
    return found


def numbers(fields: Iterable[str], top: str) -> list[int]:
    """Give the numbers of the parts of a list that the form has, in order."""
    found = {name.split(".")[1] for name in fields if name.startswith(f"{top}.")}
    return sorted(int(one) for one in found if one.isdecimal() and len(one) < 6)


def written(fields: Mapping[str, str]) -> Written:
    """Make the document of a form."""
    document: dict[str, Any] = {}
    for name, value in fields.items():
        if name.partition(".")[0] not in LISTS and value:
            _put(document, name.split("."), value)
    for flag in FLAGS:
        if flag in document:
            document[flag] = document[flag] == "true"
    if "local_time" in document:
        document.pop("after_sunset", None)  # it is found from the time
    places: dict[str, tuple[int, ...]] = {}
    for top in LISTS:
        parts = [(number, _part(fields, top, number)) for number in numbers(fields, top)]
        real = [(number, part) for number, part in parts if part]
        places[top] = tuple(number for number, _ in real)
        if real or top in ALWAYS_SAID:
            document[top] = [part for _, part in real]
    _name_rules(document["rules"])
    return Written(document, places)


def _part(fields: Mapping[str, str], top: str, number: int) -> dict[str, Any]:
    """Give one part of a list, {} if nothing was typed into it."""
    start = f"{top}.{number}."
    own = {name.removeprefix(start): value for name, value in fields.items() if name.startswith(start) and value}
    if top == "rules":
        return _rule(own)
    chosen = {"qualifier", "kind"}  # a list always says something
    if not any(key not in chosen for key in own):
        return {}
    part: dict[str, Any] = {}
    for key, value in own.items():
        _put(part, key.split("."), _GROUPED.sub("", value) if key == "value" else value)
    return part


def _rule(own: Mapping[str, str]) -> dict[str, Any]:
    kind = own.get("kind", "")
    if not kind:
        return {}
    known = RULE_KEYS.get(kind, frozenset())
    rule: dict[str, Any] = {}
    for key, value in own.items():
        if key.partition(".")[0] in known:
            _put(rule, key.split("."), _listed(kind, key, value))
    if rule.get("only") in ({"numbers": []}, {}):
        del rule["only"]
    return rule


def _listed(kind: str, key: str, value: str) -> Any:
    if (kind, key) in NUMBERED or key == "only.numbers":
        return [] if value == NONE else [one for one in _GAPS.split(value) if one]
    if key == "holidays" and value[0].isdecimal():
        return [one for one in _GAPS.split(value) if one]
    return value


def _put(document: Any, steps: list[str], value: Any) -> None:
    for step in steps[:-1]:
        document = document.setdefault(step, {})
        if not isinstance(document, dict):
            return
    document[steps[-1]] = value


def _lines(name: str, value: str) -> str:
    value = value.replace("\r\n", "\n")
    if name.split(".", maxsplit=1)[0] == "narrative":
        return value.strip("\n\t ")
    if any(step in SEVERAL_LINES for step in name.split(".")):
        return " ".join(value.split("\n")).strip("\t ")
    return value.strip("\t ")


def _name_parts(fields: Fields, top: str) -> None:
    """Give sources and figures ids of their own, from their titles, where none was typed."""
    words = "title" if top == "sources" else "label"
    taken = {fields.get(f"{top}.{number}.id", "") for number in numbers(fields, top)}
    for number in numbers(fields, top):
        said = next(
            (value for name, value in fields.items() if name.startswith(f"{top}.{number}.{words}.") and value), ""
        )
        if said and not fields.get(f"{top}.{number}.id"):
            base = id_of(said, "")[:32].strip("-") or f"{top.removesuffix('s')}-{number + 1}"
            fields[f"{top}.{number}.id"] = free_id(base, taken)
            taken.add(fields[f"{top}.{number}.id"])


def _name_rules(rules: list[dict[str, Any]]) -> None:
    """Give rules without an id one of their own, if their kind alone would stand twice."""
    taken = {rule["id"] for rule in rules if rule.get("id")}
    for rule in rules:
        if not rule.get("id"):
            id_ = free_id(str(rule["kind"]), taken)
            taken.add(id_)
            if id_ != rule["kind"]:
                rule["id"] = id_


def free_id(base: str, taken: Iterable[str]) -> str:
    """Give an id that nothing has yet."""
    known = set(taken)
    return base if base not in known else next(f"{base}-{n}" for n in range(2, 10_000) if f"{base}-{n}" not in known)
