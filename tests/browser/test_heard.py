"""What came back, in the room: looked at by day and by night, narrow and wide, in English and Hebrew; and undone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from service.belongings import secret_keys
from service.domain.editor import Role
from service.domain.heard import By, Did, Heard, What
from service.domain.notice import State
from service.mail.tokens import Tokens
from service.settings_read import read_settings
from service.store import subscribers
from service.store.dialect import Store
from service.store.tables import notices
from service.store.tables import subscribers as readers
from tests.browser.barriers import in_the_way
from tests.browser.conftest import YEREVAN
from tests.heard import BOUNCE, COMPLAINT, Returned
from tests.journeys.program import Program
from tests.peers.fixtures import NewPage
from tests.post import Post
from tests.unit.web.editors import seated

LONG = "550-5.1.1 The email account that you tried to reach does not exist. " * 6


@pytest.fixture
def program(tmp_path: Path, sqlite_url: str) -> Program:
    """The program with a database of its own."""
    return Program(tmp_path / "home", {"DATABASE_URL": sqlite_url})


async def _looked_at(page: Page, path: str) -> None:
    await page.goto(path)
    assert await in_the_way(page) == []


async def _returned(store: Store, folder: Path) -> Returned:
    """Have a letter come back, and be complained of, and much else."""
    now = datetime.now(UTC)
    notice = await Post(store, now - timedelta(hours=2)).notice(State.ACCEPTED, dated_at=now)
    async with store.read() as tx:
        own = select(readers.c.id, readers.c.address).join_from(notices, readers).where(notices.c.id == notice)
        reader, address = (await tx.execute(own)).one()
    tokens = Tokens(secret_keys(read_settings(data_dir=folder)))
    back = Returned(store, now, notice, reader, address, tokens)
    for told, did in (
        (Heard(What.AUTOMATIC, By.HEADERS), Did.NOTHING),
        (Heard(What.PERSON, By.HEADERS), Did.ANSWERED),
        (Heard(What.BOUNCED, By.PROVIDER, "5.7.1", LONG), Did.TOLD),
        (Heard(What.UNREADABLE, By.LIMITS, words="this mail has too many parts"), Did.NOTHING),
    ):
        await back.hears(told, did)
    await back.sets_aside()
    return back


async def test_what_came_back_is_looked_at_and_undone(
    program: Program, sqlite_url: str, tmp_path: Path, new_page: NewPage
):
    async with program.running("--roles", "web") as service:
        store = Store(sqlite_url)
        back = await _returned(store, tmp_path / "home" / "data" / "var")
        bounce = await back.hears(BOUNCE, Did.SUPPRESSED, "no such mailbox")
        complaint = await back.hears(COMPLAINT, Did.SUPPRESSED, "complaint")
        seat = await seated(store, Role.OWNER, datetime.now(UTC), name="editor")
        page = await new_page(**YEREVAN, base_url=service.address)
        page.set_default_timeout(30_000)
        cookie = {"name": "editor", "value": seat["cookie"].partition("=")[2], "url": service.address}
        await page.context.add_cookies([cookie])
        for path in ("/admin/heard", "/admin/heard?view=aside", f"/admin/heard/{bounce}", f"/admin/heard/{complaint}"):
            await _looked_at(page, path)
            await _looked_at(page, f"{path}{'&' if '?' in path else '?'}lang=he")

        await page.goto("/admin/heard")
        await page.get_by_role("link", name="A complaint").click()
        await page.get_by_role("button", name="Undo").click()
        await expect(page.get_by_role("alert")).to_contain_text("Please say why")
        await page.get_by_label("Why, in words").fill("They wrote to us and asked for letters.")
        await page.get_by_label("The reader wishes to have letters again").check()
        await page.get_by_role("button", name="Undo").click()
        await expect(page.get_by_role("status")).to_have_text("The reader is written to again, as before.")
        async with store.read() as tx:
            reader = await subscribers.by_id(tx, back.reader)
        assert reader is not None
        assert reader.status.value == "active"
        await store.close()
