"""`remembrancer subscribers`: adding, listing, importing, exporting and erasing people."""

import csv
import dataclasses
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, TextIO

import typer

from service.actions import managing, subscriber_files
from service.actions.bringing import Fate, Tally, bring, foreseen
from service.actions.consent import proof
from service.actions.habit_cells import HOW, SLOT, read_habit
from service.actions.subscriber_checks import Asked
from service.actions.subscriber_exports import UNTOLD, Whom, check_system
from service.actions.subscriber_rows import Barred, Entry, LeftOut, Row, chunks
from service.actions.subscriber_sources import checked
from service.app import App
from service.cli_common import Json, play, print_json
from service.cli_progress import Quiet, Seen, progress
from service.domain.addresses import check_address
from service.domain.letter import Variant
from service.domain.subscription import Habit
from service.mail.reading import forget
from service.store import channels, events, statistics, subscribers, subscriptions

commands = typer.Typer(no_args_is_help=True, help="The people who are written to.")
_SUMMARY = "{confirmed} confirmed, {asked} asked to confirm, {known} known already, {refused} refused"
_SUPPRESSED = ", {suppressed} suppressed, {left_out} left out"
_NEW = frozenset({Fate.CONFIRMED, Fate.ASKED})


@commands.command()
def add(
    email: Annotated[str, typer.Argument(help="The address.")],
    collections: Annotated[
        list[str] | None, typer.Option("--collection", help="A collection; may be repeated.")
    ] = None,
    single_events: Annotated[list[str] | None, typer.Option("--event", help="An event; may be repeated.")] = None,
    language: Annotated[str, typer.Option()] = "en",
    zone: Annotated[str, typer.Option(help="An IANA time zone.")] = "UTC",
    hour: Annotated[str, typer.Option(help="The local hour, 9 or 09:30.")] = "9",
    lead_days: Annotated[str, typer.Option(help="Days ahead; several parted by blanks, 0 is the day itself.")] = "0",
    cadence: Annotated[str, typer.Option(help="daily, weekly or monthly.")] = "daily",
    summary_on: Annotated[str, typer.Option(help="The day of a summary: monday to sunday, or 1 to 31.")] = "",
    plain_text: Annotated[bool, typer.Option("--plain-text", help="Letters without HTML.")] = False,
    calendar_file: Annotated[bool, typer.Option("--calendar-file", help="Letters with a calendar file.")] = False,
    late_hours: Annotated[str, typer.Option(help="How late a letter may leave, 1 to 23; 0 is its whole day.")] = "0",
    confirmed_at: Annotated[str, typer.Option(help="When they confirmed; without it they are asked by a letter.")] = "",
    json: Json = False,
) -> None:
    """Add a subscriber. Someone who has left is not brought back."""
    cells = {
        "email": email,
        "language": language,
        "zone": zone,
        "hour": hour,
        "collections": " ".join(collections or ()),
        "events": " ".join(single_events or ()),
        "lead_days": lead_days,
        "cadence": cadence,
        "summary_on": summary_on,
        "plain_text": "yes" if plain_text else "",
        "calendar_file": "yes" if calendar_file else "",
        "late_hours": late_hours,
        "confirmed_at": confirmed_at,
    }
    _report(play(lambda app: _add(app, cells)), json=json)


@commands.command("list")
def list_command(json: Json = False) -> None:
    """List every subscriber, in the order of their coming."""

    async def listing(app: App) -> None:
        async with app.store.read() as tx:
            async for page in subscribers.pages(tx):
                wishes = await subscriptions.wishes_of_many(tx, [row.id for row in page], confirmed=False)
                ways = await channels.chosen_by(tx, [row.id for row in page])
                for row in page:
                    own = [f"{wish.target}+{wish.lead_days}" for wish in wishes.get(row.id, [])]
                    shown = {
                        "id": row.id,
                        "email": row.address,
                        "status": row.status,
                        "language": row.language,
                        "zone": row.zone,
                        "hour": row.hour,
                        "cadence": row.cadence,
                        "summary_on": row.summary_on,
                        "plain_text": bool(row.variant & Variant.PLAIN),
                        "calendar_file": bool(row.variant & Variant.CALENDAR),
                        "late_hours": row.late_hours,
                        "paused_until": row.paused_until,
                        "confirmed_at": row.confirmed_at,
                        "channel": ways[row.id].way.channel if row.id in ways else None,
                        "subscriptions": own,
                    }
                    if json:
                        print_json(shown)
                    else:
                        who = f"{_told_apart(row.address)}  {row.status}  {row.language}"
                        by = f"  by {shown['channel']}" if shown["channel"] else ""
                        print(f"{who}  {row.zone} {row.hour}{by}  {' '.join(own)}")

    play(listing)


@commands.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="A CSV file, or an export of listmonk, Mailman or Mailchimp.")],
    system: Annotated[str, typer.Option("--from", help="listmonk, mailman or mailchimp; found out if left out.")] = "",
    collections: Annotated[
        list[str] | None, typer.Option("--collection", help="What people of an export are to remember; again for more.")
    ] = None,
    single_events: Annotated[list[str] | None, typer.Option("--event", help="The same, of single events.")] = None,
    language: Annotated[str, typer.Option(help="Their language, where the export has none.")] = "",
    zone: Annotated[str, typer.Option(help="Their time zone, where the export has none.")] = "",
    hour: Annotated[str, typer.Option(help="Their local hour.")] = "",
    consent: Annotated[
        str, typer.Option(help="How those agreed of whom the export has no proof; without it they are asked by letter.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would become of each person, and change nothing.")
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Bring in subscribers from a file; nothing is imported if a row is wrong.

    Whoever left, was barred or had a dead mailbox in the other system is suppressed here, as far as its file says so:
    Mailman's says it of nobody, and listmonk's only of who is blocklisted. Who left a list in listmonk is still enabled
    in its file: with --consent, export only those whose subscription is confirmed.
    """
    named = {"collections": " ".join(collections or ()), "events": " ".join(single_events or ())}
    given = named | {"language": language, "zone": zone, "hour": hour}

    async def importing(app: App) -> Tally:
        asked = await _asked(app, given, consent, system)
        with checked(file, asked) as (spool, found):
            for one in sorted({one.system for one in found} - {""}):
                print(" ".join(filter(None, (f"Read as an export of {one}.", UNTOLD.get(one)))), file=sys.stderr)
            if dry_run:
                return await _foresee(app, spool, asked.whom.habit if asked.whom else Habit(), json=json)
            with progress("Importing", quiet=quiet or json) as seen:
                return await _bring(app, spool, sum(one.rows for one in found), seen)

    _report(play(importing), json=json, dry_run=dry_run)


@commands.command()
def export() -> None:
    """Print everyone who has not left as CSV, in the form that `subscribers import` reads."""

    async def exporting(app: App) -> None:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        async with app.store.read() as tx:
            async for line in subscriber_files.export(tx):
                writer.writerow(line)

    play(exporting)


@commands.command()
def consent(email: Annotated[str, typer.Argument(help="The address.")]) -> None:
    """Print the proof of consent of one person as JSON: what they did and when, from where, and in which words."""

    async def proving(app: App) -> dict[str, object]:
        async with app.store.read() as tx:
            return await proof(tx, app.desk, check_address(email))

    print_json(play(proving))


@commands.command()
def erase(email: Annotated[str, typer.Argument(help="The address.")]) -> None:
    """Remove a person and all that is theirs; a keyed hash stays, so that no import brings them back."""

    async def erasing(app: App) -> None:
        async with app.store.write() as tx:
            known = await managing.erase(tx, app.desk, check_address(email), app.clock())
        forget(app.settings.outbox, known)
        await app.store.settle()

    play(erasing)
    print("Erased.")


def _told_apart(address: str) -> str:
    """Give an address for people, with what letters beyond ASCII are beside it: some look like others."""
    escaped = address.encode("ascii", "backslashreplace").decode()
    return address if address == escaped else f"{address} ({escaped})"


async def _add(app: App, cells: dict[str, str]) -> Tally:
    """Bring in one person, whose row the command's words are."""
    tally = Tally()
    async with app.store.write() as tx:
        targets = await events.targets(tx)
        now = app.clock()
        row = subscriber_files.read_row(cells, app.languages.codes, targets, now)
        await bring(tx, app.desk, [row], tally, now, "command")
    return tally


async def _asked(app: App, given: Mapping[str, str], consent: str, system: str) -> Asked:
    """Give by what a file is checked."""
    async with app.store.read() as tx:
        targets = await events.targets(tx)
    whom = _whom(app, targets, given, consent) if consent or any(given.values()) else None
    return Asked(app.languages.codes, targets, app.clock(), whom, check_system(system))


def _whom(app: App, targets: Collection[str], given: Mapping[str, str], consent: str) -> Whom:
    """Give what the command says of the people of an export."""
    cells = {**dict.fromkeys((*SLOT, *HOW, "lead_days"), ""), **given}
    habit = read_habit(cells, app.languages.codes)
    return Whom(subscriber_files.read_wishes(cells, targets), habit, consent)


async def _bring(app: App, spool: TextIO, rows: int, seen: Seen) -> Tally:
    """Bring the checked rows in by thousands."""
    tally, done = Tally(), 0
    for chunk in chunks(spool):
        async with app.store.write() as tx:
            await bring(tx, app.desk, chunk, tally, app.clock())
        done += len(chunk)
        seen(done, rows)
    async with app.store.write() as tx:
        await statistics.renew(tx)
    return tally


async def _foresee(app: App, spool: TextIO, usual: Habit, *, json: bool) -> Tally:
    """Print what would become of each row, and how new ones are written to, and what holds in general."""
    tally, earlier = Tally(), dict[str, Fate]()
    for chunk in chunks(spool):
        async with app.store.read() as tx:
            fates = await foreseen(tx, app.desk, chunk, earlier)
        tally.add(chunk, fates)
        for entry, fate in zip(chunk, fates, strict=True):
            why = _why(entry)
            slot = _slot(entry.habit) if isinstance(entry, Row) and fate in _NEW else {}
            if json:
                print_json({"where": entry.where, "email": entry.address, "fate": fate, "why": why, **slot})
            else:
                told = why or ", ".join(slot.values())
                print(f"{entry.where}: {fate}: {_told_apart(entry.address)}" + (f" ({told})" if told else ""))
    if not json:
        language, zone, hour = _slot(usual).values()
        print(f"Where the file says nothing: language {language}, time zone {zone}, hour {hour}.")
    return tally


def _slot(habit: Habit) -> dict[str, str]:
    return {"language": habit.language, "zone": habit.zone, "hour": habit.hour}


def _why(entry: Entry) -> str:
    match entry:
        case Barred():
            return entry.reason
        case LeftOut():
            return entry.why
    return ""


def _report(tally: Tally, *, json: bool, dry_run: bool = False) -> None:
    if json:
        print_json(tally)
        return
    told = _SUMMARY + (_SUPPRESSED if tally.suppressed or tally.left_out else "") + "."
    print(told.format(**{field.name: getattr(tally, field.name) for field in dataclasses.fields(tally)}))
    if dry_run:
        print("Nothing was changed.")
        return
    for address in tally.refused_addresses:
        print(f"refused: {address} has left or was erased", file=sys.stderr)
