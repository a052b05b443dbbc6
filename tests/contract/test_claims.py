"""Claims: nobody takes what somebody else has, however many ask at once, and no update is lost."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from service.domain.notice import Claim, Kind, Outcome, Result, Stage, State
from service.domain.retry import after
from service.domain.subscription import Status, Wish
from service.store import consequences, editions, handing, notices, subscribers, subscriptions
from service.store.dialect import Store
from service.store.handing import Done, Intents
from service.store.tables import attempts, requests
from service.store.tables import editions as edition_table
from service.store.tables import notices as notice_table
from tests.builders import a_habit, at, on

NOW = at("2026-09-27T05:00")
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


async def claim(store: Store, owner: str = "me", now: datetime = NOW, most: int = 10) -> list[Claim]:
    return await store.group(lambda tx: handing.claim(tx, owner, now, most))


async def one_claim(store: Store) -> Claim:
    await ready_notices(store, 1)
    (claimed,) = await claim(store)
    return claimed


async def intend(store: Store, *held: Claim) -> set[str]:
    return await store.group(lambda tx: handing.intend(tx, Intents(Kind.NOTICE, (WISH.target,), held), NOW))


async def record(store: Store, held: Claim, outcome: Outcome, owner: str = "me") -> set[str]:
    done = Done(held, outcome, after(held, outcome, NOW, 0.5))
    return await store.group(lambda tx: handing.record(tx, [done], owner, NOW))


async def row(store: Store, id_: str) -> Any:
    async with store.read() as tx:
        return (await tx.execute(select(notice_table).where(notice_table.c.id == id_))).one()


async def told(store: Store, id_: str) -> list[tuple[int, str]]:
    async with store.read() as tx:
        own = select(attempts.c.generation, attempts.c.result).where(attempts.c.notice_id == id_)
        return sorted((generation, result) for generation, result in await tx.execute(own))


async def free(store: Store, owner: str) -> int:
    return await store.group(lambda tx: handing.free(tx, owner, NOW))


async def test_2000_tasks_claiming_at_once_never_take_a_notice_twice(store: Store) -> None:
    ids = await ready_notices(store, 3000)
    taken: list[str] = []

    async def worker(number: int) -> None:
        taken.extend(one.id for one in await claim(store, f"worker {number}", most=1 + number % 3))

    await asyncio.gather(*(worker(number) for number in range(2000)))
    assert max(Counter(taken).values()) == 1
    while rest := await claim(store, "last", most=500):
        taken.extend(one.id for one in rest)
    assert sorted(taken) == sorted(ids)


async def test_two_stores_claiming_at_once_never_take_a_notice_twice(database_url: str, store: Store) -> None:
    ids = await ready_notices(store, 600)
    other = Store(database_url)
    taken: list[str] = []

    async def worker(own: Store, name: str) -> None:
        while claims := await claim(own, name, most=7):
            taken.extend(one.id for one in claims)

    await asyncio.gather(worker(store, "one"), worker(other, "other"))
    await other.close()
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
    assert await intend(store, late) == {late.id}
    assert await free(store, "me") == 1
    assert await claim(store, "other") == []  # a worker died with it: it is taken alone
    (new,) = await store.group(lambda tx: handing.claim_suspect(tx, "other", NOW))
    assert await intend(store, new) == {new.id}
    accepted = Outcome(Result.ACCEPTED, 250, "ok")
    assert await record(store, late, accepted) == {late.id}
    assert (await row(store, late.id)).state == State.SENDING
    assert await record(store, new, accepted, "other") == set()
    assert (await row(store, late.id)).state == State.ACCEPTED
    assert (new.generation, new.doubts, new.crashes, new.dated_at) == (late.generation + 1, 1, 1, late.dated_at)
    assert await told(store, late.id) == [(late.generation, "late"), (late.generation, "lost")]


async def test_an_outcome_whose_commit_went_unnoticed_is_recorded_once(store: Store) -> None:
    held = await one_claim(store)
    await intend(store, held)
    accepted = Outcome(Result.ACCEPTED, 250, "ok")
    assert await record(store, held, accepted) == set()
    assert await record(store, held, accepted) == set()
    assert await told(store, held.id) == []


async def test_an_intent_whose_commit_went_unnoticed_is_still_ours(store: Store) -> None:
    held = await one_claim(store)
    assert await intend(store, held) == await intend(store, held) == {held.id}


async def test_each_attempt_that_another_follows_is_kept_with_the_server_s_words(store: Store) -> None:
    held = await one_claim(store)
    await intend(store, held)
    assert await record(store, held, Outcome(Result.DEFERRED, 451, "4.7.1 try again later", Stage.RCPT)) == set()
    kept = await row(store, held.id)
    assert (kept.state, kept.code, kept.words, kept.attempts) == (State.READY, 451, "4.7.1 try again later", 1)
    assert await told(store, held.id) == [(held.generation, "deferred")]


async def test_leaving_before_the_intent_commits_wins(store: Store) -> None:
    held = await one_claim(store)
    async with store.write() as tx:
        await subscribers.set_status(tx, held.subscriber, Status.LEFT, NOW)
    assert await intend(store, held) == set()
    kept = await row(store, held.id)
    assert (kept.state, kept.reason) == (State.DROPPED, "no longer wanted")


async def test_ending_the_one_subscription_that_brought_it_wins_too(store: Store) -> None:
    held = await one_claim(store)
    async with store.write() as tx:
        await subscriptions.end(tx, held.subscriber, WISH.target, NOW)
    assert await intend(store, held) == set()


async def test_a_pause_that_committed_before_the_intent_wins(store: Store) -> None:
    held = await one_claim(store)
    async with store.write() as tx:
        await subscribers.pause(tx, held.subscriber, on("2026-12-01"))
    assert await intend(store, held) == set()


async def test_of_an_edition_that_was_stopped_no_further_letter_leaves_and_all_are_held(store: Store) -> None:
    ids = await ready_notices(store, 4)
    (held,) = await claim(store, most=1)
    assert await store.group(lambda tx: consequences.stop(tx, held.edition, "5.3.4 too large", NOW))
    assert await intend(store, held) == set()
    assert {(kept.state, kept.reason) for kept in [await row(store, id_) for id_ in ids]} == {(State.HELD, "stopped")}


async def test_one_no_of_many_ends_that_one_alone(store: Store) -> None:
    await ready_notices(store, 5)
    held = await claim(store)
    async with store.write() as tx:
        await subscribers.set_status(tx, held[2].subscriber, Status.LEFT, NOW)
    assert await intend(store, *held) == {one.id for one in held} - {held[2].id}


async def test_what_is_not_due_or_too_late_is_not_claimed(store: Store) -> None:
    await ready_notices(store, 1)
    assert await claim(store, now=NOW - timedelta(seconds=1)) == []
    assert await claim(store, now=NOW + timedelta(hours=15)) == []
    async with store.write() as tx:
        assert await notices.expire(tx, NOW + timedelta(hours=15)) == 1


async def test_a_claim_of_an_older_generation_is_nobody_s(store: Store) -> None:
    held = await one_claim(store)
    assert await intend(store, replace(held, generation=held.generation - 1)) == set()
    await store.group(lambda tx: handing.give_back(tx, [replace(held, generation=held.generation + 1)]))
    assert (await row(store, held.id)).state == State.CLAIMED
    await store.group(lambda tx: handing.give_back(tx, [held]))
    assert (await row(store, held.id)).state == State.READY


async def test_what_a_dead_worker_only_held_is_free_without_a_doubt(store: Store) -> None:
    await ready_notices(store, 3)
    held = await claim(store)
    await intend(store, held[0])
    assert await free(store, "me") == 3
    kept = [await row(store, one.id) for one in held]
    assert [(one.state, one.doubts, one.crashes) for one in kept] == [("ready", 1, 1), ("ready", 0, 1), ("ready", 0, 1)]


async def test_whoever_was_held_alone_when_three_workers_died_is_set_aside(store: Store) -> None:
    await ready_notices(store, 2)
    assert len(await claim(store)) == 2
    await free(store, "me")
    for _ in range(2):
        (alone,) = await store.group(lambda tx: handing.claim_suspect(tx, "me", NOW))
        await free(store, "me")
    assert (await row(store, alone.id)).state == State.QUARANTINE
    (innocent,) = await store.group(lambda tx: handing.claim_suspect(tx, "me", NOW))
    assert innocent.id != alone.id


async def test_where_a_doubt_is_held_a_dead_worker_s_letter_is_not_sent_again(store: Store) -> None:
    held = await one_claim(store)
    async with store.write() as tx:
        await tx.execute(update(edition_table).values(in_doubt="hold"))
    await intend(store, held)
    await free(store, "me")
    kept = await row(store, held.id)
    assert (kept.state, kept.reason, kept.doubts) == (State.HELD, "in doubt", 1)
