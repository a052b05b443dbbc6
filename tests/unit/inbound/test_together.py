"""What arrives together is kept together, and each is answered for by itself."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from sqlalchemy.exc import OperationalError

from service.inbound.together import Together
from service.store.inbox import Arrival


@dataclass
class Kept:
    """Where mail is kept: each group that was, but for the bad ones, and not before it is let."""

    groups: list[list[bytes]] = field(default_factory=list)
    may: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def keep(self, arrivals: Sequence[Arrival]) -> None:
        self.begun.set()
        await self.may.wait()
        contents = [one.content for one in arrivals]
        if b"bad" in contents:
            raise ValueError(contents)
        self.groups.append(contents)


def a_mail(content: bytes) -> list[Arrival]:
    return [Arrival("lmtp", "", "help@remember.example", content)]


async def test_what_comes_while_a_mail_is_being_kept_is_kept_at_once_after_it():
    kept = Kept()
    together = Together(kept.keep)
    first = asyncio.create_task(together.keep(a_mail(b"1")))
    await kept.begun.wait()
    others = [asyncio.create_task(together.keep(a_mail(content))) for content in (b"2", b"3", b"4")]
    kept.may.set()
    await asyncio.gather(first, *others)
    assert kept.groups == [[b"1"], [b"2", b"3", b"4"]]


async def test_one_that_cannot_be_kept_turns_no_other_away():
    kept = Kept()
    together = Together(kept.keep)
    keeping = [asyncio.create_task(together.keep(a_mail(content))) for content in (b"1", b"bad", b"3")]
    kept.may.set()
    one, bad, three = await asyncio.gather(*keeping, return_exceptions=True)
    assert (one, type(bad), three) == (None, ValueError, None)
    assert kept.groups == [[b"1"], [b"3"]]
    await together.keep(a_mail(b"4"))
    assert kept.groups[-1] == [b"4"]


async def test_when_the_database_is_away_nobody_waits_for_each_of_the_others():
    tries = []

    async def away(arrivals: Sequence[Arrival]) -> None:
        tries.append(len(arrivals))
        raise OperationalError("INSERT", {}, Exception("gone"))

    together = Together(away)
    keeping = [asyncio.create_task(together.keep(a_mail(content))) for content in (b"1", b"2", b"3")]
    ended = await asyncio.gather(*keeping, return_exceptions=True)
    assert [type(one) for one in ended] == [OperationalError] * 3
    assert tries == [3]


async def test_who_is_gone_before_the_end_keeps_no_other_from_being_answered():
    kept = Kept()
    together = Together(kept.keep)
    first, second = (asyncio.create_task(together.keep(a_mail(content))) for content in (b"1", b"2"))
    await kept.begun.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    kept.may.set()
    await second
    assert kept.groups == [[b"1", b"2"]]
