"""A worker's life: entered when it begins, prolonged while it lives, and how the others find out that it died.

A worker is dead if the lock on its file can be taken, which the kernel frees with the process (one host, within
a second), or if its lease has ended (another host, or a process that hangs). What it held is freed then. One
that was declared dead and comes back learns it at its next sign of life, and begins anew under another name.
"""

import asyncio
import fcntl
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from pathlib import Path
from typing import TextIO

from service.domain.warm_up import WarmUp
from service.observability import log
from service.store import handing, installation, lanes, workers
from service.store.dialect import GroupTx, Store, TroubleError, lease_now, new_id, place

LEASE_SECONDS = 30.0
_SIGNS_IN_A_LEASE = 6
_SWEEP_SECONDS = 1.0
_NEVER = -inf  # not 0: the clock of a machine that has just been started is near that
_EPOCH = "epoch"  # how often this host has seen the database begin: an older state has seen less
_COPY = (
    "this database is a copy, or an older state, of the one that was running before: remembrancer resume --take-over"
)


def boot_seconds() -> float:
    """Give the seconds since this machine was started, those asleep included: nobody turns this clock."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(slots=True)
class Worker:
    """One process that sends.

    `folder` holds the lock files of this host's workers, `clock` gives the civil time, and `paces` the seconds
    between two letters to a domain, as the operator wants them; so is `warm_up`, how many may leave on a day.
    """

    store: Store
    folder: Path
    clock: Callable[[], datetime]
    paces: Mapping[str, float] = field(default_factory=dict)
    warm_up: WarmUp | None = None
    boot: Callable[[], float] = boot_seconds
    lease_seconds: float = LEASE_SECONDS
    id: str = ""
    _is_living: bool = False
    _seen_at: float = _NEVER
    _lock: TextIO | None = field(default=None, repr=False)

    @property
    def is_fresh(self) -> bool:
        """Whether its last sign of life is young enough to begin something that must end within the lease."""
        return self._is_living and self.boot() - self._seen_at < self.lease_seconds / 2

    @asynccontextmanager
    async def living(self) -> AsyncIterator[None]:
        """Be entered, show signs of life and look after the others, for as long as the section lasts."""
        if self._is_living:  # the engine lives longer than a round of it
            yield
            return
        self._is_living = True
        try:
            await self._begin()
        except BaseException:
            self._is_living = False
            raise
        tending = [asyncio.create_task(self._repeat(self.lease_seconds / _SIGNS_IN_A_LEASE, self._show))]
        tending.append(asyncio.create_task(self._repeat(min(_SWEEP_SECONDS, self.lease_seconds / 4), self.sweep)))
        try:
            yield
        finally:
            for task in tending:
                task.cancel()
            await asyncio.gather(*tending, return_exceptions=True)
            await self._end(self.id, self._lock)
            self._is_living, self._seen_at = False, _NEVER

    async def sweep(self) -> int:
        """Free what dead workers held; gives how many notices that were."""
        return await self.store.group(self._swept)

    async def others(self) -> int:
        """Free what dead workers held, and give how many others live."""
        self.folder.mkdir(parents=True, exist_ok=True)
        await self.sweep()
        return await self.store.group(lambda tx: len(workers.others(tx, self.id, lease_now(tx, self.boot()))))

    def _swept(self, tx: GroupTx) -> int:
        freed = 0
        for other in workers.others(tx, self.id, lease_now(tx, self.boot())):
            file = self._file(other.id)
            is_here = other.host == self._host()
            is_dead = other.is_late or (is_here and _is_free(file)) or self._is_of_an_earlier_boot(other.host)
            if is_dead and workers.remove(tx, other.id):
                count = handing.free(tx, other.id, self.clock())
                log.warning("worker_died", worker=other.id, freed=count, late=other.is_late)
                freed += count
                if is_here:
                    file.unlink(missing_ok=True)
        for nobody in handing.orphans(tx):
            freed += handing.free(tx, nobody, self.clock())
        return freed

    async def _begin(self) -> None:
        """Take a name that nobody had, lock its file, and be entered; a copied database is held (case 43)."""
        name, at = new_id(), self.boot()
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = self._file(name).open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            epoch = await self.store.group(lambda tx: self._entered(tx, name))
        except BaseException:  # nobody knows the name
            self._file(name).unlink(missing_ok=True)
            lock.close()
            raise
        self.id, self._lock, self._seen_at = name, lock, at
        (self.folder / _EPOCH).write_text(str(epoch))
        await self.sweep()

    def _entered(self, tx: GroupTx, name: str) -> int:
        here, now = place(tx), self.clock()
        known = installation.begin(tx, here)
        remembered = self.folder / _EPOCH
        is_older = remembered.is_file() and int(remembered.read_text() or 0) >= known.epoch
        if known.paused_at is None and (known.fingerprint != here or is_older):
            installation.hold(tx, _COPY, now)
            log.error("post_held", reason=_COPY)
        lanes.set_paces(tx, self.paces, now)
        installation.plan(tx, str(self.warm_up or ""))
        workers.register(tx, name, self._host(), self._lease(tx), now)
        return known.epoch

    async def _end(self, name: str, lock: TextIO | None) -> None:
        """Be struck, with nothing in hand; whom nobody could strike, the others will find by the unlocked file."""
        with suppress(TroubleError):
            await self.store.group(lambda tx: self._struck(tx, name))
        self._file(name).unlink(missing_ok=True)
        if lock is not None:
            lock.close()

    def _struck(self, tx: GroupTx, name: str) -> None:
        workers.remove(tx, name)
        handing.free(tx, name, self.clock(), blames=False)

    async def _show(self) -> None:
        """Show a sign of life; whoever was declared dead begins anew, under another name."""
        at, name, lock = self.boot(), self.id, self._lock
        if await self.store.group(lambda tx: workers.extend(tx, name, self._lease(tx))):
            self._seen_at = at
            return
        log.warning("worker_came_back_late", worker=name)
        await self._begin()
        await self._end(name, lock)

    def _lease(self, tx: GroupTx) -> object:
        return lease_now(tx, self.boot()) + self.lease_seconds

    async def _repeat(self, seconds: float, what: Callable[[], object]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await what()  # type: ignore[misc]
            except Exception as error:  # noqa: BLE001  (one sign of life that fails, for want of a file, is not the last)
                log.warning("worker_cannot_be_seen", worker=self.id, problem=repr(error))

    def _file(self, id_: str) -> Path:
        return self.folder / f"{id_}.lock"

    def _is_of_an_earlier_boot(self, host: str) -> bool:
        """Say whether a machine was started again since: with SQLite there is but one, whose boot clock began anew."""
        return self.store.embedded and host.partition(" ")[0] != self._host().partition(" ")[0]

    def _host(self) -> str:
        """Name this start of this machine and this folder: only who sees the same folder can try its locks."""
        here = self.folder.stat()
        return f"{Path('/proc/sys/kernel/random/boot_id').read_text().strip()} {here.st_dev}:{here.st_ino}"


def _is_free(path: Path) -> bool:
    """Say whether nobody holds the lock: its process is gone."""
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except BlockingIOError:
        return False
    return True
