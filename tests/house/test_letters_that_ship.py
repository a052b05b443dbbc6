"""The letters that ship pass the checks that publishing asks for: every kind, every language, of real events."""

from pathlib import Path

import pytest

from service.actions import collections
from service.actions.templates import samples
from service.domain.notice import Kind
from service.mail.tokens import Tokens
from service.rendering.checks import check_proofs
from service.rendering.context import WRITTEN
from service.rendering.locales import Languages
from service.rendering.proof import Proof, Reader
from service.scheduling import horizon
from service.settings import shipped
from service.store import schema, templates
from service.store.dialect import Store
from tests.builders import at, on
from tests.house.repository import ROOT
from tests.printers import proving, shipped_set

LANGUAGES = Languages(ROOT / "data" / "locales").codes
NOW = at("2026-09-01T08:00")
SHARED, ARMENIAN = "letters/_layout.mjml", "locales/hy.po"
LONG_NUMBERS = "the subject has"  # hundreds of years by another calendar, in words


@pytest.fixture
async def store(tmp_path: Path) -> Store:
    store = Store(f"sqlite+aiosqlite:///{tmp_path / 'letters.db'}")
    await schema.upgrade(store)
    async with store.write() as tx:
        await templates.ensure_shipped(tx, shipped_set(), NOW)
        await collections.import_files(tx, [shipped("data") / "collections"], NOW)
    await horizon.cover(store, on("2026-09-01"), on("2027-10-01"))
    return store


async def test_every_letter_that_ships_passes_every_check(store: Store) -> None:
    prove = proving(store, Tokens((b"k" * 32,)), lambda: NOW)
    async with store.read() as tx:
        wanted = await samples(tx, SHARED, NOW.date())
    proofs: list[Proof] = [await prove(one, {}) for one in wanted]
    await store.close()
    assert {proof.wanted.kind for proof in proofs} >= {kind for kind in WRITTEN if not kind.endswith("-festive")}
    assert {proof.wanted.language for proof in proofs} == set(LANGUAGES)
    assert all(proof.words for proof in proofs)
    found = check_proofs(proofs, shipped_set())
    assert [str(check) for check in found if check.stops or LONG_NUMBERS not in check.message] == []


async def test_a_piece_asks_for_the_letters_that_it_is_part_of(store: Store) -> None:
    async with store.read() as tx:
        notice = await samples(tx, "letters/notice/body.txt", NOW.date())
        link = await samples(tx, "letters/link/subject.txt", NOW.date())
        armenian = await samples(tx, ARMENIAN, NOW.date())
        shared = await samples(tx, SHARED, NOW.date())
    await store.close()
    assert {one.kind for one in notice} == {Kind.NOTICE}
    assert {one.reader for one in notice} >= {Reader.PLAIN, Reader.AHEAD, Reader.BUSY}
    assert len({one.event for one in notice}) >= 3
    assert [(one.kind, one.language) for one in link] == [(Kind.LINK, code) for code in LANGUAGES]
    assert {one.language for one in armenian} == {"hy"}
    assert {one.kind for one in armenian} == {one.kind for one in shared}
    assert len(shared) <= 17 * len(LANGUAGES) + 8
