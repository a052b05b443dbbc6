"""`remembrancer status` and what an operator does about it: pause, resume, stop, release."""

import dataclasses
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from service.actions import posting
from service.actions.posting import Held
from service.app import App
from service.cli_common import Json, play, print_json
from service.domain.errors import NotFoundError
from service.domain.standing import History, Standing
from service.rendering.locales import Language
from service.rendering.standing_words import Said, figures, known_words, moment, tick_words, verdict_words
from service.store import installation, status

commands = typer.Typer(no_args_is_help=True)
STANDS_STILL = 3
_LISTED = 4
Why = Annotated[list[str] | None, typer.Argument(help="Why, in words.")]


@commands.command("status")
def status_command(
    notice: Annotated[str, typer.Argument(help="The id of a notice, for its whole history.")] = "",
    link: Annotated[bool, typer.Option("--link", help="Print the address of the same as a page, for 30 days.")] = False,
    json: Json = False,
) -> None:
    """Show where the post stands; the status is 3 if mail stands still, and 0 otherwise."""
    if link:
        print(play(_link))
    elif notice:
        _print_history(*play(lambda app: _history(app, notice)), json=json)
    else:
        seen, language = play(_standing)
        _print_standing(seen, language, json=json)
        if seen.verdict.stands_still:
            raise typer.Exit(STANDS_STILL)


@commands.command()
def pause(reason: Why = None) -> None:
    """Hold the post: nothing more is begun on any machine, until `resume`."""

    async def pausing(app: App) -> None:
        words = posting.check_reason(" ".join(reason or ()))
        async with app.store.write() as tx:
            await installation.pause(tx, words, app.clock())

    play(pausing)
    print("The post is paused; what is being handed over is finished. To let it go on: remembrancer resume")


@commands.command()
def resume(
    take_over: Annotated[
        bool, typer.Option("--take-over", help="This database is the one now: a restored copy takes over the post.")
    ] = False,
) -> None:
    """Let a paused post go on."""

    async def resuming(app: App) -> bool:
        async with app.store.write() as tx:
            was = await installation.state(tx)
            await installation.resume(tx, take_over=take_over)
        return was.paused_at is not None

    print("The post goes on." if play(resuming) else "The post was not paused.")


@commands.command()
def stop(edition: Annotated[str, typer.Argument(help="The id of an edition.")], reason: Why = None) -> None:
    """Stop an edition: no further letter of it is begun, and what waits for it is held."""

    async def stopping(app: App) -> Held:
        async with app.store.write() as tx:
            return await posting.stop(tx, edition, " ".join(reason or ()), app.clock())

    held = play(stopping)
    print(f"The edition is stopped; {_letters(held.notices)} held. To let it go on: remembrancer release {held.id}")


@commands.command()
def release(id_: Annotated[str, typer.Argument(metavar="NOTICE|EDITION", help="The id of either.")]) -> None:
    """Let a held notice, or a stopped edition, go on."""

    async def releasing(app: App) -> Held:
        async with app.store.write() as tx:
            return await posting.release(tx, id_, app.clock())

    held = play(releasing)
    print(f"The {held.what} goes on; {_letters(held.notices)} ready again.")


async def _link(app: App) -> str:
    return app.status_link()


async def _standing(app: App) -> tuple[Standing, Language]:
    return await app.standing(), app.languages.of("en")


async def _history(app: App, notice: str) -> tuple[History, Language]:
    async with app.store.read() as tx:
        found = await status.history(tx, notice)
    if found is None:
        raise NotFoundError(f"There is no notice {notice!r}.")
    return found, app.languages.of("en")


def _print_standing(seen: Standing, language: Language, *, json: bool) -> None:
    said = verdict_words(seen, language)
    if json:
        verdict = {"verdict": seen.verdict, "stands_still": seen.verdict.stands_still}
        facts = {field.name: getattr(seen, field.name) for field in dataclasses.fields(seen)}
        print_json(verdict | dataclasses.asdict(said) | {"notices": seen.counts} | facts)
        return
    _print_said(said, tick_words(seen, language))
    shown = [(one.label, one.value, one.note) for one in figures(seen, language) if one.value != "0"]
    _print_rows("", shown)
    _print_rows(
        "Put off",
        [
            (group.domain, str(group.count), f"{known_words(group.reason, language)}: {group.words}")
            for group in seen.put_off_groups
        ],
    )
    _print_rows(
        "Need somebody",
        [
            (line.notice, line.state, f"{line.domain}: {known_words(line.reason, language)} {line.words}".strip())
            for line in seen.troubled
        ],
    )
    _print_rows(
        "Editions",
        [
            (
                one.id,
                f"{one.waiting} wait",
                "; ".join(
                    filter(
                        None,
                        (
                            f"stopped {moment(one.stopped_at, language)} {one.stopped_reason}".strip()
                            if one.stopped_at
                            else "",
                            "not rendered yet" if one.rendered is None else "",
                            f"could not be rendered: {' '.join(one.findings[:1])}" if one.rendered is False else "",
                        ),
                    )
                ),
            )
            for one in seen.editions
        ],
    )
    _print_rows("Slots missed", [(slot.zone, slot.hour, slot.day.isoformat()) for slot in seen.slots_missed])
    _print_rows(
        "Senders",
        [
            (
                one.host or one.id,
                {True: "alive", False: "dead", None: ""}[one.alive],
                f"{one.claimed + one.sending} in hand",
            )
            for one in seen.workers
        ],
    )
    _print_rows(
        "Domains",
        [(lane.domain, "closed" if lane.closed_until else f"{lane.seconds:g} s", lane.reason) for lane in seen.lanes],
    )


def _print_history(found: History, language: Language, *, json: bool) -> None:
    if json:
        print_json(found)
        return
    line = found.line
    reason = f": {known_words(line.reason, language)}" if line.reason else ""
    print(f"{language.sentence(known_words(line.state, language))}{reason}")
    ended = ("ended", line.finished_at) if line.finished_at else ("due", line.due_at)
    _print_rows(
        "",
        [
            ("notice", line.notice, f"{line.kind} of {line.day.isoformat()}"),
            ("to", found.address, found.subscriber),
            ("edition", found.edition.id, found.subject or "not rendered"),
            ("made", moment(line.created_at, language), ""),
            (ended[0], moment(ended[1], language), ""),
            ("of use until", moment(found.expires_at, language), ""),
            (
                "attempts",
                str(line.attempts),
                f"{found.doubts} in doubt, {found.crashes} crashes" if found.doubts or found.crashes else "",
            ),
        ],
        most=None,
    )
    told = [
        (moment(one.at, language), known_words(one.result, language), f"{one.code or ''} {one.words}".strip())
        for one in found.attempts
    ]
    last = (
        moment(line.finished_at, language) if line.finished_at else "now",
        known_words(line.state, language),
        f"{line.code or ''} {line.words}".strip(),
    )
    _print_rows("What became of it", [*told, last], most=None)


def _print_said(said: Said, ticked: str) -> None:
    print(said.sentence, said.remedy, ticked, sep="\n")


def _print_rows(title: str, rows: Sequence[tuple[str, str, str]], most: int | None = _LISTED) -> None:
    """Print a few rows beneath a title; without one, all of them."""
    if not rows:
        return
    shown = rows if most is None or not title else rows[:most]
    rest = f" ({len(rows) - len(shown)} more: --json)" if len(shown) < len(rows) else ""
    print(f"\n{title}{rest}" if title else "")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right" if not title else "left")
    table.add_column(overflow="ellipsis" if most else "fold", no_wrap=most is not None)
    for row in shown:
        table.add_row(*row)
    Console(highlight=False, markup=False).print(table)


def _letters(count: int) -> str:
    return "one letter is" if count == 1 else f"{count:,} letters are"
