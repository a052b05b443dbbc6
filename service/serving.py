"""The HTTP server: opens ports and serves applications on them, and leaves the ending of the process to `app`."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette

from service.settings import SettingsError

_BACKLOG = 2048
# A request comes from where its connection does; and no address of a page, which may hold a token, is logged.
_QUIET: dict[str, Any] = {
    "log_config": None,
    "access_log": False,
    "lifespan": "off",
    "server_header": False,
    "proxy_headers": False,
}


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers, which would end the process before the post has drained."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `app`."""
        yield


def server(pages: Starlette) -> Server:
    """Make the server of an application: `serve(sockets=[…])` serves until `should_exit` is set."""
    return Server(uvicorn.Config(pages, **_QUIET))


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
