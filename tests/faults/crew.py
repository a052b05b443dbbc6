"""Workers as children of a test: started in milliseconds, killed, stopped and woken, and watched until all is done."""

import asyncio
import json
import os
import signal
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import func, select

from service.domain.notice import TERMINAL
from service.store.dialect import Store
from service.store.tables import notices
from tests import children
from tests.faults.clocks import Clocks

T = TypeVar("T")
PATIENCE_SECONDS = 60.0
KEY = "a key for the tests, of more than 32 characters"


@dataclass(slots=True)
class Worker:
    """One worker, as a process."""

    process: children.Child

    @property
    def pid(self) -> int:
        """Its number."""
        return self.process.pid

    @property
    def ended(self) -> asyncio.Task[int]:
        """What is done when it is gone."""
        return self.process.ended

    def send(self, by: signal.Signals) -> None:
        """Send it a signal, if it lives."""
        with suppress(ProcessLookupError):
            self.process.send_signal(by)

    async def dies(self) -> int:
        """Wait until it has ended, and give its status (negative: the signal)."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.process.wait()

    async def killed(self) -> None:
        """Kill it, and wait until it is gone."""
        self.send(signal.SIGKILL)
        await self.dies()

    async def stopped(self) -> None:
        """Wait until it is stopped (SIGSTOP), by whomever."""
        await until(self._is_stopped)

    async def _is_stopped(self) -> bool:
        return self._state() == "T"

    def _state(self) -> str:
        """Give the letter of the kernel for what it does."""
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]


@dataclass(slots=True)
class Crew:
    """The workers on one database that send to one relay. `settings` are variables without their prefix."""

    url: str
    relay: str
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    workers: list[Worker] = field(default_factory=list)
    clocks: Clocks = field(init=False)

    def __post_init__(self) -> None:
        self.clocks = Clocks(self.folder / "clocks")

    async def start(
        self,
        falls: Mapping[str, tuple[int, str]] | None = None,
        *,
        pragmas: Sequence[str] = (),
        lease: float = 30.0,
        **settings: str,
    ) -> Worker:
        """Start a worker, which may fall by itself: `{"after_intent": (3, "SIGKILL")}`, or the path of a pipe."""
        own = {
            "DATABASE_URL": self.url,
            "SMTP_URL": self.relay,
            "DATA_DIR": str(self.folder / "var"),
            "SECRET_KEY": KEY,
        }
        environment = {name: value for name, value in os.environ.items() if not name.startswith("REMEMBRANCER_")}
        environment |= {f"REMEMBRANCER_{name}": value for name, value in (own | self.settings | settings).items()}
        words = {
            "clocks": str(self.folder / "clocks"),
            "falls": dict(falls or {}),
            "pragmas": list(pragmas),
            "lease": lease,
        }
        with (self.folder / "workers.log").open("ab") as log:
            pipes = {"stdin": DEVNULL, "stdout": log, "stderr": log}
            process = await children.start("tests.faults.worker", json.dumps(words), environment=environment, **pipes)
        self.workers.append(Worker(process))
        return self.workers[-1]

    @property
    def log(self) -> str:
        """What the workers have logged, each line a fact in JSON."""
        path = self.folder / "workers.log"
        return path.read_text() if path.exists() else ""

    def logged(self, fact: str) -> list[dict[str, Any]]:
        """Give the logged facts of one name."""
        lines = (line for line in self.log.splitlines() if line.startswith("{") and fact in line)
        return [told for told in map(json.loads, lines) if told.get("event") == fact]

    async def finish(self) -> None:
        """Tell every worker to end, and wait until they have, each with status 0 unless it was killed."""
        living = [worker for worker in self.workers if not worker.ended.done()]
        for worker in living:
            worker.send(signal.SIGTERM)
            worker.send(signal.SIGCONT)
        statuses = [await worker.dies() for worker in living]
        assert set(statuses) <= {0}, self.log[-2000:]


@asynccontextmanager
async def crew(url: str, relay: str, folder: Path, **settings: str) -> AsyncIterator[Crew]:
    """Give a crew without workers yet; at the end none is left."""
    hands = Crew(url, relay, folder, settings)
    try:
        yield hands
    finally:
        for worker in hands.workers:
            await worker.killed()


async def until(fact: Callable[[], Awaitable[T]], seconds: float = PATIENCE_SECONDS) -> T:
    """Give what is asked for as soon as it is there; fail when it has not come in time."""
    async with asyncio.timeout(seconds):
        while not (found := await fact()):  # noqa: ASYNC110  (it becomes true in other processes)
            await asyncio.sleep(0.02)
    return found


async def unfinished(store: Store) -> int:
    """Count the notices that have not ended."""
    async with store.read() as tx:
        open_ = select(func.count()).where(notices.c.state.not_in(TERMINAL))
        return int((await tx.execute(open_)).scalar_one())


async def all_done(store: Store, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until every notice has ended."""

    async def done() -> bool:
        return await unfinished(store) == 0

    await until(done, seconds)


async def followed(hands: Crew, worker: Worker, store: Store) -> None:
    """Wait until every notice has ended, or the worker has, which may have failed as it started: another follows it."""

    async def done_or_ended() -> bool:
        return worker.ended.done() or await unfinished(store) == 0

    await until(done_or_ended)
    if worker.ended.done():
        await hands.start()


async def left(store: Store) -> list[dict[str, Any]]:
    """Give what is known of some notices that have not ended, for a failure to tell."""
    async with store.read() as tx:
        rows = await tx.execute(select(notices).where(notices.c.state.not_in(TERMINAL)).limit(5))
        return [dict(row) for row in rows.mappings()]
