"""Channels as a transport: messages handed over in threads, so many at once, each with an end to its waiting.

A notice that goes by a channel is claimed, intended, handed over and recorded as every other, by a sender of its own
beside that of the mail: a channel that is slow keeps no letter waiting, nor a relay that is down a message.
"""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from service.delivery.consequences import Consequences
from service.domain.channel import FALLS_BACK_AFTER, Channels, is_for_good, is_the_readers, read_way
from service.domain.errors import InvalidError
from service.domain.letter import Letter
from service.domain.notice import Claim, Outcome, Result, Stage, State
from service.observability import log
from service.store import channels as kept
from service.store.dialect import GroupTx
from service.store.handing import Done

AT_ONCE = 4
_CODES_AT_ONCE = 2
PATIENCE_SECONDS = 45.0  # beyond what Apprise waits by itself
HandOver = Callable[[str, str, str, str], Outcome]


@dataclass(slots=True)
class _Handed:
    """One message in a thread's hand; `begun` once the thread has taken it up."""

    work: Callable[[], Outcome]
    begun: bool = False

    def __call__(self) -> Outcome:
        self.begun = True
        return self.work()


class ChannelTransport:
    """Hands messages to the channels that are declared; `hand_over` blocks (`apprising`)."""

    def __init__(self, channels: Channels, hand_over: HandOver, *, patience: float = PATIENCE_SECONDS) -> None:
        self.channels = channels
        self._hand_over = hand_over
        self._patience = patience
        self._threads = ThreadPoolExecutor(AT_ONCE, "channel")
        self._for_codes = ThreadPoolExecutor(_CODES_AT_ONCE, "code")  # somebody waits for them

    async def connect(self) -> "ChannelConnection":
        """Give a connection; a channel that cannot be reached is told of each message."""
        return ChannelConnection(self)

    async def knock(self, address: str, title: str, body: str) -> Result:
        """Hand over what is no notice, such as a code, once, and say what became of it."""
        return (await self._handed(self.taken_up(address, title, body), self._for_codes)).result

    def taken_up(self, address: str, title: str, body: str) -> _Handed:
        """Make a message ready; raise InvalidError for a way that is not declared or not of its form."""
        way = read_way(address)
        if way.channel not in self.channels.urls:
            raise InvalidError(f"{way.channel} is not declared")
        return _Handed(partial(self._hand_over, way.channel.value, self.channels.url_of(way), title, body))

    async def handed(self, message: _Handed) -> Outcome:
        """Have a thread hand a message over; nobody knows of one that does not come back."""
        return await self._handed(message, self._threads)

    async def _handed(self, message: _Handed, threads: ThreadPoolExecutor) -> Outcome:
        doing = asyncio.get_running_loop().run_in_executor(threads, message)
        done, _ = await asyncio.wait({doing}, timeout=self._patience)
        if not done:
            doing.cancel()
            if message.begun:
                return Outcome(Result.IN_DOUBT, 0, "the channel did not answer in time")
            return Outcome(Result.UNREACHED, 0, "the channel is busy", Stage.CONNECT)
        try:
            return doing.result()
        except Exception as error:  # noqa: BLE001  (whatever broke in a library, the letter is accounted for)
            log.error("channel_broke", problem=type(error).__name__)
            return Outcome(Result.IN_DOUBT, 0, "the channel broke")


class ChannelConnection:
    """A way to the channels, one message at a time."""

    pipelines = False

    def __init__(self, transport: ChannelTransport) -> None:
        self._transport = transport
        self._message: _Handed | None = None
        self.usable = True

    @property
    def has_begun(self) -> bool:
        """Whether the message that was given last may have left."""
        return self._message is not None and self._message.begun

    async def send(self, letter: Letter, following: Letter | None = None) -> Outcome:  # noqa: ARG002
        """Hand one message over."""
        self._message = None
        try:
            title, body = json.loads(letter.content)
            self._message = self._transport.taken_up(letter.recipient, title, body)
        except InvalidError as error:
            return Outcome(Result.DEFERRED, 0, str(error), Stage.CONNECT)
        return await self._transport.handed(self._message)

    def withdraw(self) -> None:
        """Nothing was announced."""

    async def close(self) -> None:
        """End it; there is nothing to let go."""
        self.usable = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What is claimed for the channels that are declared here."""

    channels: Channels

    def ordinary(self, tx: GroupTx, owner: str, now: datetime, most: int) -> list[Claim]:
        """Take what is due."""
        return kept.claim(tx, owner, now, most, self.channels.names, suspect=False)

    def suspect(self, tx: GroupTx, owner: str, now: datetime, most: int) -> list[Claim]:
        """Take one that a worker died with."""
        return kept.claim(tx, owner, now, most, self.channels.names, suspect=True)


def draw(consequences: Consequences, tx: GroupTx, done: list[Done], now: datetime) -> set[str]:
    """Draw what follows from messages just recorded: what a channel does not take goes by e-mail.

    At once if its answer says that trying again is of no use, else after the third attempt; unless an earlier attempt
    is in doubt, for then it might be had twice, on two ways.
    """
    struck, of_us = consequences.draw(tx, done, now), set[str]()
    for one in sorted(done, key=lambda one: one.held.subscriber):  # in one order, so that no two workers wait
        outcome = one.outcome
        if outcome.result is Result.ACCEPTED:
            kept.took(tx, one.held.subscriber)
        elif outcome.result in {Result.DEFERRED, Result.UNREACHED} and not one.follows.doubts:
            is_final = is_for_good(outcome.code)
            is_theirs = is_final and is_the_readers(read_way(one.held.address).channel, outcome.code)
            if is_final and not is_theirs:
                of_us.add(outcome.words)
            is_late = one.follows.state is State.DROPPED  # for another attempt, and not for a letter
            enough = is_final or is_late or one.follows.attempts >= FALLS_BACK_AFTER
            if enough and kept.give_up(tx, one.held, now, counts=is_theirs):
                log.warning("channel_set_aside", subscriber=one.held.subscriber, words=outcome.words)
    for words in sorted(of_us):
        log.error("channel_refuses_us", words=words)
    return struck
