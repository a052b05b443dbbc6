"""Mailboxes that are looked into every few seconds, for those without a mail server that hands over (`lmtp`).

What lies there for us is stored and committed first, then marked as seen: cut off between the two, it is found again,
and the inbox knows it. What is somebody else's is left as it is, and nothing is ever removed.
"""

import asyncio
from typing import Protocol

from service.domain.letter_box import For, LetterBox
from service.domain.standing import without_addresses
from service.mail.arrived import LARGEST, READ_MOST
from service.mail.delivered import envelope
from service.observability import log
from service.store.inbox import Arrival, Keep

EVERY_SECONDS = 3.0
PAUSE_MOST_SECONDS = 15 * 60.0
FINISHED_SECONDS = 2.0  # in which what was begun may come to its end, when a process stops
AT_ONCE = 50  # mails that are kept in one transaction
OCTETS_AT_ONCE = 2 * LARGEST  # of them together, beyond which the next have to wait


class UnreachedError(Exception):
    """A mailbox cannot be looked into; the words say why, for its operator."""


class Mailbox(Protocol):
    """A place in which mail lies."""

    door: str

    async def take(self, keep: Keep) -> int:
        """Have what is new and ours kept, and mark it; gives how many mails that were.

        Raises UnreachedError if the mailbox cannot be looked into, and whatever `keep` raises; then nothing is marked.
        """

    async def close(self) -> None:
        """Let go of it, at once."""


def arrival(door: str, content: bytes, box: LetterBox) -> Arrival | None:
    """Give a mail as it is kept; None if it is not for us. Its headers are enough to tell."""

    def is_told(address: str) -> bool:
        addressed = box.read(address)
        return addressed is not None and addressed.to is not For.HOUSE

    told = envelope(content, lambda address: box.read(address) is not None, is_told)
    return Arrival(door, told.sender, told.recipient, content[:READ_MOST]) if told else None


async def watch(
    mailbox: Mailbox,
    keep: Keep,
    stopping: asyncio.Event,
    every_seconds: float = EVERY_SECONDS,
    pause_most_seconds: float = PAUSE_MOST_SECONDS,
) -> None:
    """Look into a mailbox every few seconds until `stopping` is set; while something is wrong, less and less often."""
    told = asyncio.create_task(stopping.wait())
    pause = every_seconds
    try:
        while not stopping.is_set():
            taking = asyncio.create_task(_take(mailbox, keep))
            await asyncio.wait({taking, told}, return_when=asyncio.FIRST_COMPLETED)
            while not taking.done():
                await asyncio.wait({taking}, timeout=FINISHED_SECONDS)  # what is kept may still be marked
                if not taking.done():
                    await mailbox.close()
            found, trouble = await taking
            if trouble:
                pause = min(2 * pause, pause_most_seconds)
                if not stopping.is_set():
                    log.warning("mailbox_not_read", door=mailbox.door, why=trouble, again_in_seconds=pause)
            elif pause != every_seconds:
                pause = every_seconds
                log.info("mailbox_read_again", door=mailbox.door)
            if not found:
                await asyncio.wait({told}, timeout=pause)
    finally:
        told.cancel()
        await mailbox.close()


async def _take(mailbox: Mailbox, keep: Keep) -> tuple[int, str]:
    """Take once; gives how many, or what was wrong: an error must not end the watch."""
    try:
        return await mailbox.take(keep), ""
    except UnreachedError as error:
        return 0, without_addresses(str(error))
    except Exception as error:  # noqa: BLE001  (the database, or what nobody thought of: the mail stays where it is)
        return 0, type(error).__name__
