"""Certificates that a provider signs with, fetched from where it keeps them: all that the pages ever ask of others.

Whom to ask is decided by who wants one (`mail.hooks.ses`). What a stranger may cause by naming addresses is bounded:
few are asked for in a minute and one at a time, none is followed elsewhere, and of an answer no more is read than a
certificate has.
"""

import asyncio
import http.client
import ssl
from collections import OrderedDict, deque
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from service.observability import log

_SECONDS = 10.0
_LARGEST_BYTES = 32_000
_KEPT = 8
_A_MINUTE = 6

Connect = Callable[[str], http.client.HTTPSConnection]
"""Make a connection to a host, not opened yet."""


def _connect(host: str) -> http.client.HTTPSConnection:
    return http.client.HTTPSConnection(host, timeout=_SECONDS, context=ssl.create_default_context())


class Certificates:
    """Fetches each once. What cannot be fetched is no certificate: b""."""

    def __init__(self, connect: Connect = _connect) -> None:
        self._connect = connect
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._asked: deque[float] = deque(maxlen=_A_MINUTE)
        self._turn = asyncio.Lock()

    async def get(self, url: str) -> bytes:
        """Give what lies at an address."""
        if not url or url in self._kept:  # what is known waits for nobody
            return self._kept.get(url, b"")
        async with self._turn:
            if url in self._kept:
                return self._kept[url]
            now = asyncio.get_running_loop().time()
            if len(self._asked) == _A_MINUTE and now - self._asked[0] < 60:
                return b""
            self._asked.append(now)
            found = await asyncio.to_thread(partial(_fetched, self._connect, url))
            if found:
                self._kept[url] = found
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            return found


def _fetched(connect: Connect, url: str) -> bytes:
    parts = urlsplit(url)
    connection = connect(parts.netloc)
    try:
        connection.request("GET", parts.path, headers={"Connection": "close"})
        answer = connection.getresponse()
        content = answer.read(_LARGEST_BYTES + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        log.warning("certificate_not_fetched", host=parts.netloc, why=str(error) or type(error).__name__)
        return b""
    finally:
        connection.close()
    if answer.status != 200 or len(content) > _LARGEST_BYTES:
        log.warning("certificate_not_fetched", host=parts.netloc, why=f"answered {answer.status}")
        return b""
    return content
