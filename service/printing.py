"""The process that renders editions for one that sends: `python -m service.printing`, begun by `delivery/aside.py`.

It reads its settings as one line of JSON and says so, then takes editions, a line each, and says of each that it
is done. It renders on its parent's behalf alone: when its input ends, so does it, in the middle of whatever it is.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from queue import SimpleQueue
from threading import Thread

from service.actions import alerts
from service.delivery.aside import DONE, READY
from service.delivery.chamber import Chamber
from service.delivery.editions import Press
from service.delivery.sets import Sets
from service.observability import log, set_up
from service.rendering.templates import shipped_templates
from service.settings import shipped
from service.store.dialect import Store

Line = dict[str, str]


def main() -> None:
    """Render what the lines of standard input name, until it ends."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_IGN)  # told to a whole group, they are the parent's, which may need an edition
    set_up()
    lines: SimpleQueue[Line] = SimpleQueue()
    Thread(target=_read, args=(sys.stdin, lines), daemon=True).start()
    press = _press(lines.get())
    _say(READY)
    with asyncio.Runner() as runner:
        while True:
            _say(runner.run(_rendered(press, lines.get())))


def _press(given: Mapping[str, str]) -> Press:
    templates, locales = shipped("templates"), shipped("data") / "locales"
    sets = Sets(shipped_templates(templates, locales))
    return Press(Store(given["database"]), Chamber(), sets, given["public_url"], tell=alerts.tell_editors)


async def _rendered(press: Press, asked: Mapping[str, str]) -> str:
    try:
        await press.print(asked["edition"], datetime.fromisoformat(asked["now"]))
    except Exception as error:  # noqa: BLE001  (the database: the parent hears of it, and asks again)
        log.exception("edition_waits", edition=asked["edition"])
        return f"The process that renders could not: {type(error).__name__}"
    return DONE


def _read(source: Iterable[str], lines: "SimpleQueue[Line]") -> None:
    """Hand lines on, from a thread of its own: a template that takes long must not keep the end from being heard."""
    for line in source:
        lines.put(json.loads(line))
    os._exit(0)


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201  (to the parent)


if __name__ == "__main__":
    main()
