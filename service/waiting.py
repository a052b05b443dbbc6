"""How every process of ours waits: on which event loop, and until which signal."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from service.processes import ENDING

try:
    from uvloop import new_event_loop
except ImportError:  # no wheel for this machine
    from asyncio import new_event_loop  # type: ignore[assignment]  # of the same meaning, in other words

T = TypeVar("T")


def waited_for(what: Coroutine[Any, Any, T]) -> T:
    """Run what waits to its end, on uvloop's event loop where that installs: it is half as fast again."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(what)


def stop_on_signals() -> asyncio.Event:
    """Give the event that SIGTERM and SIGINT set, from now on; the second one cancels what the first let finish."""
    stopping, playing = asyncio.Event(), asyncio.current_task()

    def told() -> None:
        if stopping.is_set() and playing is not None:
            playing.cancel()
        stopping.set()

    for name in ENDING:
        asyncio.get_running_loop().add_signal_handler(name, told)
    return stopping
