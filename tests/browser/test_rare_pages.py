"""Pages of the editors' room that come only when something came between: looked at as all others are."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from service.actions import templates
from service.actions.passwords import Passwords
from service.domain.editor import Role
from service.store import editors, sessions
from service.store import templates as template_store
from service.store.dialect import Store
from tests.browser.barriers import in_the_way
from tests.browser.conftest import YEREVAN
from tests.journeys.program import Program
from tests.peers.fixtures import NewPage
from tests.unit.web.editors import PASSWORD, an_editor, code_at, cookies_of

PIECE = "letters/notice/subject.txt"


@pytest.fixture
def program(tmp_path: Path, sqlite_url: str) -> Program:
    """The program with a folder for its letters, and a database of its own."""
    return Program(tmp_path / "home", {"DATABASE_URL": sqlite_url})


async def has_no_barrier(page: Page, title: str) -> None:
    """See to it that this page is here, keeps nobody out, and is no wider than its window."""
    await expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert await in_the_way(page) == [], title


async def test_pages_that_come_between_have_no_barrier(program: Program, sqlite_url: str, new_page: NewPage):
    async with program.running("--roles", "web") as service:
        store, now = Store(sqlite_url), datetime.now(UTC)
        owner = await an_editor(store, Role.OWNER, now)
        async with store.write() as tx:
            await editors.set_password(tx, owner.id, await Passwords().hashed(PASSWORD))
        cookie = await cookies_of(store, owner, now - timedelta(minutes=15), name="editor")
        page = await new_page(**YEREVAN, base_url=service.address)
        page.set_default_timeout(30_000)
        await page.context.add_cookies(
            [{"name": "editor", "value": cookie["cookie"].partition("=")[2], "url": service.address}]
        )

        await page.goto("/admin/editors")
        form = page.locator("form[action$='/admin/editors']")
        await form.locator("[name=address]").fill("new@example.org")
        await form.get_by_role("button").click()
        await has_no_barrier(page, "Please show again that it is you")

        await page.goto(f"/admin/templates/edit/{PIECE}")
        async with store.write() as tx:
            newest = await template_store.newest_number(tx, PIECE)
            await templates.publish(tx, owner, PIECE, "{{ subject }}, theirs", newest, "A colleague was quicker.", now)
        await page.locator(".cm-content").click()
        await page.keyboard.press("Control+End")
        await page.keyboard.type(", mine")
        await page.get_by_label("Why", exact=True).fill("To see both.")
        await page.get_by_role("button", name="Publish", exact=True).click()
        await has_no_barrier(page, "Somebody was quicker")

        await page.goto("/admin/events/artsakh-war-2020")
        async with store.write() as tx:
            await sessions.end_all(tx, owner.id)
        await page.get_by_role("button", name="Save the event").click()
        await page.get_by_label("E-mail address").fill(owner.address)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_label("Code", exact=True).fill(code_at(datetime.now(UTC)))
        await page.get_by_role("button", name="Go in").click()
        await has_no_barrier(page, "You are signed in again")
        await store.close()
