"""Events in calendar files (RFC 5545): what returns every year on a whole day becomes an event with its rule.

Each VEVENT is read by itself, so that one that is broken does not hide the others. What is no day of the year, a
meeting at an hour or something that happens once, is left out by name; what cannot be read at all is refused.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import PurePath
from typing import Any

from icalendar import Event as CalendarEvent

from service.actions.event_files import Entry, Reading, Refused
from service.domain.documents import DocumentError, Finding, read_event
from service.domain.plain_text import refuse_odd_characters

_EVERY_PART = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "WKST"})
_NTH_WEEKDAY = re.compile(r"([+-]?[1-5])(MO|TU|WE|TH|FR|SA|SU)")
_MOST_EVENTS = 20_000
_LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class _Block:
    """The lines of one VEVENT, and the number of the first."""

    line: int
    text: str


class _NoDayOfTheYearError(ValueError):
    """An entry is readable, but nothing that returns every year on a whole day."""


def read(name: str, text: str, collection: str, language: str) -> Reading:
    """Read a calendar file; its events are to belong to a collection, and their texts are in one language."""
    lines = text.replace("\r\n", "\n").split("\n")  # no other character ends a line there (RFC 5545, 3.1)
    if not any(line.strip().upper() == "BEGIN:VCALENDAR" for line in lines):
        return Reading(refused=(Refused(f"{name}:1", "", "this is no calendar file: BEGIN:VCALENDAR is missing"),))
    entries, refused, left_out = [], [], []
    for number, block in enumerate(_blocks(lines)):
        where = f"{name}:{block.line}"
        if number == _MOST_EVENTS:
            refused.append(Refused(where, "", f"a file may have {_MOST_EVENTS:,} entries; please part it"))
            break
        called = _uid(block.text)
        try:
            document = _document(block.text, PurePath(name).name, language)
            refuse_odd_characters(document)
            entries.append(Entry(name, block.line, collection, read_event(document)))
        except _NoDayOfTheYearError as why:
            left_out.append(Refused(where, called, str(why)))
        except DocumentError as error:
            refused += [Refused(where, called, str(finding)) for finding in error.findings]
    return Reading(entries=tuple(entries), refused=tuple(refused), left_out=tuple(left_out))


def blocks(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Give each entry of a file, by itself, with the number of its first line."""
    for block in _blocks(lines):
        yield block.line, block.text


def _blocks(lines: list[str]) -> Iterator[_Block]:
    start: int | None = None
    for place, line in enumerate(lines):
        word = line.strip().upper()
        if word == "BEGIN:VEVENT":
            start = place
        elif word == "END:VEVENT" and start is not None:
            yield _Block(start + 1, "\r\n".join(lines[start : place + 1]) + "\r\n")
            start = None
    if start is not None:
        yield _Block(start + 1, "\r\n".join(lines[start:]) + "\r\n")


def _uid(block: str) -> str:
    found = re.search(r"^UID[^:\r\n]*:(.*)$", block, re.MULTILINE | re.IGNORECASE)
    return found[1].strip()[:120] if found else ""


def _document(block: str, file: str, language: str) -> dict[str, Any]:
    try:
        entry: Any = CalendarEvent.from_ical(block)
        first = entry["DTSTART"].dt if "DTSTART" in entry else None
        last = entry["DTEND"].dt if "DTEND" in entry else None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise DocumentError((Finding((), f"this entry cannot be read: {error}"),)) from None
    if not isinstance(entry, CalendarEvent) or first is None:
        raise DocumentError((Finding((), "this entry has no first day (DTSTART)"),))
    if isinstance(first, datetime) or not isinstance(first, date):
        raise _NoDayOfTheYearError("it is at an hour, not of a whole day")
    title = " ".join(str(entry.get("SUMMARY", "")).split())
    if not title:
        raise DocumentError((Finding((), "this entry has no title (SUMMARY)"),))
    told = str(entry.get("DESCRIPTION", "")).replace("\r\n", "\n").strip()
    uid = str(entry.get("UID", "")) or f"{title} {first}"
    document: dict[str, Any] = {
        "id": f"calendar-{hashlib.sha256(uid.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}",
        "title": {language: title[:_LONGEST_TITLE]},
        "summary": {language: " ".join(told.split("\n\n")[0].split()) or title},
        "first_day": first.isoformat(),
        "sources": [{"id": "calendar", "title": {"en": file}}],
        "rules": [_rule(entry, first)],
    }
    if "\n" in told:
        document["narrative"] = {language: told}
    if place := " ".join(str(entry.get("LOCATION", "")).split()):
        document["place"] = {"name": {language: place}}
    if isinstance(last, date) and not isinstance(last, datetime) and last - timedelta(days=1) > first:
        document["last_day"] = (last - timedelta(days=1)).isoformat()  # DTEND is the day after
    return document


def _rule(entry: Any, first: date) -> dict[str, Any]:
    """Turn RRULE into a rule; one that says more than a rule of ours can is not read at all."""
    if "RECURRENCE-ID" in entry:
        raise _NoDayOfTheYearError("it changes a single return of another entry")
    if "RRULE" not in entry:
        raise _NoDayOfTheYearError("it does not return")
    if "EXDATE" in entry or "RDATE" in entry or "EXRULE" in entry or isinstance(entry["RRULE"], list):
        raise _NoDayOfTheYearError("some of its days are taken out or added by hand")
    parts: Mapping[str, list[Any]] = {str(key).upper(): value for key, value in entry["RRULE"].items()}
    if [str(one).upper() for one in parts.get("FREQ", [])] != ["YEARLY"]:
        raise _NoDayOfTheYearError("it does not return every year")
    if beyond := sorted(set(parts) - _EVERY_PART):
        raise _NoDayOfTheYearError(f"its rule has what cannot be taken over: {', '.join(beyond)}")
    return _kind(parts, first) | _bounds(parts, first)


def _kind(parts: Mapping[str, list[Any]], first: date) -> dict[str, Any]:
    months, days = [int(one) for one in parts.get("BYMONTH", [])], [int(one) for one in parts.get("BYMONTHDAY", [])]
    if "BYDAY" in parts:
        weekdays = [_NTH_WEEKDAY.fullmatch(str(one).upper()) for one in parts["BYDAY"]]
        if days or len(months) != 1 or len(weekdays) != 1 or weekdays[0] is None:
            raise _NoDayOfTheYearError("its weekday is not one of the first to fifth, or last, of one month")
        return {"kind": "weekday", "month": months[0], "weekday": weekdays[0][2], "n": int(weekdays[0][1])}
    if months not in ([], [first.month]) or days not in ([], [first.day]):
        raise _NoDayOfTheYearError("it returns on another day than its first")
    missing = {"missing_day": "skip"} if (first.month, first.day) == (2, 29) else {}  # RFC 5545, 3.3.10
    return {"kind": "yearly", **missing}


def _bounds(parts: Mapping[str, list[Any]], first: date) -> dict[str, Any]:
    found: dict[str, Any] = {}
    interval = int(next(iter(parts.get("INTERVAL", [])), 1))
    if interval > 1:
        found["only"] = {"every": interval}
    if "COUNT" in parts:
        years = (int(parts["COUNT"][0]) - 1) * interval
        found["until"] = date(min(first.year + years, date.max.year), 12, 31).isoformat()
    elif "UNTIL" in parts:
        until = parts["UNTIL"][0]
        found["until"] = (until.date() if isinstance(until, datetime) else until).isoformat()
    return found
