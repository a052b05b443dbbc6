"""What is kept, for how long: old notices go in small steps; what the post, the archive or a proof needs stays."""

from datetime import timedelta

from sqlalchemy import func, select, text, update

from service.domain.notice import State
from service.scheduling import forgetting
from service.store import dialect
from service.store.dialect import Store, id_at
from service.store.tables import attempts, editions, notices, suppressions
from tests.builders import at
from tests.years import contents, fill

NOW = at("2026-09-01T08:00")
TERMS = (200, 90)  # days


async def of_a_year(store: Store, readers: int = 30) -> None:
    """Fill a database with a letter a month, under ids of the moments at which they were made."""
    await fill(store, readers, 12, NOW)
    async with store.write() as tx:
        for edition in (await tx.execute(select(editions.c.id, editions.c.created_at))).all():
            of_it = update(notices).where(notices.c.edition_id == edition.id)
            await tx.execute(text("DELETE FROM attempts"))
            aged = id_at(edition.created_at)
            await tx.execute(of_it.values(id=aged + func.substr(notices.c.id, 13)))
        late = select(notices.c.id, *map(dialect.literal, (1, "deferred", 451, "4.2.0 later")), notices.c.finished_at)
        names = ["notice_id", "generation", "result", "code", "words", "at"]
        await tx.execute(attempts.insert().from_select(names, late))
        await tx.execute(suppressions.insert().values(address_hash="f" * 64, reason="left", created_at=NOW))


async def test_notices_and_attempts_go_after_their_terms_and_nothing_else_does(store: Store) -> None:
    await of_a_year(store)
    before = await contents(store)
    removed = await forgetting.forget(store, *TERMS, NOW)
    after = await contents(store)
    assert {name for name in after if after[name] != before[name]} == {"notices", "attempts"}
    async with store.read() as tx:
        oldest = (await tx.execute(select(func.min(notices.c.finished_at)))).scalar_one()
        tried = (await tx.execute(select(func.min(attempts.c.at)))).scalar_one()
    assert NOW - timedelta(days=TERMS[0]) <= oldest < NOW - timedelta(days=TERMS[0]) + timedelta(days=32)
    assert NOW - timedelta(days=TERMS[1]) <= tried < NOW - timedelta(days=TERMS[1]) + timedelta(days=32)
    assert removed["notices"] == before["notices"][0] - after["notices"][0] > 0
    assert not any((await forgetting.forget(store, *TERMS, NOW)).values())


async def test_what_is_held_or_waits_stays_however_old_it_is(store: Store) -> None:
    await of_a_year(store, 1)
    kept = (State.HELD, State.QUARANTINE, State.READY)
    async with store.write() as tx:
        old = (await tx.execute(select(notices.c.id).order_by(notices.c.id).limit(3))).scalars().all()
        for id_, state in zip(old, kept, strict=True):
            await tx.execute(update(notices).where(notices.c.id == id_).values(state=state))
    await forgetting.forget(store, *TERMS, NOW)
    async with store.read() as tx:
        found = (await tx.execute(select(notices.c.id).where(notices.c.id.in_(old)))).scalars().all()
        tried = (await tx.execute(select(func.count()).where(attempts.c.notice_id.in_(old)))).scalar_one()
    assert (sorted(found), tried) == (sorted(old), 3)


async def test_words_that_told_of_one_readers_own_dates_go_and_the_archive_stays(store: Store) -> None:
    await of_a_year(store, 1)
    async with store.write() as tx:
        first, second = (await tx.execute(select(editions.c.id).order_by(editions.c.day).limit(2))).scalars().all()
        reader = select(notices.c.subscriber_id).limit(1).scalar_subquery()
        await tx.execute(update(editions).where(editions.c.id == first).values(subscriber_id=reader))
        await tx.execute(update(editions).where(editions.c.id == second).values(sent_at=NOW))
    assert (await forgetting.forget(store, *TERMS, NOW))["own_words"] == 1
    async with store.read() as tx:
        html = {row.id: row.html for row in (await tx.execute(select(editions.c.id, editions.c.html))).all()}
    assert html[first] is None
    assert html[second]


async def test_a_sqlite_file_gives_back_the_room_of_what_was_removed(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    await of_a_year(store, 2000)
    async with store.read() as tx:
        before = (await tx.execute(text("PRAGMA page_count"))).scalar_one()
    await forgetting.forget(store, *TERMS, NOW)
    async with store.read() as tx:
        after = (await tx.execute(text("PRAGMA page_count"))).scalar_one()
        unused = (await tx.execute(text("PRAGMA freelist_count"))).scalar_one()
    assert after < before * 0.8
    assert unused == 0
    await store.close()
