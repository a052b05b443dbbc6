"""Opening a dialogue with a relay, and leading it in lock-step where the relay does not offer more.

A connection is used again only after a clean answer to everything it said; after anything else, a cancelled
task included, it is dropped with what it still had to send. aiosmtplib opens every dialogue and leads the
lock-step one; this is its one owner. Authorities: RFC 5321, 3207 (STARTTLS), 4954 (AUTH), 2920 (PIPELINING).
"""

import asyncio
import contextlib
import ssl
from typing import cast

import aiosmtplib

from service.delivery.envelope import Enveloped, Offer
from service.delivery.pipelining import PipelinedConnection
from service.delivery.relay import Patience, Relay, RelayError, parse_relay, words_of
from service.delivery.replies import Reply, accepted, answered, broken, closed, is_wanted, unsendable
from service.domain.errors import InvalidError
from service.domain.letter import Letter
from service.domain.notice import Outcome, Stage

_NOT_THIS_WAY = (502, 504, 534)  # of AUTH: not known, not supported, too weak
_START_TLS = {"required": True, "auto": None, "never": False}  # in aiosmtplib's words


class SmtpTransport:
    """Hands letters to a relay by SMTP. Certificates are always verified (SSL_CERT_FILE adds an authority).

    `hello` is the name given in EHLO, "" for this machine's own. A relay that offers PIPELINING is spoken to so,
    unless its URL says `pipelining=never`.
    """

    def __init__(self, url: str, *, patience: Patience | None = None, hello: str = "") -> None:
        self._relay = parse_relay(url)
        self._patience = patience or Patience()
        self._hello = hello or None
        self._tls: ssl.SSLContext | None = None

    async def connect(self) -> "PipelinedConnection | LockStepConnection":
        """Open a connection: greeting, TLS, credentials; raise RelayError with the relay's words."""
        relay, patience = self._relay, self._patience
        if self._tls is None and (relay.tls or relay.starttls != "never"):
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
        return self._connection(client)

    def _connection(self, client: aiosmtplib.SMTP) -> "PipelinedConnection | LockStepConnection":
        """Choose how to go on with a dialogue that is open."""
        offer, transport = Offer.of(client.esmtp_extensions), client.transport
        if offer.pipelining and self._relay.pipelining and transport is not None:
            return PipelinedConnection(cast("asyncio.Transport", transport), offer, self._patience)
        return LockStepConnection(client, offer, self._patience)


class LockStepConnection:
    """One dialogue with a relay, each command after the answer to the one before."""

    pipelines = False

    def __init__(self, client: aiosmtplib.SMTP, offer: Offer, patience: Patience) -> None:
        self._client = client
        self._offer = offer
        self._patience = patience
        self._is_sound = True
        self.has_begun = False

    @property
    def usable(self) -> bool:
        """Whether all that was said on it has been answered cleanly, and nothing was said unasked.

        What a relay says too much would be taken for its next answer (case 20): aiosmtplib keeps it in this
        buffer, and has no public way to ask.
        """
        protocol = self._client.protocol
        return self._is_sound and protocol is not None and protocol.is_connected and not protocol._buffer  # noqa: SLF001

    async def send(self, letter: Letter, following: Letter | None = None) -> Outcome:  # noqa: ARG002
        """Hand one letter over, to one recipient."""
        self.has_begun = False
        try:
            enveloped = self._offer.enveloped(letter)
        except InvalidError as error:
            return unsendable(error)
        if not self.usable:
            self._spoil()
            return closed()
        try:
            return await self._dialogue(enveloped)
        except BaseException:
            self._spoil()
            raise

    def withdraw(self) -> None:
        """Nothing was announced."""

    async def close(self) -> None:
        """Say QUIT if the connection is sound, wait briefly, and close."""
        try:
            if self.usable:
                self._is_sound = False
                with contextlib.suppress(aiosmtplib.SMTPException, OSError):
                    await self._client.quit(timeout=self._patience.farewell)
        finally:
            self._spoil()

    async def _dialogue(self, enveloped: Enveloped) -> Outcome:
        """Speak MAIL, RCPT, DATA and the content, and give the first answer that ends the matter."""
        steps = (
            (Stage.MAIL, enveloped.mail, self._patience.command),
            (Stage.RCPT, enveloped.rcpt, self._patience.command),
            (Stage.DATA, b"DATA", self._patience.data),
        )
        cancellations = _cancellations()
        for stage, command, seconds in steps:
            try:
                response = await self._client.execute_command(command, timeout=seconds)
            except (aiosmtplib.SMTPException, OSError, ValueError) as error:
                return self._broken(stage, error)
            _heed(cancellations)
            if is_wanted(stage, response.code) and self.usable:
                continue
            outcome = self._answered(stage, response)
            if self.usable:
                await self._reset()
            return outcome
        outcome = await self._content(enveloped.content)
        _heed(cancellations)
        return outcome

    async def _content(self, content: bytes) -> Outcome:
        """Send the content and its final dot, and wait for the answer that decides."""
        protocol = self._client.protocol
        if protocol is None:
            return self._broken(Stage.DATA, ConnectionError("the connection was lost"))
        self.has_begun = True
        try:
            protocol.write(content + b".\r\n")
        except (aiosmtplib.SMTPException, OSError) as error:
            return self._broken(Stage.DATA, error)
        try:
            response = await protocol.read_response(timeout=self._patience.dot)
        except (aiosmtplib.SMTPException, OSError) as error:
            return self._broken(Stage.DOT, error)
        if is_wanted(Stage.DOT, response.code):
            return accepted(Reply(*response))
        return self._answered(Stage.DOT, response)

    def _answered(self, stage: Stage, response: aiosmtplib.SMTPResponse) -> Outcome:
        """Read an answer that is not the one wanted; only after a clean no is there a next letter."""
        reply = Reply(*response)
        if not reply.is_clean_no:
            self._spoil()
        return answered(stage, reply)

    def _broken(self, stage: Stage, error: Exception) -> Outcome:
        self._spoil()
        return broken(stage, error)

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
    await _given(client, relay)


async def _given(client: aiosmtplib.SMTP, relay: Relay) -> None:
    """Give the credentials once: aiosmtplib's login gives a wrong password in every way there is, and locks accounts.

    Another way is tried only where the relay says of the way that it will not have it (RFC 5321 and 4954).
    """
    ways = {"plain": client.auth_plain, "login": client.auth_login, "cram-md5": client.auth_crammd5}
    offered = [way for name, way in ways.items() if name in client.server_auth_methods]
    if not offered:
        raise aiosmtplib.SMTPException("the relay takes no credentials in a way that we know")
    for way in offered:
        try:
            await way(relay.user, relay.password)
        except aiosmtplib.SMTPAuthenticationError as error:
            if error.code not in _NOT_THIS_WAY or way is offered[-1]:
                raise
        else:
            return


def _cancellations() -> int:
    task = asyncio.current_task()
    return task.cancelling() if task else 0


def _heed(cancellations: int) -> None:
    """Be cancelled after all, if since then a cancellation was swallowed on the way (see `_give_up`)."""
    if _cancellations() > cancellations:
        raise asyncio.CancelledError


def _drop(client: aiosmtplib.SMTP) -> None:
    """Close at once, and forget what was not sent yet: closing politely would still send the rest of a letter."""
    if client.transport is not None:
        cast("asyncio.Transport", client.transport).abort()
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
