"""`remembrancer backup`, `restore` and `move`: an installation kept, brought back, and taken to another database."""

from pathlib import Path
from typing import Annotated

import typer

from service import keeping
from service.cli_common import Json, failing_in_words, installed, print_json, waited_for
from service.cli_progress import Quiet, progress
from service.keeping import Options
from service.observability import set_up
from service.post import now_utc
from service.settings_read import read_settings, without_password
from service.store.copying import Described

commands = typer.Typer()
Replace = Annotated[bool, typer.Option("--replace", help="Remove what the database holds, and put files aside.")]
_SINCE = (
    "It knows nothing of what happened since: whoever left or was erased is back, and letters of a day that is not over"
    " go out again. See to both before the post goes on."
)
_HELD = "The post is held: nothing is mailed. When no other copy sends any more: remembrancer resume --take-over"


@commands.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it; nothing is written over.")],
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write everything into one file, from which either database can be filled; the service may run meanwhile."""
    with failing_in_words():
        set_up(quiet=True)
        with progress("Backing up", quiet=quiet) as seen:
            made = waited_for(keeping.back_up(installed(), file, now_utc(), seen))
    manifest = made.manifest
    if json:
        told = {"file": file, "bytes": made.bytes, "sha256": made.sha256, "made_at": manifest.made_at}
        counts = {one.name: one.rows for one in manifest.tables}
        files = sorted(manifest.files)
        print_json(told | {"revision": manifest.revision, "rows": counts, "files": files, "beside": manifest.beside})
        return
    print(f"{file}: {_counted(manifest.tables)}, version {manifest.revision}, {made.bytes:,} bytes.")
    print(f"sha256 {made.sha256}")
    print(f"With it: {', '.join(sorted(manifest.files)) or 'no files'}.")
    print("Not in it, and needed: the settings (file and environment)", *manifest.beside, sep=", ", end=".\n")
    print("It holds addresses and keys as they are: its owner alone may read it, and so should be wherever it goes.")


@commands.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")],
    replace: Replace = False,
    other_key: Annotated[
        bool, typer.Option("--other-key", help="Go on with another secret key: links in letters are lost.")
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Bring a backup back into the database of the settings, whichever it is; the post is held until `resume`."""
    with failing_in_words():
        set_up(quiet=True)
        with progress("Bringing back", quiet=quiet) as seen:
            allowed = Options(replace=replace, other_key=other_key)
            manifest = waited_for(keeping.restore(read_settings(), file, now_utc(), seen, allowed))
    if json:
        counts = {one.name: one.rows for one in manifest.tables}
        print_json({"made_at": manifest.made_at, "rows": counts, "paused": True, "beside": manifest.beside})
        return
    print(f"{_counted(manifest.tables)}, as of {manifest.made_at}.")
    if manifest.beside:
        print(f"The backup did not hold: {', '.join(manifest.beside)}.")
    print(_SINCE)
    print(_HELD)


@commands.command()
def move(
    to: Annotated[
        str, typer.Option("--to", help="The other database: sqlite+aiosqlite:///… or postgresql+psycopg://…")
    ],
    replace: Replace = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Take everything to another database, which goes on in this one's place; the service is stopped meanwhile."""
    with failing_in_words():
        set_up(quiet=True)
        with progress("Moving", quiet=quiet) as seen:
            allowed = Options(replace=replace)
            moved = waited_for(keeping.move(installed(), to, now_utc(), seen, allowed))
    if json:
        print_json({"rows": {one.name: one.rows for one in moved.tables}, "paused": not moved.goes_on})
        return
    print(f"{_counted(moved.tables)} are in the other database. This one is left as it was, with its post held.")
    print(f"Now set database_url (or REMEMBRANCER_DATABASE_URL) to {without_password(to)} and start.")
    if not moved.goes_on:
        print("Its post is held, as it was here: remembrancer resume")


def _counted(tables: tuple[Described, ...]) -> str:
    return f"{sum(one.rows for one in tables):,} rows of {len(tables)} tables"
