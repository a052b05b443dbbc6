"""A proxy in front of PostgreSQL that cuts, holds or refuses where a statement passes that contains a given text.

    async with Proxy(url) as proxy:
        proxy.cut("COMMIT", after=True)  # the next commit happens, and nobody is told of it
        store = Store(proxy.url)

It reads the frontend's messages (PostgreSQL, "Message Formats") as far as it must to know which statement runs.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Self

from sqlalchemy import make_url

_REQUESTS_BEFORE_STARTUP = {80877103, 80877104}  # SSLRequest, GSSENCRequest
_CANCEL = 80877102


@dataclass(slots=True)
class Cut:
    """Cut the connection at the n-th statement that contains `text`: `after` it has run, or before it is passed on."""

    text: str
    nth: int = 1
    after: bool = False
    times: int = 1
    met: int = 0
    done: asyncio.Event = field(default_factory=asyncio.Event)

    def falls(self, statement: str) -> bool:
        """Count a statement, and say whether it is one to be cut at."""
        if self.text.upper() in statement.upper():
            self.met += 1
            return self.nth <= self.met < self.nth + self.times
        return False


@dataclass(slots=True)
class Hold:
    """Hold every statement that contains `text` until `released`; `met` is set when the first is here."""

    text: str
    released: asyncio.Event = field(default_factory=asyncio.Event)
    met: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Proxy:
    """Listens on a port of loopback; `url` is the database's, seen through it."""

    target: str
    statements: list[str] = field(default_factory=list)
    refuses: bool = False
    connections: int = 0
    _cuts: list[Cut] = field(default_factory=list)
    _holds: list[Hold] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _pairs: set["_Pair"] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for hold in self._holds:
            hold.released.set()
        self.drop_all()
        while self._pairs:
            await asyncio.wait([pair.task for pair in self._pairs])
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        """The URL for the service's settings."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        through = make_url(self.target).set(host="127.0.0.1", port=port, query={"sslmode": "disable"})
        return through.render_as_string(hide_password=False)

    def cut(self, text: str, *, nth: int = 1, after: bool = False, times: int = 1) -> Cut:
        """Cut where it says; the first thing said holds first. Gives what tells when it has happened."""
        self._cuts.append(cut := Cut(text, nth, after, times))
        return cut

    def hold(self, text: str) -> Hold:
        """Hold where it says, until it is released."""
        self._holds.append(hold := Hold(text))
        return hold

    def drop_all(self) -> None:
        """Cut every connection that there is, as a failing network does."""
        for pair in self._pairs:
            pair.cut()

    async def passes(self, statement: str) -> Cut | None:
        """Take note of a statement, hold it as long as is said, and give the cut that falls at it."""
        self.statements.append(statement)
        for hold in self._holds:
            if hold.text.upper() in statement.upper():
                hold.met.set()
                await hold.released.wait()
        return next((cut for cut in self._cuts if cut.falls(statement)), None)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        if self.refuses:
            writer.transport.abort()
            return
        task = asyncio.current_task()
        assert task is not None
        with suppress(OSError, asyncio.IncompleteReadError):
            pair = _Pair(self, (reader, writer), await self._upstream(), task)
            self._pairs.add(pair)
            try:
                await pair.run()
            finally:
                self._pairs.discard(pair)
        writer.transport.abort()

    async def _upstream(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the server as libpq would: a host that begins with a slash is a folder with a socket."""
        url = make_url(self.target)
        host = url.host or str(url.query.get("host", "127.0.0.1"))
        port = url.port or 5432
        if host.startswith("/"):
            return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
        return await asyncio.open_connection(host, port)


class _Pair:
    """One client and its server."""

    def __init__(
        self,
        proxy: Proxy,
        client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        server: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        task: asyncio.Task[None],
    ) -> None:
        self._proxy, self.task = proxy, task
        (self._from_client, self._to_client), (self._from_server, self._to_server) = client, server
        self._named: dict[bytes, str] = {}
        self._silenced: Cut | None = None

    def cut(self) -> None:
        """Cut both ends at once."""
        self._to_client.transport.abort()
        self._to_server.transport.abort()

    async def run(self) -> None:
        try:
            await self._start()
            forth, back = asyncio.create_task(self._forth()), asyncio.create_task(self._back())
            await asyncio.wait({forth, back}, return_when=asyncio.FIRST_COMPLETED)
            self.cut()
            await asyncio.gather(forth, back, return_exceptions=True)
        finally:
            self.cut()

    async def _start(self) -> None:
        """Pass the startup on; neither TLS nor GSS is spoken here."""
        while True:
            length = await self._from_client.readexactly(4)
            rest = await self._from_client.readexactly(int.from_bytes(length) - 4)
            code = int.from_bytes(rest[:4])
            if code not in _REQUESTS_BEFORE_STARTUP:
                break
            self._to_client.write(b"N")
        self._to_server.write(length + rest)
        if code == _CANCEL:
            await self._to_server.drain()

    async def _forth(self) -> None:
        while True:
            kind, body = await _message(self._from_client)
            statement = self._statement(kind, body)
            cut = await self._proxy.passes(statement) if statement is not None else None
            if cut is not None and not cut.after:
                cut.done.set()
                return
            self._silenced = self._silenced or cut
            self._to_server.write(kind + (len(body) + 4).to_bytes(4) + body)
            await self._to_server.drain()

    async def _back(self) -> None:
        while True:
            kind, body = await _message(self._from_server)
            if self._silenced is not None:
                if kind == b"Z":  # it has run, to the end, and the client will not hear of it
                    self._silenced.done.set()
                    return
                continue
            self._to_client.write(kind + (len(body) + 4).to_bytes(4) + body)
            await self._to_client.drain()

    def _statement(self, kind: bytes, body: bytes) -> str | None:
        """Give the text of what runs by this message: a query, or a prepared statement that is bound."""
        if kind == b"Q":
            return _text(body)
        if kind == b"P":
            name, _, rest = body.partition(b"\0")
            self._named[name] = _text(rest)
        if kind == b"B":
            return self._named.get(body.split(b"\0", 2)[1], "")
        return None


def _text(octets: bytes) -> str:
    return octets.partition(b"\0")[0].decode("utf-8", "replace")


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    kind = await reader.readexactly(1)
    return kind, await reader.readexactly(int.from_bytes(await reader.readexactly(4)) - 4)
