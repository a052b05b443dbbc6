"""Many letters on one connection, each for one round trip (RFC 2920).

The commands of an envelope go out together, and with the end of the letter before it. What a relay says is
paired with what it was asked by counting: every octet that nobody asked for ends the connection. The content
of a letter is never written before its own `send`, so that a crash doubles one letter for each connection at
most. aiosmtplib opened the connection; from there on its transport is ours.
"""

import asyncio
import contextlib

from service.delivery.envelope import Enveloped, Offer
from service.delivery.relay import Patience
from service.delivery.replies import ENVELOPE, ReplyError, accepted, answered, broken, closed, is_wanted, unsendable
from service.delivery.wire import Wire
from service.domain.errors import InvalidError
from service.domain.letter import Letter
from service.domain.notice import Outcome, Stage

_AT_ONCE = 60_000  # octets: below asyncio's high-water mark (64 KiB), so that nothing is held back
_COMMANDS_OF_AN_ENVELOPE = len(ENVELOPE)
_NO_MATCH = "the relay's answers do not match what it was asked"


class PipelinedConnection:
    """One dialogue with a relay that lets commands be sent together."""

    pipelines = True

    def __init__(self, transport: asyncio.Transport, offer: Offer, patience: Patience) -> None:
        self._offer = offer
        self._patience = patience
        self._seconds = {Stage.MAIL: patience.command, Stage.RCPT: patience.command, Stage.DATA: patience.data}
        self._wire = Wire(transport, min(patience.command, patience.data, patience.dot))
        self._announced: Enveloped | None = None
        self.has_begun = False

    @property
    def usable(self) -> bool:
        """Whether all that was said on it has been answered cleanly, and nothing was said unasked."""
        return self._wire.is_sound

    async def send(self, letter: Letter, following: Letter | None = None) -> Outcome:
        """Hand one letter over, to one recipient; with its end, announce the one that `send` is called with next."""
        self.has_begun = False
        try:
            return await self._dialogue(letter, following)
        except BaseException:
            self._wire.drop()
            raise

    def withdraw(self) -> None:
        """Do not send the announced letter after all: only a cut can end a DATA without a letter."""
        if self._announced is not None:
            self._wire.drop()

    async def close(self) -> None:
        """Say QUIT if the connection is sound and nothing announced, wait briefly, and close."""
        try:
            if self.usable and self._announced is None:
                with contextlib.suppress(OSError):
                    async with asyncio.timeout(self._patience.farewell):
                        self._wire.write(b"QUIT\r\n", 1)
                        await self._wire.reply(self._patience.command)
        finally:
            self._wire.drop()

    async def _dialogue(self, letter: Letter, following: Letter | None) -> Outcome:
        was_usable = self.usable
        begun = self._begun(letter)
        if isinstance(begun, Outcome):
            return begun
        refusal = await self._refusal()
        if not was_usable and (refusal is None or not refusal.code):
            return closed(self._wire.trouble)
        if refusal is None:
            return await self._content(begun.content, following)
        return await self._refused(refusal, following)

    def _begun(self, letter: Letter) -> Enveloped | Outcome:
        """See that the letter's envelope has been written; give what became of it if that cannot be."""
        announced, self._announced = self._announced, None
        if announced is not None and announced.letter is letter:
            return announced
        if announced is not None:  # its DATA is open: whatever is written now would be its content
            self._wire.drop()
        try:
            enveloped = self._offer.enveloped(letter)
        except InvalidError as error:
            return unsendable(error)
        if not self.usable:
            self._wire.drop()
            return closed(self._wire.trouble)
        self._wire.write(_commands(enveloped), _COMMANDS_OF_AN_ENVELOPE)
        return enveloped

    async def _refusal(self) -> Outcome | None:
        """Read the answers to MAIL, RCPT and DATA; give None if the content may be sent.

        After a no, a 354 opens a letter that only a cut can end without delivering it empty (RFC 2920, 3.1).
        """
        outcome: Outcome | None = None
        for stage in ENVELOPE:
            try:
                reply = await self._wire.reply(self._seconds[stage])
            except OSError as error:
                return outcome or broken(stage, error)
            is_first = outcome is None
            if outcome is None:
                if is_wanted(stage, reply.code):
                    continue
                outcome = answered(stage, reply)
            if not reply.is_clean_no:
                is_possible = is_first or reply.code >= 400 or (stage is Stage.DATA and reply.code == 354)
                self._wire.drop(None if is_possible else ReplyError(_NO_MATCH))
                return outcome
        return outcome

    async def _refused(self, refusal: Outcome, following: Letter | None) -> Outcome:
        """Make the connection ready for the next letter, and give the refusal if it is this letter's beyond doubt."""
        if self._wire.is_sound:
            await self._reset(following)
        if isinstance(self._wire.trouble, ReplyError):  # an answer too many has come: nobody knows which was whose
            return broken(refusal.stage, self._wire.trouble)
        return refusal

    async def _content(self, content: bytes, following: Letter | None) -> Outcome:
        """Send the content and its final dot, and wait for the answer that decides."""
        wire, next_one = self._wire, self._enveloped(following)
        if wire.trouble is not None:
            return broken(Stage.DATA, wire.trouble)
        ahead = _commands(next_one) if next_one is not None else b""
        self.has_begun = True
        if len(content) <= _AT_ONCE:
            wire.write(b"".join((content, b".\r\n", ahead)), 1 + _COMMANDS_OF_AN_ENVELOPE if ahead else 1)
        else:
            outcome = await self._long_content(content)
            if outcome is not None:
                return outcome
            if ahead and wire.is_sound:
                wire.write(ahead, _COMMANDS_OF_AN_ENVELOPE)
        try:
            reply = await wire.reply(self._patience.dot)
        except OSError as error:
            return broken(Stage.DOT, error)
        self._announced = next_one
        if is_wanted(Stage.DOT, reply.code):
            return accepted(reply)
        if not reply.is_clean_no:
            wire.drop()
        return answered(Stage.DOT, reply)

    async def _long_content(self, content: bytes) -> Outcome | None:
        """Write more than the system may take at once; give what became of it if that is known before the dot."""
        self._wire.write(content + b".\r\n", 1)
        try:
            reply = await self._wire.written(self._patience.dot)
        except OSError as error:
            return broken(Stage.DATA, error)
        if reply is None:
            return None
        self._wire.drop()
        return answered(Stage.DATA, reply)

    async def _reset(self, following: Letter | None) -> None:
        """Forget the letter's envelope on the relay's side, and announce the next."""
        next_one = self._enveloped(following)
        ahead = _commands(next_one) if next_one is not None else b""
        self._wire.write(b"RSET\r\n" + ahead, 1 + _COMMANDS_OF_AN_ENVELOPE if ahead else 1)
        try:
            code = (await self._wire.reply(self._patience.command)).code
        except OSError:
            return
        if code == 250:
            self._announced = next_one
        else:
            self._wire.drop(None if code >= 400 else ReplyError(_NO_MATCH))

    def _enveloped(self, following: Letter | None) -> Enveloped | None:
        """Put the next letter into its envelope; one that cannot be sent is told of when its turn comes."""
        if following is None or not self._wire.is_sound:
            return None
        try:
            return self._offer.enveloped(following)
        except InvalidError:
            return None


def _commands(enveloped: Enveloped) -> bytes:
    return b"%b\r\n%b\r\nDATA\r\n" % (enveloped.mail, enveloped.rcpt)
