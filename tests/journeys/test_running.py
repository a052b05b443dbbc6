"""Starting the service, looking at it, and ending it."""

import asyncio
import re
import signal
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from tests.journeys.program import PATIENCE_SECONDS, Program, Running, asked, eventually, greeted, opened
from tests.smtp_server import SmtpServer, Stage

WAR = {"en": "The 44-day war in Artsakh", "hy": "Արցախի 44-օրյա պատերազմը"}


def last_27_september() -> date:
    """The last one before today."""
    today = datetime.now(UTC).date()
    this_year = date(today.year, 9, 27)
    return this_year if this_year < today else date(today.year - 1, 9, 27)


def finished(program: Program) -> list[Path]:
    """The letters in the outbox that are dated on the war's last anniversary."""
    letters = sorted((program.folder / "var" / "outbox").glob("*.eml"))
    dated = [parsedate_to_datetime(str(opened(letter.read_bytes())["Date"])).date() for letter in letters]
    return [letter for letter, on in zip(letters, dated, strict=True) if on == last_27_september()]


async def read_in_the_mailbox(service: Running, letters: list[Path]) -> dict[str, str]:
    """Open letters on the mailbox's pages, as text, by their subjects."""
    found = {}
    for letter in letters:
        page = await service.get(f"/outbox/{letter.stem}?view=text")
        heading = re.search(r"<h1><bdi>(.*?)</bdi>", page.text)
        assert (page.status, bool(heading)) == (200, True)
        found[heading[1]] = page.text
        html = await service.get(f"/outbox/{letter.stem}/html")
        assert "<html" in html.text
        assert "Albert Hovhannisyan" in html.text
    return found


async def test_a_first_start_shows_the_days_and_a_finished_notice_in_two_languages(new: Program):
    async with new.running("--sample") as service:
        first = await service.get("/")
        letters = await eventually(lambda: len(found := finished(new)) >= 2 and found)
        page, armenian = await service.get("/"), await service.get("/?lang=hy")
        texts = await read_in_the_mailbox(service, letters)
        mailbox = await service.get("/outbox")
        status = await service.stop()
    assert (first.status, page.status, status) == (200, 200, 0)
    assert "Coming days" in page.text
    assert page.text.count("/events/") >= 3
    assert "A finished notice" in page.text
    assert WAR["en"] in page.text
    assert WAR["hy"] in armenian.text
    english, in_armenian = (next(text for subject, text in texts.items() if WAR[code] in subject) for code in WAR)
    assert "years ago today" in english
    assert "3,830 people" in english
    assert "տարի առաջ այս օրը" in in_armenian
    assert len(texts) == 2
    assert all(letter.stem in mailbox.text for letter in letters)


async def test_a_second_start_in_the_same_folder_adds_no_second_letters(alone: Program):
    async with alone.running("--sample") as service:
        letters = await eventually(lambda: len(found := finished(alone)) >= 2 and found)
        assert await service.stop() == 0
    before = [(letter.stat().st_mtime_ns, letter.read_bytes()) for letter in letters]
    async with alone.running("--sample") as service:
        assert (await service.get("/health/ready")).status == 200
        assert await service.stop() == 0
    await alone.does("tick")
    assert [(letter.stat().st_mtime_ns, letter.read_bytes()) for letter in finished(alone)] == before
    assert len(await alone.listed()) == 2


async def test_it_answers_as_soon_as_it_has_printed_its_address(alone: Program):
    """Whoever follows the printed link at once, a script above all, finds the page and not a refusal."""
    process = await alone.anew().with_(PORT="0").start("run")
    try:
        assert (await greeted(process, alone.folder)).is_reached()
    finally:
        process.terminate()
        await process.communicate()


async def test_a_signal_as_soon_as_it_has_printed_its_address_ends_it_with_status_0(alone: Program):
    process = await alone.anew().with_(PORT="0").start("run")
    service = await greeted(process, alone.folder)
    status = await service.stop()
    _, errors = await process.communicate()
    assert (status, errors.decode()) == (0, "")


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_with_status_0(alone: Program, by: int):
    async with alone.running() as service:
        assert await service.stop(by) == 0
    errors = (alone.folder / "errors.log").read_text()
    assert "Traceback" not in errors
    assert "error" not in errors.lower()


async def test_a_signal_amid_sending_ends_it_when_what_is_in_flight_has_arrived(alone: Program, relay: SmtpServer):
    """What was not begun stays for the next start; nothing is lost and nothing comes twice."""
    posting = alone.with_(SMTP_URL=relay.url(), CONNECTIONS="4")
    await posting.does("import")
    readers = [f"reader{number}@example.org" for number in range(12)]
    await posting.readers(*({"email": reader, "collections": "artsakh"} for reader in readers))
    relay.answers[Stage.DOT] = go_on = asyncio.Event()
    async with posting.running() as service:
        await relay.reached(Stage.DOT, 4)
        service.process.terminate()
        del relay.answers[Stage.DOT]
        go_on.set()
        assert await asyncio.wait_for(service.process.wait(), PATIENCE_SECONDS) == 0
    in_flight = len(relay.received)
    assert 4 <= in_flight <= 8  # what came while the signal was on its way
    async with posting.running():
        await eventually(lambda: len(relay.received) >= len(readers))
    assert sorted(letter.rcpt_tos[0] for letter in relay.received) == sorted(readers)


async def test_with_a_relay_there_is_no_mailbox_page_and_the_sample_readers_are_never_mailed(
    alone: Program, relay: SmtpServer
):
    async with alone.running("--sample"):
        await eventually(lambda: len(finished(alone)) >= 2)
    posting = alone.with_(SMTP_URL=relay.url())
    async with posting.running("--sample") as service:
        assert (await service.get("/outbox")).status == 404
        page = await service.get("/")
        assert "A finished notice" not in page.text
        assert "outbox" not in page.text + service.greeting
    assert {reader["status"] for reader in (await posting.listed()).values()} == {"left"}
    year = last_27_september().year + 1
    assert (await posting.tick(f"{year}-09-27T05:00:00Z"))["sent"] == 0
    assert relay.received == []


async def test_a_first_start_with_a_relay_makes_no_sample_readers(new: Program, relay: SmtpServer):
    posting = new.with_(SMTP_URL=relay.url())
    async with posting.running("--sample") as service:
        assert (await service.get("/")).status == 200
    assert await posting.listed() == {}


async def test_a_process_that_only_sends_holds_no_more_than_80_mb_and_leaves_rendering_to_another(alone: Program):
    process = await alone.anew().start("run", "--roles", "post", "--sample", stderr=None)
    await asyncio.wait_for(process.stdout.readline(), PATIENCE_SECONDS)
    letters = await eventually(lambda: len(found := finished(alone)) >= 2 and found)
    most = most_memory(process.pid)
    (renders,) = children(process.pid)
    process.terminate()
    assert await asyncio.wait_for(process.wait(), PATIENCE_SECONDS) == 0
    assert most <= 80 * 1024
    assert not is_there(renders)
    subjects = [str(opened(letter.read_bytes())["Subject"]) for letter in letters]
    assert any(WAR["en"] in subject for subject in subjects)


async def test_what_renders_ends_with_a_process_that_is_killed(alone: Program):
    process = await alone.start("run", "--roles", "post", "--sample")
    await eventually(lambda: len(finished(alone)) >= 2)
    (renders,) = children(process.pid)
    process.kill()
    await process.communicate()
    await eventually(lambda: not is_there(renders))


async def test_a_process_that_only_sends_tells_its_metrics_and_ends_at_a_signal_at_once(alone: Program):
    process = await alone.with_(METRICS="127.0.0.1:0").start("run", "--roles", "post")
    greeting = b"so far nothing"
    while b"Metrics" not in greeting:
        assert greeting, await process.stderr.read()
        greeting = await asyncio.wait_for(process.stdout.readline(), PATIENCE_SECONDS)
    answer = await asked(re.search(rb"http\S+", greeting)[0].decode())
    assert "remembrancer_notices_due 0.0" in answer.text
    process.terminate()
    _, errors = await asyncio.wait_for(process.communicate(), PATIENCE_SECONDS)
    assert (process.returncode, errors.decode()) == (0, "")


def most_memory(process: int) -> int:
    """Give the most memory that a process has ever held, in kB."""
    return int(re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())[1])


def children(process: int) -> list[int]:
    """Give the processes that another has begun, and that live."""
    found = Path(f"/proc/{process}/task").glob("*/children")
    return [int(word) for file in found for word in file.read_text().split()]


def is_there(process: int) -> bool:
    """Say whether a process lives; one that nobody has asked for its end does not."""
    status = Path(f"/proc/{process}/stat")
    return status.is_file() and status.read_text().rpartition(")")[2].split()[0] != "Z"
