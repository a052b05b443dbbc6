"""Transports: one letter handed over at a time, and what became of it, as a value; the door to all of them."""

from pathlib import Path
from typing import Protocol

from service.delivery.folder import FolderTransport
from service.delivery.relay import RelayError
from service.delivery.smtp import SmtpTransport
from service.domain.letter import Letter
from service.domain.notice import Outcome

__all__ = ("Connection", "FolderTransport", "RelayError", "SmtpTransport", "Transport", "transport_for")


class Connection(Protocol):
    """A way to hand letters over, one at a time, by one task. Once it is not `usable` it must be closed."""

    @property
    def usable(self) -> bool:
        """Whether another letter may be sent on it."""

    @property
    def pipelines(self) -> bool:
        """Whether the next letter's envelope may travel with the end of this one."""

    @property
    def has_begun(self) -> bool:
        """Whether anything of the content of the letter that was given last may have left."""

    async def send(self, letter: Letter, following: Letter | None = None) -> Outcome:
        """Hand one letter over. Never raises but when it is cancelled: nobody knows then, if it `has_begun`.

        If `following` is given, and `pipelines`, its envelope travels with this letter's end, and the next call
        must be `send(following)` with the same object, `withdraw` or `close`. Its content is never written
        before. The outcome is given as soon as this letter's answer is there.
        """

    def withdraw(self) -> None:
        """Do not send the letter that was announced as `following`: the connection is dropped at once."""

    async def close(self) -> None:
        """End it, politely if that is possible."""


class Transport(Protocol):
    """Where letters go."""

    async def connect(self) -> Connection:
        """Open a connection; raise RelayError."""


def transport_for(smtp_url: str, outbox: Path) -> Transport:
    """Give the relay's transport, or the folder's if no relay is set; raise InvalidError for a wrong URL."""
    return SmtpTransport(smtp_url) if smtp_url.strip() else FolderTransport(outbox)
