"""Claims: nobody takes what somebody else has, however many ask at once, and no update is lost."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select, update

from service.domain.notice import Claim, Kind, Outcome, Result, State
from service.domain.retry import after
from service.domain.subscription import Status, Wish
from service.store import editions, notices, subscribers, subscriptions
from service.store.dialect import Store
from service.store.tables import notices as notice_table
from service.store.tables import requests
from tests.builders import a_habit, at, on

NOW = at("2026-09-27T05:00")
LEASE = NOW + timedelta(seconds=30)
WISH = Wish(collection="artsakh")


async def ready_notices(store: Store, many: int) -> list[str]:
    """Put ready notices into the store, one for each of so many readers."""
    async with store.write() as tx:
        plan = editions.Plan(Kind.NOTICE, "en", on("2026-09-27"), "v", "key", (), (WISH.target,))
        edition = await editions.ensure(tx, plan, NOW)
        arrivals = [
            subscribers.Arrival(f"r{n}@example.org", a_habit(), Status.ACTIVE, "import", NOW) for n in range(many)
        ]
        ids = await subscribers.add_many(tx, [subscribers.arrival_row(arrival, NOW) for arrival in arrivals[:500]])
        for start in range(500, many, 500):
            rows = [subscribers.arrival_row(arrival, NOW) for arrival in arrivals[start : start + 500]]
            ids |= await subscribers.add_many(tx, rows)
        await subscriptions.add_many(tx, [subscriptions.wish_row(id_, WISH, NOW, NOW) for id_ in ids.values()])
        day = on("2026-09-27")
        singles = [
            notices.Single(id_, Kind.NOTICE, day, edition, NOW, NOW + timedelta(hours=15)) for id_ in ids.values()
        ]
        await notices.add_singles(tx, singles)
        await tx.execute(update(notice_table).values(state=State.READY))
        return list((await tx.execute(select(notice_table.c.id))).scalars())


async def one_claim(store: Store) -> Claim:
    await ready_notices(store, 1)
    async with store.write() as tx:
        (claim,) = await notices.claim(tx, "me", NOW, LEASE, 10)
    return claim


async def test_2000_tasks_claiming_at_once_never_take_a_notice_twice(store: Store) -> None:
    ids = await ready_notices(store, 3000)
    taken: list[str] = []

    async def worker(number: int) -> None:
        async with store.write() as tx:
            claims = await notices.claim(tx, f"worker {number}", NOW, LEASE, 1 + number % 3)
        taken.extend(claim.id for claim in claims)

    await asyncio.gather(*(worker(number) for number in range(2000)))
    assert max(Counter(taken).values()) == 1
    while True:
        async with store.write() as tx:
            rest = await notices.claim(tx, "last", NOW, LEASE, 500)
        if not rest:
            break
        taken.extend(claim.id for claim in rest)
    assert sorted(taken) == sorted(ids)


async def test_a_storm_of_reading_and_then_updating_loses_nothing(store: Store) -> None:
    async with store.write() as tx:
        await tx.execute(requests.insert().values(scope="storm", key="k", since=NOW, count=0))

    async def worker() -> None:
        for _ in range(40):
            async with store.write() as tx:
                counted = select(requests.c.count).where(requests.c.scope == "storm").with_for_update()
                seen = (await tx.execute(counted)).scalar_one()
                await asyncio.sleep(0)
                await tx.execute(update(requests).where(requests.c.scope == "storm").values(count=seen + 1))

    await asyncio.gather(*(worker() for _ in range(8)))
    async with store.read() as tx:
        assert (await tx.execute(select(requests.c.count))).scalar_one() == 320


async def test_two_stores_on_one_database_lose_nothing_either(database_url: str, store: Store) -> None:
    other = Store(database_url)
    async with store.write() as tx:
        await tx.execute(requests.insert().values(scope="storm", key="k", since=NOW, count=0))

    async def worker(own: Store) -> None:
        for _ in range(20):
            async with own.write() as tx:
                seen = (await tx.execute(select(requests.c.count).with_for_update())).scalar_one()
                await tx.execute(update(requests).values(count=seen + 1))

    await asyncio.gather(*(worker(own) for own in (store, other) for _ in range(4)))
    async with store.read() as tx:
        assert (await tx.execute(select(requests.c.count))).scalar_one() == 160
    await other.close()


async def test_a_worker_that_comes_back_late_records_nothing_over_the_new_holder(store: Store) -> None:
    late = await one_claim(store)
    async with store.write() as tx:
        assert await notices.intend(tx, late, (WISH.target,))
        assert await notices.reclaim(tx, LEASE) == 1
        (new,) = await notices.claim(tx, "other", NOW, LEASE, 10)
        assert await notices.intend(tx, new, (WISH.target,))
        accepted = Outcome(Result.ACCEPTED, 250, "ok")
        assert not await notices.record(tx, late, after(late, accepted, NOW, 0), accepted, NOW)
        assert await notices.record(tx, new, after(new, accepted, NOW, 0), accepted, NOW)
    assert new.generation == late.generation + 1
    assert (new.doubts, new.dated_at) == (1, late.dated_at)


async def test_leaving_before_the_intent_commits_wins(store: Store) -> None:
    claim = await one_claim(store)
    async with store.write() as tx:
        await subscribers.set_status(tx, claim.subscriber, Status.LEFT, NOW)
    async with store.write() as tx:
        assert not await notices.intend(tx, claim, (WISH.target,))


async def test_ending_the_one_subscription_that_brought_it_wins_too(store: Store) -> None:
    claim = await one_claim(store)
    async with store.write() as tx:
        await subscriptions.end(tx, claim.subscriber, WISH.target, NOW)
        assert not await notices.intend(tx, claim, (WISH.target,))


async def test_a_pause_that_committed_before_the_intent_wins(store: Store) -> None:
    claim = await one_claim(store)
    async with store.write() as tx:
        await subscribers.pause(tx, claim.subscriber, on("2026-12-01"))
        assert not await notices.intend(tx, claim, (WISH.target,))


async def test_what_is_not_due_or_too_late_is_not_claimed(store: Store) -> None:
    await ready_notices(store, 1)
    async with store.write() as tx:
        assert await notices.claim(tx, "me", NOW - timedelta(seconds=1), LEASE, 10) == []
        assert await notices.claim(tx, "me", NOW + timedelta(hours=15), LEASE, 10) == []
        assert await notices.expire(tx, NOW + timedelta(hours=15)) == 1


async def test_a_claim_of_an_older_generation_is_nobody_s(store: Store) -> None:
    claim = await one_claim(store)
    async with store.write() as tx:
        assert not await notices.intend(tx, replace(claim, generation=claim.generation - 1), (WISH.target,))
        assert not await notices.give_back(tx, replace(claim, generation=claim.generation + 1))
        assert await notices.give_back(tx, claim)
