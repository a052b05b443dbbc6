"""Letters wait for an editor: approved, they reach a mail server; held or cancelled, they do not."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from service.actions import collections
from service.actions.bringing import Tally, bring
from service.actions.subscriber_files import read_row
from service.app import App, Role, build
from service.domain.editor import Role as Rank
from service.settings import Settings
from service.store import events
from tests.builders import at
from tests.journeys.program import KEY
from tests.smtp_server import SmtpServer
from tests.unit.web.client import HOST, Client
from tests.unit.web.editors import an_editor, cookies_of

MORNING = at("2026-09-27T05:00")
HERE = "/admin/days/2026-09-27"
COLLECTION = """
id: wars
title: { en: Wars }
description: { en: Days of war. }
approval: hold
events:
  - id: war
    title: { en: A war }
    summary: { en: It began. }
    first_day: 2020-09-27
    sources: [{ id: own, title: { en: Own knowledge } }]
    rules: [{ kind: yearly }]
"""
READER = {
    "language": "en",
    "zone": "Asia/Yerevan",
    "hour": "09:00",
    "collections": "wars",
}
CONFIRMED = {"confirmed_at": "2024-01-01"}


class Turned:
    """A clock turned by hand."""

    now = MORNING - timedelta(days=1)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
async def app(tmp_path: Path, database_url: str, relay: SmtpServer) -> AsyncIterator[App]:
    """The joined parts with a relay, a collection that asks for approval, and two readers of it."""
    settings = Settings(
        data_dir=tmp_path,
        database_url=SecretStr(database_url),
        secret_key=SecretStr(KEY),
        smtp_url=SecretStr(relay.url()),
        public_url=f"https://{HOST}",
    )
    Turned.now = MORNING - timedelta(days=1)
    app = build(settings, clock=Turned())
    await app.stock()
    file = tmp_path / "wars.yaml"
    file.write_text(COLLECTION)
    async with app.store.write() as tx:
        await collections.import_files(tx, [file], app.clock())
        targets = await events.targets(tx)
        rows = [
            read_row(READER | CONFIRMED | {"email": f"{name}@example.org"}, app.languages.codes, targets, app.clock())
            for name in ("ani", "late")
        ]
        rows[1] = replace(rows[1], habit=replace(rows[1].habit, hour="10:00"))
        await bring(tx, app.desk, rows, Tally(), app.clock())
    yield app
    await app.close()


async def _tick(app: App, moment: datetime) -> None:
    Turned.now = moment
    await app.round(moment)


def to_readers(relay: SmtpServer) -> list[str]:
    """Give who was written to, but for the editors, who are told that something waits."""
    addresses = [letter.rcpt_tos[0] for letter in relay.received]
    return [address for address in addresses if address != "approver@example.org"]


async def test_approve_hold_and_cancel_with_ticks_and_letters(app: App, relay: SmtpServer) -> None:
    client, editor = Client(app.site(frozenset({Role.WEB}))), await an_editor(app.store, Rank.APPROVER, MORNING)

    async def says(action: str) -> None:
        cookies = await cookies_of(app.store, editor, Turned.now)
        page = (await client.get(HERE, **cookies)).text
        version = page.split('name="version" value="')[1].split('"')[0]
        fields = [("event", "war"), ("version", version), ("why", "read it"), ("action", action)]
        assert (await client.post(HERE, fields, **cookies)).status == 303

    await _tick(app, MORNING)
    assert to_readers(relay) == []
    await says("approve")
    await _tick(app, MORNING + timedelta(minutes=1))
    assert to_readers(relay) == ["ani@example.org"]
    await says("hold")
    await _tick(app, MORNING + timedelta(hours=1))
    assert len(to_readers(relay)) == 1
    page = (await client.get("/admin", **await cookies_of(app.store, editor, Turned.now))).text
    assert "1 letter is held" in page
    await says("cancel")
    await _tick(app, MORNING + timedelta(hours=2))
    assert len(to_readers(relay)) == 1
    await says("approve")
    await _tick(app, MORNING + timedelta(hours=3))
    assert to_readers(relay) == ["ani@example.org", "late@example.org"]
