"""The whole way of a reader: from the form to letters over years, and out again without a trace."""

import json
import zipfile
from dataclasses import replace
from pathlib import Path

from playwright.async_api import expect

from tests.browser.reader import Reader, link
from tests.journeys.program import eventually, part

NEW = "anna.sargsyan@example.net"
WAR = "The 44-day war in Artsakh"


def bytes_of(folder: Path) -> bytes:
    """Everything that lies in a folder: the database's file and its log among it."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


async def a_letter(reader: Reader, path: str) -> str:
    """Wait for a letter whose link has this path, and give it."""
    letters = await eventually(lambda: [one for one in reader.letters() if path in part(one, "plain")])
    return link(letters[-1], path)


async def records_a_yahrzeit(reader: Reader) -> list[str]:
    """Record a death after sunset, see when its days come, keep it, and give those days."""
    page = reader.page
    await page.get_by_role("link", name="Private dates").click()
    await page.get_by_role("link", name="Add a private date").click()
    await page.get_by_label("Whom or what you remember").fill("Grandmother Shushan")
    await page.locator("#calendar").select_option("gregorian")
    await page.locator("#of_month").fill("26")
    await page.locator("#month").select_option("9")
    await page.locator("#year").fill("2020")
    await page.get_by_role("checkbox", name="It was after sunset").check()
    for way in await page.locator("input[name=ways]:checked").all():
        await way.uncheck()
    await page.locator("input[name=ways][value=yahrzeit]").check()
    times = page.locator("#coming time")
    await times.first.wait_for()
    await expect(times.first).to_have_attribute("datetime", "2027-10-10")  # 9 Tishri 5788, not the 8th
    days = [await time.get_attribute("datetime") or "" for time in await times.all()]
    await page.get_by_role("button", name="Keep this date").click()
    await expect(page.get_by_role("status")).to_be_visible()
    return days


async def leaves_one_event_and_comes_back(reader: Reader, leave: str) -> None:
    """End one event by the link in a letter, and undo it."""
    page = reader.page
    await page.goto(leave)
    await expect(page.get_by_role("heading", name="Why this letter came")).to_be_visible()
    why = page.locator("section:has(#why)")
    await why.get_by_role("button", name=f"End: {WAR}").click()
    await expect(page.get_by_text("It is ended. No more letters about it will come.")).to_be_visible()
    kept = (await reader.program.listed())[reader.address]["subscriptions"]
    assert [one for one in kept if one.startswith("event:")] == []
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("Everything is as it was.")).to_be_visible()


async def downloads(reader: Reader) -> dict[str, object]:
    """Have the link to the data mailed, follow it, and give what is in the file."""
    page = reader.page
    await page.get_by_role("button", name="Send me the link to my data").click()
    await expect(page.get_by_role("status")).to_be_visible()
    await page.goto(await a_letter(reader, "/download/"))
    async with page.expect_download() as coming:
        await page.get_by_role("button", name="Get the file").click()
    path = await (await coming.value).path()
    with zipfile.ZipFile(path) as archive:
        kept: dict[str, object] = json.loads(archive.read("remembrancer-data/data.json"))
        assert "Grandmother Shushan" in archive.read("remembrancer-data/data.html").decode()
    return kept


async def test_a_reader_comes_is_reminded_changes_everything_and_leaves_no_trace(anna: Reader, tmp_path: Path):
    page = anna.page
    await anna.asks()
    await anna.confirms()
    await page.get_by_role("main").get_by_role("link").first.click()
    await page.get_by_role("link", name="What you remember").click()
    await page.get_by_text("Single events of it, with days ahead of their own").click()
    await page.get_by_role("checkbox", name=WAR).check()
    await page.get_by_role("button", name="Remember this too").click()
    await expect(page.get_by_role("status")).to_be_visible()
    manage = page.url.split("/topics")[0]
    days = await records_a_yahrzeit(anna)

    letter = await anna.written_on("2027-09-27T05:00:00Z")
    assert WAR in str(letter["Subject"])
    await leaves_one_event_and_comes_back(anna, link(letter, "/leave/"))
    private = await anna.written_on(f"{days[0]}T05:00:00Z")
    assert "Grandmother Shushan" in part(private, "plain")

    await page.goto(f"{manage}/data")
    await page.get_by_label("New e-mail address").fill(NEW)
    await page.get_by_role("button", name="Ask the new address").click()
    await expect(page.get_by_role("status")).to_be_visible()
    moved = replace(anna, address=NEW)
    await page.goto(await a_letter(moved, "/address/"))
    await page.get_by_role("button", name="Yes, send them here").click()
    await expect(page.get_by_role("heading", name="The address is changed")).to_be_visible()
    assert set(await anna.program.listed()) == {NEW}
    assert await a_letter(anna, "/address/")  # the old address is told

    assert (await page.goto(f"{manage}/data")).status == 404  # what letters to the old address opened is closed
    await page.goto(await a_letter(moved, "/address/"))
    await page.get_by_role("button", name="Yes, send them here").click()
    await page.get_by_role("link", name="To my page").click()
    manage = page.url
    await page.goto(f"{manage}/data")
    kept = await downloads(moved)
    assert json.dumps(kept).count("Shushan")

    await page.goto(f"{manage}/erase")
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Erase everything of mine").click()
    await expect(page.get_by_role("heading", name="Everything is erased")).to_be_visible()
    assert await anna.program.listed() == {}
    content = bytes_of(tmp_path)
    assert [word for word in (b"anna@", b"anna.sargsyan", b"Shushan") if word in content] == []
    assert b"erased" in content
