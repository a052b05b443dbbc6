"""A small fast SMTP sink: takes every letter, keeps none, counts them, and tells the counts as JSON when it ends.

python -m tests.benchmarks.sink     prints its port in the first line, and ends at SIGTERM
"""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.peers import ROOT

_END = b"\r\n.\r\n"
_HELLO = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 33554432\r\n"
_ANSWERS = {
    b"EHLO": _HELLO,
    b"MAIL": b"250 2.1.0 Ok\r\n",
    b"RCPT": b"250 2.1.5 Ok\r\n",
    b"DATA": b"354 go on\r\n",
    b"RSET": b"250 2.0.0 Ok\r\n",
    b"NOOP": b"250 2.0.0 Ok\r\n",
    b"QUIT": b"221 2.0.0 Bye\r\n",
}


@dataclass(slots=True)
class Counts:
    """What arrived."""

    connections: int = 0
    letters: int = 0
    octets: int = 0
    recipients: set[bytes] = field(default_factory=set)

    def told(self) -> dict[str, int]:
        """Give the numbers, the recipients as how many different ones there were."""
        return asdict(self) | {"recipients": len(self.recipients)}


class Dialogue(asyncio.Protocol):
    """One connection, its commands one in a line and its letters up to their final dot."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._waiting = bytearray()
        self._searched = 0
        self._in_letter = False
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: Any) -> None:
        """Greet."""
        self._counts.connections += 1
        self._transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer everything that is whole, in one write."""
        self._waiting += data
        answers = []
        while (answer := self._letter() if self._in_letter else self._command()) is not None:
            answers.append(answer)
        if answers and self._transport is not None:
            self._transport.write(b"".join(answers))
            if answers[-1].startswith(b"221"):
                self._transport.close()

    def _letter(self) -> bytes | None:
        end = self._waiting.find(_END, self._searched)
        if end < 0:
            self._searched = max(0, len(self._waiting) - len(_END) + 1)
            return None
        self._counts.letters += 1
        self._counts.octets += end + 2
        del self._waiting[: end + len(_END)]
        self._in_letter, self._searched = False, 0
        return b"250 2.0.0 Ok\r\n"

    def _command(self) -> bytes | None:
        end = self._waiting.find(b"\n")
        if end < 0:
            return None
        line = bytes(self._waiting[:end])
        del self._waiting[: end + 1]
        verb = line[:4].upper()
        if verb == b"RCPT":
            self._counts.recipients.add(line[8:])
        self._in_letter = verb == b"DATA"
        return _ANSWERS.get(verb, b"502 5.5.2 not known\r\n")


@contextmanager
def listening() -> Iterator[tuple[int, dict[str, int]]]:
    """Run a sink in a process of its own; gives its port, and after the block the counts."""
    counts: dict[str, int] = {}
    call = [sys.executable, "-m", "tests.benchmarks.sink"]
    with subprocess.Popen(call, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), counts
        finally:
            process.terminate()
            counts.update(json.loads(process.stdout.readline() or "{}"))


async def _run() -> None:
    counts, stopping = Counts(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    server = await loop.create_server(lambda: Dialogue(counts), "127.0.0.1", 0, backlog=100)
    print(server.sockets[0].getsockname()[1], flush=True)
    await stopping.wait()
    server.close()
    print(json.dumps(counts.told()), flush=True)


if __name__ == "__main__":
    asyncio.run(_run())
