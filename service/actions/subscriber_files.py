"""Subscribers in CSV files of our own form: read with every mistake named by its column, and written out."""

import csv
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from service.actions.csv_files import defused, fused
from service.actions.habit_cells import HOW, SLOT, read_habit, written_habit
from service.actions.subscriber_rows import Row
from service.domain.addresses import check_address
from service.domain.errors import InvalidError
from service.domain.subscription import Status, Wish, check_lead_days, read_target
from service.store import subscribers, subscriptions
from service.store.dialect import Tx

# What a file may say of how somebody agreed; it is kept with the proof, and is not exported with the habits.
EVIDENCE = ("consent_source", "consent_wording", "consent_network")
COLUMNS = ("email", *SLOT, "collections", "events", "lead_days", *HOW, "confirmed_at")
KNOWN = (*COLUMNS, *EVIDENCE)
LONGEST_EVIDENCE = 1000


def read_rows(path: Path, languages: tuple[str, ...], targets: Collection[str], now: datetime) -> list[Row]:
    """Read the rows of a small file; raise InvalidError at the first mistake."""
    with path.open(encoding="utf-8", newline="") as source:
        return [read_row(record, languages, targets, now) for record in csv.DictReader(source)]


async def export(tx: Tx) -> AsyncIterator[list[str]]:
    """Give the rows of a CSV file, its header first: everyone who has not left, a row for each set of days ahead."""
    yield list(COLUMNS)
    async for page in subscribers.pages(tx):
        wishes = await subscriptions.wishes_of_many(tx, [row.id for row in page], confirmed=False)
        for row in page:
            if row.status in {Status.ACTIVE, Status.PENDING}:
                for lead, own in sorted(_by_lead(wishes.get(row.id, [])).items()):
                    yield _line(row, lead, own)


def read_row(record: dict[str, Any], languages: tuple[str, ...], targets: Collection[str], now: datetime) -> Row:
    """Read one row's cells by column; raise InvalidError that names the column."""
    if record.get(None) is not None:  # type: ignore[call-overload]  # csv keeps surplus cells under None
        raise InvalidError("there are more cells than columns", "row")
    cells = {column: (record.get(column) or "").strip() for column in KNOWN}
    habit = read_habit(cells, languages)
    wishes = read_wishes(cells, targets)
    if not wishes:
        raise InvalidError("name at least one collection or event", "collections")
    evidence = {column: short(cells[column], column) for column in EVIDENCE if cells[column]}
    confirmed_at = moment_in(cells["confirmed_at"], "confirmed_at", now)
    return Row(address_in(cells["email"], "email"), habit, wishes, confirmed_at, evidence)


def read_wishes(cells: Mapping[str, str], targets: Collection[str]) -> tuple[Wish, ...]:
    """Read what somebody asks to remember, of what is recorded; raise InvalidError that names the column."""
    named = [("collections", f"collection:{id_}") for id_ in _split(cells["collections"])]
    named += [("events", f"event:{id_}") for id_ in _split(cells["events"])]
    for column, target in named:
        if target not in targets:
            raise InvalidError(f"there is no {target.replace(':', ' ')}", column)
    leads = check_lead_days(cells["lead_days"])
    return tuple(read_target(target, lead) for _, target in named for lead in leads)


def address_in(cell: str, column: str) -> str:
    """Read an address as it goes on the wire; raise InvalidError that names the column."""
    try:
        return check_address(fused(cell))
    except InvalidError as error:
        raise InvalidError(str(error), column) from None


def short(text: str, column: str) -> str:
    """Give a text back that says how somebody agreed; raise InvalidError if it is too long to be kept."""
    if len(text) > LONGEST_EVIDENCE:
        raise InvalidError(f"this has {len(text)} characters (allowed: {LONGEST_EVIDENCE})", column)
    return text


def moment_in(text: str, column: str, now: datetime) -> datetime | None:
    """Read when something was done, a date or a moment, of UTC unless it says otherwise; None for "".

    Raise InvalidError for what is none, and for what is yet to come: nobody can have done it.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        allowed = "allowed: a date or a moment such as 2024-09-27T05:00:00Z, or nothing"
        raise InvalidError(f"{text!r} is not a moment ({allowed})", column) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment > now:
        raise InvalidError(f"this is yet to come (allowed: until {now:%Y-%m-%dT%H:%M:%SZ})", column)
    return moment


def _split(cell: str) -> list[str]:
    return cell.replace(";", " ").replace("|", " ").replace(",", " ").split()


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
