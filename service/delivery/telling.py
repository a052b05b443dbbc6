"""Tells webhooks what happened: claims messages that are due, hands each over with its signature, records the answer.

A message is handed over at least once, under one id. Whoever claims it puts it off by a lease; if they die, it is due
again then. Each webhook has its own task, so that one which is slow or silent keeps no other waiting.
"""

import asyncio
import random
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from service.delivery import posting
from service.delivery.sender import Sender
from service.domain.webhook import TEST, Answered, Happening, after, signed, written
from service.loops import Loop
from service.observability import log
from service.store import installation, webhook_messages, webhooks
from service.store.dialect import Store, Tx, new_id
from service.store.webhook_messages import Message
from service.store.webhooks import Webhook

EVERY_SECONDS: Final = 2.0
_LEASE: Final = timedelta(minutes=1)
_AT_ONCE: Final = 8
_NAME: Final = "Remembrancer (Standard Webhooks)"


def _nothing() -> None:
    """Nobody wants to know."""


@dataclass(slots=True)
class Teller:
    """One process that tells. `handed` is called between handing over and recording; `chance` spreads retries."""

    store: Store
    clock: Callable[[], datetime]
    seconds: float = posting.SECONDS
    trusts: ssl.SSLContext | None = None
    handed: Callable[[], None] = _nothing
    chance: Callable[[], float] = random.random
    _busy: dict[str, "asyncio.Task[None]"] = field(default_factory=dict)
    _is_ending: bool = False

    async def look(self) -> None:
        """Begin to tell every webhook for which something is due and that is not being told already.

        Nothing leaves while the post is paused, as it is in a copy that was brought back from a backup: that is asked
        again with each claim, so that no more than what is in hand leaves after somebody said `pause`.
        """
        async with self.store.read() as tx:
            due = [] if await _is_held(tx) else await webhook_messages.due(tx, self.clock())
        for id_ in due:
            if id_ not in self._busy:
                task = self._busy[id_] = asyncio.create_task(self._tell(id_))
                task.add_done_callback(partial(self._told, id_))

    async def done(self) -> None:
        """Wait until nobody is being told."""
        while self._busy:
            await asyncio.wait([*self._busy.values()])

    async def end(self) -> None:
        """Claim nothing more, and wait until what is in hand is recorded."""
        self._is_ending = True
        await self.done()

    def _told(self, id_: str, task: "asyncio.Task[None]") -> None:
        self._busy.pop(id_, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("webhook_not_told", webhook=id_, problem=repr(error))

    async def _tell(self, id_: str) -> None:
        """Tell a webhook what is due, until nothing is, it takes none of it, or the post is paused."""
        is_taken = True
        while is_taken and not self._is_ending:
            now = self.clock()
            async with self.store.write() as tx:
                hook = await webhooks.named(tx, id_)
                if hook is None or hook.off_at is not None or await _is_held(tx):
                    return
                claimed = await webhook_messages.claim(tx, id_, now, now + _LEASE, _AT_ONCE)
            answers = await asyncio.gather(*(self.hand_over(hook, one) for one in claimed))
            self.handed()
            is_taken = await self._recorded(hook, list(zip(claimed, answers, strict=True)))

    async def hand_over(self, hook: Webhook, message: Message) -> Answered:
        """Hand one message over, and give what was answered."""
        now, body = self.clock(), message.body
        headers = {"Content-Type": "application/json", "User-Agent": _NAME}
        headers |= signed(hook.secrets(now), message.id, now, body)
        return await posting.post(hook.url, headers, body, seconds=self.seconds, trusts=self.trusts)

    async def _recorded(self, hook: Webhook, told: list[tuple[Message, Answered]]) -> bool:
        """Record what was answered, all at once; gives whether anything was taken."""
        if not told:
            return False
        now, off = self.clock(), ""
        taken = sum(answer.is_taken for _, answer in told)
        since = None if taken else hook.failing_since
        async with self.store.write() as tx:
            await webhooks.alone(tx, hook.id)
            for message, answer in told:
                follows = after(answer, message.attempts + 1, since, now, self.chance())
                off = off or follows.off
                await webhook_messages.record(tx, message, answer, follows, now)
            failed = [answer for _, answer in told if not answer.is_taken]
            await webhooks.answered(tx, hook.id, (failed or [told[-1][1]])[-1], now, is_any_taken=bool(taken))
            if off:
                await webhooks.switch_off(tx, hook.id, off, now)
        if failed:
            last = failed[-1]
            log.warning("webhook_refuses", webhook=hook.id, code=last.code, messages=len(failed))
        if off:
            log.error("webhook_off", webhook=hook.id, why=off)
        return taken > 0


async def _is_held(tx: Tx) -> bool:
    post = await installation.state(tx)
    return post is not None and post.paused_at is not None


async def tell_test(store: Store, clock: Callable[[], datetime], hook: Webhook) -> Answered:
    """Tell a webhook now that this is a test, which is kept in no message; gives what was answered."""
    message = Message(new_id(), 0, Happening.TEST, written(TEST), clock(), 0)
    return await Teller(store, clock).hand_over(hook, message)


async def tell(sender: Sender, stopping: asyncio.Event) -> None:
    """Tell webhooks what happens, in a process that sends, until `stopping` is set; then finish what is in hand.

    It begins when the worker is entered: by then a database that is a copy is known as one, and its post held.
    """
    teller = Teller(sender.store, sender.clock)

    async def look() -> None:
        if sender.worker.is_fresh:
            await teller.look()

    await Loop("webhooks", look, EVERY_SECONDS).run(stopping)
    await teller.end()
