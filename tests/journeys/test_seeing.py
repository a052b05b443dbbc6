"""An operator looks where the post stands, holds it, lets it go on, and has a monitor watch it."""

import asyncio
import json
import os
import pty
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.domain.notice import State
from service.store.dialect import Store
from tests.databases import on_either
from tests.journeys.program import PATIENCE_SECONDS, Program, asked, eventually, written
from tests.post import Post
from tests.smtp_server import SmtpServer

pytestmark = on_either

WRONG: Mapping[str, str] = {
    "status no-such-notice": "There is no notice 'no-such-notice'.",
    "status --later": "No such option",
    "stop no-such-edition": "There is no edition 'no-such-edition'.",
    "stop": "Missing argument",
    "release no-such-notice": "There is no notice and no edition 'no-such-notice'.",
    "release": "Missing argument",
    "resume now": "unexpected extra argument",
    f"pause {'x' * 501}": "allowed: 500 characters",
}


@asynccontextmanager
async def behind(program: Program) -> AsyncIterator[Post]:
    """Give the post of a program whose tables are made, to put rows into it."""
    store = Store(program.settings["DATABASE_URL"])
    post = Post(store, datetime.now(UTC).replace(microsecond=0))
    await post.ticked()
    yield post
    await store.close()


@pytest.mark.parametrize("command", WRONG)
async def test_what_is_wrong_is_said_in_words_with_a_status(imported: Program, command: str):
    ended = await imported.ends(*command.split())
    assert ended.status in {1, 2}
    assert WRONG[command] in " ".join(ended.err.split())
    assert "Traceback" not in ended.err
    assert ended.out == ""


async def test_a_post_is_held_and_goes_on_and_its_status_tells_a_monitor_so(program: Program):
    async with behind(program) as post:
        at_rest = await program.does("status")
        await program.does("pause", "the", "relay", "moves")
        held, told = await program.ends("status"), await program.ends("status", "--json")
        goes_on = await program.does("resume")
        again = await program.does("resume", "--take-over")
        await post.ticked(datetime.now(UTC))  # on a busy machine seven commands take longer than a clock may be silent
        after = await program.does("status", "--json")
    assert at_rest.out.startswith("Nothing is due.\n")
    assert (held.status, told.status, held.err) == (3, 3, "")
    first, second, *_ = held.out.splitlines()
    assert re.fullmatch(r"Mail stands still: the post is paused since .* UTC, because: the relay moves", first)
    assert "remembrancer resume" in second
    assert (told.told["verdict"], told.told["paused_reason"]) == ("paused", "the relay moves")
    assert (goes_on.out, again.out) == ("The post goes on.\n", "The post was not paused.\n")
    assert (after.told["verdict"], after.told["stands_still"]) == ("nothing due", False)


async def test_what_waits_is_told_in_a_screen_and_one_notice_with_its_whole_history(program: Program):
    async with behind(program) as post:
        due = await post.notice(State.READY, due_at=post.now - timedelta(minutes=1))
        failed = await post.notice(State.FAILED, "no such mailbox", code=550, words="5.1.1 nobody of that name")
        await post.attempt(failed, "deferred", 450, "4.2.0 later")
        seen = await program.does("status")
        history = await program.does("status", failed)
        as_json = (await program.does("status", failed, "--json")).told
        link = (await program.does("status", "--link")).out
    assert seen.out.startswith("Mail is leaving.\n")
    assert len(seen.out.splitlines()) <= 24
    assert (failed in seen.out, due in seen.out) == (True, False)
    assert history.out.index("450 4.2.0 later") < history.out.index("550 5.1.1 nobody of that name")
    assert "reader1@example.org" in history.out
    assert [one["result"] for one in as_json["attempts"]] == ["deferred"]
    assert re.fullmatch(r"http://127\.0\.0\.1:8080/status/\S+\n", link)


async def test_a_relay_that_cannot_be_reached_is_named_until_it_can(alone: Program, relay: SmtpServer):
    broken = alone.with_(SMTP_URL="smtp://127.0.0.1:9")
    await broken.does("import")
    await broken.readers({"email": "anna@example.org", "collections": "artsakh"})
    await broken.does("tick")
    still = await broken.ends("status")
    mended = alone.with_(SMTP_URL=relay.url())
    await mended.does("tick")
    after = await mended.does("status")
    assert still.status == 3
    assert still.out.startswith("Mail stands still: the relay cannot be reached since ")
    assert "127.0.0.1:9" in still.out.splitlines()[0]
    assert after.out.startswith("Nothing is due.\n")
    assert len(relay.received) == 1


async def test_an_edition_is_stopped_and_let_go_on_by_its_id(program: Program):
    async with behind(program) as post:
        edition = await post.edition()
        notice = await post.notice(State.READY, edition=edition)
        alone = await post.notice(State.QUARANTINE)
        stopped = await program.does("stop", edition, "a wrong name")
        refused = await program.ends("release", notice)
        goes_on = await program.does("release", edition)
        released = await program.does("release", alone)
        again = await program.ends("release", alone)
        states = [(await post.row(id_)).state for id_ in (notice, alone)]
    assert (
        stopped.out == f"The edition is stopped; one letter is held. To let it go on: remembrancer release {edition}\n"
    )
    assert (refused.status, "release the edition" in refused.err) == (1, True)
    assert goes_on.out == "The edition goes on; one letter is ready again.\n"
    assert released.out == "The notice goes on; one letter is ready again.\n"
    assert (again.status, "it is ready" in again.err) == (1, True)
    assert states == ["ready", "ready"]


async def test_a_running_service_tells_its_operator_and_its_monitor(program: Program):
    async with program.with_(METRICS="127.0.0.1:0").running("--roles", "web,clock") as service:
        greeting = service.greeting
        assert service.process.stdout
        while "Metrics:" not in greeting:
            greeting += (await asyncio.wait_for(service.process.stdout.readline(), PATIENCE_SECONDS)).decode()
        page = re.search(r"Status: +(\S+)", greeting)
        watched = re.search(r"Metrics: +(\S+)/metrics", greeting)
        assert page
        assert watched

        def is_ready() -> bool:
            return asyncio.run(asked(f"{watched[1]}/health/ready")).status == 200

        await eventually(is_ready)
        operator = await asked(page[1])
        numbers = await asked(f"{watched[1]}/metrics")
        answers = [
            await asked(f"{where}/health/{what}")
            for where in (watched[1], service.address.rstrip("/"))
            for what in ("live", "ready")
        ]
        assert await service.stop() == 0
    assert (operator.status, "Nothing is due." in operator.text) == (200, True)
    found = {family.name for family in text_string_to_metric_families(numbers.text)}
    assert {"remembrancer_notices", "remembrancer_last_tick_age_seconds", "remembrancer_letters_handed_over"} <= found
    assert [answer.status for answer in answers] == [200] * 4


@pytest.mark.parametrize("value", ["127.0.0.1", "9108", "http://127.0.0.1:9108", "127.0.0.1:99999", "me@host:1"])
async def test_an_address_of_metrics_that_is_none_stops_the_start(alone: Program, value: str):
    ended = await alone.with_(METRICS=value).ends("run")
    assert (ended.status, "REMEMBRANCER_METRICS: allowed: HOST:PORT" in ended.err) == (1, True)


async def test_an_address_of_metrics_that_is_taken_stops_the_start(alone: Program):
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    async with server:
        taken = server.sockets[0].getsockname()[1]
        ended = await alone.with_(METRICS=f"127.0.0.1:{taken}", PORT="0").ends("run")
    assert (ended.status, f"REMEMBRANCER_METRICS: cannot listen on 127.0.0.1:{taken}" in ended.err) == (1, True)


@pytest.mark.parametrize(("words", "is_shown"), [((), True), (("--quiet",), False), (("--json",), False)])
async def test_a_long_command_shows_on_a_terminal_how_far_it_has_come(
    alone: Program, words: tuple[str, ...], *, is_shown: bool
):
    await alone.does("import")
    rows = [{"email": f"reader{number}@example.org", "collections": "artsakh"} for number in range(3000)]
    (alone.folder / "many.csv").write_text(written(*rows))
    ours, theirs = pty.openpty()
    process = await alone.start("subscribers", "import", "many.csv", *words, stderr=theirs)
    os.close(theirs)
    shown = asyncio.create_task(asyncio.to_thread(read_all, ours))
    out, _ = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
    assert ("Importing" in await shown) is is_shown
    assert process.returncode == 0
    assert "Importing" not in out.decode()


@pytest.mark.parametrize(("words", "is_shown"), [((), True), (("--quiet",), False)])
async def test_a_round_shows_on_a_terminal_how_far_it_has_come_and_prints_only_what_it_did(
    alone: Program, words: tuple[str, ...], *, is_shown: bool
):
    await alone.does("import")
    rows = [{"email": f"reader{number}@example.org", "collections": "artsakh"} for number in range(200)]
    await alone.readers(*rows)
    ours, theirs = pty.openpty()
    process = await alone.start("tick", *words, stderr=theirs)
    os.close(theirs)
    shown = asyncio.create_task(asyncio.to_thread(read_all, ours))
    out, _ = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
    assert json.loads(out)["sent"] == 200
    assert ("Sending" in await shown) is is_shown


async def test_nothing_of_it_goes_to_a_file(alone: Program):
    ended = await alone.does("import")
    assert ended.err == ""
    assert (await alone.does("reckon")).err == ""


def read_all(terminal: int) -> str:
    """Read what comes to a terminal until nobody writes to it any more."""
    shown = b""
    with suppress(OSError):  # the last writer has closed it
        while chunk := os.read(terminal, 65536):
            shown += chunk
    os.close(terminal)
    return shown.decode(errors="replace")
