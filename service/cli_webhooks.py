"""The commands about webhooks: where other programs are told what happens."""

import sys
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from service.actions import webhooks as actions
from service.app import App
from service.cli_common import Json, failing_in_words, play, print_json
from service.domain.webhook import ASKABLE, GONE, check_url, read_happenings
from service.running import try_webhook
from service.store import webhooks
from service.store.webhooks import Counts, Webhook

commands = typer.Typer(no_args_is_help=True, help="Webhooks: other programs are told what happens.")
_BY = "command line"
_ALL = ", ".join(ASKABLE)
Id = Annotated[str, typer.Argument(metavar="ID", help="As `webhook list` has it.")]


@commands.command()
def add(
    url: Annotated[str, typer.Argument(help="Where it is told: https://HOST/PATH.")],
    for_: Annotated[str, typer.Option("--for", help=f"Of what, parted by commas: {_ALL}.")],
    private: Annotated[bool, typer.Option("--private", help="Let it be in a private network, and http.")] = False,
) -> None:
    """Have a program told what happens, and print the secret of its signatures: this once."""
    with failing_in_words():
        types = read_happenings(for_.split(","))
        check_url(url, is_near=private)

    async def adding(app: App) -> Webhook:
        async with app.store.write() as tx:
            return await actions.add(tx, _BY, url, types, app.clock(), is_near=private)

    made = play(adding)
    print(made.secret)
    told = ", ".join(made.happenings)
    print(f"It is shown this once. The webhook {made.id} is told of: {told}.", file=sys.stderr)


@commands.command("list")
def list_command(json: Json = False) -> None:
    """List every webhook, what waits for it, what failed, and what it answered last."""

    async def listing(app: App) -> tuple[list[Webhook], dict[str, Counts]]:
        async with app.store.read() as tx:
            return await webhooks.listed(tx), await webhooks.counts(tx)

    found, counts = play(listing)
    rows = [_row(one, counts.get(one.id, Counts())) for one in found]
    if json:
        print_json(rows)
    elif not rows:
        print(f"There are no webhooks yet: `remembrancer webhook add URL --for {ASKABLE[0]},{ASKABLE[1]}`.")
    for row in [] if json else rows:
        print(f"{row['id']}  {row['url']}")
        state = f"off since {_when(row['off_at'])}: {row['off_why']}" if row["off_at"] else "on"
        answer = _said(row["code"], row["words"]) if row["answered_at"] else "nothing yet"
        print(f"    {' '.join(row['types'])}; {state}")
        print(f"    {row['waiting']} wait, {row['failed']} failed; last: {answer} ({_when(row['answered_at'])})")


@commands.command()
def test(id_: Id) -> None:
    """Tell a webhook now that this is a test, and print what it answers; the status is 1 if it does not take it."""
    answered = play(lambda app: try_webhook(app, id_))
    print(_said(answered.code, answered.words))
    if answered.code == GONE:
        print("A webhook that answers so to anything but a test is switched off.", file=sys.stderr)
    if not answered.is_taken:
        raise typer.Exit(1)


@commands.command()
def renew(
    id_: Id,
    now: Annotated[bool, typer.Option("--now", help="Even within a day of the last: the one before is lost.")] = False,
) -> None:
    """Give a webhook a new secret and print it: this once. The old one signs beside it for a day."""

    async def renewing(app: App) -> str:
        async with app.store.write() as tx:
            return await actions.renew(tx, _BY, id_, app.clock(), is_at_once=now)

    print(play(renewing))
    print("It is shown this once. For a day, what is told is signed with the old secret as well.", file=sys.stderr)


@commands.command()
def resume(id_: Id) -> None:
    """Switch a webhook on again, and have told what failed and is still kept."""

    async def resuming(app: App) -> int:
        async with app.store.write() as tx:
            return await actions.resume(tx, _BY, id_, app.clock())

    print(f"The webhook is on; {play(resuming):,} messages that failed are sent again.")


@commands.command()
def end(id_: Id) -> None:
    """End a webhook, at once and for good: what waits for it is forgotten."""

    async def ending(app: App) -> None:
        async with app.store.write() as tx:
            await actions.end(tx, _BY, id_, app.clock())

    play(ending)
    print("The webhook is told nothing any more.")


def _row(one: Webhook, counts: Counts) -> dict[str, Any]:
    shown = ("id", "url", "created_at", "failing_since", "answered_at", "code", "words", "off_at", "off_why")
    known = {name: getattr(one, name) for name in shown}
    return {**known, "types": [*one.happenings], **asdict(counts)}


def _said(code: int, words: str) -> str:
    return f"{code} {words}".strip() if code else f"no answer: {words}"


def _when(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "never"
