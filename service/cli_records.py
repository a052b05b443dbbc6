"""Commands that bring events and collections into the record, and print them."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from service.actions import collections
from service.actions.event_files import Reading
from service.actions.importing import Fate, Imported, Row, tried
from service.app import App
from service.cli_common import Json, play, print_json
from service.cli_progress import Quiet, progress
from service.settings import shipped

commands = typer.Typer()


@commands.command("import")
def import_command(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Files (YAML, CSV, iCalendar) or folders; what ships, if none is named.")
    ] = None,
    collection: Annotated[
        str, typer.Option(help="The id of the collection for events of a CSV or iCalendar file.")
    ] = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would become of each event, and change nothing.")
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Bring collections into the record, all or nothing."""
    files = paths or [shipped("data") / "collections"]
    if dry_run:
        _try(files, collection, json=json)
        return

    async def importing(app: App) -> Imported:
        with progress("Importing", quiet=quiet or json) as seen:
            async with app.store.write() as tx:
                return await collections.import_files(tx, files, app.clock(), seen, collection=collection)

    done = play(importing)
    if json:
        print_json(done)
    else:
        print(f"{done.collections} collections, {done.events} events; {done.changed} events are new or changed.")


@commands.command()
def export(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids of collections; all, if none is named.")] = None,
    format: Annotated[str, typer.Option(help="yaml or csv.")] = "yaml",  # noqa: A002  (the option's name)
) -> None:
    """Print collections in the form that `import` reads."""
    written = collections.export_table if format == "csv" else collections.export

    async def exporting(app: App) -> str:
        async with app.store.read() as tx:
            return await written(tx, ids or [])

    sys.stdout.write(play(exporting))


def _try(paths: list[Path], collection: str, *, json: bool) -> None:
    async def trying(app: App) -> tuple[Reading, list[Row]]:
        async with app.store.read() as tx:
            known = await collections.documents(tx)
            reading = collections.read_files(collections.files_in(paths), collection, known)
            return reading, await tried(tx, reading)

    _, rows = play(trying)
    if json:
        print_json(rows)
    else:
        print("\n".join(line for row in rows for line in _lines(row)))
    if any(row.fate is Fate.REFUSED for row in rows):
        raise typer.Exit(1)


def _lines(row: Row) -> list[str]:
    name = f"collection {row.name}" if row.collection else row.name
    told = f"{row.where}: {row.fate}: {name}"
    if row.why:
        told += f": {row.why}"
    if row.like:
        told += f" (the same title and day as {row.like})"
    return [told, *(f"    {'.'.join(map(str, change.place))}" for change in row.changes)]
