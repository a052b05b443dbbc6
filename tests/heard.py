"""What came back, put into a store as the reader keeps it: an entry with its mail, or a mail that could not be read."""

from dataclasses import dataclass
from datetime import datetime

from service.domain.heard import By, Did, Heard, What
from service.mail.tokens import Tokens
from service.store import consequences, heard, inbox
from service.store.dialect import Store
from service.store.inbox import Arrival

BOUNCE = Heard(What.BOUNCED, By.REPORT, "5.1.1", "550 5.1.1 <ani@example.org> no such user")
COMPLAINT = Heard(What.COMPLAINT, By.FEEDBACK, words="abuse")


@dataclass
class Returned:
    """A store in which things are heard at a moment; of which letter, `notice` says, and whose it is, `reader`."""

    store: Store
    now: datetime
    notice: str
    reader: str = ""
    address: str = "ani@example.org"
    tokens: Tokens | None = None
    count: int = 0

    async def hears(self, told: Heard, did: Did, reason: str = "") -> str:
        """Keep what was heard, and suppress if that was done; gives the entry's id."""
        self.count += 1
        mail = f"Subject: <b>back</b> {self.count}\r\n\r\nխոսք".encode()
        async with self.store.write() as tx:
            await inbox.keep(tx, [Arrival("lmtp", "", "b+x@remember.example", mail)], self.now)
            (kept,) = await inbox.take(tx, 1, self.now)
            await inbox.read(tx, kept.id, self.now)
            of = await heard.letter(tx, self.notice)
            entry = await heard.note(tx, kept.id, told, of, f"{kept.id}", self.now)
            await heard.done(tx, entry, did, reason)
            if did is Did.SUPPRESSED and self.tokens:
                hashed = self.tokens.address_hash(self.address)
                await tx.run_sync(consequences.suppress, self.reader, self.address, hashed, reason, self.now)
        return entry

    async def sets_aside(self) -> str:
        """Keep a mail that could not be read; gives its id."""
        async with self.store.write() as tx:
            await inbox.keep(tx, [Arrival("sendgrid", "", "", b"{")], self.now)
            (kept,) = await inbox.take(tx, 1, self.now)
            await inbox.trouble(tx, kept.id, "ValueError")
            for _ in range(3):
                await inbox.take(tx, 1, self.now)
        return kept.id
