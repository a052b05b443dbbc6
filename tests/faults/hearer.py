"""A process that plays the letter box, and dies where it is told to: `python -m tests.faults.hearer POINT NUMBER`.

It prints its port, takes mail over LMTP and reads it, and kills itself when it comes to a point ("-" for none) for the
NUMBERth time.
"""

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from service.app import build
from service.inbound.lmtp import Lmtp
from service.inbound.reader import EVERY_SECONDS
from service.loops import Loop
from service.observability import set_up
from service.serving import listen
from service.settings_read import read_settings
from service.store.inbox import Arrival
from service.waiting import stop_on_signals, waited_for
from tests.printers import AtHand


def _falling(point: str, number: int) -> Callable[[str], None]:
    passed: Counter[str] = Counter()

    def reached(here: str) -> None:
        passed[here] += 1
        if here == point and passed[here] == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


async def _hear(point: str, number: int) -> None:
    stopping, reached = stop_on_signals(), _falling(point, number)
    app = build(read_settings(), printer=AtHand())
    reader = replace(app.mailbox.reader, reached=reached)
    reading = Loop("letter-box", reader.read_all, EVERY_SECONDS)

    async def keep(arrivals: Sequence[Arrival]) -> None:
        await app.mailbox.keep(arrivals)
        reached("stored")
        reading.wake()

    listening = listen("127.0.0.1", 0, "test")
    print(listening.getsockname()[1], flush=True)
    assert app.desk.letter_box is not None
    async with asyncio.TaskGroup() as group:
        group.create_task(reading.run(stopping))
        group.create_task(Lmtp(keep, app.desk.letter_box).run(listening, stopping))
    await app.close()


if __name__ == "__main__":
    set_up()
    waited_for(_hear(sys.argv[1], int(sys.argv[2])))
