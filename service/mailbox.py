"""The parts that hear, which `app` joins to all others: the doors by which mail arrives, and the reader."""

import asyncio
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from service.actions.subscribing import Desk
from service.domain.errors import InvalidError
from service.domain.letter_box import LetterBox
from service.inbound import mailboxes
from service.inbound.imap import Account, Imap
from service.inbound.lmtp import Lmtp
from service.inbound.maildir import Maildir
from service.inbound.reader import EVERY_SECONDS, Reader
from service.inbound.together import Together
from service.loops import Loop
from service.mail.hooks.known import TOLD, hooks_of
from service.mail.hooks.posted import Hook
from service.serving import listen, listen_at
from service.settings import Settings
from service.settings_read import named, where
from service.store import inbox
from service.store.dialect import Store
from service.store.inbox import Arrival


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The joined parts that hear."""

    store: Store
    clock: Callable[[], datetime]
    letter_box: LetterBox | None
    reader: Reader
    reading: Loop
    watched: tuple[mailboxes.Mailbox, ...] = ()
    hooks: Mapping[str, Hook] = field(default_factory=dict)

    @property
    def hears(self) -> bool:
        """Whether anything can arrive."""
        return self.letter_box is not None or bool(self.hooks)

    async def keep(self, arrivals: Sequence[Arrival]) -> None:
        """Store what arrived, durably, and have it read."""
        async with self.store.write() as tx:
            await inbox.keep(tx, arrivals, self.clock())
        self.reading.wake()

    async def run(self, listening: socket.socket | None, stopping: asyncio.Event) -> None:
        """Take mail and read it until `stopping` is set, then finish what is in hand."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.reading.run(stopping))
            for one in self.watched:
                group.create_task(mailboxes.watch(one, self.keep, stopping))
            if listening is not None and self.letter_box is not None:
                group.create_task(Lmtp(Together(self.keep).keep, self.letter_box).run(listening, stopping))


def build(settings: Settings, store: Store, desk: Desk, clock: Callable[[], datetime]) -> Mailbox:
    """Join them; raise SettingsError for a mailbox, or a hook, that is none."""
    reader = Reader(store, desk, clock, TOLD)
    reading = Loop("letter-box", reader.read_all, EVERY_SECONDS)
    box = desk.letter_box
    return Mailbox(store, clock, box, reader, reading, _watched(settings, box), hooks(settings))


def hooks(settings: Settings) -> dict[str, Hook]:
    """Read the providers that post what became of letters; raise SettingsError."""
    with named("hooks"):
        known = hooks_of(settings.hooks.get_secret_value())
        if "postmark" in known and not settings.base_url.startswith("https:"):
            raise InvalidError("postmark brings a password (allowed: with an https public_url alone)")
    return known


def account(settings: Settings) -> Account | None:
    """Read which mailbox is read by IMAP, None for none; raise SettingsError."""
    url = settings.imap_url.get_secret_value().strip()
    with named("imap_url"):
        return Account.of(url) if url else None


def _watched(settings: Settings, box: LetterBox | None) -> tuple[mailboxes.Mailbox, ...]:
    watched: list[mailboxes.Mailbox] = []
    if box and settings.maildir:
        watched.append(Maildir(Path(settings.maildir), box))
    if box and (own := account(settings)):
        watched.append(Imap(own, box))
    return tuple(watched)


def door(settings: Settings) -> socket.socket | None:
    """Open the door of the setting `lmtp`, None if there is none; raise SettingsError if that cannot be."""
    if not settings.lmtp:
        return None
    address, name = settings.lmtp_address, where("lmtp")
    return listen_at(address, name) if isinstance(address, Path) else listen(*address, name)
