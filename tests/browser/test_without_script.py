"""The pages work without script, and without a mouse."""

import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.conftest import YEREVAN
from tests.browser.reader import Reader
from tests.peers.fixtures import NewPage


@pytest_asyncio.fixture(loop_scope="session")
async def plain(anna: Reader, new_page: NewPage) -> Reader:
    """The same person with a browser that runs no script."""
    page = await new_page(**YEREVAN, base_url=anna.home, java_script_enabled=False)
    page.set_default_timeout(10_000)
    return Reader(anna.address, anna.home, page, anna.relay, anna.program)


async def test_without_script_everything_is_typed_and_a_letter_comes(plain: Reader):
    page = plain.page
    await page.goto("/subscribe")
    await expect(page.get_by_label("Time zone")).to_have_value("Europe/London")  # the browser says en-GB
    await page.get_by_label("E-mail address").fill(plain.address)
    await page.get_by_label("Time zone").select_option("Asia/Yerevan")
    await page.get_by_label("Time of day").fill("09:00")
    await page.get_by_label("Language of the letters").select_option("hy")
    events = page.locator("details", has=page.locator("input[value='event:artsakh-war-2020']"))
    await events.get_by_text("Or only single events of it").click()
    await page.get_by_role("checkbox", name="The 44-day war in Artsakh").check()
    await page.get_by_role("button", name="Subscribe").click()
    await expect(page.get_by_role("heading", name="Please look into your mailbox")).to_be_visible()
    await page.goto(await plain.confirmation())
    await page.locator("main form button").click()
    assert await plain.status() == "active"
    letter = await plain.written_on()
    assert letter["Subject"] == "Արցախի 44-օրյա պատերազմը՝ վեց տարի առաջ այս օրը"


async def test_the_keyboard_is_enough(anna: Reader):
    page = anna.page
    await page.goto("/subscribe")
    await reach(page, "#address")
    await page.keyboard.type(anna.address)
    await reach(page, "input[value='collection:artsakh']")
    await page.keyboard.press("Space")
    await reach(page, "button[type=submit]:not([name])")  # the one that has no other errand
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Please look into your mailbox")).to_be_visible()
    await page.goto(await anna.confirmation())
    await reach(page, "main form button")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="It is confirmed")).to_be_visible()


async def reach(page: Page, selector: str) -> None:
    """Press Tab until that has the focus."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await page.locator(f"{selector}:focus").count():
            return
    raise AssertionError(f"Tab does not lead to {selector}")
