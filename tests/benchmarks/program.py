"""The real program's post as a process of its own: `sender` sends all that is due and tells what it took.

`python -m tests.benchmarks.program NOW SETTINGS` has all parts; it is there for the wait for the first letter.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any, Self

from service import observability
from service.app import App, Role, build
from service.running import Ports, run
from service.settings import Settings
from service.settings_read import read_settings
from service.waiting import waited_for
from tests.benchmarks import seed
from tests.benchmarks.harness import Run
from tests.peers import ROOT

Given = Mapping[str, object]
_TAIL = 2000
_SETTLING = 0.2  # seconds
_ANY_ACCEPTED = "SELECT 1 FROM notices WHERE state = 'accepted' LIMIT 1"


def sent(*workers: Given, environment: Mapping[str, str] | None = None) -> Run:
    """Run a process for each of the given settings, begin in all of them at once, and add up what they did."""
    with ExitStack() as stack:
        started = [stack.enter_context(_Worker(given, environment or {})) for given in workers]
        for worker in started:
            worker.expect_ready()
        for worker in started:
            worker.begin()
        told = [worker.told() for worker in started]
    seconds = max(one["end"] for one in told) - min(one["start"] for one in told)
    sums = {name: sum(one[name] for one in told) for name in ("count", "cpu", "whole")}
    return Run(seconds=seconds, peak=max(one["peak"] for one in told), **sums)


def first_letter(given: Given) -> float:
    """Run the post, have the clock find its slot due, and give the moment of that, once a letter has left."""
    with _Worker(given, {}, "program") as worker:
        worker.expect_ready()
        worker.begin()
        return float(worker.told()["start"])


class _Worker:
    """One such process; what it logs is shown if it fails."""

    def __init__(self, given: Given, environment: Mapping[str, str], module: str = "sender") -> None:
        self._logged = tempfile.TemporaryFile("w+")  # noqa: SIM115  (closed in __exit__)
        words = json.dumps({name: str(value) for name, value in given.items()})
        call = [sys.executable, "-m", f"tests.benchmarks.{module}", seed.NOW.isoformat(), words]
        around = {"cwd": ROOT, "env": os.environ | environment, "text": True, "stderr": self._logged}
        self._process = subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **around)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.returncode is None:
            self._process.kill()
        self._process.communicate()
        self._logged.close()

    def expect_ready(self) -> None:
        """Wait until it has joined its parts."""
        if self._process.stdout.readline() != "ready\n":
            self._process.wait()
            raise self._failed()

    def begin(self) -> None:
        """Let it send."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def told(self) -> dict[str, Any]:
        """Wait for its end; gives what it printed, with the kernel's account of its processor time."""
        answer = self._process.stdout.read()
        _, status, used = os.wait4(self._process.pid, 0)
        self._process.returncode = os.waitstatus_to_exitcode(status)
        if self._process.returncode:
            raise self._failed()
        told: dict[str, Any] = json.loads(answer)
        return told | {"whole": used.ru_utime + used.ru_stime}

    def _failed(self) -> AssertionError:
        self._logged.seek(0)
        return AssertionError(self._logged.read()[-_TAIL:])


class _Turning:
    """A clock that begins at the seed's hour and goes on from there."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __call__(self) -> datetime:
        return seed.NOW + timedelta(seconds=time.monotonic() - self._start)


async def _send_first(settings: Settings) -> dict[str, float]:
    app, stopping = await _ready(settings), asyncio.Event()
    running = asyncio.create_task(run(app, frozenset({Role.POST}), Ports(None, None), stopping))
    await app.stand_by()
    await asyncio.sleep(_SETTLING)
    start = time.monotonic()
    planning = asyncio.create_task(app.plan())
    while not await _accepted(app):  # noqa: ASYNC110  (a row is no event)
        await asyncio.sleep(_SETTLING)
    stopping.set()
    await asyncio.gather(planning, running)
    return {"start": start}


async def _ready(settings: Settings) -> App:
    """Join the parts, open the database, say so, and wait to be let go."""
    app = build(settings, clock=_Turning())
    async with app.store.read():
        pass  # the connection is there
    print("ready", flush=True)
    sys.stdin.readline()
    return app


async def _accepted(app: App) -> bool:
    async with app.store.read() as tx:
        return bool((await tx.exec_driver_sql(_ANY_ACCEPTED)).first())


if __name__ == "__main__":
    observability.set_up()
    print(json.dumps(waited_for(_send_first(read_settings(**json.loads(sys.argv[2]))))))
