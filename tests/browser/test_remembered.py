"""A private date in a real browser: its coming days as one types, the letter that tells of it, removed and had back."""

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.barriers import barriers
from tests.browser.reader import Reader, link
from tests.journeys.program import ANNA


@pytest_asyncio.fixture(loop_scope="session")
async def reader(anna: Reader) -> Reader:
    """Somebody long since confirmed."""
    await anna.program.readers(ANNA | {"hour": "9"})
    return anna


async def test_a_yahrzeit_after_sunset_is_recorded_seen_ahead_and_told_by_letter(reader: Reader):
    page = reader.page
    await page.goto(link(await reader.written_on(), "/manage/"))
    await page.get_by_role("link", name="Private dates").click()
    await page.get_by_role("link", name="Add a private date").click()
    await page.get_by_label("Whom or what you remember").fill("Grandmother Tamar")
    await page.get_by_label("Day", exact=True).fill("27")
    await page.get_by_label("Month", exact=True).select_option("9")
    await page.get_by_label("Year", exact=True).fill("1999")
    await page.get_by_role("checkbox", name="Every year on this day").uncheck()
    await page.get_by_role("checkbox", name="Yahrzeit").check()
    await page.get_by_role("checkbox", name="It was after sunset").check()
    await expect(page.locator("#coming")).to_contain_text("Every year on 18 Tishri of the Hebrew calendar")
    await expect(page.locator("#coming li")).to_have_count(10)
    await page.get_by_label("Your own words").fill("She sang.")
    assert await barriers(page) == []
    await page.get_by_role("button", name="Keep this date").click()
    await expect(page.get_by_role("status")).to_contain_text("The date is kept.")
    letter = await reader.written_on("2026-09-29T05:00:00Z")
    assert letter["Subject"] == "Grandmother Tamar: twenty-seven years ago by the Hebrew calendar, kept today"
    await page.get_by_role("button", name="Remove").click()
    await expect(page.get_by_text("Grandmother Tamar")).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("link", name="Grandmother Tamar")).to_be_visible()
    assert await barriers(page) == []
