"""Errands: what is done after an answer, so that neither the answer nor its time tells anything of it.

They are done one after another, so that a crowd at the form takes one connection of the database and no more. What
has been promised is done before the process ends.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

from service.domain.errors import TooManyRequestsError
from service.observability import log

_TRIES: Final = 4
_PAUSE_SECONDS: Final = 0.25  # doubled at each try: a database that is busy or away for a moment

Errand = Callable[[], Awaitable[None]]


class Errands:
    """The errands of a process, at most so many of which may wait."""

    def __init__(self, most_waiting: int = 200) -> None:
        self._most_waiting = most_waiting
        self._waiting: deque[Errand] = deque()
        self._doing: asyncio.Task[None] | None = None

    def send(self, errand: Errand) -> None:
        """Have something done soon, in the order of asking; raise TooManyRequestsError if too much waits."""
        if len(self._waiting) >= self._most_waiting:
            raise TooManyRequestsError
        self._waiting.append(errand)
        if self._doing is None or self._doing.done():
            self._doing = asyncio.create_task(self._all())

    async def done(self) -> None:
        """Wait until nothing is left to do."""
        while self._doing is not None and not self._doing.done():
            await asyncio.wait({self._doing})

    async def _all(self) -> None:
        while self._waiting:
            await self._one(self._waiting.popleft())

    async def _one(self, errand: Errand) -> None:
        for attempt in range(_TRIES):
            try:
                await errand()
            except Exception as error:  # noqa: BLE001  (the last place: whoever asked has been answered)
                log.error("errand_failed", error=type(error).__name__, attempt=attempt + 1)
                await asyncio.sleep(_PAUSE_SECONDS * 2**attempt)
            else:
                return
