"""Keeps together what arrives together: one commit, and one wait for the disk, for what came during the last one."""

import asyncio
from collections.abc import Sequence

from service.store.dialect import TroubleError, is_of_data
from service.store.inbox import Arrival, Keep

_AT_ONCE = 50
_Waiting = tuple[Sequence[Arrival], "asyncio.Future[None]"]


class Together:
    """Keeps what it is given by `keep`, of which one is under way at a time."""

    def __init__(self, keep: Keep) -> None:
        """Take what stores."""
        self._keep = keep
        self._waiting: list[_Waiting] = []
        self._working: asyncio.Task[None] | None = None

    async def keep(self, arrivals: Sequence[Arrival]) -> None:
        """Have these stored, durably; raise what went wrong with them. Cancelled, they are stored all the same."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrivals, done))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        await done

    async def _work(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:_AT_ONCE], self._waiting[_AT_ONCE:]
            await self._kept(group)

    async def _kept(self, group: Sequence[_Waiting]) -> None:
        error: Exception | None = None
        try:
            await self._keep([one for arrivals, _ in group for one in arrivals])
        except Exception as raised:  # noqa: BLE001  (it is raised where the mail is waited for)
            error = raised
        if error is not None and len(group) > 1 and not _is_of_database(error):  # one may be at fault for all
            for one in group:
                await self._kept([one])
            return
        for _, done in group:
            if not done.done():  # else nobody waits any more
                done.set_exception(error) if error else done.set_result(None)


def _is_of_database(error: Exception) -> bool:
    """Say whether it would go wrong with every mail: then nobody is made to wait for each."""
    return isinstance(error, TroubleError) and not is_of_data(error)
