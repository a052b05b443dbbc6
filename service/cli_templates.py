"""`remembrancer templates`: what letters are made of, for those who keep it in files, as in git."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from service.actions import templates as acting
from service.app import App
from service.cli_common import Json, plain, play, print_json
from service.cli_progress import Quiet, progress
from service.domain.errors import ImportRefusedError, InvalidError, NotFoundError
from service.domain.templates import LETTERS, LOCALES, Templates
from service.rendering.checks import Check, check_proofs, check_source
from service.store import templates as store
from service.store.dialect import Tx

commands = typer.Typer(no_args_is_help=True, help="What letters are made of: templates and translations.")
Folder = Annotated[Path, typer.Argument(help="A folder, with letters/ and locales/ in it.")]
BASE = ".exported"  # in a folder: the version of the set that was exported into it
_WHO = "command line"


@commands.command("list")
def list_command(json: Json = False) -> None:
    """List the pieces in use: the number of each, who published it, when and why."""

    async def listing(app: App) -> list[acting.Piece]:
        async with app.store.read() as tx:
            return await acting.pieces(tx)

    pieces = play(listing)
    if json:
        print_json([{key: value for key, value in _row(piece).items() if key != "text"} for piece in pieces])
        return
    for piece in pieces:
        whence = "as it ships" if not piece.number else f"version {piece.number}, {piece.who}: {piece.why}"
        print(f"{piece.name:<36} {piece.published_at:%Y-%m-%d %H:%M}  {whence}")


@commands.command("export")
def export_command(folder: Folder) -> None:
    """Write every piece in use into a folder; files of the same names are overwritten, others are left alone."""

    async def exporting(app: App) -> Templates:
        async with app.store.read() as tx:
            used = await acting.in_use(tx)
        for name, text in used.pieces.items():
            _write(folder / name, text)
        _write(folder / BASE, f"{used.version}\n")
        return used

    used = play(exporting)
    print(f"{len(used.pieces)} pieces are in {folder}, as of {used.version}.")


@commands.command("import")
def import_command(
    folder: Folder,
    reason: Annotated[str, typer.Option(help="Why, for those who look at the history later.")] = "",
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace also what was published since the export.")
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Publish every piece of a folder that differs from what is in use, all or nothing, if the checks let it."""

    async def importing(app: App) -> dict[str, int]:
        texts = pieces_in(folder)
        if not reason.strip():
            raise InvalidError("please say why, for those who look at the history later", "--reason")
        async with app.store.read() as tx:
            used = await acting.in_use(tx)
            new = {name: text for name, text in texts.items() if used.pieces.get(name) != text}
            if not overwrite:
                await _refuse_newer(tx, folder, new, used)
        found = await _checked(app, used, new, quiet=quiet or json)
        _say(folder, [check for check in found if not check.stops], quiet=quiet or json)
        if stopping := tuple(_line(folder, check) for check in found if check.stops):
            raise ImportRefusedError(stopping)
        async with app.store.write() as tx:
            await store.alone(tx)
            if await store.version_in_use(tx) != used.version:
                raise InvalidError("Somebody has published while these were checked. Nothing was imported; try again.")
            numbers = await acting.publish_all(tx, _WHO, new, reason, app.clock()) if new else {}
            version = await store.version_in_use(tx)
        _write(folder / BASE, f"{version}\n")
        return numbers

    numbers = play(importing)
    if json:
        print_json(numbers)
        return
    for name, number in sorted(numbers.items()):
        print(f"{name}: version {number}")
    print(f"Letters are made of {len(numbers)} new texts from now on." if numbers else "Nothing differs.")


@commands.command("check")
def check_command(
    folder: Annotated[Path | None, typer.Argument(help="A folder; what is in use, if none is named.")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Check the pieces of a folder, or those in use, and publish nothing. The status is 1 if anything stops them."""

    async def checking(app: App) -> tuple[Check, ...]:
        async with app.store.read() as tx:
            used = await acting.in_use(tx)
        texts = used.pieces if folder is None else pieces_in(folder)
        return await _checked(app, used, texts, quiet=quiet or json)

    found = play(checking)
    if json:
        print_json(list(found))
    else:
        for check in found:
            print(f"{_line(folder, check)} ({'stops' if check.stops else 'warning'})")
        print(
            "Nothing is wrong."
            if not found
            else f"{sum(check.stops for check in found)} of {len(found)} findings stop a publication."
        )
    if any(check.stops for check in found):
        raise typer.Exit(1)


async def _checked(app: App, used: Templates, texts: Mapping[str, str], *, quiet: bool) -> tuple[Check, ...]:
    """Look at texts as they are written, and at the letters that are made with them."""
    altered = used.altered(texts)
    found = {check: None for name, text in texts.items() for check in check_source(name, text, altered)}
    if any(check.stops for check in found):
        return tuple(found)
    async with app.store.read() as tx:
        named = [await acting.samples(tx, name, app.clock().date()) for name in texts]
    wanted = list(dict.fromkeys(one for some in named for one in some))
    proofs = []
    with progress("Making letters", quiet=quiet) as seen:
        for number, one in enumerate(wanted, 1):
            try:
                proofs.append(await app.prove(one, texts))
            except (InvalidError, NotFoundError):
                continue  # there is no such letter, of that event on a day to come
            finally:
                seen(number, len(wanted))
    found.update(dict.fromkeys(check_proofs(proofs, altered)))
    return tuple(found)


async def _refuse_newer(tx: Tx, folder: Path, new: Mapping[str, str], used: Templates) -> None:
    """Refuse to replace what somebody has published since the folder was exported."""
    base = await store.set_named(tx, _base(folder))
    newer = []
    for name in new:
        if name not in used.pieces:
            continue
        before = base.pieces.get(name) if base else await store.text_of(tx, name, store.SHIPPED)
        if used.pieces[name] != before:
            piece = await acting.piece(tx, name)
            told = f"{piece.who} has published version {piece.number} since this was exported ({piece.why})"
            newer.append(f"{folder / name}: {told}; export it again, or say --overwrite")
    if newer:
        raise ImportRefusedError(tuple(newer))


def pieces_in(folder: Path) -> dict[str, str]:
    """Read the pieces of a folder; raise ImportRefusedError for files that cannot be pieces."""
    if not folder.is_dir():
        raise ImportRefusedError((f"{folder}: there is no such folder",))
    found: dict[str, str] = {}
    wrong: list[str] = []
    files = [file for part in (LETTERS, LOCALES) for file in sorted((folder / part).rglob("*")) if file.is_file()]
    for file in files:
        name = file.relative_to(folder).as_posix()
        try:
            found[acting.checked_name(name)] = acting.checked_text(file.read_text(encoding="utf-8"))
        except NotFoundError:
            wrong.append(
                f"{file}: this is no name of a piece (allowed: letters/NAME/body.mjml and the like, locales/CODE.po)"
            )
        except InvalidError as error:
            wrong.append(f"{file}: {error}")
        except UnicodeDecodeError as error:
            wrong.append(f"{file}: this is not UTF-8: {error.reason} at byte {error.start}")
        except OSError as error:
            wrong.append(f"{file}: {error.strerror}")
    if not files:
        wrong.append(f"{folder}: there are no files in letters/ or locales/ of this folder")
    if wrong:
        raise ImportRefusedError(tuple(wrong))
    return found


def _base(folder: Path) -> str:
    try:
        return (folder / BASE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InvalidError(f"{path}: {error.strerror}") from None


def _line(folder: Path | None, check: Check) -> str:
    return f"{folder / check.place}{str(check).removeprefix(check.place)}" if folder else str(check)


def _say(folder: Path, warnings: list[Check], *, quiet: bool) -> None:
    for check in warnings if not quiet else ():
        print(f"{_line(folder, check)} (warning)")


def _row(piece: acting.Piece) -> dict[str, object]:
    row = plain(piece)
    assert isinstance(row, dict)  # noqa: S101  (for mypy)
    return row
