"""The post's own loop: renders and sends what is due, at once when woken and every second anyhow."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from service.delivery.editions import Press
from service.delivery.sender import Sender
from service.observability import log

_POLL_SECONDS = 1.0


@dataclass(slots=True)
class Engine:
    """Runs the post in this process until it is stopped; what it may lose, the store still has."""

    press: Press
    sender: Sender
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Have the post look now: something was just planned."""
        self._woken.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until `stopping` is set, then finish what is in flight. An error is logged and the loop goes on."""
        async with self.sender.worker.living():
            while not stopping.is_set():
                self._woken.clear()
                try:
                    await self.press.render_all(self.sender.clock())
                    await self.sender.drain(stopping)
                except Exception:  # noqa: BLE001  (the one place that catches: the loop must outlive a bad row)
                    log.exception("post_failed")
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), _POLL_SECONDS)
