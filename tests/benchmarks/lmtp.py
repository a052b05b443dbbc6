"""LMTP for measuring: a client that hands over mails as fast as they are taken, and a server that only keeps them.

`python -m tests.benchmarks.lmtp feed PORT FILE CONNECTIONS` hands over and prints how many were taken;
`python -m tests.benchmarks.lmtp bare FOLDER` is aiosmtpd's LMTP with a handler that writes each mail into a Maildir and
waits until it is on the disk. Like ours (`inbound.py`), it prints its port, then what it has used for each line that
comes in, and ends with its input.
"""

import asyncio
import base64
import json
import os
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from service.waiting import waited_for
from tests.benchmarks.sender import peak_megabytes

_LARGEST = 33_554_432


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail, as a server on the way hands it over."""

    sender: str
    recipient: str
    content: bytes

    def commands(self) -> bytes:
        """Give what may be said without waiting for an answer (RFC 2920), up to DATA."""
        return f"MAIL FROM:<{self.sender}>\r\nRCPT TO:<{self.recipient}>\r\nDATA\r\n".encode()

    def stuffed(self) -> bytes:
        """Give the content with a dot before each dot that begins a line, and the last one behind it."""
        ended = self.content if self.content.endswith(b"\r\n") else self.content + b"\r\n"
        dotted = ended.replace(b"\r\n.", b"\r\n..")
        return (b"." if dotted.startswith(b".") else b"") + dotted + b".\r\n"


def write(path: Path, mails: Sequence[Mail]) -> Path:
    """Write mails into a file, a line for each."""
    lines = ([one.sender, one.recipient, base64.b64encode(one.content).decode()] for one in mails)
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def read(path: Path) -> list[Mail]:
    """Read them again."""
    lines = map(json.loads, path.read_text().splitlines())
    return [Mail(sender, recipient, base64.b64decode(content)) for sender, recipient, content in lines]


async def hand_over(port: int, mails: Sequence[Mail], connections: int) -> int:
    """Hand over on so many connections, one mail at a time on each; gives how many were taken."""
    waiting = iter([(one.commands(), one.stuffed()) for one in mails])
    return sum(await asyncio.gather(*(_connection(port, waiting) for _ in range(connections))))


async def _connection(port: int, waiting: Iterator[tuple[bytes, bytes]]) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    taken = 0
    await _answer(reader)
    writer.write(b"LHLO feeder\r\n")
    await _answer(reader)
    for commands, content in waiting:
        writer.write(commands)
        answers = [await _answer(reader) for _ in range(3)]
        assert answers[-1].startswith(b"354"), answers
        writer.write(content)
        taken += (await _answer(reader)).startswith(b"250")
    writer.write(b"QUIT\r\n")
    await _answer(reader)
    writer.close()
    return taken


async def _answer(reader: asyncio.StreamReader) -> bytes:
    """Give the last line of an answer."""
    while (line := await reader.readline())[3:4] == b"-":
        pass
    return line


def listening() -> socket.socket:
    """Listen at a port that nobody has."""
    plug = socket.socket()
    plug.bind(("127.0.0.1", 0))
    plug.listen(100)
    return plug


def used() -> dict[str, float]:
    """Say what this process has used so far, and when that is by the clock that all processes share."""
    return {"cpu": time.process_time(), "at": time.monotonic(), "peak": peak_megabytes()}


class _Keeping:
    """Keeps each mail as a Maildir does: under a name of its own, on the disk before it is answered for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = count()
        for part in ("tmp", "new", "cur"):
            (folder / part).mkdir(parents=True)
        self._new = os.open(folder / "new", os.O_RDONLY | os.O_DIRECTORY)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        name = f"{next(self._numbers)}.{os.getpid()}.bench"
        made = os.open(self._folder / "tmp" / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(made, envelope.original_content or b"")
        os.fsync(made)
        os.close(made)
        os.rename(self._folder / "tmp" / name, self._folder / "new" / name)  # noqa: PTH104  (as fast as it can be)
        os.fsync(self._new)
        return "250 2.0.0 Kept"


async def _bare(folder: Path) -> None:
    loop, keeping = asyncio.get_running_loop(), _Keeping(folder)

    def dialogue() -> LMTP:
        return LMTP(keeping, data_size_limit=_LARGEST, enable_SMTPUTF8=True, loop=loop, hostname="bare")

    plug = listening()
    async with await loop.create_server(dialogue, sock=plug):
        print(plug.getsockname()[1], flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            print(json.dumps(used()), flush=True)


async def _feed(port: int, path: Path, connections: int) -> dict[str, Any]:
    mails = read(path)
    start = time.monotonic()
    taken = await hand_over(port, mails, connections)
    return {"taken": taken, "start": start, "end": time.monotonic()}


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["feed", to, file, width]:
            print(json.dumps(waited_for(_feed(int(to), Path(file), int(width)))))
        case ["bare", where]:
            waited_for(_bare(Path(where)))
