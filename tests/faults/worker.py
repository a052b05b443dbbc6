"""A process that runs the service's own post, and dies where it is told to: `python -m tests.faults.worker JSON`."""

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import event

from service.app import Role, build
from service.observability import set_up
from service.running import Ports, run
from service.settings_read import read_settings
from service.store.dialect import Store
from service.waiting import stop_on_signals, waited_for
from tests.faults.clocks import Clocks
from tests.printers import AtHand


async def _work(words: dict[str, Any]) -> None:
    stopping = stop_on_signals()
    clocks = Clocks(Path(words["clocks"]))
    app = build(read_settings(), clock=clocks.wall, reached=_falling(words["falls"]), printer=AtHand())
    for sender in (app.sender, *app.post.beside):
        sender.worker.boot = clocks.boot
        sender.worker.lease_seconds = words["lease"]
    told(app.store, words["pragmas"])
    await run(app, frozenset({Role.POST}), Ports(None, None), stopping)


def told(store: Store, pragmas: Iterable[str]) -> None:
    """Tell every connection of a store on SQLite something more, such as how many pages there may be."""

    def tell(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    for engine in (store._engine.sync_engine, store._groups._engine) if store.embedded else ():
        event.listen(engine, "connect", tell)


def _falling(falls: dict[str, list[Any]]) -> Callable[[str], None]:
    """Give what is called at each point: at the n-th time it sends a signal, or waits for a pipe to be opened."""
    met: Counter[str] = Counter()

    def reached(point: str) -> None:
        met[point] += 1
        nth, by = falls.get(point, (0, ""))
        if met[point] != nth:
            return
        if by.startswith("SIG"):
            os.kill(os.getpid(), signal.Signals[by])
        else:
            Path(by).read_bytes()  # a named pipe: until somebody opens it to write

    return reached


if __name__ == "__main__":
    set_up()
    waited_for(_work(json.loads(sys.argv[1])))
