"""A process that runs the service's own post, and dies where it is told to: `python -m tests.faults.worker`.

It is a nursery: it imports everything once, and for each line of JSON on standard input forks a worker, which
costs milliseconds where a start costs a second. It tells of each that started and ended, a line each.
"""

import ctypes
import json
import os
import select
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import event

from service.app import Role, build
from service.observability import set_up
from service.processes import stop_on_signals, waited_for
from service.running import Ports, run
from service.settings_read import read_settings
from service.store.dialect import Store
from tests.faults.clocks import Clocks
from tests.printers import AtHand

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Fork workers as told, until standard input ends; then none is left."""
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    unread = b""
    while True:
        ready, _, _ = select.select([0, ended], [], [])
        if ended in ready:
            os.read(ended, 4096)
            _reap()
        if 0 in ready:
            octets = os.read(0, 65536)
            if not octets:
                return
            *lines, unread = (unread + octets).split(b"\n")
            for line in lines:
                _fork(json.loads(line))


def _fork(words: dict[str, Any]) -> None:
    nursery = os.getpid()
    pid = os.fork()
    if pid:
        _tell({"started": pid, "number": words["number"]})
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != nursery:
        os._exit(1)
    _grow(words)


def _grow(words: dict[str, Any]) -> NoReturn:
    """Be a worker: its own signals and log, then the post until it is told to stop."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(words["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(words["settings"])
    status = 1
    try:
        set_up()
        waited_for(_work(words))
        status = 0
    except BaseException:  # noqa: BLE001  (a worker tells why it ended, whatever it was)
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(status)


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


def _reap() -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        _tell({"ended": pid, "status": os.waitstatus_to_exitcode(status)})


def _tell(fact: dict[str, Any]) -> None:
    os.write(1, json.dumps(fact).encode() + b"\n")


if __name__ == "__main__":
    main()
