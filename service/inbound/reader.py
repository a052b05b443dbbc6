"""The reader: takes what the letter box has kept, finds out what it is, and has follow what follows, exactly once.

Finding out is pure and runs beside the event loop; what follows is one transaction with the mark that a mail is read.
Wherever it is cut off, a mail is either unread, and read again, or read with all that followed.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from service.actions.hearing import hear
from service.actions.subscribing import Desk
from service.domain.heard import Heard
from service.mail import reports
from service.observability import log
from service.store import inbox
from service.store.dialect import Store, TroubleError, is_of_data
from service.store.inbox import Mail

EVERY_SECONDS = 2.0  # what another process has kept is found at the latest by then
_AT_ONCE = 50

Understand = Callable[[bytes], list[Heard]]
"""Say what a provider's report tells, each thing of one letter; raise whatever goes wrong."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads for one installation, one process at a time. `providers` read what is no mail, by its door."""

    store: Store
    desk: Desk
    clock: Callable[[], datetime]
    providers: Mapping[str, Understand] = field(default_factory=dict)
    reached: Callable[[str], None] = lambda _point: None

    async def read_all(self, stopping: asyncio.Event | None = None) -> int:
        """Read what is there, until `stopping` is set; gives how many mails that were."""
        done = 0
        if not await self._is_any():  # most turns end here, without a lock
            return done
        async with self.store.alone("letter-box"):
            while not (stopping and stopping.is_set()) and await self._is_any():
                async with self.store.write() as tx:
                    taken = await inbox.take(tx, _AT_ONCE, self.clock())
                for mail in taken:
                    done += await self._read(mail)
        return done

    async def _is_any(self) -> bool:
        async with self.store.read() as tx:
            return await inbox.any_unread(tx)

    async def _read(self, mail: Mail) -> bool:
        try:
            self.reached("taken")
            told = await asyncio.to_thread(self._understood, mail)
            self.reached("understood")
            async with self.store.write() as tx:
                is_mine = await hear(tx, self.desk, mail, told, self.clock(), is_vouched=mail.door in self.providers)
                self.reached("followed")
            self.reached("committed")
        except TroubleError as trouble:
            is_of_mail = is_of_data(trouble)
            await self._failed(mail, trouble, is_of_mail=is_of_mail)
            if not is_of_mail:
                raise
            return False
        except Exception as error:  # noqa: BLE001  (one bad mail must not stop the others)
            await self._failed(mail, error, is_of_mail=True)
            return False
        return is_mine

    def _understood(self, mail: Mail) -> list[Heard]:
        provider = self.providers.get(mail.door)
        return provider(mail.content) if provider else [reports.read(mail.content, mail.sender)]

    async def _failed(self, mail: Mail, error: Exception, *, is_of_mail: bool) -> None:
        """Note why a mail was not read; if that is not its own fault, as if nobody had tried."""
        log.error("mail_not_read", mail=mail.id, error=type(error).__name__, tries=mail.tries)
        async with self.store.write() as tx:  # if this fails as well, the turn ends, and the next one comes
            await (inbox.trouble(tx, mail.id, type(error).__name__) if is_of_mail else inbox.give_back(tx, mail.id))
