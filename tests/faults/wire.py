"""A scripted SMTP server on bare streams: it says what it is told, and journals each letter before it answers.

    async with Wire(journal=Journal(path), rules=[Rule(Stage.DOT, "450 4.3.0 later", times=1)]) as wire:
        ...  # send to wire.url

In the test's own loop, or in a process of its own: `python -m tests.faults.wire JOURNAL`, told by lines of JSON.
"""

import asyncio
import hashlib
import json
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self

from tests import children
from tests.faults.processes import strike
from tests.faults.script import Rule, Script, Stage, Strike, read

_PATIENCE_SECONDS = 60.0
_END = b"\r\n.\r\n"
_COMMANDS = {stage.value.upper(): stage for stage in Stage} | {"HELO": Stage.EHLO}
_USUAL = {
    Stage.GREETING: "220 wire.invalid ESMTP",
    Stage.MAIL: "250 2.1.0 OK",
    Stage.RCPT: "250 2.1.5 OK",
    Stage.DATA: "354 Go ahead",
    Stage.DOT: "250 2.0.0 kept",
    Stage.RSET: "250 2.0.0 OK",
    Stage.QUIT: "221 2.0.0 Bye",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """One copy of a letter, as it was accepted: envelope, identity, digest of its bytes; when, on which connection."""

    message_id: str
    sender: str
    recipients: tuple[str, ...]
    sha256: str
    connection: int
    at: float


@dataclass(slots=True)
class Journal:
    """What was accepted, a line for each copy, in a file that outlives every client and the server."""

    path: Path

    def write(self, kept: Kept) -> None:
        """Append one copy; it is the kernel's before this returns."""
        line = (json.dumps(asdict(kept)) + "\n").encode()
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)

    def read(self) -> list[Kept]:
        """Give every copy so far, in order."""
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        copies = map(json.loads, lines)
        return [Kept(**copy | {"recipients": tuple(copy["recipients"])}) for copy in copies]


@dataclass(slots=True)
class Wire:
    """The server. `pipelining` is what it offers; whoever pipelines all the same is counted in `early`."""

    journal: Journal
    rules: Iterable[Rule] = ()
    pipelining: bool = True
    extensions: Sequence[str] = ("8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "SIZE 33554432")
    keeps_content: bool = False
    connections: int = 0
    early: int = 0
    struck: list[int] = field(default_factory=list)
    contents: list[bytes] = field(default_factory=list)
    commands: list[tuple[int, str]] = field(default_factory=list)
    port: int = 0
    script: Script = field(init=False)
    _reached: Counter[Stage] = field(default_factory=Counter)
    _progress: asyncio.Condition = field(default_factory=asyncio.Condition)
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.script = Script(self.rules)

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def listen(self) -> None:
        """Listen, on the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]

    async def __aexit__(self, *_: object) -> None:
        await self.away()

    async def away(self) -> None:
        """Stop listening and cut every connection."""
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        """The URL for the service's settings."""
        return f"smtp://127.0.0.1:{self.port}"

    async def reached(self, stage: Stage, times: int = 1) -> None:
        """Wait until clients have come so far, so many times in all."""
        async with asyncio.timeout(_PATIENCE_SECONDS), self._progress:
            await self._progress.wait_for(lambda: self._reached[stage] >= times)

    def times(self, stage: Stage) -> int:
        """Say how often clients have come so far."""
        return self._reached[stage]

    async def occurs(self, stage: Stage, recipient: str, connection: int) -> Rule:
        """Take note of an occurrence and give what is to be done."""
        async with self._progress:
            self._reached[stage] += 1
            self._progress.notify_all()
        return self.script.follow(stage, recipient, connection)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await _Session(self, reader, writer, self.connections).speak()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client is gone, or a rule cut it off, or the server ends
        finally:
            writer.transport.abort()
            self._tasks.discard(task)


class _CutError(ConnectionError):
    """A rule says that the connection ends here."""


class _Session:
    """One client."""

    def __init__(self, wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self._wire, self._reader, self._writer, self._number = wire, reader, writer, number
        self._unread = bytearray()
        self._sender = ""
        self._recipients: list[str] = []
        self._is_open = True

    async def speak(self) -> None:
        await self._answer(Stage.GREETING)
        while self._is_open:
            line = (await self._up_to(b"\r\n"))[:-2].decode("utf-8", "replace")
            self._wire.commands.append((self._number, line))
            verb, _, rest = line.partition(" ")
            stage = _COMMANDS.get(verb.upper())
            if stage is None or stage in {Stage.GREETING, Stage.CONTENT, Stage.DOT}:
                await self._say("250 2.0.0 OK" if verb.upper() == "NOOP" else "502 5.5.1 not known here")
                continue
            await self._command(stage, rest)

    async def _command(self, stage: Stage, rest: str) -> None:
        address = rest.partition("<")[2].partition(">")[0]
        if (stage is Stage.RCPT and not self._sender) or (stage is Stage.DATA and not self._recipients):
            await self._say("503 5.5.1 out of order")
            return
        reply = await self._answer(stage, address if stage is Stage.RCPT else "")
        if stage in {Stage.EHLO, Stage.RSET}:
            self._sender, self._recipients = "", []
        elif stage is Stage.MAIL and reply.startswith("2"):
            self._sender = address or "<>"
        elif stage is Stage.RCPT and reply.startswith("2"):
            self._recipients.append(address)
        elif stage is Stage.DATA and reply.startswith("3"):
            await self._content()
        elif stage is Stage.QUIT:
            self._is_open = False

    async def _content(self) -> None:
        if not self._unread:
            self._unread += await self._more()
        recipient = self._recipients[0]
        await self._obey(await self._wire.occurs(Stage.CONTENT, recipient, self._number))
        self._unread[:0] = b"\r\n"  # an end may stand at the very beginning (RFC 5321, 4.5.2)
        content = (await self._up_to(_END))[2:-3].replace(b"\r\n..", b"\r\n.")
        rule = await self._wire.occurs(Stage.DOT, recipient, self._number)
        kept = rule.keep
        if kept is None:
            kept = not rule.drop and (rule.reply or "2").startswith("2")
        if kept:
            self._keep(content)
        self._sender, self._recipients = "", []
        await self._obey(rule)
        await self._reply(rule, _USUAL[Stage.DOT])

    def _keep(self, content: bytes) -> None:
        head = content.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
        lines = [line for line in head.split("\r\n") if line.lower().startswith("message-id:")]
        message_id = lines[0].partition(":")[2].strip() if lines else ""
        digest = hashlib.sha256(content).hexdigest()
        kept = Kept(message_id, self._sender, tuple(self._recipients), digest, self._number, time.time())
        self._wire.journal.write(kept)
        if self._wire.keeps_content:
            self._wire.contents.append(content)

    async def _answer(self, stage: Stage, recipient: str = "") -> str:
        """Answer as a rule says or as usual, and give what was said."""
        rule = await self._wire.occurs(stage, recipient, self._number)
        await self._obey(rule)
        usual = self._extensions() if stage is Stage.EHLO else _USUAL[stage]
        return await self._reply(rule, usual)

    def _extensions(self) -> str:
        offered = ["wire.invalid", *(["PIPELINING"] if self._wire.pipelining else []), *self._wire.extensions]
        return "\r\n".join([*(f"250-{line}" for line in offered[:-1]), f"250 {offered[-1]}"])

    async def _obey(self, rule: Rule) -> None:
        """Do what comes before a reply: wait, strike, cut."""
        if rule.until is not None:
            await rule.until.wait()
        if rule.seconds:
            await asyncio.sleep(rule.seconds)
        if rule.strike is not None:
            self._strike(rule, rule.strike)
        if rule.drop or rule.strike is Strike.KILL:  # what the dead one had already written is not read on
            raise _CutError

    async def _reply(self, rule: Rule, usual: str) -> str:
        said = rule.reply or usual
        self._writer.write(rule.garbage)
        await self._say(said)
        if rule.then is not None:
            self._strike(rule, rule.then)
        return said

    async def _say(self, reply: str) -> None:
        if not self._wire.pipelining and self._unread:
            self._wire.early += 1
        self._writer.write(reply.encode() + b"\r\n")
        await self._writer.drain()
        if reply.startswith("421"):
            self._is_open = False

    def _strike(self, rule: Rule, by: str) -> None:
        """Strike the process of this client; if it is dead already, the rule is for the next."""
        port = self._writer.get_extra_info("peername")[1]
        if (pid := strike(port, signal.Signals[by])) is not None:
            self._wire.struck.append(pid)
        elif rule.times == 1:
            self._wire.script.add(replace(rule, skip=0))

    async def _up_to(self, end: bytes) -> bytes:
        start = 0
        while (place := self._unread.find(end, start)) < 0:
            start = max(0, len(self._unread) - len(end))
            self._unread += await self._more()
        found = bytes(self._unread[: place + len(end)])
        del self._unread[: place + len(end)]
        return found

    async def _more(self) -> bytes:
        if not (octets := await self._reader.read(65536)):
            raise _CutError
        return octets


@dataclass(slots=True)
class Distant:
    """A server in a process of its own: it shares no processor time with the test's loop."""

    url: str
    journal: Journal
    _process: children.Child

    async def add(self, *rules: Rule) -> None:
        """Say more rules; they hold when this returns."""
        await self._told({"add": [rule.written() for rule in rules]})

    async def clear(self) -> None:
        """Forget every rule."""
        await self._told({"clear": True})

    async def struck(self) -> list[int]:
        """Give the ids of the processes that were struck so far."""
        return list((await self._told({}))["struck"])

    async def _told(self, words: dict[str, object]) -> dict[str, list[int]]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(words).encode() + b"\n")
        await self._process.stdin.drain()
        async with asyncio.timeout(_PATIENCE_SECONDS):
            answer: dict[str, list[int]] = json.loads(await self._process.stdout.readline())
        return answer


@asynccontextmanager
async def distant(path: Path, *rules: Rule) -> AsyncIterator[Distant]:
    """Run a server in a process of its own; it ends with this process, whatever happens."""
    process = await children.start("tests.faults.wire", str(path), stdin=PIPE, stdout=PIPE)
    try:
        assert process.stdout
        async with asyncio.timeout(_PATIENCE_SECONDS):
            server = Distant((await process.stdout.readline()).decode().strip(), Journal(path), process)
        await server.add(*rules)
        yield server
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def _alone(path: Path) -> None:
    """Serve until standard input ends, following what is said on it."""
    loop = asyncio.get_running_loop()
    told = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(told), sys.stdin)
    async with Wire(Journal(path)) as wire:
        print(wire.url, flush=True)
        while line := await told.readline():
            words = json.loads(line)
            if "clear" in words:
                wire.script.clear()
            wire.script.add(*map(read, words.get("add", [])))
            print(json.dumps({"struck": wire.struck}), flush=True)


if __name__ == "__main__":
    asyncio.run(_alone(Path(sys.argv[1])))
