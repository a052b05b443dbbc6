"""What a hostile reading of the post found: letters that would wait for ever, and errors that would stop all of it."""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import select, text, update

from service.actions import managing
from service.delivery import pace
from service.delivery.commits import Commits
from service.delivery.consequences import Consequences
from service.delivery.worker import Worker
from service.domain.errors import StoreError
from service.domain.notice import Kind, Outcome, Result, Stage, State
from service.domain.retry import after
from service.store import erasing, handing, lanes, schema, subscribers
from service.store.dialect import GroupTx, Store, TroubleError
from service.store.handing import Done, Intents
from service.store.lanes import Lane
from service.store.tables import editions, notices, workers
from tests.contract.test_claims import NOW, WISH, claim, intend, one_claim, ready_notices, row


def going_at(now: datetime, tx: GroupTx) -> int:
    """Claim all that is due, and count what its lane lets go."""
    count = 0
    while claims := handing.claim(tx, "me", now, 7):
        going, waiting, moved = pace.divided(claims, lanes.known(tx), now)
        handing.put_off(tx, waiting)
        for lane in moved:
            lanes.keep(tx, lane, now)
        count += len(going)
    return count


async def test_each_letter_of_a_paced_lane_leaves_at_the_moment_that_was_kept_for_it(store: Store) -> None:
    await ready_notices(store, 30)
    await store.group(lambda tx: lanes.keep(tx, Lane("example.org", 1.0), NOW))
    moments = [NOW + timedelta(seconds=second) for second in range(31)]
    left = [await store.group(partial(going_at, moment)) for moment in moments]
    assert left == [1] * 30 + [0]


def test_a_lane_that_was_closed_a_hundred_times_can_be_closed_again() -> None:
    lane = pace.closed_by_deferrals(Lane("example.org", failures=100), "later", NOW)
    assert lane.closed_until == NOW + timedelta(hours=4)


async def test_an_error_that_nobody_thought_of_stops_the_post_and_leaves_nobody_waiting(store: Store) -> None:
    claimed = await one_claim(store)
    await intend(store, claimed)

    def fail(_tx: GroupTx, _done: list[Done], _now: datetime) -> None:
        raise OverflowError("too large")

    commits = Commits(store, lambda: NOW, fail, lambda: "me")
    outcome = Outcome(Result.ACCEPTED, 250, "2.0.0 ok")
    with pytest.raises(StoreError, match="too large"):
        async with asyncio.timeout(10):
            await commits.settle(Done(claimed, outcome, after(claimed, outcome, NOW, 0.5)), None)
    assert commits.broken == "too large"


async def test_what_a_worker_held_before_the_machine_was_started_again_is_freed_at_once(tmp_path: Path) -> None:
    store = Store(f"sqlite+aiosqlite:///{tmp_path}/post.db")
    await schema.upgrade(store)
    await ready_notices(store, 2)
    async with store.write() as tx:
        lease = {"started_at": NOW, "lease_until": 1e12}
        await tx.execute(workers.insert().values(id="before", host="an-earlier-boot 1:2", **lease))
    held = await claim(store, "before")
    await intend(store, held[0])
    async with Worker(store, tmp_path / "workers", lambda: NOW).living():
        assert [(await row(store, one.id)).state for one in held] == [State.READY, State.READY]
    await store.close()


async def test_what_nobody_gave_back_is_free_when_its_worker_ends(store: Store, tmp_path: Path) -> None:
    await ready_notices(store, 3)
    worker = Worker(store, tmp_path / "workers", lambda: NOW)
    async with worker.living():
        held = await claim(store, worker.id)
        await intend(store, held[0])
    assert [(await row(store, one.id)).state for one in held] == [State.READY] * 3


async def test_what_is_held_by_somebody_who_is_no_worker_is_freed(store: Store, tmp_path: Path) -> None:
    await ready_notices(store, 2)
    held = await claim(store, "nobody")
    async with store.write() as tx:
        await tx.execute(update(notices).where(notices.c.id == held[0].id).values(owner=""))
    async with Worker(store, tmp_path / "workers", lambda: NOW).living():
        assert [(await row(store, one.id)).state for one in held] == [State.READY] * 2


async def test_an_intent_whose_commit_nobody_knew_of_is_ended_if_it_is_unwanted_when_asked_again(store: Store) -> None:
    claimed = await one_claim(store)
    await intend(store, claimed)
    async with store.write() as tx:
        await tx.execute(update(editions).values(stopped_at=NOW, stopped_reason="no"))
    assert await intend(store, claimed) == set()
    assert (await row(store, claimed.id)).state == State.HELD


async def test_a_letter_whose_reader_was_erased_meanwhile_keeps_no_other_from_being_recorded(store: Store) -> None:
    await ready_notices(store, 2)
    erased, other = await claim(store)
    await intend(store, erased, other)
    async with store.write() as tx:
        await erasing.remove(tx, erased.subscriber, NOW)
    commits = Commits(store, lambda: NOW, Consequences(str).draw, lambda: "me")
    outcome = Outcome(Result.ACCEPTED, 250, "2.0.0 ok")
    async with asyncio.timeout(10):
        settling = [commits.settle(Done(one, outcome, after(one, outcome, NOW, 0.5)), None) for one in (erased, other)]
        await asyncio.gather(*settling)
    assert (await row(store, other.id)).state == State.ACCEPTED


async def test_what_is_drawn_again_after_a_commit_that_failed_is_counted_once(store: Store) -> None:
    claimed = await one_claim(store)
    draw = Consequences(str).draw
    outcome = Outcome(Result.REFUSED, 554, "5.6.0 no", Stage.DOT)
    done = [Done(claimed, outcome, after(claimed, outcome, NOW, 0.5))]
    for _ in range(5):
        await store.group(lambda tx: draw(tx, done, NOW))
    async with store.read() as tx:
        assert (await tx.execute(select(editions.c.stopped_at))).scalar_one() is None


async def test_postgresql_ends_a_group_whose_process_hangs_before_others_wait_for_a_lease(store: Store) -> None:
    if store.embedded:
        return
    shown = await store.group(lambda tx: tx.execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one())
    assert shown == "10s"


async def test_who_leaves_while_an_intent_is_being_committed_has_left_after_it(store: Store) -> None:
    claimed = await one_claim(store)
    intended, commit = Event(), Event()

    def intending(tx: GroupTx) -> set[str]:
        wanted = handing.intend(tx, Intents(Kind.NOTICE, (WISH.target,), (claimed,)), NOW)
        intended.set()
        commit.wait(10)
        return wanted

    async def leaving() -> None:
        async with store.write() as tx:
            subscriber = await subscribers.by_id(tx, claimed.subscriber)
            assert subscriber
            await managing.leave(tx, subscriber, NOW)

    handing_over = asyncio.create_task(store.group(intending))
    await asyncio.to_thread(intended.wait, 10)
    leaves = asyncio.create_task(leaving())
    done, _ = await asyncio.wait({leaves}, timeout=0.5)
    assert not done
    commit.set()
    assert await handing_over == {claimed.id}
    await leaves


async def test_an_intent_that_waits_for_somebody_who_leaves_comes_too_late(store: Store) -> None:
    claimed = await one_claim(store)
    async with store.write() as tx:
        subscriber = await subscribers.by_id(tx, claimed.subscriber)
        assert subscriber
        await managing.leave(tx, subscriber, NOW)
        handing_over = asyncio.create_task(intend(store, claimed))
        done, _ = await asyncio.wait({handing_over}, timeout=0.5)
        assert not done
    assert await handing_over == set()


async def test_a_worker_that_could_not_be_entered_has_no_name(tmp_path: Path) -> None:
    store = Store(f"sqlite+aiosqlite:///{tmp_path}/post.db")  # without tables
    worker = Worker(store, tmp_path / "workers", lambda: NOW)
    for _ in range(2):  # and it does not take itself for one that lives the next time
        with pytest.raises(TroubleError):
            async with worker.living():
                pytest.fail("it was entered")
    assert not worker.id
    assert not list((tmp_path / "workers").iterdir())
    await store.close()


async def test_a_worker_is_not_fresh_before_it_is_entered_even_if_the_machine_has_just_been_started(
    store: Store, tmp_path: Path
) -> None:
    """Its clock is read while it is being entered; then it says whether it takes itself for one that was seen."""
    seen: list[bool] = []

    def clock() -> datetime:
        seen.append(worker.is_fresh)
        return NOW

    worker = Worker(store, tmp_path / "workers", clock, boot=lambda: 3.0)
    for _ in range(2):  # its second life begins under another name, which is not known yet either
        seen.clear()
        async with worker.living():
            assert not seen[0]
            assert worker.is_fresh
        assert not worker.is_fresh
