"""One request to a webhook: a POST over HTTP/1.1 on a connection of its own, answered within ten seconds or not at all.

No redirect is followed, and of an answer no more is read than its head and a few words. By plain http nothing leaves
the private network, whatever its name leads to by now.
"""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from service.domain.webhook import Answered, is_private_address, seemly

SECONDS: Final = 10.0
_LARGEST_HEAD_BYTES: Final = 16_384
_WORDS_BYTES: Final = 1000  # more than is kept, so that what is cut is known to be
_WORDS_SECONDS: Final = 1.0
_AGAIN: Final = "retry-after"
_TOO_LATE: Final = "it did not answer within {seconds:g} seconds"


async def post(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    seconds: float = SECONDS,
    trusts: ssl.SSLContext | None = None,
) -> Answered:
    """Send it, and give what was answered; whatever goes wrong is in its words, which are safe to keep and to show.

    `trusts` checks certificates.
    """
    answered = await _posted(url, headers, body, seconds, trusts)
    return replace(answered, words=seemly(answered.words))


async def _posted(
    url: str, headers: Mapping[str, str], body: bytes, seconds: float, trusts: ssl.SSLContext | None
) -> Answered:
    try:
        async with asyncio.timeout(seconds):
            return await _answered(url, headers, body, trusts)
    except TimeoutError:
        return Answered(0, _TOO_LATE.format(seconds=seconds))
    except ssl.SSLCertVerificationError as error:
        return Answered(0, f"its certificate is not valid: {error.verify_message}")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return Answered(0, "it did not answer as HTTP/1.1 has it")
    except (OSError, ValueError) as error:
        return Answered(0, f"it could not be reached: {getattr(error, 'strerror', None) or error}")


async def _answered(url: str, headers: Mapping[str, str], body: bytes, trusts: ssl.SSLContext | None) -> Answered:
    parts = urlsplit(url)
    is_secret = parts.scheme == "https"
    port = parts.port or (443 if is_secret else 80)
    context = (trusts or _usual()) if is_secret else None
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=context, limit=_LARGEST_HEAD_BYTES)
    try:
        if not is_secret and not is_private_address(writer.get_extra_info("peername")[0]):
            return Answered(0, "its name leads out of the private network: allowed by https alone")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        own = {"Host": parts.netloc, "Content-Length": str(len(body)), "Connection": "close", **headers}
        lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in own.items()), "", ""]
        writer.write("\r\n".join(lines).encode("ascii") + body)
        with suppress(ConnectionError):  # it may have answered before it read all of it
            await writer.drain()
        return await _read(reader)
    finally:
        writer.close()


@cache
def _usual() -> ssl.SSLContext:
    """Give what trusts the machine's authorities: read once, as it takes longer than a request."""
    return ssl.create_default_context()


async def _read(reader: asyncio.StreamReader) -> Answered:
    code, words, headers = 100, "", list[str]()
    while 100 <= code < 200:
        head = await reader.readuntil(b"\r\n\r\n")
        status, _, rest = head.partition(b"\r\n")
        version, _, said = status.decode("latin-1").partition(" ")
        number, _, words = said.partition(" ")
        if not version.startswith("HTTP/1.") or not (number.isdecimal() and len(number) == 3):
            raise ValueError("it does not speak HTTP/1.1")
        code, headers = int(number), rest.decode("latin-1").lower().split("\r\n")
    if 200 <= code < 300:
        return Answered(code, words)
    return Answered(code, await _words(reader, words), _wait(headers))


async def _words(reader: asyncio.StreamReader, reason: str) -> str:
    """Give why a message was not taken: the reason, and how the answer begins if that is a text."""
    begins = b""
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(_WORDS_SECONDS):
            begins = await reader.read(_WORDS_BYTES)
    return ": ".join(filter(None, (reason.strip(), begins.decode("utf-8", "replace").strip())))


def _wait(headers: list[str]) -> timedelta | None:
    """Read in how many seconds to try again (Retry-After); a date is as good as nothing."""
    said = next((value.strip() for name, _, value in (one.partition(":") for one in headers) if name == _AGAIN), "")
    return timedelta(seconds=int(said)) if said.isdecimal() and len(said) < 8 else None
