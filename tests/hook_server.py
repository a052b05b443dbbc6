"""A program that is told by webhooks: a real HTTP server, whose answers are scripted."""

import asyncio
import ssl
from dataclasses import dataclass, field
from typing import Self

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
BUSY = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 9\r\n\r\nnot today"
GONE = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True)
class Told:
    """One request: its path, its headers by their names in small letters, its body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class HookServer:
    """Answers each request with the next of `answers`, or the last; None never answers, and keeps the line open."""

    answers: list[bytes | None] = field(default_factory=lambda: [OK])
    tls: ssl.SSLContext | None = None
    told: list[Told] = field(default_factory=list)
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)
    _waiting: list[asyncio.Task[None]] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        self._late: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._waiting:
            task.cancel()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}/hook?a=b"

    async def was_told(self, times: int, seconds: float = 10.0) -> None:
        """Wait until it was told so often."""
        async with asyncio.timeout(seconds), self._came:
            await self._came.wait_for(lambda: len(self.told) >= times)

    def answer_all(self, answer: bytes) -> None:
        """Answer those that wait, and whatever comes from now on."""
        self.answers = [answer]
        self._late.set_result(answer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is not None:
            self._waiting.append(task)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        pairs = (line.partition(": ") for line in head[1:] if line)
        headers = {name.lower(): value for name, _, value in pairs}
        body = await reader.readexactly(int(headers["content-length"]))
        self.told.append(Told(head[0].split()[1], headers, body))
        async with self._came:
            self._came.notify_all()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        try:
            if answer is None:
                answer = await self._later(reader)
            writer.write(answer)
            await writer.drain()
        finally:
            writer.close()

    async def _later(self, reader: asyncio.StreamReader) -> bytes:
        """Give what all who wait are answered in the end; nothing to who hangs up before."""
        ending = asyncio.create_task(reader.read())
        try:
            await asyncio.wait({ending, self._late}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending.cancel()
        return self._late.result() if self._late.done() else b""
