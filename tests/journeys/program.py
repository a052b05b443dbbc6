"""The program as an operator has it: a command, run as a child in an empty folder, set up by its environment."""

import asyncio
import csv
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tests import children
from tests.peers import ROOT

T = TypeVar("T")
Process = asyncio.subprocess.Process | children.Child
PATIENCE_SECONDS = 90.0
COMMAND = (sys.executable, "-m", "service")
KEY = "a key for the tests, of more than 32 characters"
ANNA = {"email": "anna@example.org", "zone": "Asia/Yerevan", "collections": "artsakh", "confirmed_at": "2024-01-01"}


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        """The JSON that it printed."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Answer:
    """What a page answered."""

    status: int
    text: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Running:
    """The service while it runs: the process and the address that it printed."""

    process: Process
    address: str
    greeting: str

    def is_reached(self) -> bool:
        """Say whether somebody listens at the printed address."""
        parts = urlsplit(self.address)
        try:
            socket.create_connection((parts.hostname, parts.port), timeout=PATIENCE_SECONDS).close()
        except ConnectionRefusedError:
            return False
        return True

    async def get(self, path: str, **headers: str) -> Answer:
        """Ask for a page, without a browser."""
        return await asked(self.address + path.lstrip("/"), headers=headers)

    async def stop(self, by: int = signal.SIGTERM) -> int:
        """Send a signal and give the status."""
        self.process.send_signal(by)
        return await asyncio.wait_for(self.process.wait(), PATIENCE_SECONDS)


@dataclass(frozen=True)
class Program:
    """`remembrancer` in a folder; `settings` are the variables without their prefix, `command` what starts it anew."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()

    @property
    def own_url(self) -> str:
        """The database of its folder, which it has unless it is told of another."""
        return f"sqlite+aiosqlite:///{self.folder / 'var' / 'remembrancer.db'}"

    def with_(self, **settings: str) -> "Program":
        """Give the same with other settings."""
        return replace(self, settings=self.settings | settings)

    def anew(self) -> "Program":
        """Give the same without a nursery: it starts as an operator's does, imports and all."""
        return replace(self, command=COMMAND)

    async def start(self, *words: str, **pipes: Any) -> Process:
        """Start a command."""
        folder, environment = self._place()
        all_pipes = dict.fromkeys(("stdin", "stdout", "stderr"), PIPE) | pipes
        if not self.command:
            return await children.start("service", *words, folder=folder, environment=environment, **all_pipes)
        place = {"cwd": folder, "env": environment}
        return await asyncio.create_subprocess_exec(*self.command, *words, **place, limit=2**22, **all_pipes)

    def most_memory(self, *words: str) -> float:
        """Run a command that succeeds to its end, whatever it prints, and give the most memory that it had, in MB."""
        folder, environment = self._place()
        process = subprocess.Popen((*COMMAND, *words), cwd=folder, env=environment, stdout=DEVNULL, stderr=DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        return used.ru_maxrss / 1024

    def _place(self) -> tuple[Path, dict[str, str]]:
        """Give the folder and the environment of its commands."""
        self.folder.mkdir(parents=True, exist_ok=True)
        own = {"DATA_DIR": str(self.folder / "var"), "SECRET_KEY": KEY} | self.settings
        environment = {name: value for name, value in os.environ.items() if not name.startswith("REMEMBRANCER_")}
        environment |= {f"REMEMBRANCER_{name}": value for name, value in own.items()} | {"PYTHONPATH": str(ROOT)}
        return self.folder, environment

    async def ends(self, *words: str, given: str = "") -> Ended:
        """Run a command to its end, whatever it is."""
        process = await self.start(*words)
        try:
            out, err = await asyncio.wait_for(process.communicate(given.encode()), PATIENCE_SECONDS)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
        assert process.returncode is not None
        return Ended(process.returncode, out.decode(), err.decode())

    async def does(self, *words: str, given: str = "") -> Ended:
        """Run a command that succeeds."""
        ended = await self.ends(*words, given=given)
        assert ended.status == 0, ended.err
        return ended

    async def tick(self, now: str) -> Any:
        """Do one round as if it were that moment, and give what it said."""
        return (await self.does("tick", "--now", now)).told

    async def listed(self) -> dict[str, Any]:
        """Give every subscriber by address, as `subscribers list` tells of them."""
        lines = (await self.does("subscribers", "list", "--json")).out.splitlines()
        return {row["email"]: row for row in map(json.loads, lines)}

    async def readers(self, *rows: dict[str, str]) -> Ended:
        """Import subscribers from a CSV file with those cells."""
        file = self.folder / "readers.csv"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(written(*rows))
        return await self.does("subscribers", "import", str(file), "--json")

    @asynccontextmanager
    async def running(self, *words: str) -> AsyncIterator[Running]:
        """Start the service on a free port, wait for the address that it prints, and stop it in the end."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "errors.log").open("ab") as errors:
            process = await self.with_(**{"PORT": "0"} | self.settings).start("run", *words, stderr=errors)
        try:
            service = await greeted(process, self.folder / "errors.log")
            await eventually(service.is_reached)
            yield service
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
            finally:
                with suppress(ProcessLookupError):
                    process.kill()


async def greeted(process: Process, errors: Path) -> Running:
    """Read what the service prints first, to the line with its address."""
    assert process.stdout is not None
    greeting = ""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while line := (await process.stdout.readline()).decode():
            greeting += line
            if found := re.search(r"Pages: +(http\S+)", line):
                return Running(process, found[1], greeting)
    raise AssertionError(f"it did not start, see {errors}:\n{greeting}")


async def asked(
    url: str, body: bytes | None = None, method: str | None = None, headers: Mapping[str, str] | None = None
) -> Answer:
    """Make a request without a browser, a cookie or a redirect in between being hidden."""
    request = urllib.request.Request(url, body, dict(headers or {}), method=method)  # noqa: S310  (our own pages)

    def opened() -> Answer:
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:  # noqa: S310
                return Answer(answer.status, answer.read().decode(), dict(answer.headers))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.read().decode(), dict(error.headers))

    return await asyncio.to_thread(opened)


async def eventually(fact: Callable[[], T]) -> T:
    """Give what is asked for as soon as it is there; fail when it has not come within the patience of a test."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if found := await asyncio.to_thread(fact):
                return found
            await asyncio.sleep(0.05)


def written(*rows: dict[str, str]) -> str:
    """Write a CSV file with those cells."""
    file = io.StringIO()
    writer = csv.DictWriter(file, list(dict.fromkeys(column for row in rows for column in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def opened(content: bytes) -> EmailMessage:
    """Read a letter as a mail program does."""
    message = BytesParser(policy=policy.default).parsebytes(content)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    """Give a letter's `plain` or `html` part."""
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")
