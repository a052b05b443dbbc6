"""Every page of the editors' room that can be reached by its links, with nobody kept out by how they read."""

from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page
from starlette.routing import Match

from service.domain.editor import Role
from service.store.dialect import Store
from service.web.admin.routes import SEATS
from tests.browser.barriers import in_the_way
from tests.browser.conftest import YEREVAN
from tests.journeys.program import Program
from tests.peers.fixtures import NewPage
from tests.unit.web.editors import seated

ROUTES = [seat.route() for seat in SEATS if seat.method == "GET"]


@pytest.fixture
def program(tmp_path: Path, sqlite_url: str) -> Program:
    """The program with a folder for its letters, and a database of its own."""
    return Program(tmp_path / "home", {"DATABASE_URL": sqlite_url})


def shape(path: str) -> str:
    """Give the address of the room that answers for a path: pages of one kind are looked at once."""
    scope = {"type": "http", "path": path, "method": "GET"}
    return next((route.path for route in ROUTES if route.matches(scope)[0] is Match.FULL), "")


async def links(page: Page) -> list[str]:
    """Give where a page's links lead, within the room."""
    found: list[str] = await page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    return [urlsplit(link).path + "?" + urlsplit(link).query for link in found if urlsplit(link).path[:6] == "/admin"]


async def test_no_page_of_the_room_has_a_barrier(program: Program, sqlite_url: str, new_page: NewPage):
    async with program.running("--roles", "web", "--sample") as service:
        store = Store(sqlite_url)
        seat = await seated(store, Role.OWNER, datetime.now(UTC), name="editor")
        await store.close()
        page = await new_page(**YEREVAN, base_url=service.address)
        page.set_default_timeout(30_000)
        cookie = seat["cookie"].partition("=")[2]
        await page.context.add_cookies([{"name": "editor", "value": cookie, "url": service.address}])
        waiting, seen, wrong = ["/admin", "/admin/import", "/admin/you/second"], set[str](), list[str]()
        while waiting:
            path = waiting.pop(0)
            of = shape(urlsplit(path).path)
            if not of or of in seen:
                continue
            seen.add(of)
            answer = await page.context.request.get(path, max_retries=3)  # an idle connection may have been closed
            if "html" not in answer.headers["content-type"] or "sandbox" in answer.headers["content-security-policy"]:
                continue  # a picture, a file, or a letter as it leaves
            await page.goto(path)
            wrong += await in_the_way(page)
            waiting += await links(page)
        assert wrong == []
        assert len(seen) >= 25
