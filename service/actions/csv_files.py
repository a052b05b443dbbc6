"""Events in a table: one row an event, read with every mistake named by its line, and written.

Texts have a column for each language (`title.en`, `title.hy`), parts of which there may be several a column of JSON.
A column that is not in the file leaves that part of a recorded event as it is; an empty cell takes it away. A cell that
a spreadsheet would take for a formula has an apostrophe before it, which is taken off again (OWASP, "CSV injection").
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from service.actions.event_files import Entry, Reading, Refused
from service.domain.documents import DocumentError, Finding, read_event, write_event
from service.domain.event import Collection
from service.domain.naming import id_of
from service.domain.plain_text import refuse_odd_characters

WORDS = ("title", "summary", "narrative", "place")
PLAIN = ("first_day", "last_day", "calendar", "precision", "after_sunset", "local_time", "observance", "tone")
OF_PLACE = ("latitude", "longitude", "zone")
LISTS = ("sources", "figures", "timeline", "unresolved", "links", "pictures", "rules")
SHORT = ("source", "rule")  # for tables written by hand: the title of the only source; the kind of the only rule
_FLAGS = frozenset({"after_sunset", "observance"})
_FORMULA = tuple("=+-@\t\r")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_MOST_ROWS = 20_000
_LONGEST_CELL = 1_000_000

Known = Mapping[str, Mapping[str, object]]


def read(name: str, text: str, collection: str, known: Known) -> Reading:
    """Read a table; events whose row names no collection belong to the one that is given."""
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    entries: list[Entry] = []
    refused: list[Refused] = []
    before = 0
    try:
        wrong = list(_wrong_columns(reader.fieldnames))
        if wrong:
            return Reading(refused=tuple(Refused(f"{name}:1", "", why) for why in wrong))
        before = reader.line_num
        for row in reader:
            line, before = before + 1, reader.line_num
            if len(entries) + len(refused) >= _MOST_ROWS:
                refused.append(Refused(f"{name}:{line}", "", f"a file may have {_MOST_ROWS:,} rows; please part it"))
                break
            _read_row(name, line, row, collection, known, entries, refused)
    except csv.Error as error:
        refused.append(Refused(f"{name}:{max(reader.line_num, before + 1)}", "", f"this is not CSV: {error}"))
    return Reading(entries=tuple(entries), refused=tuple(refused))


def write(collections: Iterable[Collection]) -> str:
    """Give events as a table with a byte order mark, by which spreadsheets know that it is UTF-8."""
    rows = [_cells(event, one.id) for one in collections for event in map(write_event, one.events)]
    used = {column for row in rows for column in row}
    words = [column for name in WORDS for column in sorted(c for c in used if c.startswith(f"{name}."))]
    columns = ["id", "collection", *(words or ["title.en", "summary.en"]), *PLAIN, *OF_PLACE, *LISTS]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({column: defused(cell) for column, cell in row.items()} for row in rows)
    return "\ufeff" + out.getvalue()


def defused(cell: str) -> str:
    """Put an apostrophe before what would be a formula, and before an apostrophe that stands before such."""
    return f"'{cell}" if cell.lstrip("'").startswith(_FORMULA) else cell


def fused(cell: str) -> str:
    """Take the apostrophe off again."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell


def _wrong_columns(columns: Sequence[str] | None) -> Iterator[str]:
    if not columns:
        yield "this file is empty"
        return
    known = {"id", "collection", *PLAIN, *OF_PLACE, *LISTS, *SHORT}
    for column in columns:
        words, _, language = column.partition(".")
        if column not in known and not (words in WORDS and _LANGUAGE.fullmatch(language)):
            yield f"the column {column!r} is not known (known: {', '.join(sorted(known))}, and {', '.join(WORDS)} "
            "each with a language behind it, as title.en)"
        if list(columns).count(column) > 1:
            yield f"the column {column!r} stands twice"
            return


def _read_row(
    name: str,
    line: int,
    row: Mapping[Any, Any],
    collection: str,
    known: Known,
    entries: list[Entry],
    refused: list[Refused],
) -> None:
    where = f"{name}:{line}"
    if None in row or None in row.values():
        refused.append(Refused(where, "", "this row has not as many cells as there are columns"))
        return
    cells = {column: fused(cell.replace("\r\n", "\n")).strip() for column, cell in row.items()}
    if not any(cells.values()):
        return
    title = next((cell for column, cell in cells.items() if column.startswith("title.") and cell), "")
    id_ = cells.get("id") or id_of(title, cells.get("first_day", ""))
    before = dict(known.get(id_, {}))
    home = str(before.pop("collection", ""))
    try:
        document = _document(cells, before) | {"id": id_}
        refuse_odd_characters(document)
        event = read_event(document)
    except DocumentError as error:
        refused.extend(Refused(where, id_, str(finding)) for finding in error.findings)
        return
    entries.append(Entry(name, line, cells.get("collection") or home or collection, event))


def _document(cells: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
    """Give the document of a row, over what is recorded under its id."""
    document: dict[str, Any] = dict(before)
    place: dict[str, Any] = dict(document.pop("place", {}))
    for column, cell in cells.items():
        words, _, language = column.partition(".")
        if words == "place" and language:
            place["name"] = _worded(place.get("name", {}), language, cell)
        elif words in WORDS and language:
            document[words] = _worded(document.get(words, {}), language, cell)
        elif column in OF_PLACE:
            place[column] = cell
        elif column in LISTS:
            document[column] = _listed(column, cell)
        elif column in PLAIN:
            document[column] = (cell.lower() in {"true", "yes", "1"}) if column in _FLAGS else cell
    if place := {key: value for key, value in place.items() if value not in ("", {}, None)}:
        document["place"] = place
    document = {key: value for key, value in document.items() if value not in ("", None, {}) and value is not False}
    if "local_time" in document:
        document.pop("after_sunset", None)  # it is found from the time
    return _completed(document, cells)


def _completed(document: dict[str, Any], cells: Mapping[str, str]) -> dict[str, Any]:
    """Fill in what a table written by hand leaves out."""
    if cells.get("source") and not document.get("sources"):
        document["sources"] = [{"id": "source", "title": {"en": cells["source"]}}]
    if "rules" not in document:
        document["rules"] = [{"kind": cells.get("rule") or "yearly"}]
    return document


def _worded(words: Mapping[str, str], language: str, cell: str) -> dict[str, str]:
    return {code: text for code, text in {**words, language: cell}.items() if text}


def _listed(column: str, cell: str) -> Any:
    if not cell:
        return []
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise DocumentError((Finding((column,), "this must be a list in JSON, as an export writes it"),))
    return found


def _cells(document: Mapping[str, Any], collection: str) -> dict[str, str]:
    place = document.get("place", {})
    cells = {"id": document["id"], "collection": collection}
    for name in WORDS:
        words = place.get("name", {}) if name == "place" else document.get(name, {})
        cells |= {f"{name}.{language}": text for language, text in words.items()}
    for name in PLAIN:
        value = document.get(name, "")
        cells[name] = ("true" if value else "") if name in _FLAGS else str(value)
    cells |= {name: str(place[name]) for name in OF_PLACE if name in place}
    cells |= {name: json.dumps(document[name], ensure_ascii=False) for name in LISTS if name in document}
    return cells
