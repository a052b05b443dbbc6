"""Mail that arrives: taken over LMTP, kept, and read, beside aiosmtpd's LMTP that only keeps it in a Maildir.

Every shape of the corpus comes in turn, each to the return path of another reader's letter, so that bounces and
complaints have their consequences. `python -m tests.benchmarks.inbound FOLDER` is the mailbox's process: it prints its
port, and for each line that comes in what it has used so far; for "read" it first waits until everything is read.
"""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from service import observability
from service.app import App, build
from service.domain.letter_box import For
from service.mail.tokens import Purpose
from service.settings_read import read_settings
from service.store import inbox
from service.waiting import waited_for
from tests.benchmarks import lmtp, seed
from tests.benchmarks.harness import Report, Row, Run, child
from tests.benchmarks.lmtp import Mail
from tests.peers import ROOT
from tests.unit.mail.corpus import SHAPES
from tests.unit.mail.test_reports import BOMBS

_MAILS = 10_000
_CONNECTIONS = 10
_RUNS = 3
_PEER = "aiosmtpd's LMTP, each mail fsynced into a Maildir"
_HOSTILE_SECONDS = 1.0
_GONE = "UPDATE notices SET state = 'accepted', dated_at = created_at, finished_at = created_at"
_UNREAD_SECONDS = 0.02
_TAIL = 2000


def measure(_folder: Path, *, large: bool) -> Report:
    """Compare, and see what the most harmful mails cost; on a disk, for what is measured is the wait for it."""
    with tempfile.TemporaryDirectory(prefix="remembrancer-bench-") as name:
        return _measured(Path(name))


def _measured(folder: Path) -> Report:
    seeded = folder / "seeded"
    seed.record(seeded, _MAILS, ready=True)
    _leave(seeded)
    mails = _mails(seeded)
    file = lmtp.write(folder / "mails", mails)
    rounds = [(*_ours(folder, file), _bare(folder, file)) for _ in range(1 + _RUNS)][1:]
    taken, read, theirs = zip(*rounds, strict=True)
    octets = sum(len(one.content) for one in mails) // len(mails)
    report = Report()
    report.rows += [
        Row(f"{_MAILS:,} mails taken over LMTP", _PEER, taken, theirs),
        Row(f"{_MAILS:,} mails taken and read", _PEER, read, theirs),
    ]
    report.facts += [
        (
            f"A mail that arrived had {octets:,} octets; {_CONNECTIONS} connections, each handing over one at a time."
            f" Both sides kept them in {tempfile.gettempdir()}, whatever `--folder` says."
        ),
        _harm(folder),
    ]
    return report


def _leave(seeded: Path) -> None:
    """Have every letter gone out, so that something may come back."""
    connection = sqlite3.connect(seed.database_of(seeded))
    with connection:
        connection.execute(_GONE)
    connection.close()


def _mails(seeded: Path) -> list[Mail]:
    """Give a mail for each notice, the shapes in turn."""
    connection = sqlite3.connect(seed.database_of(seeded))
    ids = [row[0] for row in connection.execute("SELECT id FROM notices ORDER BY id")]
    connection.close()
    assert len(ids) == _MAILS
    app = _app(seeded)
    assert app.desk.letter_box is not None
    mails = []
    for number, id_ in enumerate(ids):
        to = app.desk.letter_box.address(For.RETURN, app.desk.tokens.postal(Purpose.RETURN, id_))
        shape = SHAPES[number % len(SHAPES)]
        mails.append(Mail(shape.sender, to, shape.raw))
    return mails


def _app(folder: Path) -> App:
    settings = read_settings(data_dir=folder, letter_box="@example.org", **seed.HOUSE)
    return build(settings, clock=lambda: seed.NOW)


def _ours(folder: Path, file: Path) -> tuple[Run, Run]:
    """Hand over to ours: what it took until the last was answered for, and until the last was read."""
    work = folder / "run"
    seed.copied(folder / "seeded", work)
    with _serving("inbound", work) as asking:
        before = asking("used")
        fed = _feed(asking, file)
        after, read = asking("used"), asking("read")
    return (
        Run(fed["taken"], fed["end"] - fed["start"], after["cpu"] - before["cpu"], peak=after["peak"]),
        Run(fed["taken"], read["at"] - fed["start"], read["cpu"] - before["cpu"], peak=read["peak"]),
    )


def _bare(folder: Path, file: Path) -> Run:
    work = folder / "maildir"
    seed.remove(work)
    with _serving("lmtp", "bare", work) as asking:
        before = asking("used")
        fed = _feed(asking, file)
        after = asking("used")
    assert len(os.listdir(work / "new")) == fed["taken"]  # noqa: PTH208  (many)
    return Run(fed["taken"], fed["end"] - fed["start"], after["cpu"] - before["cpu"], peak=after["peak"])


def _harm(folder: Path) -> str:
    """Say which of the mails that are made to harm takes most of us, from its arrival until it is read."""
    work = folder / "harm"
    seed.copied(folder / "seeded", work)
    costs = {}
    with _serving("inbound", work) as asking:
        for name, raw in BOMBS.items():
            before = asking("used")
            mail = Mail("anybody@example.net", "remember@example.org", raw)
            waited_for(lmtp.hand_over(asking.port, [mail], 1))
            costs[name] = asking("read")["cpu"] - before["cpu"]
    worst = max(costs, key=lambda name: costs[name])
    verdict = "met" if costs[worst] <= _HOSTILE_SECONDS else "MISSED"
    return (
        f"Of {len(costs)} mails made to harm, the worst ({worst}) cost {costs[worst]:.2f} s of processor time"
        f" from its arrival until it was read or refused (≤ {_HOSTILE_SECONDS:g} {verdict})."
    )


class _Asking:
    """A server in a process of its own, and what it has used."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.port = port
        self._process = process

    def __call__(self, what: str) -> dict[str, Any]:
        """Ask for it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        told: dict[str, Any] = json.loads(self._process.stdout.readline())
        return told


@contextmanager
def _serving(module: str, *words: object) -> Iterator[_Asking]:
    call = [sys.executable, "-m", f"tests.benchmarks.{module}", *map(str, words)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with tempfile.TemporaryFile("w+") as logged, subprocess.Popen(call, cwd=ROOT, stderr=logged, **pipes) as process:
        try:
            assert process.stdout is not None
            yield _Asking(process, int(process.stdout.readline()))
        except BaseException:
            logged.seek(0)
            sys.stderr.write(logged.read()[-_TAIL:])
            raise


def _feed(server: _Asking, file: Path) -> dict[str, Any]:
    fed = child("lmtp", "feed", server.port, file, _CONNECTIONS)
    assert fed["taken"] == _MAILS, fed
    return fed


async def _serve(folder: Path) -> None:
    app, stopping, plug = _app(folder), asyncio.Event(), lmtp.listening()
    running = asyncio.create_task(app.mailbox.run(plug, stopping))
    print(plug.getsockname()[1], flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        while line == "read\n" and await _unread(app):  # noqa: ASYNC110  (a row is no event)
            await asyncio.sleep(_UNREAD_SECONDS)
        print(json.dumps(lmtp.used()), flush=True)
    stopping.set()
    await running
    await app.close()


async def _unread(app: App) -> int:
    async with app.store.read() as tx:
        return (await inbox.count(tx))[0]


if __name__ == "__main__":
    observability.set_up()
    waited_for(_serve(Path(sys.argv[1])))
