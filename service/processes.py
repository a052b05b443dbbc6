"""What every process of ours does with its event loop and with signals."""

import asyncio
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

try:
    from uvloop import new_event_loop
except ImportError:  # no wheel for this machine
    from asyncio import new_event_loop  # type: ignore[assignment]

T = TypeVar("T")
HEAD = 4  # bytes in which the length of a frame is told
ENDING = (signal.SIGTERM, signal.SIGINT)


def waited_for(what: Coroutine[Any, Any, T]) -> T:
    """Run what waits to its end, on uvloop's event loop where that installs: it is half as fast again."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(what)


def command_of(module: str) -> list[str]:
    """Give the command that runs a module of ours as a program, found where this process finds its own.

    `-m` looks into the current folder first, which is an operator's: it may do so only where this process does.
    """
    here = {"", str(Path.cwd())} & set(sys.path)
    return [sys.executable, *([] if here else ["-P"]), "-m", module]


def stop_on_signals() -> asyncio.Event:
    """Give the event that SIGTERM and SIGINT set, from now on; the second one cancels what the first let finish."""
    stopping, playing = asyncio.Event(), asyncio.current_task()

    def told() -> None:
        if stopping.is_set() and playing is not None:
            playing.cancel()
        stopping.set()

    for name in ENDING:
        asyncio.get_running_loop().add_signal_handler(name, told)
    return stopping


def framed(said: bytes) -> bytes:
    """Give what goes to another process as a frame: its length, then itself."""
    return len(said).to_bytes(HEAD) + said


def read_frame(source: BinaryIO) -> bytes | None:
    """Read one frame; None at the end."""
    head = source.read(HEAD)
    return source.read(int.from_bytes(head)) if len(head) == HEAD else None
