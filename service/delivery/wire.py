"""The wire: commands out, as many replies in, on a transport that somebody else has opened."""

import asyncio

from service.delivery.replies import Replies, Reply, ReplyError


class Wire(asyncio.Protocol):
    """What goes to and fro on a transport that is already open: commands out, as many replies in."""

    def __init__(self, transport: asyncio.Transport, tick: float) -> None:
        """Take a transport over; every `tick` seconds, the shortest wait of all, is looked whether one is over."""
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._replies = Replies()
        self._owed = 0
        self._paused = False
        self._waiter: asyncio.Future[None] | None = None
        self._deadline = 0.0
        self._tick = tick
        self._timer = self._loop.call_later(tick, self._look_at_the_time)
        self.trouble: Exception | None = None
        transport.set_protocol(self)

    @property
    def is_sound(self) -> bool:
        """Whether it may be written to."""
        return self.trouble is None and not self._transport.is_closing()

    def write(self, octets: bytes, owing: int) -> None:
        """Write commands, for so many replies."""
        self._owed += owing
        self._transport.write(octets)

    async def reply(self, seconds: float) -> Reply:
        """Give the next reply, in the order of the commands; raise OSError (TimeoutError is one) if none comes."""
        ready = self._replies.ready
        while not ready:
            if self.trouble is not None:
                raise self.trouble
            await self._wait(seconds)
        return ready.popleft()

    async def written(self, seconds: float) -> Reply | None:
        """Wait until nearly all that was written is with the system; raise OSError if that is not to be.

        Gives a reply that came before.
        """
        while self._paused:
            if self._replies.ready:
                return self._replies.ready.popleft()
            if self.trouble is not None:
                raise self.trouble
            await self._wait(seconds)
        return None

    def drop(self, error: Exception | None = None) -> None:
        """Close at once; forget what was not sent yet, and what was said and not heard: it is no next letter's."""
        self._replies.ready.clear()
        self._end(error or ConnectionAbortedError("the connection was dropped"))

    def data_received(self, data: bytes) -> None:
        """Read replies; any octet beyond those that are owed ends the connection (`faults.md`, case 20)."""
        ready = self._replies.ready
        before = len(ready)
        if self.trouble is not None:
            return
        try:
            self._replies.read(data)
        except ReplyError as error:
            self._end(error)
        self._owed -= len(ready) - before
        if self._owed < 0 and ready[-1].code == 421:  # RFC 5321, 3.8: said by a relay that closes, at any time
            self._owed += 1
            self._end(ConnectionResetError(f"421 {ready.pop().words}"))
        if self._owed <= 0 and (self._owed < 0 or self._replies.is_amid):
            self._end(ReplyError("the relay said something that it was not asked"))
        if len(ready) > before:
            self._wake()

    def eof_received(self) -> None:
        """Take note that the relay has closed its side."""
        self._end(ConnectionResetError("the relay closed the connection"))

    def connection_lost(self, exc: Exception | None) -> None:
        """Take note that the connection is gone."""
        self._end(exc or ConnectionResetError("the connection was lost"))

    def pause_writing(self) -> None:
        """Take note that the system takes no more for now."""
        self._paused = True

    def resume_writing(self) -> None:
        """Go on."""
        self._paused = False
        self._wake()

    async def _wait(self, seconds: float) -> None:
        self._deadline = self._loop.time() + seconds
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _look_at_the_time(self) -> None:
        """End what waits too long. One timer a connection, not one a wait: those would cost more than the waiting."""
        left = self._deadline - self._loop.time() if self._waiter is not None else self._tick
        if left <= 0:
            self._end(TimeoutError())
        else:
            self._timer = self._loop.call_later(min(left, self._tick), self._look_at_the_time)

    def _end(self, error: Exception) -> None:
        if self.trouble is None:
            self.trouble = error
            self._timer.cancel()
            self._transport.abort()
            self._wake()
