"""Serves the pages: the open port and uvicorn, which is led from here."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette

from service.settings import Settings, SettingsError

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
        """Leave signals to `app.run`."""
        yield


def server_of(pages: Starlette) -> Server:
    """Give what serves the pages."""
    return Server(uvicorn.Config(pages, **_QUIET))


def listen(settings: Settings) -> socket.socket:
    """Open the port of the pages; raise SettingsError if it is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(_BACKLOG)  # from now on nobody who follows the printed address is refused
    except OSError as error:
        listening.close()
        where = f"{settings.host}:{settings.port}"
        raise SettingsError(
            f"REMEMBRANCER_HOST and REMEMBRANCER_PORT: cannot listen on {where}: {error.strerror}"
        ) from None
    return listening
