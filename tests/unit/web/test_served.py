"""What a server of the pages survives: the slow, the large, the many, and requests for other hosts."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import pytest

from service.serving import listen, server
from tests.unit.web.client import FORM, HOST
from tests.unit.web.given import Grounds, a_form

HEAD = f"POST /subscribe HTTP/1.1\r\nHost: {HOST}\r\nSec-Fetch-Site: same-origin\r\n"
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Served:
    """The pages on a real port."""

    port: int

    async def say(self, *parts: bytes, pause: float = 0.0, most: int = 64 * MEGABYTE) -> tuple[bytes, int, float]:
        """Send parts one after another until the other side ends it; gives what it said, how much it took, how long.

        Who goes on when the end was announced may have what was said before it thrown away by a reset (RFC 9112, 9.6).
        """
        begun, sent, heard = time.monotonic(), 0, b""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)

        async def speak() -> None:
            nonlocal sent
            for part in parts:
                if b"\r\nconnection: close" in heard.lower():
                    return
                writer.write(part)
                await writer.drain()
                sent += len(part)
                if pause or sent >= most:
                    await asyncio.sleep(pause)

        speaking = asyncio.create_task(speak())
        with suppress(ConnectionError):
            async with asyncio.timeout(30):
                while more := await reader.read(2**16):
                    heard += more
        took = time.monotonic() - begun
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        writer.close()
        return heard, sent, took


@asynccontextmanager
async def serving(grounds: Grounds, head_seconds: float = 20.0, body_seconds: float = 20.0) -> AsyncIterator[Served]:
    listening = listen("127.0.0.1", 0, "PORT")
    running = server(grounds.app(body_seconds=body_seconds), head_seconds)
    task = asyncio.create_task(running.serve(sockets=[listening]))
    yield Served(listening.getsockname()[1])
    running.should_exit = True
    await task


@pytest.fixture
async def served(grounds: Grounds) -> AsyncIterator[Served]:
    async with serving(grounds) as served:
        yield served


def status_of(heard: bytes) -> int:
    return int(heard.split(b" ")[1])


def form(length: int | None, kind: str = FORM) -> bytes:
    told = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return f"{HEAD}Content-Type: {kind}\r\n{told}\r\nConnection: close\r\n\r\n".encode()


async def test_case_104_a_gigabyte_is_refused_before_it_is_sent(served: Served) -> None:
    heard, _, took = await served.say(form(1 << 30))
    assert status_of(heard) == 413
    assert took < 3


async def test_case_104_a_gigabyte_in_chunks_is_refused_at_its_beginning(served: Served) -> None:
    chunk = b"%x\r\n%b\r\n" % (MEGABYTE, b"a" * MEGABYTE)
    heard, sent, took = await served.say(form(None), *[chunk] * 1024)
    assert b" 413 " in heard[:20] or heard == b""  # the end of a connection may overtake what it said last
    assert sent < 16 * MEGABYTE
    assert took < 10


async def test_case_104_a_body_that_comes_slowly_is_not_waited_for(grounds: Grounds) -> None:
    async with serving(grounds, body_seconds=-15.5) as served:  # and the time for its greatest length: half a second
        heard, sent, took = await served.say(form(1000), *[b"a"] * 500, pause=0.1)
        assert status_of(heard) == 408
        assert b"did not arrive in time" in heard
        assert sent < 500
        assert took < 5
        heard, _, _ = await served.say(form(9), b"address=x")
        assert status_of(heard) == 422


async def test_case_104_a_head_that_never_ends_is_not_waited_for(grounds: Grounds) -> None:
    async with serving(grounds, head_seconds=0.5) as served:
        for parts in ([], [b"G"], [HEAD.encode(), *[b"X: y\r\n"] * 500]):
            heard, _, took = await served.say(*parts, pause=0.1)
            assert heard == b""
            assert took < 5
        again = f"GET /health/live HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
        heard, _, took = await served.say(again, *[b"G"] * 3, pause=0.1)
        assert (status_of(heard), heard.count(b"HTTP/1.1")) == (200, 1)
        assert took < 5


async def test_case_104_ten_thousand_fields_are_refused(served: Served) -> None:
    body = b"&".join(b"a=" for _ in range(10_000))
    heard, _, took = await served.say(form(len(body)), body)
    assert status_of(heard) == 413
    assert took < 3


BOUNDARY = b"--x\r\n"
PART = BOUNDARY + b'Content-Disposition: form-data; name="a"\r\n\r\n\r\n'


@pytest.mark.parametrize(
    "body",
    [
        PART * 1500 + b"--x--\r\n",
        BOUNDARY + b'Content-Disposition: form-data; name="a"; filename="b"\r\n\r\nx\r\n--x--\r\n',
        BOUNDARY + b"X: " + b"y" * 60_000 + b"\r\n\r\n\r\n--x--\r\n",
        BOUNDARY + b"X: y\r\n" * 8_000 + b"\r\n\r\n--x--\r\n",
        BOUNDARY * 12_000,
        b"\r\n" * 30_000,
        b'--x\r\nContent-Disposition: form-data; name="' + b"n" * 60_000 + b'"\r\n\r\n\r\n--x--\r\n',
        BOUNDARY + b"Content-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n" * 500 + b"--x--\r\n",
    ],
    ids=["parts", "file", "long header", "many headers", "boundaries", "blank lines", "long name", "nested"],
)
async def test_case_104_a_bomb_of_many_parts_is_refused_at_once(served: Served, body: bytes) -> None:
    heard, _, took = await served.say(form(len(body), "multipart/form-data; boundary=x"), body)
    assert status_of(heard) in {400, 413, 422}
    assert took < 5


@pytest.mark.parametrize(
    "head",
    [
        "GET http://evil.example/subscribe HTTP/1.1\r\nHost: evil.example\r\n",
        "GET /subscribe HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n",
        "GET /subscribe HTTP/1.1\r\nHost: evil.example:80@x\r\n",
        "GET //evil.example/subscribe HTTP/1.1\r\nHost: x\r\n",
        "GET /%2f%2fevil.example HTTP/1.1\r\nHost: x\r\n",
        "GET /subscribe/ HTTP/1.1\r\nHost: evil.example\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: evil.example\r\n",
        "GET /subscribe HTTP/1.0\r\n",
    ],
)
async def test_case_105_no_link_is_made_of_the_host_or_target_that_a_request_names(served: Served, head: str) -> None:
    heard, _, _ = await served.say(f"{head}Connection: close\r\n\r\n".encode())
    assert status_of(heard) in {200, 400, 404, 405}
    assert b"//evil.example" not in heard
    assert b"location:" not in heard.lower()


async def test_case_105_the_links_of_a_letter_begin_with_the_address_that_was_set(grounds: Grounds) -> None:
    answer = await grounds.client().post("/subscribe", a_form(), host="evil.example", x_forwarded_host="evil.example")
    assert (answer.status, answer.headers["location"]) == (303, "/subscribe/asked")
    link = await grounds.client().get("/subscribe/letter?targets=collection:wars", host="evil.example")
    assert "evil.example" not in link.text
