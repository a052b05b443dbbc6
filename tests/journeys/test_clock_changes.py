"""The nights on which the clocks are changed, for a reader whose hour is skipped or comes twice."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from service.actions import collections
from service.actions.bringing import Tally, bring
from service.actions.subscriber_files import read_row
from service.app import App, build
from service.mail.reading import Filed, letters
from service.settings import Settings
from service.store import events
from tests.databases import on_either
from tests.journeys.program import ANNA, KEY

pytestmark = on_either

COLLECTION = """
id: nights
title: { en: Nights }
description: { en: Nights on which clocks were changed. }
events:
  - id: spring
    title: { en: A night in spring }
    summary: { en: An hour was left out. }
    first_day: 2020-03-29
    sources: [{ id: own, title: { en: Own knowledge } }]
    rules: [{ kind: yearly }]
  - id: autumn
    title: { en: A night in autumn }
    summary: { en: An hour came twice. }
    first_day: 2020-10-25
    sources: [{ id: own, title: { en: Own knowledge } }]
    rules: [{ kind: yearly }]
"""


@pytest.fixture
async def app(tmp_path: Path, database_url: str) -> AsyncIterator[App]:
    """The joined parts, with a reader in Paris who is written to at half past two."""
    settings = Settings(data_dir=tmp_path, database_url=SecretStr(database_url), secret_key=SecretStr(KEY))
    app = build(settings)
    file = tmp_path / "nights.yaml"
    file.write_text(COLLECTION)
    cells = ANNA | {"collections": "nights", "zone": "Europe/Paris", "hour": "02:30"}
    async with app.store.write() as tx:
        await collections.import_files(tx, [file], at("2026-01-01T00:00"))
        row = read_row(cells, app.languages.codes, await events.targets(tx), at("2026-01-01T00:00"))
        await bring(tx, app.desk, [row], Tally(), at("2026-01-01T00:00"))
    yield app
    await app.close()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def half_hours(first: str, last: str) -> Iterator[datetime]:
    now = at(first)
    while now <= at(last):
        yield now
        now += timedelta(minutes=30)


async def sent(app: App, first: str, last: str) -> list[Filed]:
    """Do a round every half hour, and give the letters."""
    for now in half_hours(first, last):
        await app.round(now)
    return letters(app.settings.outbox)


async def test_an_hour_that_spring_leaves_out_is_moved_and_one_letter_comes(app: App):
    (letter,) = await sent(app, "2026-03-28T22:00", "2026-03-29T22:30")
    assert letter.opened.subject == "A night in spring: six years ago today"
    assert letter.opened.date == at("2026-03-29T01:30")  # 03:30 in Paris


async def test_an_hour_that_comes_twice_in_autumn_brings_one_letter_at_the_first(app: App):
    (letter,) = await sent(app, "2026-10-24T21:00", "2026-10-25T23:30")
    assert letter.opened.subject == "A night in autumn: six years ago today"
    assert letter.opened.date == at("2026-10-25T00:30")  # 02:30 in Paris, the first
