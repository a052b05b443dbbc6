"""Collections in YAML: read with the line of every part, and written."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import yaml

from service.actions.event_files import Entry, Reading, Refused
from service.domain.documents import DocumentError, Place, read_collection, write_collection
from service.domain.event import Collection

_DEEPEST = 40  # parts within parts: a record has seven
_MOST_PARTS = 200_000  # with what is repeated by `*name`, which a small file could multiply without end


class _UnreadableError(ValueError):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def read(name: str, text: str) -> Reading:
    """Read the documents of a file of that name."""
    try:
        nodes = [node for node in yaml.compose_all(text, Loader=yaml.SafeLoader) if node is not None]
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return Reading(refused=(Refused(f"{name}:{line}", "", f"this is not YAML: {error.problem}"),))
    except (yaml.YAMLError, RecursionError) as error:
        return Reading(refused=(Refused(f"{name}:1", "", f"this is not YAML: {error}"),))
    reading = Reading()
    for node in nodes:
        reading += _document(name, node)
    return reading


def write(collections: Iterable[Collection]) -> str:
    """Give collections as YAML, one document each."""
    written = [write_collection(one) for one in collections]
    return yaml.safe_dump_all(written, allow_unicode=True, sort_keys=False, width=110, explicit_start=True)


def _document(name: str, node: Any) -> Reading:
    lines: dict[Place, int] = {}
    try:
        collection = read_collection(_value(node, (), lines))
    except _UnreadableError as error:
        return Reading(refused=(Refused(f"{name}:{error.line}", "", str(error)),))
    except DocumentError as error:
        found = (Refused(f"{name}:{_line(lines, one.place)}", "", str(one)) for one in error.findings)
        return Reading(refused=tuple(found))
    entries = tuple(
        Entry(name, _line(lines, ("events", place, "id")), collection.id, event, place, _own(lines, place))
        for place, event in enumerate(collection.events)
    )
    return Reading(((f"{name}:{_line(lines, ('id',))}", replace(collection, events=())),), entries)


def _own(lines: dict[Place, int], place: int) -> dict[Place, int]:
    return {where[2:]: line for where, line in lines.items() if where[:2] == ("events", place)}


def _line(lines: dict[Place, int], place: Place) -> int:
    """Give the line of the nearest part that is there."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _value(node: Any, place: Place, lines: dict[Place, int]) -> Any:
    """Turn a node into plain values, and note the line of each; dates stay the text that was written."""
    line = node.start_mark.line + 1
    if len(place) > _DEEPEST or len(lines) > _MOST_PARTS:
        raise _UnreadableError(line, "this repeats itself, or is deeper than any record is")
    lines[place] = line
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _UnreadableError(key.start_mark.line + 1, "a key must be a word")
            if key.value in found:
                raise _UnreadableError(key.start_mark.line + 1, f"{key.value!r} stands twice")
            found[key.value] = _value(value, (*place, key.value), lines)
            lines[(*place, key.value)] = key.start_mark.line + 1
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*place, index), lines) for index, item in enumerate(node.value)]
    if node.tag == "tag:yaml.org,2002:timestamp":
        return node.value
    try:
        return yaml.SafeLoader("").construct_object(node)
    except (yaml.YAMLError, ValueError):
        raise _UnreadableError(line, f"{node.value!r} cannot be read as {node.tag.rpartition(':')[2]}") from None
