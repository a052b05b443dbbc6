"""A process of ours that does one thing at a time for this one: begun when it is needed, let go when idle or kept.

What is said to it and what it answers are frames: four bytes of length, then so many. It ends with its parent, whose
end closes its input, and it has none of the parent's files.
"""

import asyncio
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from service.domain.errors import StoreError
from service.processes import HEAD, framed

_LARGEST_ANSWER = 16_000_000


def _environment() -> dict[str, str]:
    """Give the surroundings without our own settings, some of which are secret."""
    return {name: value for name, value in os.environ.items() if not name.startswith("REMEMBRANCER_")}


@dataclass(frozen=True, slots=True)
class Patience:
    """In seconds: how long one answer may take, and how long the process is kept without work."""

    answer: float
    idle: float = 60.0


@dataclass(slots=True)
class Child:
    """The process of `command`, asked by one at a time; `given` is what it is told first, and answers to."""

    command: Sequence[str]
    patience: Patience
    given: bytes = b""
    _stays: bool = False
    _process: Process | None = None
    _letting_go: asyncio.TimerHandle | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def ask(self, said: bytes) -> bytes:
        """Give its answer, b"" if it is gone; raise StoreError if it does not even start."""
        async with self._turn:
            if self._letting_go is not None:
                self._letting_go.cancel()
            answer = await self._told(self._process or await self._begun(), said)
            if not answer:
                await self._end(kill=True)
            if not self._stays:
                self._letting_go = asyncio.get_running_loop().call_later(self.patience.idle, self._let_go)
            return answer

    async def stand_by(self) -> None:
        """Begin the process now and keep it without work; raise StoreError if it does not start."""
        async with self._turn:
            self._stays = True
            if self._process is None:
                await self._begun()

    async def close(self) -> None:
        """Let the process go, and wait for its end."""
        async with self._turn:
            await self._end(kill=False)

    async def _begun(self) -> Process:
        """Begin the process; its settings go by its input, for other users may read what a command is called with."""
        self._process = process = await asyncio.create_subprocess_exec(
            *self.command, stdin=PIPE, stdout=PIPE, env=_environment()
        )
        if not await self._told(process, self.given):
            await self._end(kill=True)
            raise StoreError("The process that renders does not start.")
        return process

    async def _told(self, process: Process, said: bytes) -> bytes:
        assert process.stdin is not None  # noqa: S101  (for mypy: both are pipes)
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(framed(said))
        try:
            async with asyncio.timeout(self.patience.answer):
                head = await process.stdout.readexactly(HEAD)
                length = int.from_bytes(head)
                return await process.stdout.readexactly(length) if length <= _LARGEST_ANSWER else b""
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            return b""
        except BaseException:  # cancelled: its answer would be taken for the next one's
            await self._end(kill=True)
            raise

    def _let_go(self) -> None:
        if self._process is not None and self._process.stdin is not None and not self._turn.locked():
            self._process.stdin.close()
            self._process = None

    async def _end(self, *, kill: bool) -> None:
        process, self._process = self._process, None
        if self._letting_go is not None:
            self._letting_go.cancel()
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        if kill:
            with suppress(ProcessLookupError):
                process.kill()
        await process.wait()
