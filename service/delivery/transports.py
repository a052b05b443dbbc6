"""Transports: one letter handed over at a time, and what became of it, as a value.

What each answer means is told in `faults.md`, B.1 and D.3: before the final dot a broken connection is no
harm, after it nobody can know. A connection is used again only after a clean answer to everything it said;
after anything else, a cancelled task included, it is dropped with what it still had to send. aiosmtplib
leads the dialogue; this is its one owner. Authorities: RFC 5321, 3207 (STARTTLS), 4954 (AUTH), 6531.
"""

import asyncio
import contextlib
import ssl
from pathlib import Path
from typing import Protocol

import aiosmtplib

from service.delivery.folder import FolderTransport
from service.delivery.relay import Patience, Relay, in_one_line, parse_relay, words_of
from service.domain.errors import InvalidError, RemembrancerError
from service.domain.letter import Letter
from service.domain.notice import Outcome, Result
from service.mail.headers import check_address

_OURS = frozenset({530, 534, 535, 538})  # RFC 4954, section 6: what the relay wants of us, not of the letter
_START_TLS = {"required": True, "auto": None, "never": False}  # in aiosmtplib's words
_LINE_START_DOT = b"\r\n."


class RelayError(RemembrancerError):
    """The relay cannot be spoken to. If `lasting`, trying again will not help until somebody mends it."""

    def __init__(self, words: str, code: int = 0, *, lasting: bool = False) -> None:
        super().__init__(words)
        self.words = words
        self.code = code
        self.lasting = lasting


class Connection(Protocol):
    """A way to hand letters over, one at a time, by one task. Once it is not `usable` it must be closed."""

    @property
    def usable(self) -> bool:
        """Whether another letter may be sent on it."""

    @property
    def pipelines(self) -> bool:
        """Whether the next letter's envelope may travel with the end of this one."""

    async def send(self, letter: Letter, following: Letter | None = None) -> Outcome:
        """Hand one letter over. Never raises but when it is cancelled: then nobody knows what became of it."""

    def withdraw(self) -> None:
        """Drop the connection: the following letter, whose envelope was announced, is not to be sent after all."""

    async def close(self) -> None:
        """End it, politely if that is possible."""


class Transport(Protocol):
    """Where letters go."""

    async def connect(self) -> Connection:
        """Open a connection; raise RelayError."""


class SmtpTransport:
    """Hands letters to a relay by SMTP. Certificates are always verified (SSL_CERT_FILE adds an authority).

    `hello` is the name given in EHLO, "" for this machine's own.
    """

    def __init__(self, url: str, *, patience: Patience | None = None, hello: str = "") -> None:
        self._relay = parse_relay(url)
        self._patience = patience or Patience()
        self._hello = hello or None
        self._tls: ssl.SSLContext | None = None

    async def connect(self) -> "SmtpConnection":
        """Open a connection: greeting, TLS, credentials; raise RelayError with the relay's words."""
        relay, patience = self._relay, self._patience
        if self._tls is None:
            self._tls = await asyncio.to_thread(ssl.create_default_context)
        client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            timeout=patience.connect,
            use_tls=relay.tls,
            start_tls=False if relay.tls else _START_TLS[relay.starttls],
            tls_context=self._tls,
            local_hostname=self._hello,
        )
        opening = asyncio.create_task(_open(client, relay, patience.connect))
        try:
            await asyncio.wait({opening})
            opening.result()
        except asyncio.CancelledError:
            await _give_up(opening, client)
            raise
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            _drop(client)
            raise _relay_error(relay, error) from error
        except BaseException:
            _drop(client)
            raise
        return SmtpConnection(client, patience)


class SmtpConnection:
    """One dialogue with a relay."""

    def __init__(self, client: aiosmtplib.SMTP, patience: Patience) -> None:
        self._client = client
        self._patience = patience
        self._is_sound = True

    @property
    def usable(self) -> bool:
        """Whether all that was said on it has been answered cleanly, and nothing was said unasked.

        What a relay says too much would be taken for its next answer (case 20): aiosmtplib keeps it in this
        buffer, and has no public way to ask.
        """
        protocol = self._client.protocol
        return self._is_sound and protocol is not None and protocol.is_connected and not protocol._buffer  # noqa: SLF001

    pipelines = False

    def withdraw(self) -> None:
        """Drop it."""
        self._spoil()

    async def send(self, letter: Letter, following: Letter | None = None) -> Outcome:  # noqa: ARG002
        """Hand one letter over, to one recipient."""
        try:
            options, encoding = self._envelope(letter)
        except InvalidError as error:
            return Outcome(Result.REFUSED, words=str(error))
        if not self.usable:
            self._spoil()
            return Outcome(Result.UNREACHED, words="the connection was closed")
        try:
            return await self._dialogue(letter, options, encoding)
        except BaseException:
            self._spoil()
            raise

    async def close(self) -> None:
        """Say QUIT if the connection is sound, wait briefly, and close."""
        if self.usable:
            self._is_sound = False
            with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                await self._client.quit(timeout=self._patience.farewell)
        self._spoil()

    def _envelope(self, letter: Letter) -> tuple[list[bytes], str]:
        """Give the options of MAIL; raise InvalidError if this letter cannot go to this relay.

        What is on the wire is the stored address, byte for byte: aiosmtplib's own reader of addresses, which
        makes one of two and drops what it does not understand, is not asked (`faults.md`, case 74).
        """
        check_address(letter.recipient)
        if letter.sender:
            check_address(letter.sender)
        extensions = self._client.esmtp_extensions
        size, most = len(letter.content), extensions.get("size", "")
        if most.isdecimal() and 0 < int(most) < size:
            raise InvalidError(f"5.3.4 the relay takes letters of at most {most} octets; this one has {size}")
        options = [f"SIZE={size}".encode()] if "size" in extensions else []
        if letter.recipient.isascii() and letter.sender.isascii():
            return options, "ascii"
        if "smtputf8" not in extensions:
            raise InvalidError("5.6.7 the relay cannot send to an address with letters beyond ASCII (no SMTPUTF8)")
        return [*options, b"BODY=8BITMIME", b"SMTPUTF8"], "utf-8"

    async def _dialogue(self, letter: Letter, options: list[bytes], encoding: str) -> Outcome:
        """Speak MAIL, RCPT, DATA and the content, and give the first answer that ends the matter."""
        sender, recipient = letter.sender.encode(encoding), letter.recipient.encode(encoding)
        steps = (
            (Result.UNREACHED, (b"MAIL", b"FROM:<" + sender + b">", *options), (250,), self._patience.command),
            (Result.DEFERRED, (b"RCPT", b"TO:<" + recipient + b">"), (250, 251), self._patience.command),
            (Result.DEFERRED, (b"DATA",), (354,), self._patience.data),
        )
        cancellations = _cancellations()
        for if_broken, command, wanted, seconds in steps:
            try:
                reply = await self._client.execute_command(*command, timeout=seconds)
            except (aiosmtplib.SMTPException, OSError, ValueError) as error:
                return self._broken(if_broken, error)
            _heed(cancellations)
            if reply.code in wanted and self.usable:
                continue
            outcome = self._answered(reply, if_broken, if_closing=Result.UNREACHED)
            if self.usable:
                await self._reset()
            return outcome
        outcome = await self._content(letter.content)
        _heed(cancellations)
        return outcome

    async def _content(self, content: bytes) -> Outcome:
        """Send the content and its final dot, and wait for the answer that decides."""
        protocol = self._client.protocol
        if protocol is None:
            return self._broken(Result.DEFERRED, ConnectionError("the connection was lost"))
        if not content.endswith(b"\r\n"):
            content += b"\r\n"
        if content.startswith(b".") or _LINE_START_DOT in content:  # not in what we compose (RFC 5321, 4.5.2)
            content = (b"\r\n" + content).replace(_LINE_START_DOT, b"\r\n..")[2:]
        try:
            protocol.write(content + b".\r\n")
        except (aiosmtplib.SMTPException, OSError) as error:
            return self._broken(Result.DEFERRED, error)
        try:
            reply = await protocol.read_response(timeout=self._patience.dot)
        except (aiosmtplib.SMTPException, OSError) as error:
            return self._broken(Result.IN_DOUBT, error)
        if reply.code == 250:
            return Outcome(Result.ACCEPTED, reply.code, in_one_line(reply.message))
        return self._answered(reply, Result.IN_DOUBT, if_closing=Result.DEFERRED)

    def _answered(self, reply: aiosmtplib.SMTPResponse, if_odd: Result, *, if_closing: Result) -> Outcome:
        """Read an answer that is not the one wanted: later, never, or one that makes no sense here."""
        result = if_odd
        if reply.code == 421:
            result = if_closing
        elif reply.code in _OURS:
            result = Result.UNREACHED
        elif 400 <= reply.code <= 499:
            result = Result.DEFERRED
        elif 500 <= reply.code <= 599:
            result = Result.REFUSED
        if reply.code == 421 or reply.code in _OURS or not 400 <= reply.code <= 599:
            self._spoil()
        return Outcome(result, max(reply.code, 0), in_one_line(reply.message))

    def _broken(self, result: Result, error: Exception) -> Outcome:
        self._spoil()
        return Outcome(result, words=words_of(error))

    async def _reset(self) -> None:
        """Forget the letter's envelope on the relay's side, so that the connection can take the next."""
        code = 0
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            code = (await self._client.execute_command(b"RSET", timeout=self._patience.command)).code
        if code != 250:
            self._spoil()

    def _spoil(self) -> None:
        self._is_sound = False
        _drop(self._client)


def transport_for(smtp_url: str, outbox: Path) -> Transport:
    """Give the relay's transport, or the folder's if no relay is set; raise InvalidError for a wrong URL."""
    return SmtpTransport(smtp_url) if smtp_url.strip() else FolderTransport(outbox)


async def _open(client: aiosmtplib.SMTP, relay: Relay, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        await client.connect()
        if client.is_ehlo_or_helo_needed:
            await client.ehlo()
        await _log_in(client, relay)


async def _give_up(opening: asyncio.Task[None], client: aiosmtplib.SMTP) -> None:
    """Cancel until it is cancelled: before Python 3.12 aiosmtplib's `wait_for` may swallow one (gh-86296)."""
    while not opening.done():
        opening.cancel()
        await asyncio.wait({opening}, timeout=0.01)
    await asyncio.gather(opening, return_exceptions=True)
    _drop(client)


async def _log_in(client: aiosmtplib.SMTP, relay: Relay) -> None:
    """Give the credentials, and never in clear text where somebody could listen."""
    if not relay.user:
        return
    is_private = client.get_transport_info("sslcontext") is not None
    if not (is_private or relay.is_loopback or relay.starttls == "never"):
        raise RelayError("the relay offers no TLS, and credentials are not sent in clear text", lasting=True)
    await client.login(relay.user, relay.password)


def _cancellations() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task else 0


def _heed(cancellations: int) -> None:
    """Be cancelled after all, if since then a cancellation was swallowed on the way (see `_give_up`)."""
    if _cancellations() > cancellations:
        raise asyncio.CancelledError


def _drop(client: aiosmtplib.SMTP) -> None:
    """Close at once, and forget what was not sent yet: closing politely would still send the rest of a letter."""
    if isinstance(client.transport, asyncio.WriteTransport):
        client.transport.abort()
    client.close()


def _relay_error(relay: Relay, error: Exception) -> RelayError:
    """Tell in words why there is no connection; what only a person can mend is lasting."""
    code = error.code if isinstance(error, aiosmtplib.SMTPResponseException) else 0
    lasting = (
        isinstance(error, (ssl.SSLError, aiosmtplib.SMTPAuthenticationError))
        or isinstance(error.__cause__, ssl.SSLError)
        or type(error) is aiosmtplib.SMTPException  # it offers no STARTTLS, no AUTH, or none that we know
    )
    return RelayError(f"{relay.host}:{relay.port}: {words_of(error)}", code, lasting=lasting)
