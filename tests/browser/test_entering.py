"""The editors' room in a real browser: the first link, a passkey, and the pages of who is in; without a barrier."""

import re
import socket
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.barriers import in_the_way
from tests.journeys.program import Program
from tests.peers.fixtures import NewPage

PASSWORD = "seven lanterns on the shore"


@pytest.fixture
def program(tmp_path: Path, sqlite_url: str) -> Program:
    """The program under a name, as passkeys need it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"DATABASE_URL": sqlite_url, "PORT": str(port), "PUBLIC_URL": f"http://localhost:{port}"}
    return Program(tmp_path / "home", settings)


async def with_authenticator(page: Page) -> None:
    """Give a browser an authenticator that says yes, and knows who holds it."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


async def test_the_first_owner_comes_in_with_a_passkey_and_lets_somebody_in(
    program: Program, new_page: NewPage
) -> None:
    async with program.running("--roles", "web") as service:
        link = re.search(r"http\S+/admin/link/[\w-]+", service.greeting)
        assert link
        page = await new_page(locale="en-GB")
        page.set_default_timeout(15_000)
        await with_authenticator(page)
        await page.goto(link[0])
        assert await in_the_way(page) == []
        await page.get_by_label("E-mail address").fill("ani@example.org")
        await page.get_by_label("Name").fill("Անի")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Become the owner").click()
        await page.get_by_role("heading", name="Second factors").wait_for()
        assert await in_the_way(page) == []
        await page.get_by_label("What you call it").fill("My telephone")
        await page.get_by_role("button", name="Add a passkey").click()
        await page.get_by_role("heading", name="Your recovery codes").wait_for()
        assert await in_the_way(page) == []
        code = await page.get_by_role("listitem").filter(has_text=re.compile(r"^\s*(\w{4}-){3}")).first.inner_text()
        await page.get_by_role("button", name="Sign out").click()
        assert await in_the_way(page) == []
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await page.get_by_role("link", name="What is due").and_(page.locator("[aria-current]")).wait_for()
        assert await in_the_way(page) == []
        await page.get_by_role("link", name="Editors", exact=True).click()
        await page.get_by_role("textbox", name="E-mail address").fill("vahan@example.org")
        await page.get_by_role("button", name="Make a link for them").click()
        await page.get_by_role("heading", name="They may come in").wait_for()
        assert await in_the_way(page) == []
        await page.get_by_role("link", name="Back to the editors").click()
        assert await in_the_way(page) == []
        await page.get_by_role("link", name="What was done").click()
        await page.get_by_text("entries are as they were written").wait_for()
        assert await in_the_way(page) == []
        await page.get_by_role("button", name="Sign out").click()
        await page.get_by_label("E-mail address").fill("ani@example.org")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await page.get_by_role("heading", name="Second factor").wait_for()
        assert await in_the_way(page) == []
        await page.get_by_label("Recovery code").fill(code)
        await page.get_by_role("button", name="Go in").click()
        await page.get_by_role("link", name="Անի").click()
        await page.get_by_text("9 recovery codes are left").wait_for()
