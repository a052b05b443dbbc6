"""Subscribers in CSV files: read with every mistake named by its line, brought in by thousands, written out.

An import never raises anybody's status: whoever left, complained or was erased is refused and counted. A
row that names when it was confirmed counts as confirmed; without that, the person is asked by a letter.
"""

import csv
import json
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, TextIO

from service.actions.answers import edition_for, single
from service.actions.csv_files import defused, fused
from service.actions.habit_cells import HOW, SLOT, read_habit, written_habit
from service.actions.subscribing import Desk
from service.domain.consent import Act, Came
from service.domain.errors import ImportRefusedError, InvalidError
from service.domain.letter import Variant
from service.domain.notice import Kind
from service.domain.subscription import (
    Cadence,
    Habit,
    Rhythm,
    Status,
    Wish,
    address_key,
    check_address,
    check_lead_days,
    read_target,
)
from service.store import consents, notices, subscribers, subscriptions
from service.store.dialect import Tx

# What a file may say of how somebody agreed; it is kept with the proof, and is not exported with the habits.
EVIDENCE = ("consent_source", "consent_wording", "consent_network")
COLUMNS = ("email", *SLOT, "collections", "events", "lead_days", *HOW, "confirmed_at")
_FINDINGS_MOST = 50
_LONGEST_EVIDENCE = 1000
_LONGEST_LINE = 65_536  # characters: the longest cells of a row are not a twentieth of it
_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One row, checked."""

    address: str
    habit: Habit
    wishes: tuple[Wish, ...]
    confirmed_at: datetime | None
    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Tally:
    """What became of the rows: new ones by status, known ones left as they are, and those refused."""

    confirmed: int = 0
    asked: int = 0
    known: int = 0
    refused: int = 0
    refused_addresses: list[str] = field(default_factory=list)


def check(source: TextIO, spool: TextIO, languages: tuple[str, ...], targets: Collection[str], name: str) -> int:
    """Check every row of a CSV file and write the good ones to `spool`; gives how many there are.

    Neither a long file nor one that is a single line fills the memory. Raises ImportRefusedError with file and line of
    the first fifty mistakes; then nothing is to be imported.
    """
    findings: list[str] = []
    rows = 0
    reader = csv.DictReader(_lines(source), strict=True)
    try:
        _check_header(reader, name)
        for record in reader:
            rows += 1
            try:
                spool.write(_write(read_row(record, languages, targets)))
            except InvalidError as error:
                findings.append(f"{name}:{reader.line_num}: {error.field}: {error}")
                if len(findings) == _FINDINGS_MOST:
                    break
    except (csv.Error, UnicodeDecodeError) as error:
        findings.append(f"{name}:{reader.line_num}: this is not CSV in UTF-8: {error}")
    if findings:
        raise ImportRefusedError(tuple(findings))
    return rows


def read_rows(path: Path, languages: tuple[str, ...], targets: Collection[str]) -> list[Row]:
    """Read the rows of a small file; raise InvalidError at the first mistake."""
    with path.open(encoding="utf-8", newline="") as source:
        return [read_row(record, languages, targets) for record in csv.DictReader(source)]


def chunks(spool: Iterable[str]) -> Iterator[list[Row]]:
    """Read checked rows back, a thousand at a time."""
    chunk: list[Row] = []
    for line in spool:
        chunk.append(_load(json.loads(line)))
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def bring(tx: Tx, desk: Desk, rows: Sequence[Row], tally: Tally, now: datetime, source: str = "import") -> None:
    """Bring checked rows into the store."""
    hashes = {address_key(row.address): desk.tokens.address_hash(row.address) for row in rows}
    suppressed = await subscribers.suppressed(tx, list(hashes.values()))
    before = await subscribers.standing(tx, list(hashes))
    welcome: list[Row] = []
    for row in rows:
        key = address_key(row.address)
        barred = before.get(key, ("", Status.ACTIVE))[1] in {Status.LEFT, Status.SUPPRESSED}
        if barred or hashes[key] in suppressed:
            tally.refused += 1
            tally.refused_addresses += [row.address] if len(tally.refused_addresses) < _FINDINGS_MOST else []
        else:
            welcome.append(row)
    new: dict[str, Row] = {}
    for row in welcome:
        if address_key(row.address) not in before:
            new.setdefault(address_key(row.address), row)
    ids = await subscribers.add_many(tx, [subscribers.arrival_row(_arrival(row, source), now) for row in new.values()])
    ids |= {key: id_ for key, (id_, _) in before.items()}
    await _add_wishes(tx, welcome, ids, now)
    acts = [(ids[address_key(row.address)], _evidence(row)) for row in welcome]
    await consents.note_many(tx, Act.BROUGHT, Came(source), now, acts)
    waiting = [(ids[key], row.habit) for key, row in new.items() if row.confirmed_at is None]
    await _ask(tx, waiting, now)
    tally.asked += len(waiting)
    tally.confirmed += len(new) - len(waiting)
    tally.known += len(welcome) - len(new)


async def export(tx: Tx) -> AsyncIterator[list[str]]:
    """Give the rows of a CSV file, its header first: everyone who has not left, a row for each set of days ahead."""
    yield list(COLUMNS)
    async for page in subscribers.pages(tx):
        wishes = await subscriptions.wishes_of_many(tx, [row.id for row in page], confirmed=False)
        for row in page:
            if row.status in {Status.ACTIVE, Status.PENDING}:
                for lead, own in sorted(_by_lead(wishes.get(row.id, [])).items()):
                    yield _line(row, lead, own)


def read_row(record: dict[str, Any], languages: tuple[str, ...], targets: Collection[str]) -> Row:
    """Read one row's cells by column; raise InvalidError that names the column."""
    if record.get(None) is not None:  # type: ignore[call-overload]  # csv keeps surplus cells under None
        raise InvalidError("there are more cells than columns", "row")
    cells = {column: (record.get(column) or "").strip() for column in (*COLUMNS, *EVIDENCE)}
    habit = read_habit(cells, languages)
    named = [("collections", f"collection:{id_}") for id_ in _split(cells["collections"])]
    named += [("events", f"event:{id_}") for id_ in _split(cells["events"])]
    for column, target in named:
        if target not in targets:
            raise InvalidError(f"there is no {target.replace(':', ' ')}", column)
    if not named:
        raise InvalidError("name at least one collection or event", "collections")
    leads = check_lead_days(cells["lead_days"])
    wishes = tuple(read_target(target, lead) for _, target in named for lead in leads)
    try:
        address = check_address(fused(cells["email"]))
    except InvalidError as error:
        raise InvalidError(str(error), "email") from None
    evidence = {column: _short(column, cells[column]) for column in EVIDENCE if cells[column]}
    return Row(address, habit, wishes, _moment(cells["confirmed_at"]), evidence)


def _short(column: str, text: str) -> str:
    if len(text) > _LONGEST_EVIDENCE:
        raise InvalidError(f"this has {len(text)} characters (allowed: {_LONGEST_EVIDENCE})", column)
    return text


def _evidence(row: Row) -> dict[str, Any]:
    """Give what is kept of how somebody came: when they agreed, what the file says of it, and to what."""
    agreed = {"agreed_at": row.confirmed_at.isoformat()} if row.confirmed_at else {}
    return {**agreed, "targets": sorted({wish.target for wish in row.wishes}), **row.evidence}


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        allowed = "allowed: a date or a moment such as 2024-09-27T05:00:00Z, or nothing"
        raise InvalidError(f"{text!r} is not a moment ({allowed})", "confirmed_at") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _split(cell: str) -> list[str]:
    return cell.replace(";", " ").replace("|", " ").replace(",", " ").split()


def _lines(source: TextIO) -> Iterator[str]:
    """Give the lines of a file, without the byte order mark that spreadsheets put first, and none without an end."""
    for number in count(1):
        line = source.readline(_LONGEST_LINE + 1)
        if not line:
            return
        if len(line) > _LONGEST_LINE:
            raise csv.Error(f"line {number} has more than {_LONGEST_LINE:,} characters")
        yield line.removeprefix("\ufeff") if number == 1 else line


def _check_header(reader: "csv.DictReader[str]", name: str) -> None:
    found = reader.fieldnames or ()
    wrong = [column for column in found if column not in (*COLUMNS, *EVIDENCE)]
    if wrong or "email" not in found:
        problem = f"unknown columns {', '.join(map(repr, wrong))}" if wrong else "there is no column 'email'"
        raise ImportRefusedError((f"{name}:1: {problem} (known: {', '.join((*COLUMNS, *EVIDENCE))})",))


def _write(row: Row) -> str:
    habit = row.habit
    written = [
        row.address,
        [habit.language, habit.zone, habit.hour, habit.cadence, habit.rhythm.on, habit.variant, habit.late_hours],
        [[wish.target, wish.lead_days] for wish in row.wishes],
        row.confirmed_at.isoformat() if row.confirmed_at else None,
        dict(row.evidence),
    ]
    return json.dumps(written, ensure_ascii=False) + "\n"


def _load(written: list[Any]) -> Row:
    address, (language, zone, hour, cadence, on, variant, late_hours), wishes, confirmed_at, evidence = written
    habit = Habit(language, zone, hour, Rhythm(Cadence(cadence), on), Variant(variant), late_hours)
    moment = datetime.fromisoformat(confirmed_at) if confirmed_at else None
    return Row(address, habit, tuple(read_target(target, lead) for target, lead in wishes), moment, evidence)


def _arrival(row: Row, source: str) -> subscribers.Arrival:
    status = Status.ACTIVE if row.confirmed_at else Status.PENDING
    return subscribers.Arrival(row.address, row.habit, status, source, row.confirmed_at)


async def _add_wishes(tx: Tx, rows: Sequence[Row], ids: dict[str, str], now: datetime) -> None:
    await subscriptions.add_many(
        tx,
        [
            subscriptions.wish_row(ids[address_key(row.address)], wish, row.confirmed_at, now)
            for row in rows
            for wish in row.wishes
        ],
    )


async def _ask(tx: Tx, waiting: Sequence[tuple[str, Habit]], now: datetime) -> None:
    """Have a confirmation letter written to each of them."""
    languages = {habit.language for _, habit in waiting}
    made = {language: await edition_for(tx, Kind.CONFIRMATION, language, now) for language in languages}
    asked = [single(id_, Kind.CONFIRMATION, made[own.language], now, own.variant) for id_, own in waiting]
    await notices.add_singles(tx, asked)


def _by_lead(wishes: Sequence[Wish]) -> dict[tuple[int, ...], list[str]]:
    """Group targets by the days ahead at which they are wanted."""
    leads: dict[str, list[int]] = {}
    for wish in wishes:
        leads.setdefault(wish.target, []).append(wish.lead_days)
    grouped: dict[tuple[int, ...], list[str]] = {}
    for target, days in leads.items():
        grouped.setdefault(tuple(sorted(days)), []).append(target)
    return grouped


def _line(row: Any, leads: tuple[int, ...], targets: Sequence[str]) -> list[str]:
    named = [target.partition(":") for target in targets]
    written = written_habit(subscribers.habit_of(row))
    confirmed = row.confirmed_at.isoformat() if row.confirmed_at and row.status == Status.ACTIVE else ""
    return [
        defused(row.address),
        *written[: len(SLOT)],
        " ".join(id_ for kind, _, id_ in named if kind == "collection"),
        " ".join(id_ for kind, _, id_ in named if kind == "event"),
        " ".join(map(str, leads)),
        *written[len(SLOT) :],
        confirmed,
    ]
