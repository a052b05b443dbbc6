"""What every command shares: the joined parts for its time, its way to print, and its way to fail."""

import asyncio
import dataclasses
import json
import os
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from service import belongings, tracing, waiting
from service.app import App, build
from service.domain.errors import ImportRefusedError, InvalidError, RemembrancerError
from service.domain.subscription import check_language
from service.observability import set_up
from service.rendering.locales import Language, Languages
from service.settings import Settings, SettingsError
from service.settings_read import read_settings
from service.store import schema
from service.store.dialect import TroubleError

T = TypeVar("T")
Spoken = Annotated[str, typer.Option("--language", help="The language of titles and words; LANG's, if it is left out.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


@contextmanager
def failing_in_words() -> Iterator[None]:
    """Turn the errors that a person can mend into words on standard error, and the status 1."""
    try:
        yield
    except ImportRefusedError as refused:
        print(*refused.findings, sep="\n", file=sys.stderr)
        print("Nothing was imported.", file=sys.stderr)
    except InvalidError as error:
        print(f"{error.field}: {error}" if error.field else str(error), file=sys.stderr)
    except (RemembrancerError, SettingsError) as error:
        print(error, file=sys.stderr)
    except TroubleError as error:
        print(f"The database cannot do that now: {str(error.orig).strip().partition(chr(10))[0]}", file=sys.stderr)
    except BrokenPipeError:
        sys.stderr.close()
    else:
        return
    raise typer.Exit(1)


def spoken(languages: Languages, asked: str, *, json: bool = False) -> Language:
    """Give the language of what is printed: the one asked for, or for people that of their terminal, else English.

    Raise InvalidError for one that is asked for and not ours; a terminal's (`ru_RU.UTF-8`) may be any.
    """
    if asked:
        return languages.of(check_language(asked, languages.codes))
    return languages.of("en" if json else terminal_language())


def terminal_language(environment: Mapping[str, str] = os.environ) -> str:
    """Give the code of the language that a person's terminal speaks, by POSIX: `hy-AM` of `hy_AM.UTF-8`; may be ""."""
    own = next(filter(None, map(environment.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return own.partition(".")[0].partition("@")[0].replace("_", "-")


def play(what: Callable[[App], Coroutine[Any, Any, T]], *, quiet: bool = True) -> T:
    """Build the parts of an installation that is there, do one thing, and close."""

    async def playing() -> T:
        app = build(installed())
        try:
            await schema.check(app.store)
            if not await schema.has_tables(app.store):
                raise belongings.absent(app.settings, "the database has no tables")
            await app.engine.ready()
            await app.stock()
            return await what(app)
        finally:
            await app.close()

    with failing_in_words():
        set_up(quiet=quiet)
        tracing.set_up()
        return waited_for(playing())
    raise AssertionError  # failing_in_words ends the command


def installed() -> Settings:
    """Read the settings of an installation that is there; raise StoreError where there is none, and make nothing.

    A command in a wrong folder would else found a second installation, and with a secret key of its own it would not
    know who has left.
    """
    settings = read_settings()
    if why := belongings.lacks_database(settings) or belongings.lacks_key(settings):
        raise belongings.absent(settings, why)
    return settings


def waited_for(what: Coroutine[Any, Any, T]) -> T:
    """Run what waits to its end."""
    try:
        return waiting.waited_for(what)
    except asyncio.CancelledError:  # by a second signal, which did not want to wait
        raise typer.Exit(1) from None


def print_json(value: object) -> None:
    """Print a value as one line of JSON."""
    print(json.dumps(value, ensure_ascii=False, default=plain))


def plain(value: object) -> object:
    """Give what JSON has no word for in one that it has."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case Path():
            return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def read_instant(text: str) -> datetime:
    """Read a moment with its zone, `2026-09-27T05:00:00Z`; raise InvalidError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidError(f"{text!r} is not a moment (allowed: with its zone, such as 2026-09-27T05:00:00Z)", "--now")
    return moment.astimezone(UTC)


def read_date(text: str, option: str) -> date:
    """Read a date, `2026-09-27`; raise InvalidError that names the option."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidError(f"{text!r} is not a date (allowed: YYYY-MM-DD)", option) from None
