"""Loops: one thing done again and again for as long as a process lives, never twice at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from service.observability import log


@dataclass(slots=True)
class Loop:
    """Does one thing again and again, never twice at a time: when woken, and after so many seconds anyhow."""

    name: str
    what: Callable[[], Awaitable[object]]
    seconds: float
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _turn: asyncio.Condition = field(default_factory=asyncio.Condition)
    _begun: int = 0
    _done: int = 0
    _is_over: bool = False

    def wake(self) -> None:
        """Begin the next turn now, or as soon as this one is done."""
        self._woken.set()

    async def once(self) -> None:
        """Wait for a turn that begins after now to be done, or for the loop to end."""
        asked = self._begun
        self.wake()
        async with self._turn:
            await self._turn.wait_for(lambda: self._done > asked or self._is_over)

    async def run(self, stopping: asyncio.Event) -> None:
        """Take turns until `stopping` is set. An error is logged and the loop goes on."""
        told = asyncio.create_task(stopping.wait())
        try:
            while not stopping.is_set():
                self._woken.clear()
                self._begun += 1
                try:
                    await self.what()
                except Exception:  # noqa: BLE001  (the one place that catches: the loop must outlive a bad row)
                    log.exception("turn_failed", loop=self.name)
                async with self._turn:
                    self._done = self._begun
                    self._turn.notify_all()
                await self._pause(told)
        finally:
            told.cancel()
            self._is_over = True
            async with self._turn:
                self._turn.notify_all()

    async def _pause(self, told: asyncio.Task[bool]) -> None:
        woken = asyncio.create_task(self._woken.wait())
        await asyncio.wait({woken, told}, timeout=self.seconds, return_when=asyncio.FIRST_COMPLETED)
        woken.cancel()
        with suppress(asyncio.CancelledError):
            await woken
