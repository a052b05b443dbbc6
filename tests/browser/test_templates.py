"""A template is written, mended, seen, tried, published, compared and taken back, and the letters follow."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import pytest_asyncio
from playwright.async_api import FrameLocator, Page, expect

from service.domain.editor import Role
from service.store.dialect import Store
from tests.browser.barriers import barriers, too_wide
from tests.browser.reader import Reader
from tests.journeys.program import ANNA, eventually, part
from tests.peers.fixtures import NewPage
from tests.unit.web.editors import seated

WRITTEN = '<p>{{ t("Kept in memory") }}</p>'
EDITOR = "vahan@example.org"
BODY = "/admin/templates/edit/letters/notice/body.mjml?event=artsakh-war-2020"
NARROW = {"width": 320, "height": 800}
PATIENCE = 30_000.0  # milliseconds, for what starts a process first, or makes every letter
WIDE = {"width": 1280, "height": 900}


@pytest_asyncio.fixture(loop_scope="session")
async def cookie(anna: Reader, sqlite_url: str) -> dict[str, str]:
    """The cookie of an approver who has just signed in."""
    store = Store(sqlite_url)
    seat = await seated(store, Role.APPROVER, datetime.now(UTC), address=EDITOR, name="editor")
    await store.close()
    name, _, value = seat["cookie"].partition("=")
    return {"name": name, "value": value, "url": anna.home}


def letter(page: Page) -> FrameLocator:
    """The letter beside the text, once the last one has come."""
    return page.frame_locator("iframe.letter:not(.next)")


async def test_from_a_mistake_to_a_published_letter_and_back(
    anna: Reader, cookie: dict[str, str], new_page: NewPage, complaints: list[str]
):
    page = await new_page(base_url=anna.home, viewport=WIDE)
    await page.context.add_cookies([cookie])
    page.set_default_timeout(10_000)
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    await page.goto("/admin/templates")
    await page.get_by_role("list", name="Notices", exact=True).get_by_role("link", name="HTML", exact=True).click()
    await page.locator("#event").select_option("artsakh-war-2020")

    await a_mistake_is_made_and_mended(page)
    await the_letter_is_looked_at(page)
    await page.get_by_role("button", name="Send it to me").click()
    await expect(page.get_by_role("status").first).to_contain_text("on its way")
    tried = await eventually(lambda: sent_to(anna, EDITOR))
    assert str(tried["Subject"]).startswith("[")
    assert "Kept in memory" in part(tried, "html")

    await page.get_by_label("Why").fill("It says what it is for")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_role("status").first).to_contain_text("It is published", timeout=PATIENCE)
    await anna.program.readers(ANNA | {"hour": "9"})
    assert "Kept in memory" in part(await anna.written_on("2026-09-27T05:00:00Z"), "html")

    await page.get_by_role("link", name="History").click()
    await it_is_compared_and_its_letters_are_seen(page)
    await page.get_by_role("button", name="Back to what ships").click()
    await expect(page.get_by_role("status").first).to_contain_text("in use again")
    assert "Kept in memory" not in part(await anna.written_on("2027-09-27T05:00:00Z"), "html")
    assert complaints == []


async def a_mistake_is_made_and_mended(page: Page) -> None:
    """Type what does not exist, go to its line by the list, take it out, and write something else in its place."""
    await page.locator(".cm-content").click()
    await page.keyboard.press("Control+End")
    await page.keyboard.type("{{ first.nothing }}")
    found = page.locator("#found a")
    await expect(found).to_have_text(re.compile(r"^Line \d+, column 10$"), timeout=PATIENCE)
    await expect(page.locator(".cm-lint-marker-error")).to_have_count(1)
    await page.keyboard.press("Control+Home")
    await found.click()
    await expect(page.locator(".cm-activeLine")).to_contain_text("first.nothing")
    await page.keyboard.press("Control+End")
    await page.keyboard.press("Shift+Home")
    await page.keyboard.press("Delete")
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("End")
    for _ in "{% endblock %}":
        await page.keyboard.press("ArrowLeft")
    await page.keyboard.type(WRITTEN)
    await expect(letter(page).get_by_text("Kept in memory")).to_be_visible(timeout=PATIENCE)
    await page.keyboard.press("Escape")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Save draft")).to_be_focused()


async def the_letter_is_looked_at(page: Page) -> None:
    """By night and by day, in Armenian, and as text."""
    await page.get_by_label("By night").check()
    await expect(letter(page).locator("body")).to_have_css("background-color", "rgb(22, 21, 19)")
    await page.get_by_label("By day").check()
    await expect(letter(page).locator("body")).not_to_have_css("background-color", "rgb(22, 21, 19)")
    await page.get_by_label("Language").select_option("hy")
    await expect(letter(page).locator("html")).to_have_attribute("lang", "hy")
    await page.get_by_label("As text").check()
    await expect(letter(page).locator("pre")).to_contain_text("պատերազմ")
    await page.get_by_label("As it looks").check()


async def it_is_compared_and_its_letters_are_seen(page: Page) -> None:
    """From the history to the difference, to the editions made of the version, to one of them made once more."""
    await page.get_by_role("link", name="What it changed").click()
    await expect(page.locator(".cm-merge-b .cm-changedLine")).to_contain_text("Kept in memory")
    await page.get_by_text("As a table").click()
    await expect(page.locator("table mark").last).to_be_visible()
    await page.get_by_role("link", name="History").click()
    await page.get_by_role("link", name="1 edition was made of it").click()
    await page.get_by_role("link", name="The 44-day war in Artsakh").click()
    await expect(page.get_by_text("it says the same to the letter")).to_be_visible()
    await page.go_back()
    await page.go_back()


async def test_a_language_is_added_and_its_letters_run_from_the_right(
    anna: Reader, cookie: dict[str, str], new_page: NewPage
):
    """And nothing of it needs script."""
    page = await new_page(base_url=anna.home, viewport=NARROW, java_script_enabled=False)
    await page.context.add_cookies([cookie])
    page.set_default_timeout(10_000)
    await page.goto("/admin/templates")
    await page.get_by_label("Code of the language").fill("fa")
    await page.get_by_role("button", name="Translate").click()
    await page.get_by_label("Look for").fill("unresolved")
    await page.get_by_label("Look for").press("Enter")
    await page.get_by_label("Still unresolved", exact=True).fill("هنوز حل‌نشده")
    await page.get_by_role("button", name="Save draft").click()
    await expect(page.get_by_role("status").first).to_contain_text("Your draft is kept")
    await page.locator("#event").select_option("artsakh-war-2020")
    await page.get_by_role("button", name="Show the letter").click()
    shown = page.frame_locator("iframe.letter")
    await expect(shown.locator("html")).to_have_attribute("dir", "rtl")
    await expect(shown.get_by_text("هنوز حل‌نشده")).to_be_visible()
    await page.get_by_label("Why").fill("The first words in Persian")
    await page.get_by_role("button", name="Publish").click()
    await expect(page.get_by_role("status").first).to_contain_text("It is published", timeout=PATIENCE)

    await page.goto(BODY)
    await page.get_by_label("Language").select_option("fa")
    text = page.get_by_label("Text of the template")
    await text.fill((await text.input_value()).replace("{{ foot() }}", f"{{{{ foot() }}}}{WRITTEN}"))
    await page.get_by_role("button", name="Show the letter").click()
    await expect(shown.locator("html")).to_have_attribute("dir", "rtl")
    await expect(shown.get_by_text("Kept in memory")).to_be_visible(timeout=PATIENCE)
    await page.get_by_role("button", name="Check everything").click()
    await expect(page.get_by_text("Of every letter that is asked for")).to_be_visible()
    await expect(page.get_by_label("Language")).to_have_value("fa")
    await page.get_by_role("button", name="Save draft").click()
    await expect(page.get_by_text("This is your draft of")).to_be_visible()


@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["narrow", "wide"])
async def test_nothing_stands_in_anybodys_way(
    anna: Reader, cookie: dict[str, str], new_page: NewPage, viewport: dict[str, int]
):
    page = await new_page(base_url=anna.home, viewport=viewport)
    await page.context.add_cookies([cookie])
    for path in ("", "/edit/letters/notice/subject.txt", "/history/letters/_parts.mjml", "/translate/hy"):
        await page.goto(f"/admin/templates{path}")
        assert await in_either_colour(page) == []
        assert await too_wide(page) <= 0, path
    text = page.locator(".cm-content")
    await page.goto(BODY)
    await text.click()
    await page.keyboard.press("Control+Home")
    await page.keyboard.type("{{ nobody }} ")
    await page.locator("#found a").first.wait_for()
    assert await in_either_colour(page) == []
    await page.get_by_role("button", name="Save draft").click()
    await page.get_by_role("link", name="What is different").click()
    await page.locator(".cm-mergeView").wait_for()
    assert await in_either_colour(page) == []


async def in_either_colour(page: Page) -> list[str]:
    found = list[str]()
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        found += [f"{page.url} ({scheme}): {one}" for one in await barriers(page)]
    return found


def sent_to(anna: Reader, address: str):
    """Give the last letter that came to an address."""
    own = replace(anna, address=address).letters()
    return own[-1] if own else None


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complains of: what a policy refused, what a script failed at."""
    return []
