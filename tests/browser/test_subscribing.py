"""A person subscribes on the page, confirms from the letter, and is written to on the day, once."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest_asyncio
from playwright.async_api import expect

from tests.browser.barriers import barriers
from tests.browser.conftest import YEREVAN
from tests.browser.reader import WAR_DAY, Reader
from tests.journeys.program import ANNA, Program, eventually, part
from tests.peers.fixtures import NewPage
from tests.smtp_server import SmtpServer


async def test_what_can_be_known_is_guessed_and_can_be_changed(anna: Reader):
    page = anna.page
    await page.goto("/")
    await page.get_by_role("link", name="Be reminded by letter").click()
    zone, hour, language = (page.get_by_label(name) for name in ("Time zone", "Time of day", "Language of the letters"))
    await expect(zone).to_have_value("Asia/Yerevan")
    await expect(hour).to_have_value("09:00")
    await expect(language).to_have_value("en")
    await zone.select_option("America/Los_Angeles")
    await hour.fill("07:30")
    await language.select_option(label="Հայերեն")
    await page.get_by_label("E-mail address").fill(anna.address)
    await page.get_by_role("checkbox", name="Artsakh (Nagorno-Karabakh), 2020 to 2023").check()
    await page.get_by_role("checkbox", name="7 days before").check()
    await page.get_by_role("button", name="Subscribe").click()
    await expect(page.get_by_role("heading", name="Please look into your mailbox")).to_be_visible()
    await anna.confirmation()  # the page does not wait for what is kept
    kept = (await anna.program.listed())[anna.address]
    assert (kept["zone"], kept["hour"], kept["language"]) == ("America/Los_Angeles", "07:30", "hy")
    assert sorted(kept["subscriptions"]) == ["collection:artsakh+0", "collection:artsakh+7"]


async def test_events_are_found_and_the_next_letter_is_seen_as_one_chooses(anna: Reader):
    await anna.program.tick(WAR_DAY)  # so that the days of the coming year are reckoned
    page = anna.page
    await page.goto("/subscribe")
    await expect(page.get_by_text("Choose something above, and see here")).to_be_visible()
    await page.get_by_label("Find an event").fill("ATTACK of 19")
    attack = page.get_by_role("checkbox", name="The attack of 19 September 2023", exact=True)
    await expect(attack).to_be_visible()
    await expect(page.get_by_role("checkbox", name="The agreement of 9 November 2020", exact=True)).to_be_hidden()
    await attack.check()
    await expect(page.get_by_text(re.compile("Your next letter comes on .*19 September .*, at 09:00"))).to_be_visible()
    await page.get_by_label("Days ahead: The attack of 19 September 2023").fill("7")
    await expect(page.get_by_text(re.compile("Your next letter comes on .*12 September .*, at 09:00"))).to_be_visible()
    await page.get_by_text("See the letter").click()
    letter = page.frame_locator("iframe[title='Your next letter']")
    await expect(letter.get_by_role("heading", name="The attack of 19 September 2023").first).to_be_visible()
    assert await barriers(page) == []
    assert await anna.program.listed() == {}


async def test_a_browser_in_armenian_is_answered_in_armenian(anna: Reader, new_page: NewPage):
    page = await new_page(locale="hy-AM", timezone_id="Asia/Yerevan", base_url=anna.home)
    await page.goto("/subscribe")
    await expect(page.locator("html")).to_have_attribute("lang", "hy")
    await expect(page.locator("#language")).to_have_value("hy")


async def test_a_mistake_is_told_and_nothing_that_was_typed_is_lost(anna: Reader):
    page = anna.page
    await page.goto("/subscribe")
    await page.get_by_label("E-mail address").fill("anna at example.org")
    await page.get_by_label("Time of day").fill("06:15")
    await page.get_by_label("Time zone").select_option("Europe/Paris")
    await page.get_by_role("button", name="Subscribe").click()
    await expect(page.get_by_text("This is not an e-mail address.").first).to_be_visible()
    await expect(page.get_by_text("Please choose at least one collection or event.").first).to_be_visible()
    await expect(page.get_by_label("E-mail address")).to_have_value("anna at example.org")
    await expect(page.get_by_label("Time of day")).to_have_value("06:15")
    await expect(page.get_by_label("Time zone")).to_have_value("Europe/Paris")
    assert await anna.program.listed() == {}


async def test_from_the_form_to_exactly_one_letter_on_the_day(anna: Reader):
    await anna.program.readers(ANNA | {"email": "lena@example.org", "zone": "America/Los_Angeles", "hour": "9"})
    lena = Reader("lena@example.org", anna.home, anna.page, anna.relay, anna.program)
    await anna.asks()

    link = await anna.confirmation()
    await anna.page.goto(link)
    assert await anna.status() == "pending"  # to look at the page is not to confirm
    await anna.program.tick(WAR_DAY)
    assert anna.letters("2026-09-27") == []

    await anna.confirms()
    assert await anna.status() == "active"
    letter = await anna.written_on()
    assert letter["Subject"] == "The 44-day war in Artsakh: six years ago today"
    assert "3,830 people" in part(letter, "plain")
    assert lena.letters("2026-09-27") == []

    again = await anna.program.tick(WAR_DAY)
    assert (again["planned"], again["sent"]) == (0, 0)
    await anna.program.tick("2026-09-27T15:59:00Z")
    assert len(anna.letters("2026-09-27")) == 1
    assert lena.letters("2026-09-27") == []
    await anna.program.tick("2026-09-27T16:00:00Z")
    assert (len(anna.letters("2026-09-27")), len(lena.letters("2026-09-27"))) == (1, 1)


async def test_asking_twice_brings_one_letter_to_confirm_and_confirming_a_welcome(anna: Reader):
    await anna.asks()
    await anna.confirmation()
    await anna.asks()
    await anna.confirms()
    later = await eventually(lambda: [letter["Subject"] for letter in anna.letters()][1:])
    assert later == ["You will be reminded"]


async def test_in_a_crowd_a_browser_works_before_it_asks_and_one_without_script_is_told_to_wait(
    crowded: Reader, new_page: NewPage
):
    page = crowded.page
    for other in ("aram@example.org", "bella@example.org"):
        await replace(crowded, address=other).asks()
    await page.goto("/subscribe")
    assert await barriers(page) == []
    await expect(page.get_by_text("please leave it open that long")).to_be_hidden()
    await crowded.asks()
    plain = await new_page(base_url=crowded.home, java_script_enabled=False)
    await plain.goto("/subscribe")
    await plain.get_by_label("E-mail address").fill("lena@example.org")
    await plain.get_by_role("checkbox", name="Artsakh (Nagorno-Karabakh), 2020 to 2023").check()
    await plain.get_by_role("button", name="Subscribe").click()
    await expect(plain.get_by_text("Please send it once more.")).to_be_visible()
    await expect(plain.get_by_text("What is sent 10 minutes after this page was opened is still taken")).to_be_visible()
    await expect(plain.get_by_label("E-mail address")).to_have_value("lena@example.org")
    await expect(plain.get_by_role("checkbox", name="Artsakh (Nagorno-Karabakh), 2020 to 2023")).to_be_checked()
    assert "lena@example.org" not in await crowded.program.listed()


@pytest_asyncio.fixture(loop_scope="session")
async def crowded(program: Program, relay: SmtpServer, new_page: NewPage) -> AsyncIterator[Reader]:
    """A person at a door where four may ask in an hour, and which is crowded when two have."""
    async with program.with_(REQUESTS_PER_HOUR="4").running("--roles", "web,post") as service:
        page = await new_page(**YEREVAN, base_url=service.address)
        page.set_default_timeout(30_000)
        yield Reader("anna@example.org", service.address, page, relay, program.with_(PUBLIC_URL=service.address))
