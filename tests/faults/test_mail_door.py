"""The door for mail, given anything: what is handed over arrives as it was, however it comes, and costs little."""

import asyncio
import fcntl
import socket
import sys
import termios
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.letter_box import LetterBox
from service.inbound.lmtp import Lmtp
from service.mail.arrived import LARGEST, READ_MOST
from service.store.inbox import Arrival
from tests.faults.crew import until
from tests.unit.mail.test_reports import BOMBS

OURS = LetterBox.of("@remember.example", "letters@remember.example")
BEFORE = b"MAIL FROM:<>\r\nRCPT TO:<help@remember.example>\r\nDATA\r\n"
LINES = st.lists(st.sampled_from([b"", b".", b"..", b".a", b"a", b"a.", b"\r", b"\n", b"a\n.\nb", b"\r.\r", b"\0\xff"]))


@dataclass
class Door:
    """An open door, and what was kept of what came in."""

    port: int = 0
    lmtp: Lmtp | None = None
    kept: list[bytes] = field(default_factory=list)

    async def keep(self, arrivals: Sequence[Arrival]) -> None:
        self.kept += [one.content for one in arrivals]

    async def answers(self, *pieces: bytes) -> list[bytes]:
        """Say something in those pieces, wait until the other side has said all, and give the codes of its answers."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        lines = [line async for line in reader]
        writer.close()
        return [line[:3] for line in lines if line[3:4] == b" "]


async def all_taken(door: Door, writer: asyncio.StreamWriter) -> None:
    """Wait until the other side has looked at everything that was written so far."""
    [dialogue] = door.lmtp._present
    theirs = dialogue.transport.get_extra_info("socket").fileno()

    async def is_taken() -> bool:
        waiting = int.from_bytes(fcntl.ioctl(theirs, termios.FIONREAD, bytes(4)), sys.byteorder)
        return not (writer.transport.get_write_buffer_size() or waiting or dialogue._reader._buffer)

    await until(is_taken)


@asynccontextmanager
async def open_door() -> AsyncIterator[Door]:
    plug = socket.socket()
    plug.bind(("127.0.0.1", 0))
    plug.listen(5)
    door, stopping = Door(plug.getsockname()[1]), asyncio.Event()
    door.lmtp = Lmtp(door.keep, OURS)
    running = asyncio.create_task(door.lmtp.run(plug, stopping))
    try:
        yield door
    finally:
        stopping.set()
        await running


def stuffed(content: bytes) -> bytes:
    """Write a content as RFC 5321, section 4.5.2, has it, to its end."""
    return b"".join(
        b".%b\r\n" % line if line.startswith(b".") else line + b"\r\n" for line in content.split(b"\r\n")[:-1]
    )


@given(lines=LINES, cuts=st.lists(st.integers(1, 60), max_size=5))
def test_what_is_handed_over_arrives_as_it_was_in_whatever_pieces_it_comes(lines: list[bytes], cuts: list[int]):
    content = b"".join(line + b"\r\n" for line in lines)
    said = b"LHLO me\r\n" + BEFORE + stuffed(content) + b".\r\n" + BEFORE + b"second\r\n.\r\nQUIT\r\n"
    pieces, rest = [], said
    for cut in cuts:
        pieces, rest = [*pieces, rest[:cut]], rest[cut:]

    async def handed() -> Door:
        async with open_door() as door:
            codes = await door.answers(*pieces, rest)
            one = [b"250", b"250", b"354", b"250"]
            assert codes == [b"220", b"250", *one, *one, b"221"]
            return door

    assert asyncio.run(handed()).kept == [content, b"second\r\n"]


@pytest.mark.parametrize("size", range(LARGEST - 4, LARGEST + 2))
@pytest.mark.parametrize("place", range(1, 5))
async def test_a_mail_about_as_large_as_is_taken_is_kept_as_it_was_or_refused_wherever_its_end_is_cut(
    size: int, place: int
):
    content = b"x" * (size - 2) + b"\r\n"
    said = b"LHLO me\r\n" + BEFORE + content + b".\r\nQUIT\r\n"
    cut = len(said) - len(b"\r\n.\r\nQUIT\r\n") + place
    async with open_door() as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        await reader.readline()
        writer.write(said[:cut])
        await writer.drain()
        await all_taken(door, writer)
        writer.write(said[cut:])
        codes = [line[:3] async for line in reader if line[3:4] == b" "]
        writer.close()
    assert codes[-2] == (b"250" if size <= LARGEST else b"552")
    assert door.kept == ([content[:READ_MOST]] if size <= LARGEST else [])


@pytest.mark.parametrize("content", [*BOMBS.values(), b"\r\n" * (LARGEST // 2), b"..\r\n" * (LARGEST // 5)])
async def test_case_127_what_is_made_to_exhaust_the_door_costs_less_than_a_second(content: bytes):
    said = b"LHLO me\r\n" + BEFORE + stuffed(content + b"\r\n") + b".\r\nQUIT\r\n"
    async with open_door() as door:
        begun = time.process_time()
        codes = await door.answers(said)
        assert time.process_time() - begun < 1
    assert codes[-2:] == [b"250" if door.kept else b"552", b"221"]
    assert door.kept == ([(content + b"\r\n")[:READ_MOST]] if len(stuffed(content + b"\r\n")) <= LARGEST else [])
