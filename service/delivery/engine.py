"""The post's loops: render what waits, send what is due; at once when woken, and every so often anyhow.

Loops of their own, because an hour of sending must not keep a confirmation from being rendered.
"""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from functools import partial
from typing import Protocol

from service.delivery.sender import Sender
from service.domain.work import Work
from service.loops import Loop

INLINE_SECONDS = 1.0


class Renders(Protocol):
    """Renders editions: the press itself (`editions`), or one in a process of its own (`aside`)."""

    async def render_all(self, now: datetime) -> int:
        """Render every edition that waits and release its notices; gives how many were rendered."""


class Engine(Protocol):
    """Decides which process looks when. What it may lose, the store still has."""

    async def ready(self) -> None:
        """See to the tables of its own, if it has any."""

    def wake(self) -> None:
        """Have the post look now: something has just been committed."""

    async def share(self, works: Iterable[Work]) -> list[Work]:
        """Offer works of planning to other processes; gives those that this one has to do itself."""

    async def run(self, stopping: asyncio.Event) -> None:
        """Play the post until `stopping` is set, then finish what is in flight."""


class InlineEngine:
    """Each process looks for itself, every `seconds`."""

    def __init__(
        self, press: Renders, sender: Sender, seconds: float = INLINE_SECONDS, beside: Sequence[Sender] = ()
    ) -> None:
        """Take what renders, what sends, and what sends beside it, by channels."""
        self._press = press
        self._sender = sender
        self._stopping = asyncio.Event()
        self.rendering = Loop("render", self._render, seconds)
        self.draining = Loop("drain", self._drain, 2 * seconds)  # each turn of the other one wakes it
        self._beside = [(one, Loop("drain_beside", partial(self._drain, one), 2 * seconds)) for one in beside]

    async def ready(self) -> None:
        """Have no tables of its own."""

    def wake(self) -> None:
        """Render and send now."""
        self.rendering.wake()

    async def share(self, works: Iterable[Work]) -> list[Work]:
        """Leave all of it to this process."""
        return list(works)

    async def run(self, stopping: asyncio.Event) -> None:
        """Render and send until `stopping` is set, then finish what is in flight."""
        self._stopping = stopping
        async with AsyncExitStack() as lives, asyncio.TaskGroup() as group:
            for one in (self._sender, *(sender for sender, _ in self._beside)):
                await lives.enter_async_context(one.worker.living())
            for loop in (self.rendering, self.draining, *(loop for _, loop in self._beside)):
                group.create_task(loop.run(stopping))

    async def _render(self) -> None:
        try:
            await self._press.render_all(self._sender.clock())
        finally:
            self.draining.wake()
            self.wake_beside()

    def wake_beside(self) -> None:
        """Send by channels now."""
        for _, loop in self._beside:
            loop.wake()

    async def _drain(self, sender: Sender | None = None) -> None:
        await (sender or self._sender).drain(self._stopping)
