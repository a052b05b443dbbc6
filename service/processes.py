"""How processes of ours are begun, what ends them, and how they talk through pipes: in frames."""

import signal
import sys
from pathlib import Path
from typing import BinaryIO

HEAD = 4  # bytes in which the length of a frame is told
ENDING = (signal.SIGTERM, signal.SIGINT)


def command_of(module: str) -> list[str]:
    """Give the command that runs a module of ours as a program, found where this process finds its own.

    `-m` looks into the current folder first, which is an operator's: it may do so only where this process does.
    """
    here = {"", str(Path.cwd())} & set(sys.path)
    return [sys.executable, *([] if here else ["-P"]), "-m", module]


def framed(said: bytes) -> bytes:
    """Give what goes to another process as a frame: its length, then itself."""
    return len(said).to_bytes(HEAD) + said


def read_frame(source: BinaryIO) -> bytes | None:
    """Read one frame; None at the end."""
    head = source.read(HEAD)
    return source.read(int.from_bytes(head)) if len(head) == HEAD else None
