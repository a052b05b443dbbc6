"""LMTP (RFC 2033): a mail server beside us hands over mail for our addresses, and is answered when that is stored.

Of each mail every recipient gets an answer of its own. Ours is for a mail server on the same machine or network, never
for the world: what a stranger may do to it is bounded all the same (`faults.md`, cases 129 to 131).
"""

import asyncio
import logging
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

from service.domain.letter_box import LetterBox
from service.mail.arrived import LARGEST, READ_MOST
from service.observability import log
from service.store.inbox import Arrival, Keep

DOOR = "lmtp"
CONNECTIONS_MOST = 100
RECIPIENTS_MOST = 50
IDLE_SECONDS = 60.0
_DRAINED_MOST = 4 * LARGEST  # who goes on beyond that is not listened to any more
_NEW_LINE, _STUFFED, _END = b"\r\n", b"\r\n.", b"\r\n.\r\n"
_EVERYTHING = 2 * _DRAINED_MOST  # more than a reader ever has at once
_STORED = "250 2.0.0 Stored"
_LATER = "451 4.3.0 Not stored; please try again later"
_TOO_LARGE = f"552 5.3.4 At most {LARGEST} octets are taken"
_BUSY = b"421 4.3.2 Too many connections\r\n"

# It prints what a stranger says instead of commands, in which addresses stand, and more lines the more is said.
logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one who hands over mail may take of us."""

    connections: int = CONNECTIONS_MOST
    idle_seconds: float = IDLE_SECONDS


_USUAL = Limits()


class _Hand:
    """What aiosmtpd asks of us."""

    def __init__(self, keep: Keep, letter_box: LetterBox) -> None:
        self._keep = keep
        self._letter_box = letter_box

    async def handle_RCPT(  # noqa: N802  (as aiosmtpd names it)
        self, _server: Any, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a recipient whose mail is ours."""
        if len(envelope.rcpt_tos) >= RECIPIENTS_MOST:
            return "452 4.5.3 Too many recipients"
        if self._letter_box.read(address) is None:
            return "550 5.1.1 No such address here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def stored(self, envelope: Envelope, content: bytes) -> str:
        """Store a mail for each of its recipients, and give the answer for each."""
        sender = (envelope.mail_from or "").strip("<>")
        arrivals = [Arrival(DOOR, sender, recipient, content[:READ_MOST]) for recipient in envelope.rcpt_tos]
        try:
            await self._keep(arrivals)
        except Exception as error:  # noqa: BLE001  (whatever it is, the mail stays with who hands it over)
            log.error("mail_not_stored", error=type(error).__name__)
            return _LATER
        return _STORED

    async def handle_exception(self, error: Exception) -> str:
        """Answer for what went wrong in a command, without telling what."""
        log.error("lmtp_failed", error=type(error).__name__)
        return "451 4.3.0 Not now; please try again later"


class _Dialogue(LMTP):
    """One connection."""

    __ident__ = "LMTP"

    def __init__(self, hand: _Hand, limits: Limits, present: "set[_Dialogue]") -> None:
        super().__init__(
            hand,
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            hostname="letter-box",
            ident="",
            timeout=limits.idle_seconds,
            loop=asyncio.get_running_loop(),
        )
        self._hand, self._limits, self._present = hand, limits, present

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, if there are not too many."""
        self._present.add(self)
        super().connection_made(transport)
        if len(self._present) > self._limits.connections and isinstance(transport, asyncio.WriteTransport):
            transport.write(_BUSY)
            transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Make room for another."""
        self._present.discard(self)
        super().connection_lost(error)

    def leave(self) -> None:
        """Close the connection; a mail that is not answered for stays with who hands it over."""
        if self.transport is not None:
            self.transport.close()

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  (as aiosmtpd names it)
        """Take the content and answer for each recipient (RFC 2033, section 4.2).

        The library's own would answer once for all of them, keep a line without an end in memory whatever its length,
        and refuse lines of over 998 octets, which mail in the world does have.
        """
        if self.envelope is None or not self.envelope.rcpt_tos or arg:
            await self.push("503 5.5.1 Recipients come first" if not arg else "501 5.5.4 DATA stands alone")
            return
        await self.push("354 End with a dot on a line of its own")
        content = await self._content()
        if self.transport is None or self.transport.is_closing():
            return
        answer = _TOO_LARGE if content is None else await self._hand.stored(self.envelope, content)
        recipients = len(self.envelope.rcpt_tos)
        self.envelope = self._create_envelope()
        await self.push("\r\n".join([answer] * recipients))

    async def _content(self) -> bytes | None:
        """Read up to the lone dot, the dots of transparency removed (RFC 5321, 4.5.2); None if it is too large.

        It is read in pieces as they come: line by line, 5 MB of empty lines would hold up everybody for many seconds.
        """
        content, octets = bytearray(_NEW_LINE), -len(_NEW_LINE)  # the end may come at once, as if behind a line
        while piece := await self._reader.read(_EVERYTHING):
            self._reset_timeout()
            seen = max(0, len(content) - len(_END) + 1)
            content += piece
            end = content.find(_END, seen)
            if end >= 0:
                self._give_back(bytes(content[end + len(_END) :]))
                octets += end + len(_NEW_LINE)
                del content[end + len(_NEW_LINE) :]
                return bytes(content.replace(_STUFFED, _NEW_LINE)[len(_NEW_LINE) :]) if octets <= LARGEST else None
            dropped = len(content) - len(_END) + 1  # but for what may be the end's beginning, which is no content
            if octets + dropped > LARGEST:
                del content[:dropped]
                octets += dropped
            if octets > _DRAINED_MOST:
                await self.push(_TOO_LARGE)
                self.leave()
                return None
        self.leave()  # it was gone before it came to an end
        return None

    def _give_back(self, commands: bytes) -> None:
        """Have read next what came in one piece with the end (RFC 2920): the reader has nothing else at this moment."""
        if commands and not self._reader.at_eof():
            self._reader.feed_data(commands)


class Lmtp:
    """The door. Open, it takes mail until it is closed."""

    def __init__(self, keep: Keep, letter_box: LetterBox, limits: Limits = _USUAL) -> None:
        """Take what stores, and which addresses are ours."""
        self._hand = _Hand(keep, letter_box)
        self._limits = limits
        self._present: set[_Dialogue] = set()

    async def run(self, listening: socket.socket, stopping: asyncio.Event) -> None:
        """Take mail on a socket that listens until `stopping` is set; what is being stored then is answered for."""
        loop = asyncio.get_running_loop()

        def dialogue() -> _Dialogue:
            return _Dialogue(self._hand, self._limits, self._present)

        is_unix = listening.family == socket.AF_UNIX
        server = await (
            loop.create_unix_server(dialogue, sock=listening)
            if is_unix
            else loop.create_server(dialogue, sock=listening)
        )
        try:
            await stopping.wait()
        finally:
            server.close()
            for one in list(self._present):
                one.leave()
            with suppress(asyncio.CancelledError):
                await server.wait_closed()
