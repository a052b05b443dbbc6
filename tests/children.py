"""Processes that a test starts, as asyncio does: forked in a nursery that has everything imported (`nursery.py`).

A test run's process has one nursery; it starts with the first child, and ends when the tests have ended.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tests.peers import ROOT

Pipe = int | IO[bytes] | None
_LIMIT = 2**22  # octets in a line that is read
_nurseries: list[tuple[subprocess.Popen[bytes], socket.socket]] = []


@dataclass(slots=True)
class Child:
    """A process, as `asyncio.subprocess.Process` is one; its pipes are None where the test gave something else."""

    pid: int
    stdin: asyncio.StreamWriter | None
    stdout: asyncio.StreamReader | None
    stderr: asyncio.StreamReader | None
    ended: asyncio.Task[int] = field(repr=False)

    @property
    def returncode(self) -> int | None:
        """The status with which it ended (negative: the signal), None while it lives."""
        return self.ended.result() if self.ended.done() else None

    async def wait(self) -> int:
        """Wait until it has ended, and give the status."""
        return await asyncio.shield(self.ended)

    async def communicate(self, given: bytes | None = None) -> tuple[bytes, bytes]:
        """Give it what it reads, and read what it says until it has ended."""
        if self.stdin:
            with suppress(BrokenPipeError, ConnectionResetError):
                self.stdin.write(given or b"")
                await self.stdin.drain()
            self.stdin.close()
        out, err = [stream.read() if stream else _nothing() for stream in (self.stdout, self.stderr)]
        said = await asyncio.gather(out, err)
        await self.wait()
        return said[0], said[1]

    def send_signal(self, by: int) -> None:
        """Send it a signal; raise ProcessLookupError when it has ended."""
        if self.ended.done():
            raise ProcessLookupError
        os.kill(self.pid, by)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


async def start(
    module: str,
    *words: str,
    folder: Path = ROOT,
    environment: Mapping[str, str] | None = None,
    stdin: Pipe = None,
    stdout: Pipe = None,
    stderr: Pipe = None,
) -> Child:
    """Start a module as a command, in a folder, with an environment (without one: this process's)."""
    with ExitStack() as theirs:
        told, telling = socket.socketpair()
        theirs.enter_context(telling)
        pipes = [_Ends(number, given, theirs) for number, given in enumerate((stdin, stdout, stderr))]
        asked = {
            "module": module,
            "words": words,
            "folder": str(folder),
            "environment": dict(environment or os.environ),
        }
        descriptors = [*(pipe.theirs for pipe in pipes), telling.fileno()]
        socket.send_fds(_nursery(), [json.dumps(asked).encode()], descriptors)
    facts, keeps = await asyncio.open_unix_connection(sock=told)
    pid = json.loads(await facts.readline())["started"]
    ended = asyncio.create_task(_end(facts, keeps))
    return Child(pid, await pipes[0].written(), await pipes[1].read(), await pipes[2].read(), ended)


async def _end(telling: asyncio.StreamReader, keeps: asyncio.StreamWriter) -> int:
    """Wait until the nursery tells how a child ended."""
    try:
        return int(json.loads(await telling.readline())["ended"])
    finally:
        keeps.close()


async def _nothing() -> bytes:
    return b""


class _Ends:
    """The two ends of one of a child's pipes: the test's, and the child's as a descriptor."""

    def __init__(self, number: int, given: Pipe, theirs: ExitStack) -> None:
        self._is_read, self._ours = number == 0, None
        if given == PIPE:
            reading, writing = os.pipe()
            self.theirs, self._ours = (reading, writing) if self._is_read else (writing, reading)
            theirs.callback(os.close, self.theirs)
        elif given == DEVNULL:
            self.theirs = os.open(os.devnull, os.O_RDWR)
            theirs.callback(os.close, self.theirs)
        else:
            self.theirs = number if given is None else given if isinstance(given, int) else given.fileno()

    async def written(self) -> asyncio.StreamWriter | None:
        """Give what writes into the pipe."""
        if self._ours is None:
            return None
        loop, file = asyncio.get_running_loop(), os.fdopen(self._ours, "wb", 0)
        transport, protocol = await loop.connect_write_pipe(lambda: asyncio.StreamReaderProtocol(_reader()), file)
        return asyncio.StreamWriter(transport, protocol, None, loop)

    async def read(self) -> asyncio.StreamReader | None:
        """Give what reads from the pipe."""
        if self._ours is None:
            return None
        reader, file = _reader(), os.fdopen(self._ours, "rb", 0)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
        return reader


def _reader() -> asyncio.StreamReader:
    return asyncio.StreamReader(limit=_LIMIT)


def _nursery() -> socket.socket:
    """Give the socket of this process's nursery, which starts now if there is none."""
    if not _nurseries:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            words = (sys.executable, "-m", "tests.nursery", str(theirs.fileno()))
            process = subprocess.Popen(words, cwd=ROOT, stdin=DEVNULL, pass_fds=[theirs.fileno()])
        _nurseries.append((process, ours))
    return _nurseries[0][1]


@contextmanager
def none_left() -> Iterator[None]:
    """See to it that in the end no nursery is left."""
    try:
        yield
    finally:
        while _nurseries:
            process, asked = _nurseries.pop()
            asked.close()
            process.wait()
