"""Checking a whole file of subscribers, of our own form or another system's, before anybody is brought in."""

import csv
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, count
from typing import Any, Final, TextIO

from service.actions.subscriber_exports import FORMS, LINE, MAILMAN, Export, Read, Whom, begins, reading, recognised
from service.actions.subscriber_files import KNOWN, read_row
from service.actions.subscriber_rows import written
from service.domain.errors import ImportRefusedError, InvalidError

FINDINGS_MOST: Final = 50
_LONGEST_LINE = 65_536  # characters: the longest cells of a row are not a twentieth of it
_NOT_IN_TEXT = "\x1f"  # parts nothing: a line of Mailman's is one cell


@dataclass(frozen=True, slots=True)
class Checked:
    """A file without a mistake: how many it names, and the system that it is an export of, "" for our own form."""

    rows: int
    system: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a file is checked by: what it may name, and what is to become of people of another system's export.

    `system` is which system that is, "" to find it out.
    """

    languages: tuple[str, ...]
    targets: Collection[str]
    now: datetime
    whom: Whom | None = None
    system: str = ""


def check(source: TextIO, spool: TextIO, name: str, asked: Asked) -> Checked:
    """Check every row of a file and write the good ones to `spool`.

    Neither a long file nor one that is a single line fills the memory. Raises ImportRefusedError with file and line of
    the first fifty mistakes; then nothing is to be imported.
    """
    findings: list[str] = []
    rows, line = 0, 1
    try:
        lines = _lines(source)
        first = next(lines, "")
        system, reader, read = _reader(first, chain([first], lines), name, asked)
        for record in reader:
            line = reader.line_num
            try:
                entry = read(record)
                if entry is not None:
                    rows += 1
                    spool.write(written(replace(entry, where=f"{name}:{line}")))
            except InvalidError as error:
                findings.append(f"{name}:{line}: {error.field}: {error}")
                if len(findings) == FINDINGS_MOST:
                    break
    except (csv.Error, UnicodeError) as error:
        findings.append(f"{name}:{line}: this is not CSV in UTF-8: {error}")
    if findings:
        raise ImportRefusedError(tuple(findings))
    return Checked(rows, system)


def _reader(first: str, lines: Iterator[str], name: str, asked: Asked) -> tuple[str, "csv.DictReader[str]", Read]:
    """Give which system a file is from, its rows, and what reads one."""
    delimiter = max(",;\t", key=first.count)
    columns = tuple(next(csv.reader([first], delimiter=delimiter), ()))
    system = asked.system or recognised(first, columns)
    if system == MAILMAN:
        reader = csv.DictReader(lines, (LINE,), delimiter=_NOT_IN_TEXT, quoting=csv.QUOTE_NONE)
    else:
        reader = csv.DictReader(lines, delimiter=delimiter, strict=True)
    if not system:
        if problem := _not_ours(columns, is_told=asked.whom is not None):
            raise ImportRefusedError((f"{name}:1: {problem}",))
        return system, reader, lambda record: read_row(dict(record), asked.languages, asked.targets, asked.now)
    export = Export(name, tuple(reader.fieldnames or ()), asked.whom or Whom(), asked.languages, asked.now)
    try:
        return system, reader, _whole(reading(system, export), export.columns)
    except InvalidError as error:
        raise ImportRefusedError((f"{name}:1: {error}",)) from None


def _not_ours(columns: Sequence[str], *, is_told: bool) -> str:
    """Say why a file without a system cannot be read, "" if it can: it says of its people what else options do."""
    wrong = [column for column in columns if column not in KNOWN]
    if "email" not in columns or (wrong and is_told):
        return f"this is no file of subscribers that is known: {begins(columns)}. Known: {FORMS}"
    if wrong:
        return f"unknown columns {', '.join(map(repr, wrong))} (known: {', '.join(KNOWN)})"
    if is_told:
        told = "whose columns say what its people are to remember, and how they are written to"
        options = (
            "--collection, --event, --language, --zone, --hour and --consent, which are for exports of other systems"
        )
        return f"this is a file of our own form ({begins(columns)}), {told}: leave out {options}"
    return ""


def _whole(read: Read, columns: Sequence[str]) -> Read:
    """Have rows refused that have more or fewer cells than there are columns."""

    def reads(record: Any) -> Any:
        if None in record or None in record.values():
            raise InvalidError(f"this row has not as many cells as there are columns ({len(columns)})", "row")
        return read(record)

    return reads


def _lines(source: TextIO) -> Iterator[str]:
    """Give the lines of a file, without the byte order mark that spreadsheets put first, and none without an end."""
    for number in count(1):
        line = source.readline(_LONGEST_LINE + 1)
        if not line:
            return
        if len(line) > _LONGEST_LINE:
            raise csv.Error(f"line {number} has more than {_LONGEST_LINE:,} characters")
        yield line.removeprefix("\ufeff") if number == 1 else line
