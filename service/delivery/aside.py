"""Editions rendered in a process of its own: what sends neither loads what renders, nor falls with it.

An edition is rendered once, however many letters it becomes. So the process of `service.printing`, which has a press
and a chamber, is begun when one waits, takes one at a time, and is let go when it had nothing to do for a while.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from service.delivery.child import Child, Patience
from service.domain.errors import StoreError
from service.observability import log
from service.processes import command_of
from service.store import editions, notices
from service.store.dialect import Store

DONE = b"done"
_PATIENCE = Patience(answer=300.0)
_TRIES = 2  # the machine may have ended the first one for a reason that is not the edition's


@dataclass(slots=True)
class Aside:
    """Has planned editions rendered by `command`; `public_url` is where their links lead.

    What that process does not survive is an edition that is not rendered, with findings, as from a template's fault.
    """

    store: Store
    database_url: str
    public_url: str
    command: Sequence[str] = field(default_factory=lambda: command_of("service.printing"))
    patience: Patience = _PATIENCE
    _child: Child = field(init=False)

    def __post_init__(self) -> None:
        given = {"database": self.database_url, "public_url": self.public_url}
        self._child = Child(self.command, self.patience, json.dumps(given).encode())

    async def render_all(self, now: datetime) -> int:
        """Have every edition rendered that waits and release its notices; gives how many were rendered."""
        count = 0
        while True:
            async with self.store.read() as tx:
                waiting = await editions.waiting(tx)
            if not waiting:
                break
            for id_ in waiting:
                await self._render(id_, now)
                count += 1
        async with self.store.write() as tx:
            await notices.release(tx)
        return count

    async def close(self) -> None:
        """Let the process go, and wait for its end."""
        await self._child.close()

    async def _render(self, id_: str, now: datetime) -> None:
        for _ in range(_TRIES):
            answer = await self._child.ask(json.dumps({"edition": id_, "now": now.isoformat()}).encode())
            if answer == DONE:
                return
            if answer:  # it lives, and the fault is not the edition's
                raise StoreError(answer.decode())
        findings = ["the process that renders it ended, or did not end in time"]
        log.error("edition_not_rendered", edition=id_, findings=findings)
        async with self.store.write() as tx:
            await editions.freeze(tx, id_, None, findings, now)
