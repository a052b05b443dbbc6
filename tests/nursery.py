"""A process that has everything imported and read, and forks children that run a module: `python -m tests.nursery FD`.

A start of the program costs more than a second of processor, nearly all of it imports, and the tests start it a
thousand times; a fork costs milliseconds. A child is a process like any other, with its own folder, environment, pipes
and signals, and ends as one that was started anew, but is not taken apart in memory. What a start itself does is tried
without a nursery (`journeys/test_commands.py`, `test_running.py`, `test_wheel.py`).

It is asked through a socket, whose end it has as a file descriptor: for each message in JSON, with the child's standard
input, output and errors and an own socket beside it, it tells through the latter that the child started, and how it
ended (negative: the signal). When the asking end is closed, none is left.
"""

import atexit
import ctypes
import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import Any

_PR_SET_PDEATHSIG = 1
_MOST_OCTETS = 2**18
_status: list[int] = []  # of a child that has come to its end


def children_of(asked: socket.socket) -> dict[str, Any]:
    """Fork children as asked; returns what is asked of a child in the child alone, and else ends the process."""
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    living: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select.select([asked, ended], [], [])
        if ended in ready:
            os.read(ended, 4096)
            _reap(living)
        if asked in ready:
            octets, pipes, _, _ = socket.recv_fds(asked, _MOST_OCTETS, 4)
            if not octets:
                sys.exit()
            words = json.loads(octets)
            if _is_child(pipes, living, keeps=(asked.fileno(), ended, wake)):
                return words


def _is_child(pipes: list[int], living: dict[int, socket.socket], keeps: tuple[int, ...]) -> bool:
    nursery = os.getpid()
    if pid := os.fork():
        *standard, telling = pipes
        for pipe in standard:
            os.close(pipe)
        living[pid] = socket.socket(fileno=telling)
        _tell(living[pid], {"started": pid})
        return False
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != nursery:
        os._exit(1)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for standard, pipe in enumerate(pipes[:3]):
        os.dup2(pipe, standard)
    for descriptor in (*pipes, *keeps, *(told.detach() for told in living.values())):
        os.close(descriptor)
    return True


def _reap(living: dict[int, socket.socket]) -> None:
    while living:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        with living.pop(pid) as told:
            _tell(told, {"ended": os.waitstatus_to_exitcode(status)})


def _tell(told: socket.socket, fact: dict[str, Any]) -> None:
    with suppress(BrokenPipeError):  # whoever asked wants to know no more
        told.sendall(json.dumps(fact).encode() + b"\n")


def grow(words: dict[str, Any]) -> None:
    """Become what was asked for: a module run as a command, in a folder and an environment."""
    os.environ.clear()
    os.environ.update(words["environment"])
    time.tzset()
    os.chdir(words["folder"])
    sys.path[0] = words["folder"]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  (as the interpreter makes them)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.argv[1:] = words["words"]
    try:
        runpy.run_module(words["module"], run_name="__main__", alter_sys=True)
        _status.append(0)
    except SystemExit as told:
        if told.code is None or isinstance(told.code, int):
            _status.append(told.code or 0)
        raise


def _leave() -> None:
    """End a child when all else has been done: to take everything apart that a nursery holds costs 0.2 seconds."""
    with suppress(OSError):  # nobody reads what it says: the interpreter knows what becomes of that
        for said in (sys.stdout, sys.stderr):
            said.flush()
        if _status:
            os._exit(_status[0] & 0xFF)


if __name__ == "__main__":
    atexit.register(_leave)  # before anything else is, and so after it: what is imported registers its own
    from tests.warmth import warm

    warm()
    gc.freeze()
    grow(children_of(socket.socket(fileno=int(sys.argv[1]))))
