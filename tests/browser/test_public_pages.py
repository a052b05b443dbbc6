"""Every public page that can be reached by its links, with nobody kept out by how they read."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page

from tests.browser.barriers import in_the_way
from tests.browser.conftest import YEREVAN
from tests.journeys.program import Program
from tests.peers.fixtures import NewPage

NOT_PUBLIC = ("admin", "outbox", "static", "status")
FIRST = ("/", "/days/02-29", "/years/2027", "/editions", "/api/v1", "/none")


@pytest.fixture
def program(tmp_path: Path, sqlite_url: str) -> Program:
    """The program with a folder for its letters, and a database of its own."""
    return Program(tmp_path / "home", {"DATABASE_URL": sqlite_url})


def shape(path: str) -> str:
    """Give what pages of one kind have in common: they are looked at once."""
    first, *rest = path.strip("/").split("/")
    return f"{first} and {len(rest)} more"


async def links(page: Page, address: str) -> list[str]:
    """Give where a page's links lead, within the public pages; a file to download is no page."""
    found: list[str] = await page.eval_on_selector_all("a[href^='/']", "links => links.map(link => link.href)")
    paths = [urlsplit(link).path for link in found if link.startswith(address)]
    return [path for path in paths if path.strip("/").split("/")[0] not in NOT_PUBLIC and "." not in path]


@pytest.mark.parametrize(("code", "least"), [("en", 9), ("he", 9)])
async def test_no_public_page_has_a_barrier(program: Program, new_page: NewPage, code: str, least: int):
    async with program.running("--roles", "web,post", "--sample") as service:
        page = await new_page(**YEREVAN, base_url=service.address)
        page.set_default_timeout(30_000)
        waiting, seen, wrong = list(FIRST), set[str](), list[str]()
        while waiting:
            path = waiting.pop(0)
            if shape(path) in seen:
                continue
            seen.add(shape(path))
            answer = await page.goto(f"{path}?lang={code}")
            assert answer is not None
            if "sandbox" not in answer.headers.get("content-security-policy", ""):  # a letter as it left
                assert await page.get_attribute("html", "lang") == code
                wrong += await in_the_way(page)
            waiting += await links(page, service.address)
        assert wrong == []
        assert len(seen) >= least, seen
