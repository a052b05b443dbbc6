"""How far a long command has come: a bar on a terminal, one line a minute elsewhere, nothing for programs.

It goes to standard error, so that standard output has the answer alone. What works is handed a function of
two numbers, done and of how many, and knows nothing of terminals.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from service.app import App
from service.store import status

Seen = Callable[[int, int], None]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing of how far it has come.")]
_LINE_EVERY_SECONDS = 60.0
_LOOK_EVERY_SECONDS = 0.5


@contextmanager
def progress(what: str, *, quiet: bool) -> Iterator[Seen]:
    """Give the function that is to be told how far `what` has come."""
    if quiet:
        yield lambda _done, _total: None
    elif sys.stderr.isatty():
        with _bar(what) as seen:
            yield seen
    else:
        yield lines(what, time.monotonic, lambda line: print(line, file=sys.stderr, flush=True))


def lines(what: str, clock: Callable[[], float], say: Callable[[str], None]) -> Seen:
    """Give a function that says a line a minute, by a clock in seconds; nothing of what takes less."""
    said_at = clock()

    def seen(done: int, total: int) -> None:
        nonlocal said_at
        if clock() - said_at >= _LINE_EVERY_SECONDS:
            said_at = clock()
            say(f"{what}: {done:,} of {total:,}")

    return seen


@asynccontextmanager
async def watching(app: App, now: datetime, seen: Seen) -> AsyncIterator[None]:
    """Tell, while a round is done as if it were `now`, how much of what is due has ended; counted from rows."""

    async def looking() -> None:
        most = 0
        while True:
            async with app.store.read() as tx:
                left = await status.unfinished(tx, now)
            most = max(most, left)
            seen(most - left, most)
            await asyncio.sleep(_LOOK_EVERY_SECONDS)

    task = asyncio.create_task(looking())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@contextmanager
def _bar(what: str) -> Iterator[Seen]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(what, total=None)
        yield lambda done, total: bars.update(bar, completed=done, total=total or None)
