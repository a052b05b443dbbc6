"""`remembrancer dkim`: making the keys that sign letters, and showing what to publish of them in DNS."""

import os
from pathlib import Path
from typing import Annotated

import typer

from service.cli_common import Json, failing_in_words, print_json
from service.domain.errors import InvalidError
from service.mail.dkim import KeyKind, Signer
from service.mail.keys import check_selector, new_key, signer
from service.post import house, signers
from service.settings import Settings
from service.settings_read import read_settings

commands = typer.Typer(no_args_is_help=True, help="The keys that sign letters.")


@commands.command()
def new(
    selector: Annotated[str, typer.Argument(help="The key's name in DNS, such as 2026a.")],
    kind: Annotated[KeyKind, typer.Option(help="What every mailbox provider checks, or what is short.")] = KeyKind.RSA,
) -> None:
    """Make a key, and say what to publish and what to set. A key that exists is never overwritten."""
    with failing_in_words():
        settings = read_settings()
        path = settings.data_dir.absolute() / "dkim" / f"{check_selector(selector, 'SELECTOR')}.pem"
        pem = new_key(kind)
        made = signer(pem, selector, house(settings).domain)
        _keep(path, pem)
        print(f"The key is in {path}; only its owner can read it, and whoever has it can sign as {made.domain}.")
        print("Publish this record, and wait until it is seen:\n")
        _print_record(made)
        print("\nThen set this, without the key that the new one replaces, and start again:\n")
        print(f'REMEMBRANCER_DKIM_KEYS="{_setting(settings, selector, path)}"')


@commands.command()
def show(json: Json = False) -> None:
    """Show what to publish of the keys that are set."""
    with failing_in_words():
        found = signers(read_settings())
        if json:
            print_json(
                [
                    {"selector": one.selector, "kind": one.kind, "name": one.record_name, "value": one.record}
                    for one in found
                ]
            )
            return
        if not found:
            print("No key is set: letters are not signed here. `remembrancer dkim new SELECTOR` makes one.")
        for one in found:
            _print_record(one)


def _print_record(one: Signer) -> None:
    """Print a key's record as a zone file has it, and as a form asks for it."""
    print(f"{one.record_in_zone}\n\n  Name:   {one.record_name}\n  Type:   TXT\n  Value:  {one.record}")
    if "." not in one.domain:
        print(f"\nNobody can look it up at {one.domain}: set REMEMBRANCER_SENDER to an address of your domain first.")


def _keep(path: Path, pem: bytes) -> None:
    """Write a key that only its owner can read; raise InvalidError if that cannot be done, or one is there."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(pem)
    except FileExistsError:
        raise InvalidError(f"{path} is there already and is kept (allowed: a selector without a key)") from None
    except OSError as error:
        raise InvalidError(f"{path}: {error.strerror}") from None


def _setting(settings: Settings, selector: str, path: Path) -> str:
    """Give the setting with the new key behind those that are set."""
    return ", ".join(f"{name}={file}" for name, file in (*settings.dkim_files, (selector, path)))
