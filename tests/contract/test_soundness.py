"""`doctor --installation`: what is not sound is named with its remedy, and what is sound is not."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Executable, literal, select, text, update

from service import soundness
from service.belongings import secret_keys
from service.domain.checkup import Grade
from service.domain.webhook import Happening
from service.mail.tokens import Tokens
from service.post import now_utc
from service.settings import Settings
from service.store import consequences, installation, webhooks
from service.store.dialect import Store
from service.store.tables import alembic_version, attempts, notices, subscribers
from service.store.tables import installation as post
from tests.years import fill

NOW = now_utc()


@pytest.fixture
async def settings(database_url: str, tmp_path: Path) -> Settings:
    """An installation with readers and letters, whose clock has just looked."""
    store = Store(database_url)
    await fill(store, 5, 3, NOW)
    async with store.write() as tx:
        await installation.ticked(tx, now_utc())
    await store.close()
    return Settings(data_dir=tmp_path, database_url=SecretStr(database_url), secret_key=SecretStr("k" * 32))


async def grades(settings: Settings, now: Callable[[], datetime] = now_utc) -> dict[str, tuple[Grade, str]]:
    report = await soundness.examine(settings, now)
    assert all(one.remedy for one in report.findings if one.grade is not Grade.FINE)
    return {one.name: (one.grade, one.seen) for one in report.findings}


async def does(settings: Settings, *statements: Executable) -> None:
    store = Store(settings.database)
    async with store.write() as tx:
        for statement in statements:
            await tx.execute(statement)
    await store.close()


async def test_a_sound_installation_is_fine(settings: Settings) -> None:
    found = await grades(settings)
    names = ["database", "tables", "file", "clock", "post", "invariants", "webhooks", "secret key", "disk", "private"]
    assert list(found) == names
    assert [name for name, (grade, _) in found.items() if grade is not Grade.FINE and name != "disk"] == []


async def test_a_key_by_which_it_is_not_known_who_is_barred_is_another_one(settings: Settings) -> None:
    store = Store(settings.database)
    async with store.write() as tx:
        one = (await tx.execute(select(subscribers))).first()
        hashed = Tokens(secret_keys(settings)).address_hash(one.address)
        await tx.run_sync(consequences.suppress, one.id, one.address, hashed, "bounced", NOW)
    await store.close()
    assert (await grades(settings))["secret key"] == (Grade.FINE, "there is one")
    changed = settings.model_copy(update={"secret_key": SecretStr("n" * 32)})
    grade, seen = (await grades(changed))["secret key"]
    assert (grade, "another than the one" in seen) == (Grade.FAILING, True)
    rotated = changed.model_copy(update={"old_secret_keys": SecretStr("k" * 32)})
    assert (await grades(rotated))["secret key"][0] is Grade.FINE


@pytest.mark.parametrize("content", [b"short", b"\xff" * 40], ids=["too short", "no text"])
async def test_a_file_that_holds_no_key_is_found_and_told_in_words(settings: Settings, content: bytes) -> None:
    (settings.data_dir / "secret.key").write_bytes(content)
    grade, seen = (await grades(settings.model_copy(update={"secret_key": SecretStr("")})))["secret key"]
    assert (grade, "secret.key" in seen) == (Grade.FAILING, True)


async def test_a_webhook_that_is_off_is_named_with_what_puts_it_on_again(settings: Settings) -> None:
    store = Store(settings.database)
    async with store.write() as tx:
        hook = await webhooks.add(tx, "https://crm.example.org/", [Happening.LEFT], NOW, is_near=False)
        await webhooks.switch_off(tx, hook.id, "it answered 410: gone", NOW)
    await store.close()
    assert f"remembrancer webhook resume {hook.id}" in str(await soundness.examine(settings, now_utc))
    assert (await grades(settings))["webhooks"] == (
        Grade.WARNING,
        f"{hook.id} is switched off: it answered 410: gone",
    )


ATTEMPT = ["notice_id", "generation", "result", "code", "words", "at"]
LATER = select(notices.c.id, literal(7), literal("deferred"), literal(451), literal(""), notices.c.created_at)
BROKEN: dict[str, tuple[Any, ...]] = {
    "I2": (attempts.insert().from_select(ATTEMPT, LATER),),
    "I3": (update(notices).values(state="claimed", owner=None),),
    "I5": (update(notices).values(dated_at=None),),
    "I6": (update(notices).values(finished_at=None),),
    "I9": (update(subscribers).values(status="left", left_at=NOW - timedelta(days=500)),),
    "I10": (update(notices).values(state="ready", expires_at=NOW - timedelta(days=1)),),
    "I12": (update(post).values(ticked_at=NOW + timedelta(days=1)),),
}


@pytest.mark.parametrize("invariant", BROKEN)
async def test_an_invariant_that_does_not_hold_is_named(settings: Settings, invariant: str) -> None:
    await does(settings, *BROKEN[invariant])
    grade, seen = (await grades(settings))["invariants"]
    assert grade is (Grade.WARNING if invariant == "I10" else Grade.FAILING)
    assert f"{invariant}:" in seen


async def test_more_letters_under_way_than_connections_are_named(settings: Settings) -> None:
    store = Store(settings.database)
    await fill(store, 200, 1, NOW + timedelta(days=1))
    await store.close()
    await does(settings, update(notices).values(state="sending", owner="somebody"))
    assert "I7:" in (await grades(settings))["invariants"][1]


async def test_an_old_tick_a_held_post_and_a_clock_that_was_set_back_are_told_apart(settings: Settings) -> None:
    later = NOW + timedelta(seconds=20)
    assert (await grades(settings, lambda: later))["post"][0] is Grade.FINE
    await does(settings, update(post).values(ticked_at=NOW - timedelta(minutes=9)))
    assert (await grades(settings))["post"][0] is Grade.FAILING
    await does(settings, update(post).values(paused_at=NOW, paused_reason="moving house"))
    assert (await grades(settings))["post"] == (Grade.WARNING, "it is held: moving house")
    await does(settings, update(post).values(ticked_at=NOW + timedelta(days=1)))
    assert (await grades(settings))["clock"][0] is Grade.FAILING


async def test_letters_that_nobody_sends_are_no_sound_post(settings: Settings) -> None:
    due = {"due_at": NOW - timedelta(hours=1), "expires_at": NOW + timedelta(days=1)}
    await does(settings, update(notices).values(state="ready", finished_at=None, **due))
    assert (await grades(settings))["post"] == (Grade.FAILING, "mail stands still: nobody sends")


async def test_a_database_of_another_version_or_changed_by_hand_is_told_with_what_to_do(settings: Settings) -> None:
    await does(settings, text("DROP INDEX ix_notices_ready"))
    assert (await grades(settings))["tables"][0] is Grade.FAILING
    for version, said in (("0001", "older"), ("z999", "newer")):
        await does(settings, update(alembic_version).values(version_num=version))
        found = await grades(settings)
        assert found["migrations"][0] is Grade.FAILING
        assert said in found["migrations"][1]
        assert "tables" not in found


async def test_a_database_that_does_not_answer_and_an_open_key_are_told(tmp_path: Path) -> None:
    away = SecretStr("postgresql+psycopg://us:secret@127.0.0.1:1/none")
    settings = Settings(data_dir=tmp_path, database_url=away)
    (tmp_path / "secret.key").write_text("k" * 40)
    (tmp_path / "secret.key").chmod(0o644)
    found = await grades(settings)
    assert found["database"][0] is found["private"][0] is Grade.FAILING
    assert "secret@" not in found["database"][1]


async def test_the_file_of_a_database_is_its_owners_alone_and_one_that_others_may_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "kept" / "remembrancer.db"
    settings = Settings(data_dir=tmp_path, database_url=SecretStr(f"sqlite+aiosqlite:///{file}"))
    await does(settings, text("CREATE TABLE a (b)"))
    beside = [one for one in file.parent.iterdir() if one.stat().st_mode & 0o077]
    assert (file.is_file(), beside) == (True, [])
    file.chmod(0o644)
    assert (await grades(settings))["private"] == (Grade.FAILING, f"others on this machine may read {file}")


async def test_a_damaged_sqlite_file_is_found(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'remembrancer.db'}"
    store = Store(url)
    await fill(store, 200, 3, NOW)
    await store.settle()
    await store.close()
    file = tmp_path / "remembrancer.db"
    content = bytearray(file.read_bytes())
    page = content.index(b"2.0.0 Ok: queued") // 4096  # of notices: the schema stays readable
    content[page * 4096 : page * 4096 + 8] = b"\xff" * 8
    file.write_bytes(content)
    found = await grades(Settings(data_dir=tmp_path, database_url=SecretStr(url)))
    assert found["file"][0] is Grade.FAILING
