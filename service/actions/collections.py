"""Importing and exporting collections: YAML files in, all or nothing, and out again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from service.domain.documents import DocumentError, Place, read_collection, write_collection
from service.domain.errors import ImportRefusedError, NotFoundError
from service.domain.event import Collection
from service.domain.occasion import next_after, returns
from service.store import events, occasions, revisions
from service.store.dialect import Tx

Lines = dict[Place, int]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import changed."""

    collections: int
    events: int
    changed: int


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    collection: Collection
    lines: Lines


async def import_files(
    tx: Tx, paths: Sequence[Path], now: datetime, seen: Callable[[int, int], None] | None = None
) -> Imported:
    """Bring collections into the store by their ids; raise ImportRefusedError with every finding by file and line.

    `seen` is told, after each event, how many are done and how many there are.
    """
    files = _read_all(paths)
    await _check_links(tx, files)
    horizon = await occasions.horizon_of(tx)
    events_in_all = sum(len(file.collection.events) for file in files)
    total = 0
    changed: set[str] = set()
    for file in files:
        await events.save_collection(tx, file.collection, now)
        for position, event in enumerate(file.collection.events):
            total += 1
            if seen:
                seen(total, events_in_all)
            if await events.save_event(tx, event, file.collection.id, position, now):
                changed.add(event.id)
                await occasions.forget(tx, event.id)
                if horizon is not None:
                    await occasions.add(tx, event.id, returns(event, *horizon))
                    following = {rule.id: next_after(event, rule, horizon[1]) for rule in event.rules}
                    await occasions.set_next(tx, event.id, following)
    if changed:
        await revisions.supersede(tx, changed, now)
    return Imported(len(files), total, len(changed))


async def withdraw(tx: Tx, event: str, now: datetime) -> None:
    """Remove an event; what was to tell of it and has not started is taken back. Raises NotFoundError."""
    if not await events.remove(tx, event):
        raise NotFoundError(f"There is no event {event!r}.")
    await revisions.supersede(tx, {event}, now)


async def export(tx: Tx, ids: Sequence[str]) -> str:
    """Give collections as YAML, one document each (of these ids, or all); raise NotFoundError."""
    shelves = {shelf.id: shelf for shelf in await events.shelves(tx)}
    for id_ in ids:
        if id_ not in shelves:
            raise NotFoundError(f"There is no collection {id_!r}.")
    chosen = [shelves[id_] for id_ in ids or shelves]
    written = [write_collection(events.collection_of(shelf, await events.events_in(tx, shelf.id))) for shelf in chosen]
    return yaml.safe_dump_all(written, allow_unicode=True, sort_keys=False, width=110, explicit_start=True)


def files_in(paths: Sequence[Path]) -> list[Path]:
    """Give the YAML files that are named, and those in the folders that are named; raise ImportRefusedError."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted([*path.glob("*.yaml"), *path.glob("*.yml")])
        elif path.is_file():
            found.append(path)
        else:
            raise ImportRefusedError((f"{path}: there is no such file or folder",))
    if not found:
        raise ImportRefusedError(tuple(f"{path}: no .yaml files are in this folder" for path in paths))
    return found


def _read_all(paths: Sequence[Path]) -> list[_File]:
    files: list[_File] = []
    findings: list[str] = []
    for path in files_in(paths):
        try:
            files += _read_file(path)
        except ImportRefusedError as refused:
            findings += refused.findings
    findings += _twice(files)
    if findings:
        raise ImportRefusedError(tuple(findings))
    return files


def _read_file(path: Path) -> list[_File]:
    """Read the documents of a file with the line of each part."""
    try:
        nodes = list(yaml.compose_all(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader))
    except UnicodeDecodeError as error:
        raise ImportRefusedError((f"{path}: this is not UTF-8: {error.reason} at byte {error.start}",)) from None
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ImportRefusedError((f"{path}:{line}: this is not YAML: {error.problem}",)) from None
    except yaml.YAMLError as error:
        raise ImportRefusedError((f"{path}:1: this is not YAML: {error}",)) from None
    files, findings = [], []
    for node in nodes:
        lines: Lines = {}
        try:
            files.append(_File(path, read_collection(_value(node, (), lines, path)), lines))
        except DocumentError as error:
            findings += [_located(path, lines, finding.place, str(finding)) for finding in error.findings]
    if findings:
        raise ImportRefusedError(tuple(findings))
    return files


def _value(node: Any, place: Place, lines: Lines, path: Path) -> Any:
    """Turn a node into plain values, and note the line of each; dates stay the text that was written."""
    lines[place] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            if key.value in found:
                raise ImportRefusedError((f"{path}:{key.start_mark.line + 1}: {key.value!r} stands twice",))
            found[key.value] = _value(value, (*place, key.value), lines, path)
            lines[(*place, key.value)] = key.start_mark.line + 1
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*place, index), lines, path) for index, item in enumerate(node.value)]
    if node.tag == "tag:yaml.org,2002:timestamp":
        return node.value
    return yaml.SafeLoader("").construct_object(node)


def _located(path: Path, lines: Lines, place: Place, message: str) -> str:
    """Put file and line before a finding; the line of the nearest part that is there."""
    while place and place not in lines:
        place = place[:-1]
    return f"{path}:{lines.get(place, 1)}: {message}"


def _twice(files: Sequence[_File]) -> list[str]:
    """Find ids that stand for two things."""
    found, seen = [], dict[str, str]()
    for file in files:
        named: list[tuple[str, Place]] = [(f"collection {file.collection.id}", ("id",))]
        named += [(f"event {event.id}", ("events", n, "id")) for n, event in enumerate(file.collection.events)]
        for name, place in named:
            here = _located(file.path, file.lines, place, "")[:-2]
            if name in seen:
                found.append(f"{here}: {name} is already at {seen[name]}")
            seen.setdefault(name, here)
    return found


async def _check_links(tx: Tx, files: Sequence[_File]) -> None:
    """Refuse links to events that are recorded nowhere."""
    known = {event.id for file in files for event in file.collection.events} | set(await events.titles(tx))
    findings = [
        _located(file.path, file.lines, ("events", n, "links", m, "event"), f"there is no event {link.event!r}")
        for file in files
        for n, event in enumerate(file.collection.events)
        for m, link in enumerate(event.links)
        if link.event not in known
    ]
    if findings:
        raise ImportRefusedError(tuple(findings))
