"""A real HTTP server on this machine that plays ntfy, a Signal gateway or a Matrix server, and keeps what it gets.

    async with HttpPeer() as peer:
        ...  # hand over to peer.ntfy
        assert peer.told[0]["title"] == "A war"

It runs in the test's own loop; an answer may be a status, `CUT` (the request is kept, and no answer comes), or an
event that it waits for.
"""

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Self

CUT = "the connection is cut"


@dataclass
class HttpPeer:
    """The server: `answers` are given in turn, then 200; `journal` are the requests, as they came in."""

    answers: deque[int | str | asyncio.Event] = field(default_factory=deque)
    journal: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    always: int = 200
    says: dict[str, Any] = field(default_factory=dict)  # what is answered where a part of the path is so
    _server: asyncio.Server | None = None
    _came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._served, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server
        self._server.close()

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def ntfy(self) -> str:
        """The line of the setting by which it is an ntfy server."""
        return f"ntfy=ntfy://127.0.0.1:{self.port}/{{to}}"

    @property
    def told(self) -> list[Any]:
        """The bodies of what came in."""
        return [body for _, _, body in self.journal]

    async def came(self, many: int) -> None:
        """Wait until so many requests have come in."""
        async with self._came:
            await asyncio.wait_for(self._came.wait_for(lambda: len(self.journal) >= many), 20)

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *fields = head.split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in fields if one)}
            content = await reader.readexactly(int(headers.get("content-length", 0)))
            async with self._came:
                self.journal.append((line, headers, json.loads(content) if content else None))
                self._came.notify_all()
            answer = self.answers.popleft() if self.answers else self.always
            if isinstance(answer, asyncio.Event):
                await answer.wait()
                answer = self.always
            if not isinstance(answer, str):
                said = next((json.dumps(one) for part, one in self.says.items() if part in line), "{}")
                head = f"HTTP/1.1 {answer} told\r\nContent-Length: {len(said)}\r\nConnection: close\r\n\r\n"
                writer.write((head + said).encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
