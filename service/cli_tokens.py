"""The commands about tokens of the API: made for an editor, listed, ended."""

import sys
from datetime import datetime
from typing import Annotated, Any

import typer

from service.actions import api_tokens as tokens
from service.actions import editors as people
from service.app import App
from service.cli_common import Json, failing_in_words, play, print_json
from service.domain.scope import Scope, read_scopes
from service.store import api_tokens

commands = typer.Typer(no_args_is_help=True, help="Tokens by which programs use the API.")
_BY = "command line"
_SCOPES = ", ".join(Scope)


@commands.command()
def add(
    email: Annotated[str, typer.Argument(help="The editor for whom it acts.")],
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[list[str], typer.Option("--scope", help=f"What it allows; more than once: {_SCOPES}.")],
    days: Annotated[int, typer.Option(help=f"For how many days, 1 to {tokens.DAYS_MOST}.")] = tokens.DAYS,
) -> None:
    """Make a token and print it: this once, it is kept nowhere."""
    with failing_in_words():
        scopes = read_scopes(part for one in scope for part in one.split(","))

    async def making(app: App) -> tuple[str, str]:
        async with app.store.write() as tx:
            editor = await people.named(tx, email)
            made, text = await tokens.make(tx, _BY, editor, name, scopes, days, app.clock())
        return text, f"{made.expires_at:%Y-%m-%d %H:%M}"

    text, until = play(making)
    print(text)
    print(f"It is shown this once, and opens until {until} UTC: {', '.join(scopes)}.", file=sys.stderr)


@commands.command("list")
def list_command(json: Json = False) -> None:
    """List every token, and those that are over."""

    async def listing(app: App) -> list[dict[str, Any]]:
        async with app.store.read() as tx:
            found, now = await api_tokens.listed(tx), app.clock()
        return [
            {
                "id": one.id,
                "name": one.name,
                "for": one.editor.address,
                "scopes": list(one.scopes),
                "made": one.created_at,
                "until": one.expires_at,
                "last used": one.used_at,
                "open": one.is_alive(now),
                "why not": one.ended_why or ("" if one.is_alive(now) else "it has expired"),
            }
            for one in found
        ]

    found = play(listing)
    if json:
        print_json(found)
    elif not found:
        print("There are no tokens yet: `remembrancer token add EMAIL NAME --scope read:events`.")
    else:
        for row in found:
            print(f"{row['id']}  {row['name']} (for {row['for']})")
            state = f"until {_when(row['until'])}" if row["open"] else row["why not"]
            print(f"    {' '.join(row['scopes'])}; {state}; last used: {_when(row['last used'])}")


@commands.command()
def end(id_: Annotated[str, typer.Argument(metavar="ID", help="As `token list` has it.")]) -> None:
    """End a token, at once and for good."""

    async def ending(app: App) -> str:
        async with app.store.write() as tx:
            return (await tokens.end(tx, _BY, id_, app.clock())).name

    print(f"The token {play(ending)} opens nothing any more.")


def _when(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "never"
