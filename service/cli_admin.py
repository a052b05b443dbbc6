"""The commands about the people of the editors' room: letting in, roles, shutting out, new passwords, the audit."""

import sys
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from service.actions import editors as people
from service.app import App
from service.cli_common import Json, failing_in_words, play, print_json
from service.domain.addresses import check_address
from service.domain.editor import Role, plain_name, role_of
from service.domain.errors import InvalidError
from service.store import audit, editors, invitations

commands = typer.Typer(no_args_is_help=True, help="The people of the editors' room.")
Email = Annotated[str, typer.Argument(help="The address.")]
_ROLES = ", ".join(role.code for role in Role)
_BY = "command line"
_BROKEN = 3


@commands.command()
def add(
    email: Email,
    role: Annotated[str, typer.Option(help=f"One of {_ROLES}; the first is an owner, others are editors.")] = "",
    name: Annotated[str, typer.Option(help="What colleagues see.")] = "",
    language: Annotated[str, typer.Option(help="The language of the pages for them.")] = "en",
) -> None:
    """Let somebody in, and print the link by which they choose a password: once, within seven days."""
    with failing_in_words():
        address = check_address(email)
        wanted = _role(role) if role else None

    async def adding(app: App) -> str:
        if language not in app.languages.codes:
            raise InvalidError(f"{language!r} (allowed: {', '.join(app.languages.codes)})", "--language")
        now = app.clock()
        async with app.store.write() as tx:
            chosen = wanted or (Role.EDITOR if await editors.owners(tx) else Role.OWNER)
            _, secret = await people.invite(tx, _BY, address, chosen, plain_name(name), language, now)
        return app.room_link(secret)

    print(play(adding))


@commands.command("list")
def list_command(json: Json = False) -> None:
    """List everybody who may come in, or might."""

    async def listing(app: App) -> list[dict[str, object]]:
        async with app.store.read() as tx:
            waiting = await invitations.open_until(tx, app.clock())
            return [
                {
                    "address": one.address,
                    "name": one.name,
                    "role": one.role.code,
                    "second factor": one.has_factor,
                    "shut out since": one.disabled_at,
                    "has a link until": waiting.get(one.id),
                }
                for one in await editors.listed(tx)
            ]

    found = play(listing)
    if json:
        print_json(found)
    elif found:
        table = Table(box=None, header_style="bold", pad_edge=False)
        for column in found[0]:
            table.add_column(column, overflow="fold", no_wrap=column == "address")
        for row in found:
            table.add_row(*map(_shown, row.values()))
        Console(highlight=False).print(table)
    else:
        print("Nobody is in the editors' room yet: `remembrancer admin add EMAIL`.")


@commands.command("role")
def role_command(email: Email, role: Annotated[str, typer.Argument(help=f"One of {_ROLES}.")]) -> None:
    """Give somebody another role; their sessions end."""
    with failing_in_words():
        wanted = _role(role)

    async def changing(app: App) -> None:
        async with app.store.write() as tx:
            await people.set_role(tx, _BY, await people.named(tx, email), wanted, app.clock())

    play(changing)
    print(f"{email} is {wanted.code}.")


@commands.command()
def disable(email: Email) -> None:
    """Shut somebody out, at once; what they wrote stays."""

    async def shutting(app: App) -> None:
        async with app.store.write() as tx:
            await people.disable(tx, _BY, await people.named(tx, email), app.clock())

    play(shutting)
    print(f"{email} is shut out.")


@commands.command()
def enable(email: Email) -> None:
    """Let somebody in again who was shut out."""

    async def letting(app: App) -> None:
        async with app.store.write() as tx:
            await people.enable(tx, _BY, await people.named(tx, email), app.clock())

    play(letting)
    print(f"{email} may come in again.")


@commands.command()
def reset(
    email: Email,
    factors: Annotated[bool, typer.Option("--factors", help="Forget the lost second factors as well.")] = False,
) -> None:
    """Print a link for a new password: once, within a day. The old password and all sessions end now."""

    async def resetting(app: App) -> str:
        async with app.store.write() as tx:
            somebody = await people.named(tx, email)
            secret = await people.reset(tx, _BY, somebody, app.clock(), factors_too=factors)
        return app.room_link(secret)

    print(play(resetting))


@commands.command("audit")
def audit_command(json: Json = False) -> None:
    """Look whether the record of what was done is as it was written; the status is 3 if it is not."""

    async def looking(app: App) -> tuple[int, str, int | None]:
        async with app.store.read() as tx:
            return *await audit.end(tx), await audit.broken_at(tx)

    last, seal, broken = play(looking)
    if json:
        print_json({"entries": last, "seal": seal, "broken_at": broken})
    elif broken is None:
        print(f"All {last} entries are as they were written. The last one's seal is {seal or 'none'};")
        print("whoever keeps it elsewhere can also see whether the newest entries were taken away.")
    if broken is not None:
        print(f"Entry {broken} is not as it was written, or one before it is missing.", file=sys.stderr)
        raise typer.Exit(_BROKEN)


def _shown(value: object) -> str:
    match value:
        case None | False:
            return ""
        case True:
            return "yes"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
    return str(value)


def _role(code: str) -> Role:
    try:
        return role_of(code)
    except ValueError as error:
        raise InvalidError(str(error), "--role") from None
