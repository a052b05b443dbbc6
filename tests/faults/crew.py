"""Workers as children of a test: started in milliseconds, killed, stopped and woken, and watched until all is done."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import func, select

from service.domain.notice import TERMINAL
from service.store.dialect import Store
from service.store.tables import notices
from tests.faults.clocks import Clocks
from tests.peers import ROOT

T = TypeVar("T")
PATIENCE_SECONDS = 60.0
KEY = "a key for the tests, of more than 32 characters"


@dataclass(slots=True)
class Worker:
    """One child: its process, and the status with which it ended (negative: the signal)."""

    pid: int
    ended: asyncio.Future[int]

    def send(self, by: signal.Signals) -> None:
        """Send it a signal, if it lives."""
        if not self.ended.done():
            with suppress(ProcessLookupError):
                os.kill(self.pid, by)

    async def dies(self) -> int:
        """Wait until it has ended, and give its status."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await asyncio.shield(self.ended)

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
    _process: asyncio.subprocess.Process | None = None
    _started: dict[int, asyncio.Future[Worker]] = field(default_factory=dict)
    _listening: asyncio.Task[None] | None = None

    async def start(
        self,
        falls: Mapping[str, tuple[int, str]] | None = None,
        *,
        pragmas: Sequence[str] = (),
        lease: float = 30.0,
        **settings: str,
    ) -> Worker:
        """Start a worker, which may fall by itself: `{"after_intent": (3, "SIGKILL")}`, or the path of a pipe."""
        assert self._process
        assert self._process.stdin
        own = {
            "DATABASE_URL": self.url,
            "SMTP_URL": self.relay,
            "DATA_DIR": str(self.folder / "var"),
            "SECRET_KEY": KEY,
        }
        number = len(self._started)
        self._started[number] = asyncio.get_running_loop().create_future()
        words = {
            "number": number,
            "settings": {f"REMEMBRANCER_{name}": value for name, value in (own | self.settings | settings).items()},
            "clocks": str(self.folder / "clocks"),
            "log": str(self.folder / "workers.log"),
            "falls": dict(falls or {}),
            "pragmas": list(pragmas),
            "lease": lease,
        }
        self._process.stdin.write(json.dumps(words).encode() + b"\n")
        await self._process.stdin.drain()
        async with asyncio.timeout(PATIENCE_SECONDS):
            worker = await self._started[number]
        self.workers.append(worker)
        return worker

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

    async def _listen(self) -> None:
        assert self._process
        assert self._process.stdout
        while line := await self._process.stdout.readline():
            told = json.loads(line)
            if "started" in told:
                worker = Worker(told["started"], asyncio.get_running_loop().create_future())
                self._started[told["number"]].set_result(worker)
                self._pids[worker.pid] = worker
            else:
                self._pids[told["ended"]].ended.set_result(told["status"])

    _pids: dict[int, Worker] = field(default_factory=dict)


@asynccontextmanager
async def crew(url: str, relay: str, folder: Path, **settings: str) -> AsyncIterator[Crew]:
    """Give a crew without workers yet; at the end none is left."""
    hands = Crew(url, relay, folder, settings)
    hands.clocks = Clocks(folder / "clocks")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REMEMBRANCER_")}
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    hands._process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.faults.worker", cwd=ROOT, env=environment, **pipes
    )
    hands._listening = asyncio.create_task(hands._listen())
    try:
        yield hands
    finally:
        for worker in hands.workers:
            worker.send(signal.SIGKILL)
        hands._process.stdin.close()
        await hands._process.wait()
        await hands._listening


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


async def left(store: Store) -> list[dict[str, Any]]:
    """Give what is known of some notices that have not ended, for a failure to tell."""
    async with store.read() as tx:
        rows = await tx.execute(select(notices).where(notices.c.state.not_in(TERMINAL)).limit(5))
        return [dict(row) for row in rows.mappings()]
