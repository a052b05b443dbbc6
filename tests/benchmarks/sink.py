"""A small fast SMTP sink: takes every letter, keeps none, counts them, and tells the counts as JSON when it ends.

python -m tests.benchmarks.sink [--delay SECONDS] [--tls CHAIN KEY]     prints its port first, and ends at SIGTERM

It offers PIPELINING. `--delay` holds back each write of answers, as a relay that far away would: one round trip
for each batch of commands that can travel together. `--tls` speaks TLS from the first octet.
"""

import argparse
import asyncio
import json
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from socket import create_connection, socket
from typing import Any

from tests.peers import ROOT
from tests.peers.postfix import Postfix

_END = b"\r\n.\r\n"
_HELLO = (
    b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250-SMTPUTF8\r\n250 SIZE 33554432\r\n"
)
_ANSWERS = {
    b"EHLO": _HELLO,
    b"HELO": b"250 sink\r\n",
    b"MAIL": b"250 2.1.0 Ok\r\n",
    b"RCPT": b"250 2.1.5 Ok\r\n",
    b"DATA": b"354 go on\r\n",
    b"RSET": b"250 2.0.0 Ok\r\n",
    b"NOOP": b"250 2.0.0 Ok\r\n",
    b"QUIT": b"221 2.0.0 Bye\r\n",
}
_TAKEN = b"250 2.0.0 Ok\r\n"
_PATIENCE = 10.0
_BACKLOG = 100
Counts = dict[str, Any]


@dataclass(slots=True)
class Arrived:
    """What arrived, and when the first and the last letter were whole (by the clock that all processes share)."""

    connections: int = 0
    letters: int = 0
    octets: int = 0
    first_at: float = 0.0
    last_at: float = 0.0
    recipients: set[bytes] = field(default_factory=set)

    def told(self) -> Counts:
        """Give the numbers, the recipients as how many different ones there were."""
        return asdict(self) | {"recipients": len(self.recipients)}


class Dialogue(asyncio.Protocol):
    """One connection, its commands one in a line and its letters up to their final dot."""

    def __init__(self, arrived: Arrived, delay: float) -> None:
        self._arrived = arrived
        self._delay = delay
        self._rest = b""
        self._octets = 0
        self._in_letter = False
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """Greet."""
        self._arrived.connections += 1
        self._transport = transport
        self._say([b"220 sink\r\n"])

    def data_received(self, data: bytes) -> None:
        """Answer everything that is whole, in one write."""
        if self._rest:
            data, self._rest = self._rest + data, b""
        answers, place = [], 0
        while place < len(data):
            found = self._letter(data, place) if self._in_letter else self._command(data, place)
            if found is None:
                break
            place, answer = found
            answers.append(answer)
        if answers:
            self._say(answers)

    def _letter(self, data: bytes, place: int) -> tuple[int, bytes] | None:
        end = data.find(_END, place)
        if end < 0:
            kept = max(place, len(data) - len(_END) + 1)  # the end may come in two reads
            self._octets += kept - place
            self._rest = data[kept:]
            return None
        arrived = self._arrived
        arrived.letters += 1
        arrived.octets += self._octets + end + 2 - place
        arrived.last_at = time.monotonic()
        arrived.first_at = arrived.first_at or arrived.last_at
        self._octets, self._in_letter = 0, False
        return end + len(_END), _TAKEN

    def _command(self, data: bytes, place: int) -> tuple[int, bytes] | None:
        end = data.find(b"\n", place)
        if end < 0:
            self._rest = data[place:]
            return None
        verb = data[place : place + 4].upper()
        if verb == b"RCPT":
            self._arrived.recipients.add(data[place + 8 : end])
        self._in_letter = verb == b"DATA"
        return end + 1, _ANSWERS.get(verb, b"502 5.5.2 not known\r\n")

    def _say(self, answers: list[bytes]) -> None:
        if self._delay:
            asyncio.get_running_loop().call_later(self._delay, self._write, answers)
        else:
            self._write(answers)

    def _write(self, answers: list[bytes]) -> None:
        if not self._transport.is_closing():
            self._transport.write(b"".join(answers))
            if answers[-1].startswith(b"221"):
                self._transport.close()


@contextmanager
def listening(*options: object) -> Iterator[tuple[int, Counts]]:
    """Run a sink in a process of its own; gives its port, and after the block the counts."""
    counts: Counts = {}
    call = [sys.executable, "-m", "tests.benchmarks.sink", *map(str, options)]
    with subprocess.Popen(call, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), counts
        finally:
            process.terminate()
            counts.update(json.loads(process.stdout.readline() or "{}"))


@contextmanager
def listening_postfix(programs: Postfix) -> Iterator[tuple[int, Counts]]:
    """Run Debian's smtp-sink likewise; all that it counts is the letters."""
    counts: Counts = {}
    port = _free_port()
    call = [programs.sink, "-u", "nobody", "-c", f"127.0.0.1:{port}", str(_BACKLOG)]
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(call, stdout=told, stderr=subprocess.STDOUT, env=programs.environment)
        try:
            _wait(port, process)
            yield port, counts
        finally:
            process.terminate()
            process.wait(_PATIENCE)
            told.seek(0)
            found = re.findall(rb"mesg=(\d+)", told.read())
            counts.update(letters=int(found[-1]) if found else 0)


def _free_port() -> int:
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + _PATIENCE
    while True:
        try:
            create_connection(("127.0.0.1", port)).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > limit:
                raise AssertionError("smtp-sink did not start") from None
            time.sleep(0.02)
        else:
            return


async def _run(delay: float, tls: ssl.SSLContext | None) -> None:
    arrived, stopping = Arrived(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)
    server = await loop.create_server(lambda: Dialogue(arrived, delay), "127.0.0.1", 0, backlog=_BACKLOG, ssl=tls)
    print(server.sockets[0].getsockname()[1], flush=True)
    await stopping.wait()
    server.close()
    print(json.dumps(arrived.told()), flush=True)


def _main() -> None:
    asking = argparse.ArgumentParser(prog="python -m tests.benchmarks.sink")
    asking.add_argument("--delay", type=float, default=0.0)
    asking.add_argument("--tls", nargs=2, type=Path)
    asked = asking.parse_args()
    tls = None
    if asked.tls:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*asked.tls)
    try:
        from uvloop import run  # noqa: PLC0415  (where it is installed; a sink must not be what limits)
    except ImportError:
        run = asyncio.run
    run(_run(asked.delay, tls))


if __name__ == "__main__":
    _main()
