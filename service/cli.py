"""The commands. Each reads its words, calls one thing, and prints; errors go to standard error with a status."""

import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from service import (
    cli_admin,
    cli_dates,
    cli_dkim,
    cli_doctor,
    cli_keeping,
    cli_records,
    cli_rehearse,
    cli_status,
    cli_subscribers,
    cli_templates,
    cli_tokens,
    cli_webhooks,
    post,
    tracing,
)
from service.app import App, Role
from service.checking import check
from service.cli_common import (
    Json,
    Spoken,
    failing_in_words,
    plain,
    play,
    print_json,
    read_date,
    read_instant,
    spoken,
    waited_for,
)
from service.cli_progress import Quiet, progress, watching
from service.domain.errors import InvalidError
from service.mail.reading import read
from service.observability import set_up
from service.post import Round
from service.processes import ENDING
from service.rendering.context import occasion_words
from service.running import Ports, bring_up, prepare, run, tell_once
from service.settings_read import example, origins, read_settings
from service.store import events
from service.store import occasions as occasion_store
from service.waiting import stop_on_signals

main = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Remembers events, and writes on their days.",
)
database = typer.Typer(no_args_is_help=True, help="The database.")
config = typer.Typer(no_args_is_help=True, help="The settings.")
main.add_typer(cli_records.commands)
main.add_typer(cli_doctor.commands)
main.add_typer(cli_keeping.commands)
main.add_typer(cli_status.commands)
main.add_typer(cli_rehearse.commands)
main.add_typer(cli_subscribers.commands, name="subscribers")
main.add_typer(cli_templates.commands, name="templates")
main.add_typer(cli_admin.commands, name="admin")
main.add_typer(cli_tokens.commands, name="token")
main.add_typer(cli_webhooks.commands, name="webhook")
main.add_typer(cli_dkim.commands, name="dkim")
main.add_typer(database, name="db")
main.add_typer(config, name="config")


@main.command("run")
def run_command(
    roles: Annotated[str, typer.Option(help="What this process does, parted by commas.")] = ",".join(Role),
    sample: Annotated[bool, typer.Option("--sample", help="Add two sample readers with a finished notice.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log more.")] = False,
) -> None:
    """Start the service: the pages, the clock and the post, until it is told to stop (SIGTERM, Ctrl-C)."""
    with failing_in_words():
        set_up(verbose=verbose)
        tracing.set_up()
        chosen, settings = _roles(roles), read_settings()

        async def running() -> None:
            stopping = stop_on_signals()
            app, ports = await prepare(settings, chosen, sample=sample)
            first = await app.first_link() if Role.WEB in chosen else ""
            print(_greeting(app, chosen, first), flush=True)
            await run(app, chosen, ports, stopping)

        async def preparing() -> tuple[Ports, str]:
            app, ports = await prepare(settings, chosen, sample=sample)
            await app.close()
            return ports, _greeting(app, chosen)

        if chosen == {Role.POST} and settings.engine == "inline":  # a fleet's posts plan slots as well
            signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
            ports, greeting = waited_for(preparing())
            post.become(ports.metrics, greeting, verbose=verbose)
        waited_for(running())


@main.command()
def tick(
    now: Annotated[str, typer.Option(help="The moment to act as if it were: 2026-09-27T05:00:00Z.")] = "",
    quiet: Quiet = False,
) -> None:
    """Do one whole round (reckon, plan, render, send) and print what it did as JSON.

    Letters are sent, also with --now, and are then that day's: `remembrancer rehearse` looks ahead and sends nothing.
    """
    with failing_in_words():
        moment = read_instant(now) if now else None

    async def round_(app: App) -> Round:
        at = moment or app.clock()
        with progress("Sending", quiet=quiet) as seen:
            async with watching(app, at, seen):
                with tracing.span("round"):
                    done = await app.round(at)
        await tell_once(app)
        return done

    print_json(play(round_))


@main.command("next")
def next_command(
    days: Annotated[int, typer.Option(min=1, max=400, help="How many days ahead.")] = 30,
    start: Annotated[str, typer.Option("--from", help="The first day, today if it is left out.")] = "",
    language: Spoken = "",
    json: Json = False,
) -> None:
    """List the coming commemorations."""

    async def listing(app: App) -> list[dict[str, object]]:
        words = spoken(app.languages, language, json=json)
        today = app.clock().date()
        first = read_date(start, "--from") if start else today
        await app.reckon_for(first, first + timedelta(days=days - 1))
        async with app.store.read() as tx:
            listed = await occasion_store.between(tx, first, first + timedelta(days=days - 1))
            known = await events.events_named(tx, {one.event for one in listed})
        return [
            {
                "on": one.occasion.on,
                "event": one.event,
                "collection": one.collection,
                "title": words.pick(known[one.event].event.title)[0],
                "words": occasion_words(known[one.event].event, rule, one.occasion, words),
                "number": one.occasion.number,
                "day": one.occasion.day,
                "reason": one.occasion.reason,
            }
            for one in listed
            for rule in known[one.event].event.rules
            if rule.id == one.rule
        ]

    found = play(listing)
    if json:
        print_json(found)
    else:
        _print_table(found, ("on", "title", "words"), f"Nothing falls within {days} days.")


@main.command()
def dates(
    file: Annotated[str, typer.Argument(help="A file of JSON lines, or - for standard input.")] = "-",
    json: Json = False,
) -> None:
    """Answer questions about dates: JSON lines in, JSON lines (or words) out."""
    with failing_in_words():
        answering = cli_dates.answer_all if json else cli_dates.in_words
        if file == "-":
            answering(sys.stdin)
            return
        try:
            with Path(file).open(encoding="utf-8") as lines:
                answering(lines)
        except OSError as error:
            raise InvalidError(f"{file}: {error.strerror}") from None


@main.command()
def preview(
    event: Annotated[str, typer.Argument(help="The id of an event.")],
    on: Annotated[str, typer.Option(help="The day, YYYY-MM-DD; its next day if it is left out.")] = "",
    language: Annotated[str, typer.Option(help="The language of the letter.")] = "en",
    format: Annotated[str, typer.Option(help="html, text or eml.")] = "text",  # noqa: A002  (the option's name)
) -> None:
    """Print the letter of an event as it would be sent on a day."""
    with failing_in_words():
        if format not in {"html", "text", "eml"}:
            raise InvalidError(f"{format!r} is not a format (allowed: html, text, eml)", "--format")
        day = read_date(on, "--on") if on else None
    content = play(lambda app: app.preview(event, day, language))
    if format == "eml":
        sys.stdout.buffer.write(content)
    else:
        opened = read(content)
        print(opened.html if format == "html" else opened.text)


@main.command()
def reckon(quiet: Quiet = False) -> None:
    """Make the index of occasions anew from the rules."""

    async def reckoning(app: App) -> int:
        with progress("Reckoning", quiet=quiet) as seen:
            return await app.reckon(anew=True, seen=seen)

    print(f"{play(reckoning)} occasions are in the index.")


@database.command("upgrade")
def upgrade() -> None:
    """Bring the database to this version."""
    with failing_in_words():
        print(f"The database is at version {waited_for(bring_up(read_settings()))}.")


@config.command("example")
def example_command() -> None:
    """Print a settings file in which every setting is explained, with its default: the beginning of one's own."""
    print(example(), end="")


@config.command("show")
def show(json: Json = False) -> None:
    """Show every setting in effect and where it comes from; secrets as stars."""
    with failing_in_words():
        found = origins(check(read_settings()))
    if json:
        print_json({name: {"value": value, "origin": origin} for name, (value, origin) in found.items()})
    else:
        rows = [{"setting": name, "value": value, "from": origin} for name, (value, origin) in found.items()]
        _print_table(rows, ("setting", "value", "from"), "")


def _roles(text: str) -> frozenset[Role]:
    try:
        return frozenset(Role(role.strip()) for role in text.split(","))
    except ValueError:
        raise InvalidError(f"{text!r} are not roles (allowed: {', '.join(Role)})", "--roles") from None


def _greeting(app: App, roles: frozenset[Role], first_link: str = "") -> str:
    lines = [f"Remembrancer is running ({', '.join(sorted(roles))}). Stop it with Ctrl-C."]
    if first_link:
        lines.append(f"  Editors:  {first_link}  (for the first owner: once, within 24 hours)")
    elif Role.WEB in roles:
        lines.append(f"  Editors:  {app.settings.base_url}/admin")
    if Role.WEB in roles:
        lines.append(f"  Pages:    {app.settings.base_url}/")
    if not app.settings.relay:
        lines.append(
            f"  Letters:  {app.settings.base_url}/outbox  (no relay is set: they stay in {app.settings.outbox})"
        )
    if Role.WEB in roles:
        lines.append(f"  Status:   {app.status_link()}  (for its operators, for 30 days)")
    if Role.MAILBOX in roles and app.mailbox.letter_box:
        doors = [f"LMTP on {app.settings.lmtp}"] if app.settings.lmtp else []
        doors += [str(one) for one in app.mailbox.watched]
        lines += [f"  Mail:     {one}, for {app.mailbox.letter_box}" for one in doors]
    if app.settings.metrics:
        lines.append(f"  Metrics:  http://{app.settings.metrics}/metrics")
    return "\n".join(lines)


def _print_table(rows: Sequence[Mapping[str, object]], columns: Sequence[str], nothing: str) -> None:
    if not rows:
        print(nothing)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(
            *[str(plain(value) if not isinstance(value := row[column], (str, int)) else value) for column in columns]
        )
    Console(highlight=False).print(table)
