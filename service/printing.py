"""The process that renders editions for one that sends: `python -m service.printing`, begun by `delivery/aside.py`.

It is told its settings and says so, then takes editions, one at a time, and says of each that it is done. It renders
on its parent's behalf alone: when its input ends, so does it, in the middle of whatever it is.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from datetime import datetime
from queue import SimpleQueue
from threading import Thread
from typing import BinaryIO

from service.actions import alerts
from service.delivery.aside import DONE
from service.delivery.chamber import Chamber
from service.delivery.editions import Press
from service.delivery.sets import Sets
from service.observability import log, set_up
from service.processes import ENDING, framed, read_frame
from service.rendering.templates import shipped_templates
from service.settings import shipped
from service.store.dialect import Store

Said = dict[str, str]


def main() -> None:
    """Render what standard input names, until it ends."""
    for name in ENDING:
        signal.signal(name, signal.SIG_IGN)  # told to a whole group, they are the parent's, which may need an edition
    set_up()
    asked: SimpleQueue[Said] = SimpleQueue()
    Thread(target=_read, args=(sys.stdin.buffer, asked), daemon=True).start()
    press = _press(asked.get())
    _say(DONE)
    with asyncio.Runner() as runner:
        while True:
            _say(runner.run(_rendered(press, asked.get())))


def _press(given: Mapping[str, str]) -> Press:
    templates, locales = shipped("templates"), shipped("data") / "locales"
    sets = Sets(shipped_templates(templates, locales))
    return Press(Store(given["database"]), Chamber(), sets, given["public_url"], tell=alerts.tell_editors)


async def _rendered(press: Press, asked: Mapping[str, str]) -> bytes:
    try:
        await press.print(asked["edition"], datetime.fromisoformat(asked["now"]))
    except Exception as error:  # noqa: BLE001  (the database: the parent hears of it, and asks again)
        log.exception("edition_waits", edition=asked["edition"])
        return f"The process that renders could not: {type(error).__name__}".encode()
    return DONE


def _read(source: BinaryIO, asked: "SimpleQueue[Said]") -> None:
    """Hand on what comes, from a thread of its own: what takes long must not keep the end from being heard."""
    while (said := read_frame(source)) is not None:
        asked.put(json.loads(said))
    os._exit(0)


def _say(words: bytes) -> None:
    sys.stdout.buffer.write(framed(words))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
