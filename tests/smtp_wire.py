"""A small scripted SMTP server: at each stage of each letter it may refuse, cut, wait, say too much or in pieces.

    async with WireServer({("n2", Stage.RCPT): Answer("550 5.1.1 n2 no")}) as server:
        ...  # send letters from n1@… and n2@… to server.url()
        assert [kept.letter for kept in server.kept] == ["n1"]

A letter is known by the local part of its sender. `tests/smtp_server.py` is aiosmtpd, and so somebody else's
reading of the standard; this one is ours, to say what no server should. It runs in the test's own loop.
"""

import asyncio
import ssl
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from tests.smtp_server import Stage

_USUAL = {
    Stage.GREETING: "220 wire.test.invalid",
    Stage.MAIL: "250 2.1.0 {letter} sender",
    Stage.RCPT: "250 2.1.5 {letter} recipient",
    Stage.DATA: "354 {letter} go on",
    Stage.DOT: "250 2.0.0 {letter} kept",
    Stage.RSET: "250 2.0.0 forgotten",
}
_STAGES = {b"MAIL": Stage.MAIL, b"RCPT": Stage.RCPT, b"DATA": Stage.DATA, b"RSET": Stage.RSET}


@dataclass(frozen=True)
class Answer:
    """What happens at one stage: wait `until`, say `reply` ("" for nothing, None for the usual), `extra` with it, cut.

    `cut` is "" or "close" (what was said arrives first) or "abort". At the dot the letter is kept if the reply
    is a 250, even if it is never said because of `mute`.
    """

    reply: str | None = None
    extra: str = ""
    cut: str = ""
    mute: bool = False
    until: asyncio.Event | None = None


@dataclass(frozen=True)
class Kept:
    """A letter that the server has taken."""

    letter: str
    recipient: str
    content: bytes


@dataclass
class WireServer:
    """The server. `script` holds what is not usual; `pieces` cuts what is said into what arrives at a time."""

    script: Mapping[tuple[str, Stage], Answer] = field(default_factory=dict)
    pipelining: bool = True
    pieces: Callable[[bytes], Iterable[bytes]] | None = None
    tls: ssl.SSLContext | None = None
    kept: list[Kept] = field(default_factory=list)
    bursts: list[list[str]] = field(default_factory=list)  # what came in at a time, as words
    connections: int = 0
    port: int = 0

    def __post_init__(self) -> None:
        self._reached: defaultdict[tuple[str, Stage], asyncio.Event] = defaultdict(asyncio.Event)
        self._clients: list[_Client] = []
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Client(self), "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for client in self._clients:
            client.transport.abort()
            await client.lost.wait()

    def url(self, options: str = "") -> str:
        """The URL for the service's settings."""
        return f"{'smtps' if self.tls else 'smtp'}://127.0.0.1:{self.port}{options}"

    async def reached(self, letter: str, stage: Stage) -> None:
        """Wait until this letter has come so far."""
        async with asyncio.timeout(10):
            await self._reached[letter, stage].wait()

    async def gone(self) -> None:
        """Wait until no client is connected."""
        async with asyncio.timeout(10):
            for client in self._clients:
                await client.lost.wait()

    def say(self, text: str) -> None:
        """Say something unasked to everybody."""
        for client in self._clients:
            client.say(text)

    def cut(self) -> None:
        """Close all connections, as a server does with those that are idle."""
        for client in self._clients:
            client.transport.close()


class _Client(asyncio.Protocol):
    """One connection."""

    transport: asyncio.Transport

    def __init__(self, house: WireServer) -> None:
        self._house = house
        self._waiting = bytearray()
        self._letter = self._recipient = ""
        self._in_letter = self._is_held = False
        self._out: deque[bytes | None] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self.lost = asyncio.Event()

    def connection_made(self, transport: Any) -> None:
        """Greet."""
        self.transport = transport
        self._house._clients.append(self)
        self._house.connections += 1
        self._stage(Stage.GREETING, "220")

    def connection_lost(self, _: Exception | None) -> None:
        """Take note."""
        for task in self._tasks:
            task.cancel()
        self.lost.set()

    def data_received(self, data: bytes) -> None:
        """Take in what came, and go on if nothing is to be waited for."""
        self._house.bursts.append([])
        self._waiting += data
        self._go_on()

    def say(self, text: str) -> None:
        """Say it, in the pieces that the test wants, each in a turn of the loop in which the client reads it."""
        octets = text.encode() + b"\r\n" if text else b""
        if self._house.pieces is None:
            self.transport.write(octets)
            return
        was_idle = not self._out
        self._out.extend(piece for piece in self._house.pieces(octets) if piece)
        if was_idle and self._out:
            self._piece()

    def _piece(self) -> None:
        octets = self._out.popleft()
        if octets is None:
            self.transport.close()
            return
        self.transport.write(octets)
        if self._out:
            loop = asyncio.get_running_loop()
            loop.call_soon(loop.call_soon, self._piece)

    def _go_on(self) -> None:
        while not self._is_held and not self.transport.is_closing():
            if not (self._content() if self._in_letter else self._command()):
                return

    def _command(self) -> bool:
        end = self._waiting.find(b"\r\n")
        if end < 0:
            return False
        line = self._waiting[:end].decode()
        del self._waiting[: end + 2]
        verb, address = line[:4].upper(), line.partition("<")[2].partition(">")[0]
        self._note(verb)
        if verb == "EHLO":
            offers = ["wire.test.invalid", *(["PIPELINING"] if self._house.pipelining else []), "8BITMIME", "HELP"]
            self.say("\r\n".join(f"250{' ' if offer == 'HELP' else '-'}{offer}" for offer in offers))
        elif verb == "QUIT":
            self.say("221 2.0.0 bye")
        elif verb.encode() in _STAGES:
            self._mail_command(_STAGES[verb.encode()], address)
        else:
            self.say("502 5.5.2 not known")
        return True

    def _mail_command(self, stage: Stage, address: str) -> None:
        """Answer as RFC 5321 orders, unless the script has it otherwise."""
        letter = address.partition("@")[0] if stage is Stage.MAIL else self._letter
        is_scripted = (letter, stage) in self._house.script
        if stage is Stage.RCPT and not letter and not is_scripted:
            self.say("503 5.5.1 MAIL first")
        elif stage is Stage.DATA and not self._recipient and not is_scripted:
            self.say("503 5.5.1 RCPT first")
        else:
            code = self._stage(stage, letter)
            if stage is Stage.MAIL:
                self._letter, self._recipient = (letter if code == "250" else ""), ""
            elif stage is Stage.RCPT and code in {"250", "251"}:
                self._recipient = address
            elif stage is Stage.RSET:
                self._letter = self._recipient = ""
            self._in_letter = stage is Stage.DATA and code == "354"

    def _content(self) -> bool:
        octets = b"\r\n" + self._waiting
        end = octets.find(b"\r\n.\r\n")
        if self._waiting and (self._letter, Stage.OCTETS) in self._house.script:
            self._stage(Stage.OCTETS, self._letter)
            return False
        if end < 0:
            return False
        content = octets[2 : end + 2].replace(b"\r\n..", b"\r\n.")
        del self._waiting[: end + 3]
        self._in_letter = False
        self._note("DOT")
        answer = self._house.script.get((self._letter, Stage.DOT), Answer())
        if (answer.reply or _USUAL[Stage.DOT]).startswith("250"):
            self._house.kept.append(Kept(self._letter, self._recipient, bytes(content)))
        self._stage(Stage.DOT, self._letter)
        self._letter = self._recipient = ""
        return True

    def _note(self, word: str) -> None:
        if not self._house.bursts:
            self._house.bursts.append([])
        self._house.bursts[-1].append(word)

    def _stage(self, stage: Stage, letter: str) -> str:
        """Do what is to be done here, and give the code of what is said."""
        answer = self._house.script.get((letter, stage), Answer())
        self._house._reached[letter, stage].set()
        reply = _USUAL.get(stage, "").format(letter=letter) if answer.reply is None else answer.reply
        if answer.until is not None:
            self._is_held = True
            if stage is Stage.OCTETS:
                self.transport.pause_reading()
            task = asyncio.create_task(self._later(answer, reply))
            self._tasks.add(task)
        else:
            self._do(answer, reply)
        return reply[:3]

    async def _later(self, answer: Answer, reply: str) -> None:
        assert answer.until is not None
        await answer.until.wait()
        self._is_held = False
        self._do(answer, reply)
        self._go_on()

    def _do(self, answer: Answer, reply: str) -> None:
        if answer.cut == "abort":
            self.transport.abort()
            return
        if not answer.mute:
            self.say("\r\n".join(part for part in (reply, answer.extra) if part))
        if answer.cut == "close" and self._out:
            self._out.append(None)
        elif answer.cut == "close":
            self.transport.close()
