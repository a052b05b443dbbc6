"""The HTTP server: opens ports and serves applications on them, and leaves the ending of the process to `app`.

Whoever begins a request and does not come to the end of its head is not waited for: uvicorn has no such limit. How
long a body may take is the application's (`web/security.py`).
"""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from service.settings import SettingsError

_BACKLOG = 2048
_HEAD_SECONDS = 20.0
# A request comes from where its connection does; and no address of a page, which may hold a token, is logged.
_QUIET: dict[str, Any] = {
    "log_config": None,
    "access_log": False,
    "lifespan": "off",
    "server_header": False,
    "proxy_headers": False,
}


class Patient(H11Protocol):
    """HTTP/1.1 of uvicorn that ends a connection on which no request is complete to the end of its head in time."""

    head_seconds = _HEAD_SECONDS
    _giving_up: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a head from now on."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing."""
        self._came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Wait on, if this was not the end of a head; what came does not begin the time anew."""
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._wait()
        else:
            self._came()

    def _wait(self) -> None:
        if self._giving_up is None:
            self._giving_up = self.loop.call_later(self.head_seconds, self._give_up)

    def _came(self) -> None:
        if self._giving_up is not None:
            self._giving_up.cancel()
            self._giving_up = None

    def _give_up(self) -> None:
        self._giving_up = None
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers, which would end the process before the post has drained."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `app`."""
        yield


def server(pages: Starlette, head_seconds: float = _HEAD_SECONDS) -> Server:
    """Make the server of an application: `serve(sockets=[…])` serves until `should_exit` is set."""
    protocol = type("Protocol", (Patient,), {"head_seconds": head_seconds})
    return Server(uvicorn.Config(pages, http=protocol, **_QUIET))


def listen(host: str, port: int, names: str) -> socket.socket:
    """Open a port; raise SettingsError, which begins with the `names` of the settings, if it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(_BACKLOG)  # from now on nobody who follows the printed address is refused
    except OSError as error:
        listening.close()
        raise SettingsError(f"{names}: cannot listen on {host}:{port}: {error.strerror}") from None
    return listening


def listen_at(path: Path, names: str) -> socket.socket:
    """Open a socket in the file system, for its owner and their group; raise SettingsError if that cannot be."""
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_socket() and not _is_served(path):
            path.unlink()  # of a process that is gone
        listening.bind(str(path))
        path.chmod(0o660)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise SettingsError(f"{names}: cannot listen on {path}: {error.strerror or error}") from None
    return listening


def _is_served(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trying:
        return trying.connect_ex(str(path)) == 0
