"""A process that stands by is ready before it is asked, and is kept without work."""

import sys

from service.delivery.child import Child, Patience

TELLS_WHO_IT_IS = """
import os, sys
def hear(): return sys.stdin.buffer.read(int.from_bytes(sys.stdin.buffer.read(4), "big"))
def say(words): sys.stdout.buffer.write(len(words).to_bytes(4, "big") + words); sys.stdout.buffer.flush()
while hear(): say(str(os.getpid()).encode())
"""


async def test_one_that_stands_by_is_there_before_it_is_asked_and_stays() -> None:
    child = Child((sys.executable, "-c", TELLS_WHO_IT_IS), Patience(answer=60.0, idle=0.0), given=b"begin")
    await child.stand_by()
    await child.stand_by()
    answers = {await child.ask(b"who") for _ in range(3)}
    await child.close()
    assert len(answers) == 1
