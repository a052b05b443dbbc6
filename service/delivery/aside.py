"""Editions rendered in a process of its own: what sends neither loads what renders, nor falls with it.

An edition is rendered once, however many letters it becomes. So the process of `service.printing` is begun when
one waits, takes one at a time, and is let go when it had nothing to do for a while. It ends with its parent, whose
end closes its input. It has none of the parent's files.
"""

import asyncio
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from service.domain.errors import StoreError
from service.observability import log
from service.processes import command_of
from service.store import editions, notices
from service.store.dialect import Store

READY = "ready"
DONE = "done"
_PROGRAM = "service.printing"
_TRIES = 2  # the machine may have ended the first one for a reason that is not the edition's


@dataclass(frozen=True, slots=True)
class Patience:
    """In seconds: how long one edition may take, and how long the process is kept without work."""

    edition: float = 300.0
    idle: float = 60.0


@dataclass(slots=True)
class Aside:
    """Has planned editions rendered by `command`; `public_url` is where their links lead.

    What that process does not survive is an edition that is not rendered, with findings, as from a template's fault.
    """

    store: Store
    database_url: str
    public_url: str
    command: Sequence[str] = field(default_factory=lambda: command_of(_PROGRAM))
    patience: Patience = Patience()
    _process: Process | None = None
    _letting_go: asyncio.TimerHandle | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

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
        async with self._turn:
            await self._end(kill=False)

    async def _render(self, id_: str, now: datetime) -> None:
        async with self._turn:
            for _ in range(_TRIES):
                answer = await self._asked(json.dumps({"edition": id_, "now": now.isoformat()}))
                if answer == DONE:
                    return
                if answer:  # it lives, and the fault is not the edition's
                    raise StoreError(answer)
        findings = ["the process that renders it ended, or did not end in time"]
        log.error("edition_not_rendered", edition=id_, findings=findings)
        async with self.store.write() as tx:
            await editions.freeze(tx, id_, None, findings, now)

    async def _asked(self, line: str) -> str:
        """Ask for an edition; gives the answer, "" if the process is gone."""
        if self._letting_go is not None:
            self._letting_go.cancel()
        process = self._process or await self._begun()
        answer = await self._told(process, line)
        if not answer:
            await self._end(kill=True)
        self._letting_go = asyncio.get_running_loop().call_later(self.patience.idle, self._let_go)
        return answer

    async def _begun(self) -> Process:
        """Begin the process; its settings go by its input, for other users may read what a command is called with."""
        self._process = process = await asyncio.create_subprocess_exec(*self.command, stdin=PIPE, stdout=PIPE)
        given = {"database": self.database_url, "public_url": self.public_url}
        if await self._told(process, json.dumps(given)) != READY:
            await self._end(kill=True)
            raise StoreError("The process that renders does not start.")
        return process

    async def _told(self, process: Process, line: str) -> str:
        assert process.stdin is not None  # noqa: S101  (for mypy: both are pipes)
        assert process.stdout is not None  # noqa: S101
        process.stdin.write(f"{line}\n".encode())
        try:
            return (await asyncio.wait_for(process.stdout.readline(), self.patience.edition)).decode().strip()
        except TimeoutError:
            return ""
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
