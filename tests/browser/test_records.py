"""An event is written in a real browser: its days are seen as one types, its parts are added, and it is saved."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from service.domain.editor import Role
from service.store.dialect import Store
from tests.browser.barriers import barriers, too_wide
from tests.browser.conftest import YEREVAN
from tests.journeys.program import Program
from tests.peers.fixtures import NewPage
from tests.unit.web.editors import seated

NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 800}
EVENT = "/admin/events/artsakh-war-2020"


@pytest.fixture
def program(tmp_path: Path, sqlite_url: str) -> Program:
    """The program with a folder for its letters, and a database of its own."""
    return Program(tmp_path / "home", {"DATABASE_URL": sqlite_url})


async def clear(page: Page) -> None:
    """See to it that a page has no barriers, in either colour and from either side, and is not too wide."""
    for scheme, size, direction in (("light", NARROW, "ltr"), ("dark", WIDE, "rtl")):
        await page.emulate_media(color_scheme=scheme)
        await page.set_viewport_size(size)
        await page.evaluate("direction => { document.documentElement.dir = direction }", direction)
        assert await barriers(page) == [], page.url
        assert await too_wide(page) <= 0, page.url


async def test_an_event_is_looked_at_as_it_is_typed_and_saved(program: Program, sqlite_url: str, new_page: NewPage):
    async with program.running("--roles", "web") as service:
        store = Store(sqlite_url)
        cookie = (await seated(store, Role.EDITOR, datetime.now(UTC), name="editor"))["cookie"].partition("=")[2]
        await store.close()
        page = await new_page(**YEREVAN, base_url=service.address)
        page.set_default_timeout(15_000)
        await page.context.add_cookies([{"name": "editor", "value": cookie, "url": service.address}])
        await page.goto(EVENT)
        await page.get_by_label("First day").fill("2020-02-29")
        await expect(page.locator("#look")).to_contain_text("The month lacks the day on which this would fall")
        await expect(page.frame_locator("#letter").locator("body")).to_contain_text("44-day war")
        await page.get_by_role("button", name="Add another rule").click()
        new = page.locator("[id='rules.2']")
        await expect(new.get_by_label("It returns")).to_be_focused()
        await new.get_by_label("It returns").select_option("easter")
        await new.get_by_label("Days after Easter").fill("9")
        await expect(page.locator("#look")).to_contain_text("9 days after Western Easter")
        await clear(page)
        await page.get_by_label("First day").fill("2020-09-27")
        await page.get_by_label("Why").fill("A rule more.")
        await page.get_by_role("button", name="Save the event").click()
        await expect(page.get_by_role("status")).to_contain_text("The event is saved.")
        for path in (f"{EVENT}/versions", "/admin/collections/artsakh", "/admin/import"):
            await page.goto(path)
            await clear(page)
        await page.goto(f"{EVENT}/versions")
        await expect(page.get_by_role("row", name="A rule more.")).to_be_visible()
