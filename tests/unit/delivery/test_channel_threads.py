"""Codes and notices by channels have threads of their own, and who finds none free has tried nothing."""

import asyncio
import threading

from service.delivery.channels import AT_ONCE, ChannelTransport
from service.domain.channel import read_channels
from service.domain.notice import Outcome, Result

WAY = "ntfy:ani-remembers-2wz7"


async def test_a_code_arrives_while_all_notices_hang_and_the_next_notice_has_tried_nothing() -> None:
    never, begun = threading.Event(), threading.Semaphore(0)

    def hand_over(_name: str, _url: str, title: str, _body: str) -> Outcome:
        if title == "A war":
            begun.release()
            never.wait(20)
        return Outcome(Result.ACCEPTED, 0, "taken")

    transport = ChannelTransport(read_channels("ntfy=ntfys://ntfy.example.org/{to}"), hand_over, patience=0.3)
    hanging = [asyncio.create_task(transport.handed(transport.taken_up(WAY, "A war", ""))) for _ in range(AT_ONCE)]
    try:
        for _ in hanging:
            await asyncio.to_thread(begun.acquire)
        assert await transport.knock(WAY, "Your code", "123456") is Result.ACCEPTED
        waiting = await transport.handed(transport.taken_up(WAY, "A war", ""))
        assert (waiting.result, waiting.words) == (Result.UNREACHED, "the channel is busy")
        assert {(await one).result for one in hanging} == {Result.IN_DOUBT}
    finally:
        never.set()
