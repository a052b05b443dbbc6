"""`remembrancer status` and what an operator does about it: pause, resume, stop, release."""

import dataclasses
import shutil
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from service.actions import posting
from service.actions.posting import Held
from service.app import App
from service.cli_common import Json, Spoken, play, print_json, spoken
from service.domain.errors import NotFoundError
from service.domain.standing import EditionSeen, Group, History, Lane, Line, Standing, Worker
from service.rendering.locales import Language
from service.rendering.standing_words import database_words, figures, known_words, moment, tick_words
from service.rendering.verdict_words import verdict_words
from service.settings_read import without_password
from service.store import installation, status

commands = typer.Typer(no_args_is_help=True)
STANDS_STILL = 3
_LISTED = 4
_NARROWEST = 20
Cells = tuple[str, str, str]
Why = Annotated[list[str] | None, typer.Argument(help="Why, in words.")]


@commands.command("status")
def status_command(
    notice: Annotated[str, typer.Argument(help="The id of a notice, for its whole history.")] = "",
    link: Annotated[bool, typer.Option("--link", help="Print the address of the same as a page, for 30 days.")] = False,
    language: Spoken = "",
    json: Json = False,
) -> None:
    """Show where the post stands; the status is 3 if mail stands still, and 0 otherwise."""
    if link:
        print(play(_link))
    elif notice:
        found, words = play(lambda app: _history(app, notice, language, json=json))
        _print_history(found, words, json=json)
    else:
        seen, words, database = play(lambda app: _standing(app, language, json=json))
        _print_standing(seen, words, without_password(database), json=json)
        if seen.verdict.stands_still:
            raise typer.Exit(STANDS_STILL)


@commands.command()
def pause(reason: Why = None) -> None:
    """Hold the post: nothing more is begun on any machine, until `resume`."""

    async def pausing(app: App) -> bool:
        words = posting.check_reason(" ".join(reason or ()))
        async with app.store.write() as tx:
            return await installation.pause(tx, words, app.clock())

    if play(pausing):
        print("The post is paused; what is being handed over is finished. To let it go on: remembrancer resume")
    else:
        print("The post is paused already: remembrancer status says why. To let it go on: remembrancer resume")


@commands.command()
def resume(
    take_over: Annotated[
        bool, typer.Option("--take-over", help="This database is the one now: a restored copy takes over the post.")
    ] = False,
) -> None:
    """Let a paused post go on."""

    async def resuming(app: App) -> bool:
        async with app.store.write() as tx:
            return await posting.resume(tx, app.clock(), take_over=take_over)

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


async def _standing(app: App, language: str, *, json: bool) -> tuple[Standing, Language, str]:
    words = spoken(app.languages, language, json=json)
    return await app.standing(), words, app.settings.database


async def _history(app: App, notice: str, language: str, *, json: bool) -> tuple[History, Language]:
    words = spoken(app.languages, language, json=json)
    async with app.store.read() as tx:
        found = await status.history(tx, notice)
    if found is None:
        raise NotFoundError(f"There is no notice {notice!r}.")
    return found, words


def _print_standing(seen: Standing, language: Language, database: str, *, json: bool) -> None:
    said = verdict_words(seen, language)
    if json:
        verdict = {"verdict": seen.verdict, "stands_still": seen.verdict.stands_still}
        facts = {field.name: getattr(seen, field.name) for field in dataclasses.fields(seen)}
        print_json(verdict | dataclasses.asdict(said) | {"database": database, "notices": seen.counts} | facts)
        return
    print(said.sentence, said.remedy, tick_words(seen, language), database_words(database, language), sep="\n")
    _print_rows("", [(one.label, one.value, one.note) for one in figures(seen, language) if one.value != "0"])
    say = language.text
    _print_rows(say("Put off, and tried again"), [_put_off(group, language) for group in seen.put_off_groups])
    _print_rows(say("Letters that need somebody"), [_troubled(line, language) for line in seen.troubled])
    _print_rows(say("Editions that hold letters up"), [_edition(one, language) for one in seen.editions])
    missed = [(slot.zone, slot.hour, language.date(slot.day)) for slot in seen.slots_missed]
    _print_rows(language.sentence(say("slots missed")), missed)
    _print_rows(say("Processes that send"), [_worker(one, language) for one in seen.workers])
    _print_rows(say("Receiving domains that are written to slowly"), [_lane(one, language) for one in seen.lanes])


def _put_off(group: Group, language: Language) -> Cells:
    after = language.text("the next at {when}", when=f"{group.next_at:%H:%M} UTC") if group.next_at else ""
    return group.domain, f"{group.count:,}", f"{known_words(group.reason, language)}: {group.words} {after}".strip()


def _troubled(line: Line, language: Language) -> Cells:
    why = (known_words(line.reason, language), f"{line.code or ''} {line.words}".strip())
    return line.notice, known_words(line.state, language), f"{line.domain}: {'; '.join(filter(None, why))}"


def _edition(one: EditionSeen, language: Language) -> Cells:
    said = []
    if one.stopped_at:
        when = language.text("Stopped on {when}.", when=moment(one.stopped_at, language))
        said.append(f"{when} {one.stopped_reason}".strip())
    if one.rendered is None:
        said.append(language.text("Not rendered yet, since {when}.", when=moment(one.created_at, language)))
    elif not one.rendered:
        said.append(f"{language.text('It could not be rendered:')} {' '.join(one.findings[:1])}")
    waiting = language.text("{n, plural, one {# letter waits} other {# letters wait}}", n=one.waiting)
    return one.id, waiting, "; ".join(said)


def _worker(one: Worker, language: Language) -> Cells:
    in_hand = language.text("{n} in hand", n=language.number(one.claimed + one.sending))
    return one.host or one.id, language.text("alive") if one.alive else language.text("dead"), in_hand


def _lane(one: Lane, language: Language) -> Cells:
    if one.closed_until:
        pace = language.text("closed until {when}", when=moment(one.closed_until, language))
    else:
        pace = language.text("a letter every {seconds} seconds", seconds=f"{one.seconds:g}")
    return one.domain, pace, one.reason


def _print_history(found: History, language: Language, *, json: bool) -> None:
    if json:
        print_json(found)
        return
    line = found.line
    state = known_words(line.state, language)
    reason = f": {known_words(line.reason, language)}" if line.reason else ""
    print(f"{language.sentence(state)}{reason}")
    say = language.text
    ended = (say("Ended"), line.finished_at) if line.finished_at else (say("Due"), line.due_at)
    blame = f"{found.doubts} in doubt, {found.crashes} crashes" if found.doubts or found.crashes else ""
    facts = [
        (say("Letter"), line.notice, f"{line.kind}, {language.date(line.day)}"),
        (say("To a reader at"), found.address, found.subscriber),
        *([(say("The way"), found.channel, "")] if found.channel else []),
        (say("Edition"), found.edition.id, found.subject or ""),
        (say("Made"), _stamp(line.created_at), ""),
        (ended[0], _stamp(ended[1]), ""),
        (say("Of use until"), _stamp(found.expires_at), ""),
        (say("{n, plural, one {# attempt} other {# attempts}}", n=line.attempts), "", blame),
    ]
    _print_rows("", facts, whole=True)
    told = [(one.at, known_words(one.result, language), one.code, one.words) for one in found.attempts]
    told.append((line.finished_at or found.line.due_at, f"{state}{reason}", line.code, line.words))
    became = [(_stamp(at), what, f"{code or ''} {words}".strip()) for at, what, code, words in told]
    _print_rows(say("What became of it"), became, whole=True)


def _print_rows(title: str, rows: Sequence[Cells], *, whole: bool = False) -> None:
    """Print rows beneath a title: on a terminal the first few, each in one line, unless the whole is wanted."""
    if not rows:
        return
    is_cut = sys.stdout.isatty() and not whole
    shown = rows[:_LISTED] if is_cut and title else rows
    rest = f" ({len(rows) - len(shown)} more: --json)" if len(shown) < len(rows) else ""
    print(f"\n{title}{rest}" if title else "")
    first, second = (max(len(row[column]) for row in shown) for column in (0, 1))
    room = max(shutil.get_terminal_size().columns - first - second - 4, _NARROWEST)
    for key, value, note in shown:
        cut = f"{note[: room - 1]}…" if is_cut and len(note) > room else note
        print(f"{key:<{first}}  {value if title or whole else value.rjust(second):<{second}}  {cut}".rstrip())


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _letters(count: int) -> str:
    return "one letter is" if count == 1 else f"{count:,} letters are"
