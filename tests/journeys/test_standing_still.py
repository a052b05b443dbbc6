"""Mail stands still, and within a minute an operator knows why: from `status`, from the metrics, from the page."""

import asyncio
import re
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.domain.standing import TICK_LATE
from service.store.dialect import Store
from tests.journeys.program import COMMAND, PATIENCE_SECONDS, Program, Running, asked, eventually
from tests.post import Post
from tests.smtp_server import SmtpServer

NOBODY_LISTENS = "smtp://127.0.0.1:9"
HELD = """
id: wars
title: {{ en: Wars }}
description: {{ en: Days of war. }}
approval: hold
events:
  - id: war
    title: {{ en: A war }}
    summary: {{ en: It began. }}
    first_day: {first_day}
    sources: [{{ id: own, title: {{ en: Own knowledge }} }}]
    rules: [{{ kind: yearly }}]
"""


@dataclass(frozen=True)
class Watched:
    """A program that runs, with both addresses at which an operator looks."""

    program: Program
    service: Running
    page: str
    metrics: str

    async def number(self, name: str) -> float:
        """Give a number of the post."""
        text = (await asked(self.metrics)).text
        return {
            sample.name: sample.value for family in text_string_to_metric_families(text) for sample in family.samples
        }[f"remembrancer_{name}"]

    async def says(self, words: str) -> str:
        """Wait for `status` to say that mail stands still, why, and to end so; the page and the metrics agree.

        Gives the first line; the moment is measured from now.
        """
        began = time.monotonic()
        while (ended := await self.program.ends("status")).status != 3 or words not in ended.out.splitlines()[0]:
            assert time.monotonic() - began < 60, ended.out + ended.err
            await asyncio.sleep(0.2)
        assert await self.number("stands_still") == 1
        assert words in unescape((await asked(self.page)).text)
        assert ended.out.splitlines()[1], "no remedy"
        return ended.out.splitlines()[0]


@asynccontextmanager
async def watched(program: Program, *words: str) -> AsyncIterator[Watched]:
    """Run a program and find where it is watched."""
    program = program.with_(METRICS="127.0.0.1:0")
    async with program.running(*words) as service:
        said = service.greeting
        assert service.process.stdout
        while "Metrics:" not in said:
            said += (await asyncio.wait_for(service.process.stdout.readline(), PATIENCE_SECONDS)).decode()
        page, metrics = (re.search(rf"{name}: +(\S+)", said) for name in ("Status", "Metrics"))
        assert page
        assert metrics
        yield Watched(program, service, page[1], metrics[1])


async def somebody_asks(program: Program) -> None:
    """Have a letter due at once: somebody is asked to confirm."""
    await program.readers({"email": "anna@example.org", "collections": "artsakh"})


async def test_the_relay_is_down(alone: Program) -> None:
    async with watched(alone.with_(SMTP_URL=NOBODY_LISTENS)) as seen:
        await somebody_asks(alone)
        said = await seen.says("Mail stands still: the relay cannot be reached since ")
        assert "127.0.0.1:9" in said
        assert await seen.number("relay_usable") == 0


async def test_the_post_is_paused(alone: Program, relay: SmtpServer) -> None:
    async with watched(alone.with_(SMTP_URL=relay.url())) as seen:
        await alone.does("pause", "the relay moves")
        said = await seen.says("Mail stands still: the post is paused since ")
        assert said.endswith("because: the relay moves")
        assert await seen.number("paused") == 1


async def test_an_approval_is_missing(alone: Program, relay: SmtpServer) -> None:
    noon = datetime.now(UTC).hour - 12  # hours by which it is past noon; in that zone it is noon now
    today = (datetime.now(UTC) - timedelta(hours=noon)).date()
    (alone.folder / "held.yaml").write_text(HELD.format(first_day=f"{today.year - 4}-{today:%m-%d}"))
    await alone.does("import", "held.yaml")
    reader = {"email": "anna@example.org", "collections": "wars", "confirmed_at": "2024-01-01"}
    await alone.readers(reader | {"zone": f"Etc/GMT{noon:+}", "hour": "00:00"})
    async with watched(alone.with_(SMTP_URL=relay.url())) as seen:
        said = await seen.says("Mail stands still: 1 letter has waited for an editor's approval since ")
        assert said.endswith("UTC.")
        assert await seen.number("notices_unapproved") == 1
    assert relay.received == []


async def test_the_clock_is_dead(alone: Program, relay: SmtpServer) -> None:
    program = alone.with_(SMTP_URL=relay.url())
    await program.does("tick")
    store = Store(alone.own_url)
    await Post(store, datetime.now(UTC)).ticked(datetime.now(UTC) - TICK_LATE - timedelta(seconds=1))
    await store.close()
    assert timedelta(minutes=1) >= TICK_LATE
    async with watched(program, "--roles", "web,post") as seen:
        await seen.says("No tick since ")
        assert await seen.number("last_tick_age_seconds") > 60


async def test_the_disk_is_full(tmp_path: Path, relay: SmtpServer) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with small_disk(disk) as within:
        program = Program(tmp_path / "home", {"DATA_DIR": str(disk), "SMTP_URL": relay.url()}, (*within, *COMMAND))
        ballast = disk / "ballast"
        async with watched(program) as seen:
            await eventually(
                lambda: asyncio.run(asked(f"{seen.metrics.removesuffix('metrics')}health/ready")).status == 200
            )
            run(*within, "sh", "-c", f"cat /dev/zero >{ballast} 2>{tmp_path}/full; true")
            said = await seen.says("Mail stands still: the database has no room for changes: ")
            assert said.endswith(f"No space left on device ({disk})")
            assert await seen.number("room_for_changes") == 0
            refused = await program.ends("pause")
            assert (refused.status, refused.err) == (1, "The database cannot do that now: database or disk is full\n")
            run(*within, "rm", str(ballast))
            await somebody_asks(program)
            await eventually(lambda: relay.received)


@contextmanager
def small_disk(folder: Path) -> Iterator[tuple[str, ...]]:
    """Give what starts a program for which a folder is a disk of 24 MB; everybody else sees it empty.

    The disk lives in a mount namespace of its own (mount_namespaces(7)) and ends with the process that holds it.
    """
    user = (
        ("--user", "--map-root-user")
        if subprocess.run(("id", "-u"), capture_output=True, check=True).stdout != b"0\n"
        else ()
    )
    mount = f"mount -t tmpfs -o size=24m none {folder} && echo mounted && exec cat"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    holder = subprocess.Popen(("unshare", *user, "--mount", "sh", "-c", mount), **pipes)
    try:
        assert holder.stdout
        if holder.stdout.readline() != "mounted\n":
            pytest.skip("this system lets nobody but root have a disk of their own")
        enter = ("--user", "--preserve-credentials") if user else ()
        yield ("nsenter", f"--target={holder.pid}", *enter, "--mount", f"--wd={folder.parent}")
    finally:
        holder.communicate("")


def run(*call: str) -> None:
    """Run a program that succeeds."""
    subprocess.run(call, check=True)
