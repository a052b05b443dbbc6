"""The thread of the groups: one connection, on which one group after the other is done in a transaction of its own."""

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine

from service.store.driver import commit

T = TypeVar("T")
Work = Callable[[Connection], Any]
_Asked = tuple[Work, asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class Groups:
    """Does groups of work, each in one transaction. The thread begins with the first and ends with `close`.

    A pool and an executor would do the same; what they do besides, for every group, costs as much as the group.
    """

    def __init__(self, engine: Engine, begin: Callable[[Connection], None]) -> None:
        """Take the engine of the one connection, and what begins a transaction on it."""
        self._engine = engine
        self._begin = begin
        self._asked: queue.SimpleQueue[_Asked | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._connection: Connection | None = None

    async def do(self, work: Callable[[Connection], T]) -> T:
        """Have work done and committed. Cancelled, it still waits for the end of what has begun."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="groups", daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()
        self._asked.put((work, loop, done))
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            await asyncio.wait({done})
            raise

    def close(self) -> None:
        """End the thread and its connection."""
        if self._thread is not None:
            self._asked.put(None)
            self._thread.join()
            self._thread = None
        self._engine.dispose()

    def once(self, work: Callable[[Connection], T]) -> T:
        """Do work on the kept connection; after an error, the next work gets a new one."""
        if self._connection is None:
            self._connection = self._engine.connect()
        try:
            self._begin(self._connection)
            result = work(self._connection)
            commit(self._connection)
        except BaseException:
            with suppress(Exception):  # it may be broken: what matters is the error that broke it
                self._connection.invalidate()
                self._connection.close()
            self._connection = None
            raise
        return result

    def _run(self) -> None:
        while (asked := self._asked.get()) is not None:
            work, loop, done = asked
            result, error = None, None
            try:
                result = self.once(work)
            except BaseException as raised:  # noqa: BLE001  (it is raised where the work was asked for)
                error = raised
            with suppress(RuntimeError):  # whoever asked is gone with its loop
                loop.call_soon_threadsafe(_answer, done, result, error)
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _answer(done: "asyncio.Future[Any]", result: Any, error: BaseException | None) -> None:
    if error is not None:
        done.set_exception(error)
    else:
        done.set_result(result)
