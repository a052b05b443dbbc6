"""Importing and exporting collections: files in, all or nothing, and out again."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from service.actions import calendar_files, csv_files, yaml_files
from service.actions.event_files import Reading, Refused
from service.actions.importing import Imported, bring_in
from service.domain.documents import write_event
from service.domain.editor import Editor
from service.domain.errors import ImportRefusedError, NotFoundError
from service.domain.event import Collection
from service.store import audit, events
from service.store.dialect import Tx

SUFFIXES = (".yaml", ".yml", ".csv", ".ics")


async def import_files(
    tx: Tx,
    paths: Sequence[Path],
    now: datetime,
    seen: Callable[[int, int], None] | None = None,
    *,
    collection: str = "",
    by: Editor | str = audit.PROGRAM,
) -> Imported:
    """Bring files into the store by the ids in them; raise ImportRefusedError with every finding by file and line.

    `collection` is where events belong that say nothing else. `seen` is told how many are done of how many.
    """
    named = files_in(paths)
    reading = read_files(named, collection, await documents(tx))
    why = f"Imported from {', '.join(path.name for path in named)}."
    return await bring_in(tx, by, reading, why, now, seen)


def read_files(paths: Sequence[Path], collection: str, known: Mapping[str, Mapping[str, object]]) -> Reading:
    """Read files by their names' endings; `known` are the documents of what is recorded, by id."""
    reading = Reading()
    for path in paths:
        try:
            reading += read(str(path), path.read_bytes(), collection, known)
        except OSError as error:
            reading += Reading(refused=(Refused(str(path), "", error.strerror or "it cannot be read"),))
    return reading


def read(
    name: str, content: bytes, collection: str, known: Mapping[str, Mapping[str, object]], language: str = "en"
) -> Reading:
    """Read one file by the ending of its name."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        why = f"this is not UTF-8: {error.reason} at byte {error.start}"
        return Reading(refused=(Refused(name, "", why),))
    match Path(name).suffix.lower():
        case ".csv":
            return csv_files.read(name, text, collection, known)
        case ".ics":
            return calendar_files.read(name, text, collection, language)
        case ".yaml" | ".yml":
            return yaml_files.read(name, text)
        case _:
            why = f"this is none of the files that can be read ({', '.join(SUFFIXES)})"
            return Reading(refused=(Refused(name, "", why),))


async def documents(tx: Tx) -> dict[str, Mapping[str, object]]:
    """Give the documents of every event, by id, each with its collection."""
    return {
        one.event.id: write_event(one.event) | {"collection": one.collection} async for one in events.all_events(tx)
    }


async def export(tx: Tx, ids: Sequence[str]) -> str:
    """Give collections as YAML, one document each (of these ids, or all); raise NotFoundError."""
    return yaml_files.write(await chosen(tx, ids))


async def export_table(tx: Tx, ids: Sequence[str]) -> str:
    """Give the events of collections as CSV (of these ids, or all); raise NotFoundError."""
    return csv_files.write(await chosen(tx, ids))


async def chosen(tx: Tx, ids: Sequence[str]) -> list[Collection]:
    """Give collections with their events (of these ids, or all); raise NotFoundError."""
    shelves = {shelf.id: shelf for shelf in await events.shelves(tx)}
    for id_ in ids:
        if id_ not in shelves:
            raise NotFoundError(f"There is no collection {id_!r}.")
    wanted = [shelves[id_] for id_ in ids or shelves]
    return [events.collection_of(shelf, await events.events_in(tx, shelf.id)) for shelf in wanted]


def files_in(paths: Sequence[Path]) -> list[Path]:
    """Give the files that are named, and the YAML files in the folders that are named; raise ImportRefusedError."""
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
