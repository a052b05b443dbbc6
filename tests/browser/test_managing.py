"""What a reader changes by the link in a letter: hour, language, what is remembered, a pause, leaving."""

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.reader import Reader, link
from tests.journeys.program import ANNA, Program, asked


@pytest_asyncio.fixture(loop_scope="session")
async def reader(anna: Reader) -> Reader:
    """The same person, long since confirmed."""
    await anna.program.readers(ANNA | {"hour": "9"})
    return anna


async def saved(reader: Reader) -> None:
    await reader.page.get_by_role("button", name="Keep the changes").click()
    await expect(reader.page.get_by_role("status")).to_be_visible()


async def wishes(program: Program) -> dict[str, object]:
    """What is kept of the reader, without what no form changes."""
    kept = (await program.listed())["anna@example.org"]
    return {name: kept[name] for name in ("status", "language", "hour", "paused_until", "subscriptions")}


async def test_hour_language_collections_and_a_pause_are_changed_by_the_letters_link(reader: Reader):
    page = reader.page
    await page.goto(link(await reader.written_on(), "/manage/"))
    await expect(page.get_by_role("heading", name="Your letters")).to_be_visible()
    await page.get_by_role("link", name="Change how letters come").click()
    await page.get_by_label("Time of day").fill("07:45")
    await saved(reader)
    await page.get_by_role("link", name="What you remember").click()
    await page.get_by_role("checkbox", name="Remembrance days of the United Nations").check()
    await page.get_by_role("button", name="Remember this too").click()
    await expect(page.get_by_role("status")).to_be_visible()
    await page.get_by_role("link", name="Change the days ahead: Artsakh").click()
    await page.get_by_role("checkbox", name="14 days before").check()
    await saved(reader)
    await page.get_by_role("link", name="How letters come").click()
    await page.get_by_label("Language of the letters").select_option("hy")
    await page.get_by_role("button", name="Keep the changes").click()
    await expect(page.locator("html")).to_have_attribute("lang", "hy")
    after = {
        "status": "active",
        "language": "hy",
        "hour": "07:45",
        "paused_until": None,
        "subscriptions": ["collection:artsakh+0", "collection:artsakh+14", "collection:un-remembrance+0"],
    }
    kept = await wishes(reader.program)
    assert kept | {"subscriptions": sorted(kept["subscriptions"])} == after

    await page.locator("#paused_until").fill("2100-01-01")
    await page.locator("form:has(#paused_until) button[type=submit]").click()
    await expect(page.get_by_role("status")).to_be_visible()
    assert (await wishes(reader.program))["paused_until"] == "2100-01-01"
    await reader.program.tick("2027-09-27T05:00:00Z")
    assert reader.letters("2027-09-27") == []

    await page.locator("form:has(input[value=resume]) button[type=submit]").click()
    await expect(page.locator("form:has(input[value=resume])")).to_have_count(0)
    assert (await wishes(reader.program))["paused_until"] is None
    letter = await reader.written_on("2028-09-27T03:45:00Z")
    assert letter["Subject"] == "Արցախի 44-օրյա պատերազմը՝ ութ տարի առաջ այս օրը"


async def test_who_leaves_by_the_page_gets_nothing_and_can_undo_it(reader: Reader):
    page = reader.page
    await page.goto(link(await reader.written_on(), "/leave/"))
    assert await reader.status() == "active"  # to look at the page is not to leave
    await page.get_by_role("button", name="Leave everything").click()
    await expect(page.get_by_role("heading", name="You have left")).to_be_visible()
    await reader.program.tick("2027-09-27T05:00:00Z")
    assert reader.letters("2027-09-27") == []
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("Everything is as it was.")).to_be_visible()
    assert await reader.written_on("2028-09-27T05:00:00Z")


async def test_one_click_in_the_mail_program_ends_it_without_a_cookie_or_a_page(reader: Reader):
    letter = await reader.written_on()
    address = str(letter["List-Unsubscribe"]).strip("<>")
    elsewhere = {"Origin": "https://mail.example.com", "Sec-Fetch-Site": "cross-site"}
    scanned = await asked(address)
    assert (scanned.status, await reader.status()) == (200, "active")
    answer = await asked(address, b"List-Unsubscribe=One-Click", "POST", elsewhere)
    assert (answer.status, await reader.status()) == (200, "left")
    assert "set-cookie" not in {name.lower() for name in answer.headers}
    again = await asked(address, b"List-Unsubscribe=One-Click", "POST", elsewhere)
    assert (again.status, await reader.status()) == (200, "left")
    await reader.program.tick("2027-09-27T05:00:00Z")
    assert reader.letters("2027-09-27") == []

    await reader.page.goto(address)
    await reader.page.get_by_role("button", name="Undo").click()
    await expect(reader.page.get_by_text("Everything is as it was.")).to_be_visible()
    assert await reader.status() == "active"
    assert await reader.written_on("2028-09-27T05:00:00Z")


async def test_one_thing_is_ended_and_brought_back(reader: Reader):
    page = reader.page
    await reader.program.readers(ANNA | {"hour": "9", "collections": "un-remembrance"})
    await page.goto(link(await reader.written_on(), "/manage/"))
    await page.get_by_role("button", name="End: Artsakh (Nagorno-Karabakh), 2020 to 2023").click()
    await expect(page.get_by_text("It is ended. No more letters about it will come.")).to_be_visible()
    assert (await wishes(reader.program))["subscriptions"] == ["collection:un-remembrance+0"]
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("Everything is as it was.")).to_be_visible()
    assert sorted((await wishes(reader.program))["subscriptions"]) == [
        "collection:artsakh+0",
        "collection:un-remembrance+0",
    ]
