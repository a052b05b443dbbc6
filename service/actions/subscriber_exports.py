"""Exports of listmonk, Mailman and Mailchimp: which of them a file is, and whom a row of it names.

What the other system knows of somebody's consent becomes their proof here; what it does not know is asked by a letter,
unless the operator says how they agreed: then when, only if the export knows. Whoever left, was barred or had a dead
mailbox there is not written to here.

Authorities: listmonk's `cmd/subscribers.go` (`ExportSubscribers`); Mailman 2's `bin/list_members` and
`bin/find_member`, Mailman 3's `mailman members`, Postorius' `csv_view`; the files of Mailchimp's audience export.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from typing import Any, Final

from service.actions.subscriber_files import KNOWN, address_in, moment_in, short
from service.actions.subscriber_rows import Barred, Entry, LeftOut, Row
from service.domain.consent import network_of
from service.domain.errors import InvalidError
from service.domain.slot import check_zone
from service.domain.subscription import Habit, Wish

LISTMONK: Final = "listmonk"
MAILMAN: Final = "mailman"
MAILCHIMP: Final = "mailchimp"
SYSTEMS: Final = (LISTMONK, MAILMAN, MAILCHIMP)
# What a system's file does not say, and its operator must know. Leaving a list of listmonk leaves the person enabled;
# the file has no status of the subscriptions.
UNTOLD: Final = {
    LISTMONK: "Take care: who left a list in listmonk is still enabled in this file, and is asked or, with --consent, "
    "written to: export the list with its subscriptions of status confirmed, or take out who has left."
}
LINE: Final = "line"  # the only column of what has no columns
_NEEDED = {LISTMONK: {"uuid", "email", "attributes", "status"}, MAILCHIMP: {"LEID", "EUID"}}
FORMS: Final = (
    f"our own form ({', '.join(KNOWN)}), and exports of listmonk (uuid, email, attributes, status and others), "
    "Mailchimp (LEID, EUID and others) and Mailman (an address a line)"
)
_SHOWN, _LONGEST_SHOWN = 3, 40
_STATUSES = ("enabled", "disabled", "blocklisted")
_ADDRESSES = ("Email Address", "Email")  # elsewhere it is the first column: its title is the audience's own
_PARTS = ("unsubscribed", "nonsubscribed", "cleaned", "subscribed")
_NAMED = re.compile(r"[^<>]*<([^<>\s@]+@[^<>\s@]+)>")
_FOUND = re.compile(r"([^\s@]+@[^\s@]+) found in:")
_OF_GO = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d+)? ([+-]\d{4})\b.*")

_USUAL = Habit()

Read = Callable[[Mapping[str, Any]], Entry | None]


@dataclass(frozen=True, slots=True)
class Whom:
    """What no export says of its people: what they are to remember, and how they want to be written to.

    `consent` is what the operator says of how those agreed of whom the export has no proof; "" to have them asked.
    """

    wishes: tuple[Wish, ...] = ()
    habit: Habit = _USUAL
    consent: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """A file of another system: its name, its columns, and what is to become of its people, at which moment."""

    name: str
    columns: tuple[str, ...]
    whom: Whom
    languages: tuple[str, ...]
    now: datetime


def check_system(name: str) -> str:
    """Give the name of a system back, "" for one to be found out; raise InvalidError."""
    if name not in {*SYSTEMS, ""}:
        raise InvalidError(
            f"{name!r} is not a system that can be imported from (allowed: {', '.join(SYSTEMS)})", "from"
        )
    return name


def recognised(first: str, columns: Sequence[str]) -> str:
    """Give which system a file is from by its first line and the columns in it; "" if it is from none of them."""
    for system, needed in _NEEDED.items():
        if needed <= set(columns):
            return system
    return MAILMAN if _member(first) or first.strip().endswith("has no members") else ""


def begins(columns: Sequence[str]) -> str:
    """Say with which columns a file begins."""
    first = [repr(column[:_LONGEST_SHOWN]) for column in columns[:_SHOWN]] + ["…"] * (len(columns) > _SHOWN)
    return f"it begins with {', '.join(first)}" if first else "it is empty"


def reading(system: str, export: Export) -> Read:
    """Give the function that reads a row; it gives None for what names nobody, and raises InvalidError."""
    missing = sorted(_NEEDED.get(system, set()) - set(export.columns))
    if missing:
        raise InvalidError(
            f"this is no export of {system}: there is no column {missing[0]!r} ({begins(export.columns)})"
        )
    if system == LISTMONK:
        return lambda record: _of_listmonk(record, export)
    if system == MAILCHIMP:
        part = next((part for part in _PARTS if PurePath(export.name).name.startswith(f"{part}_")), "")
        column = next((one for one in _ADDRESSES if one in export.columns), export.columns[0])
        return lambda record: _of_mailchimp(record, export, part, column)
    return lambda record: _of_mailman(record, export)


def _of_listmonk(record: Mapping[str, Any], export: Export) -> Entry:
    address, status = address_in(_cell(record, "email"), "email"), _cell(record, "status")
    if status not in _STATUSES:
        raise InvalidError(f"{status!r} is not a status (allowed: {', '.join(_STATUSES)})", "status")
    if status == "disabled":
        return LeftOut(address, "disabled in listmonk")
    if status == "blocklisted":
        return Barred(address, "blocklisted in listmonk", _of_go(record, "updated_at", export.now), left=False)
    told = _attributes(_cell(record, "attributes"))
    language = next((told[key] for key in ("language", "lang", "locale") if told.get(key)), "")
    key, zone = next(((key, told[key]) for key in ("timezone", "time_zone", "tz") if told.get(key)), ("", ""))
    since = _of_go(record, "created_at", export.now)
    evidence = {"consent_source": f"listmonk, where they are since {since:%Y-%m-%d}" if since else "listmonk"}
    return _row(address, export, _habit(export, language, zone, "attributes", key), None, evidence, since)


def _of_mailchimp(record: Mapping[str, Any], export: Export, part: str, column: str) -> Entry:
    """Read a row of one of the files of an export, whose name says which it is; without that, its columns do.

    Somebody signed up by themselves if there is both when they did (OPTIN_TIME) and when they confirmed it: where an
    account's owner adds people, CONFIRM_TIME is the moment of that, and stands alone.
    """
    address = address_in(_cell(record, column), column)
    if part == "nonsubscribed":
        return LeftOut(address, "never asked for letters in Mailchimp")
    for name, time, reason in (
        ("cleaned", "CLEAN_TIME", "undeliverable in Mailchimp"),
        ("unsubscribed", "UNSUB_TIME", "left in Mailchimp"),
    ):
        since = moment_in(_cell(record, time), time, export.now)
        if part == name or (not part and since):
            return Barred(address, reason, since, left=name == "unsubscribed")
        if not part and time in export.columns:
            raise InvalidError(
                f"this is empty: name the file as Mailchimp does, {name}_….csv or subscribed_….csv", time
            )
    times = ("OPTIN_TIME", "CONFIRM_TIME")
    signed_up, confirmed = (moment_in(_cell(record, name), name, export.now) for name in times)
    proven = confirmed if signed_up else None
    told = f", signed up {signed_up:%Y-%m-%d}, confirmed {proven:%Y-%m-%d}" if signed_up and proven else ""
    evidence = {"consent_source": f"Mailchimp{told}"}
    if proven and (network := _cell(record, "CONFIRM_IP")):
        evidence["consent_network"] = short(network_of(network), "CONFIRM_IP")
    habit = _habit(export, "", _cell(record, "TIMEZONE"), "TIMEZONE")
    return _row(address, export, habit, proven, evidence, confirmed or signed_up)


def _of_mailman(record: Mapping[str, Any], export: Export) -> Entry | None:
    line = str(record[LINE] or "")
    found = _member(line)
    if not found and (line[:1].isspace() or line.strip().endswith("has no members")):
        return None  # the names of lists below an address, or a list of nobody
    address = address_in(found or line, "member")
    return _row(address, export, export.whom.habit, None, {"consent_source": "Mailman"}, None)


def _member(line: str) -> str:
    """Give the address in a line, which may have a name before it; "" if there is none."""
    bare = line.strip().strip('"')
    if named := _NAMED.fullmatch(line.strip()) or _FOUND.fullmatch(line.strip()):
        return named[1]
    return bare if "@" in bare and not re.search(r"[\s,;<>]", bare) else ""


def _row(
    address: str,
    export: Export,
    habit: Habit,
    confirmed_at: datetime | None,
    evidence: dict[str, str],
    since: datetime | None,
) -> Row:
    """Give somebody to bring in: confirmed if that is proven, or if the operator says how they agreed."""
    whom = export.whom
    if not whom.wishes:
        raise InvalidError("name what they are to remember, with --collection or --event", "collections")
    if confirmed_at is None and whom.consent:
        told = short(f"{evidence['consent_source']}: {whom.consent}", "consent")
        evidence = evidence | {"consent_source": told}
        return Row(address, habit, whom.wishes, since, evidence, is_vouched_for=True)
    return Row(address, habit, whom.wishes, confirmed_at, evidence)


def _habit(export: Export, language: str, zone: str, column: str, key: str = "") -> Habit:
    """Give how somebody wants to be written to, by what the export knows of it.

    A language that is not spoken here leaves the one that the operator names; a zone that there is not is a mistake,
    with its column and the key in it: letters would come at an hour of which nobody knows.
    """
    habit = export.whom.habit
    code = re.split(r"[-_]", language)[0].lower()
    if code in export.languages:
        habit = replace(habit, language=code)
    try:
        return replace(habit, zone=check_zone(zone)) if zone else habit
    except InvalidError as error:
        raise InvalidError(f"{key}: {error}" if key else str(error), column) from None


def _attributes(cell: str) -> dict[str, str]:
    try:
        told = json.loads(cell or "{}")
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise InvalidError("this must be JSON, as listmonk writes it", "attributes")
    return {key.lower(): value for key, value in told.items() if isinstance(value, str)}


def _of_go(record: Mapping[str, Any], column: str, now: datetime) -> datetime | None:
    """Read a moment as Go's `Time.String` writes it, such as `2024-03-14 09:12:31.5 +0000 UTC`."""
    cell = _cell(record, column)
    written = _OF_GO.fullmatch(cell)
    return moment_in(f"{written[1]}T{written[2]}{written[3]}" if written else cell, column, now)


def _cell(record: Mapping[str, Any], column: str) -> str:
    return str(record.get(column) or "").strip()
