"""Private dates in files: a table (CSV) or a calendar (iCalendar), read by its ending, and written.

An import is tried first, row by row, and then all of it is brought in or nothing. What the rules of a record are, a
column of JSON says; a table written by hand names one of the ways instead. In a calendar each entry carries its whole
record in a property of ours beside what other programs understand, so that what is written is read again as it was.
A table of Hebcal's is known by its columns (`hebcal_files.py`).
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from icalendar import Calendar
from icalendar import Event as CalendarEvent

from service.actions import calendar_files, hebcal_files
from service.actions.csv_files import defused, fused
from service.actions.event_files import Refused
from service.actions.remembering import Recorded, Told
from service.domain.documents import DocumentError, read_private, write_event, write_private
from service.domain.errors import InvalidError
from service.domain.plain_text import odd_characters
from service.domain.private_event import MOST_EVENTS, PrivateEvent
from service.domain.subscription import check_lead_days
from service.domain.ways import WAYS, Chosen, rules_of

MOST_BYTES = 1_000_000
DAYS_WRITTEN = 10  # of each date, in a calendar
_MOST_ENTRIES = DAYS_WRITTEN * MOST_EVENTS  # of a calendar, whatever they are: what is written can be read again
_COLUMNS = ("name", "first_day", "calendar", "after_sunset", "tone", "words", "lead_days", "rules")
_BY_HAND = frozenset({"way"})
_RECORD = "X-REMEMBRANCER-RECORD"
_MAKER = "-//Remembrancer//Private dates//EN"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: where it stands, what it is called, and the date that it tells; or why it is not taken.

    What is `left_out` is no day of the year, such as a meeting, and stops nothing.
    """

    where: str
    name: str
    told: Told | None = None
    why: str = ""
    left_out: bool = False
    is_known: bool = False


def read(name: str, content: bytes) -> list[Row]:
    """Read a file by its ending, .ics or .csv; a large one takes some seconds."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [Row(f"{name}:1", "", why="the file is not written in UTF-8")]
    ending = name.lower().rpartition(".")[2]
    if ending == "ics":
        return _read_calendar(name, text)
    if ending == "csv":
        return _read_table(name, text)
    return [Row(f"{name}:1", "", why="the name of the file must end in .ics or .csv")]


def marked(rows: Iterable[Row], known: Iterable[PrivateEvent]) -> list[Row]:
    """Mark the rows that tell what is recorded already, which is not brought in again."""
    held = {json.dumps(_written(one)) for one in known}
    return [
        replace(row, is_known=True) if row.told and json.dumps(_written(row.told.event)) in held else row
        for row in rows
    ]


def to_bring_in(rows: Iterable[Row]) -> list[Told]:
    """Give what is new in rows of which none is refused; raise InvalidError otherwise."""
    found = list(rows)
    if any(row.told is None and not row.left_out for row in found):
        raise InvalidError("a row is refused", "file")
    return [row.told for row in found if row.told is not None and not row.is_known]


def write_table(recorded: Iterable[Recorded]) -> str:
    """Give private dates as a table with a byte order mark, by which spreadsheets know that it is UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, _COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for one in recorded:
        document = write_private(one.own.event)
        cells = {
            **{name: str(document.get(name, "")) for name in _COLUMNS},
            "calendar": one.own.event.calendar,
            "after_sunset": "true" if one.own.event.after_sunset else "",
            "tone": one.own.event.tone.value,
            "lead_days": " ".join(map(str, one.leads)),
            "rules": json.dumps(document["rules"], ensure_ascii=False),
        }
        writer.writerow({name: defused(cell) for name, cell in cells.items()})
    return "\ufeff" + out.getvalue()


def write_calendar(
    recorded: Iterable[Recorded], coming: Mapping[str, Sequence[date]], host: str, now: datetime
) -> bytes:
    """Give private dates as a calendar: for each its coming days, written out, the first with the whole record."""
    calendar = Calendar()
    calendar.add("prodid", _MAKER)
    calendar.add("version", "2.0")
    for one in recorded:
        record = {**_written(one.own.event), "lead_days": list(one.leads)}
        for number, day in enumerate(coming.get(one.own.id, ()) or (_civil(one.own.event),)):
            made = CalendarEvent()
            made.add("uid", f"{one.own.id}/{day.isoformat()}@{host}")
            made.add("dtstamp", now.astimezone(UTC).replace(microsecond=0))
            made.add("dtstart", day)
            made.add("summary", one.own.event.name)
            if one.own.event.words:
                made.add("description", one.own.event.words)
            made.add("class", "PRIVATE")
            made.add("transp", "TRANSPARENT")
            made.add(_RECORD, json.dumps(record, ensure_ascii=False) if number == 0 else "")
            calendar.add_component(made)
    return bytes(calendar.to_ical())


def _written(event: PrivateEvent) -> dict[str, Any]:
    """Give the document of an event without its picture, which no file holds."""
    return {key: value for key, value in write_private(event).items() if key != "picture"}


def _civil(event: PrivateEvent) -> date:
    return date.fromordinal(max(1, event.told_in("", "").first.first_possible(event.calendar)))


def _read_table(name: str, text: str) -> list[Row]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    line = 1
    try:
        columns = reader.fieldnames or ()
        if {*columns} >= hebcal_files.COLUMNS:
            return _of_hebcal(name, reader)
        wrong = sorted({*columns} - {*_COLUMNS} - _BY_HAND)
        missing = sorted({"name", "first_day"} - {*columns})
        if wrong or missing:
            why = f"the column {wrong[0]!r} is not known" if wrong else f"the column {missing[0]!r} is missing"
            return [Row(f"{name}:1", "", why=why)]
        line = reader.line_num
        for cells in reader:
            where, line = f"{name}:{line + 1}", reader.line_num
            if len(rows) == MOST_EVENTS:
                return [*rows, Row(where, "", why=f"a file may have {MOST_EVENTS} rows")]
            if None in cells or None in cells.values():
                rows.append(Row(where, "", why="this row has more or fewer cells than the first"))
            elif any(cells.values()):
                rows.append(_row(where, {key: fused(cell).strip() for key, cell in cells.items()}))
    except csv.Error as error:
        rows.append(Row(f"{name}:{line + 1}", "", why=f"this is not CSV: {error}"))
    return rows


def _of_hebcal(name: str, reader: "csv.DictReader[str]") -> list[Row]:
    lines = []
    for cells in reader:
        if None in cells or None in cells.values():
            return [Row(f"{name}:{reader.line_num}", "", why="this row has more or fewer cells than the first")]
        lines.append(hebcal_files.Line(reader.line_num, cells))
    return [
        _checked(f"{name}:{one.number}", one.document, "")
        if one.document
        else Row(f"{name}:{one.number}", one.name, why=one.why, left_out=one.left_out)
        for one in hebcal_files.read(name, lines)
    ]


def _row(where: str, cells: Mapping[str, str]) -> Row:
    document: dict[str, Any] = {key: cells.get(key, "") for key in ("name", "first_day", "calendar", "tone", "words")}
    document = {key: value.replace("\r\n", "\n") for key, value in document.items() if value}
    document["after_sunset"] = cells.get("after_sunset", "").lower() in {"true", "yes", "1"}
    ways = frozenset((cells.get("way") or "yearly").split())
    try:
        if cells.get("rules"):
            document["rules"] = json.loads(cells["rules"])
        elif unknown := sorted(ways - {*WAYS}):
            return Row(where, cells["name"], why=f"way: {unknown[0]!r} is none of {', '.join(WAYS)}")
        else:
            document["rules"] = rules_of(Chosen(ways, document.get("calendar", "gregorian")))
    except (ValueError, RecursionError):
        return Row(where, cells["name"], why="rules: this must be a list in JSON, as an export writes it")
    return _checked(where, document, cells.get("lead_days", ""))


def _read_calendar(name: str, text: str) -> list[Row]:
    lines = text.replace("\r\n", "\n").split("\n")
    rows: list[Row] = []
    ours: set[str] = set()
    blocks = list(calendar_files.blocks(lines))
    if len(blocks) > _MOST_ENTRIES:
        why = f"a file may have {_MOST_ENTRIES:,} entries; please part it"
        return [Row(f"{name}:{blocks[_MOST_ENTRIES][0]}", "", why=why)]
    for line, block in blocks:
        record, uid = _record_in(block)
        event = uid.partition("/")[0]
        if record is None and event in ours:
            continue  # a further day of a date of ours
        if record is not None:
            ours.add(event)
            leads = " ".join(map(str, record.pop("lead_days", [0]) or [0]))
            rows.append(_checked(f"{name}:{line}", record, leads))
    foreign = calendar_files.read(name, _without(lines, ours), "private", "en")
    for entry in foreign.entries:
        document = write_event(entry.event)
        title, summary = entry.event.title["en"], entry.event.narrative.get("en") or entry.event.summary["en"]
        made = {"name": title, "first_day": document["first_day"], "rules": document["rules"]}
        rows.append(_checked(entry.where, made | ({"words": summary} if summary != title else {}), ""))
    rows += [Row(one.where, one.name, why=one.why) for one in foreign.refused]
    rows += [Row(one.where, one.name, why=one.why, left_out=True) for one in foreign.left_out]
    return rows


def _record_in(block: str) -> tuple[dict[str, Any] | None, str]:
    """Give the record that an entry of ours carries, and the entry's name."""
    try:
        entry: Any = CalendarEvent.from_ical(block)
        uid, written = str(entry.get("UID", "")), str(entry.get(_RECORD, ""))
        record = json.loads(written) if written else None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return None, ""
    return (record if isinstance(record, dict) else None), uid


def _without(lines: list[str], ours: set[str]) -> str:
    """Blank the entries of ours, so that all others keep their lines."""
    left = list(lines)
    for line, block in calendar_files.blocks(lines):
        if _record_in(block)[1].partition("/")[0] in ours:
            height = block.count("\r\n")
            left[line - 1 : line - 1 + height] = [""] * height
    return "\r\n".join(left)


def _checked(where: str, document: dict[str, Any], leads: str) -> Row:
    called = str(document.get("name", ""))[:120]
    try:
        event = read_private(document)
        days = check_lead_days(leads)
    except DocumentError as error:
        return Row(where, called, why="; ".join(map(str, error.findings)))
    except InvalidError as error:
        return Row(where, called, why=f"lead_days: {error}")
    told = _written(event)
    odd = [*odd_characters({**told, "words": ""}), *odd_characters({"words": event.words}, lines=True)]
    if odd:
        return Row(where, called, why="; ".join(map(str, odd)))
    return Row(where, called, Told(event, days))


__all__ = [
    "DAYS_WRITTEN",
    "MOST_BYTES",
    "Refused",
    "Row",
    "marked",
    "read",
    "to_bring_in",
    "write_calendar",
    "write_table",
]
