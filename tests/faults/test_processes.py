"""Processes that die, hang, are told to stop, or meet a limit of the machine (`faults.md`, B.4)."""

import asyncio
import os
import resource
import signal
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from service.app import build
from service.delivery.sets import Sets
from service.domain.notice import Kind, State
from service.settings_read import read_settings
from service.store import editions, handing
from service.store.dialect import Store, new_id
from service.store.tables import alembic_version, notices, subscribers, workers
from service.web import health
from tests.builders import at
from tests.faults import stock
from tests.faults.bombs import COMPARED
from tests.faults.clocks import Clocks
from tests.faults.crew import KEY, Crew, all_done, followed, until
from tests.faults.oracle import judge
from tests.faults.script import Rule, Stage, Strike
from tests.faults.wire import Wire

CONNECTIONS = 4  # as the crew's
SUPERVISED_SECONDS = 60


async def states(store: Store) -> dict[str, int]:
    """Count the notices of each state."""
    async with store.read() as tx:
        found = await tx.execute(select(notices.c.state, func.count()).group_by(notices.c.state))
        return {state: number for state, number in found}  # noqa: C416  (rows are no pairs to dict)


@pytest.mark.parametrize("point", ["before_claim", "after_claim", "after_compose"])
async def test_case_060_killed_between_claim_and_intent(hands: Crew, store: Store, wire: Wire, point: str) -> None:
    """Nothing was handed over, so nothing comes twice, and nobody is blamed."""
    await stock.fill(store, 50)
    killed = await hands.start({point: (1, "SIGKILL")})
    assert await killed.dies() == -signal.SIGKILL
    await hands.start()
    await all_done(store)
    await hands.finish()
    verdict = await judge(store, wire.journal.read())
    assert (verdict.faults, verdict.extras, verdict.marks, verdict.accepted) == ({}, 0, {}, 50)


async def test_case_062_told_to_stop(hands: Crew, store: Store, wire: Wire) -> None:
    """SIGTERM: no new intent, what is in flight is finished, exit 0; no doubts, and the rest waits for a new start."""
    await stock.fill(store, 50)
    held = asyncio.Event()
    wire.script.add(Rule(Stage.DOT, until=held))
    worker = await hands.start()
    await wire.reached(Stage.DOT, CONNECTIONS)
    worker.send(signal.SIGTERM)
    await told(hands, worker.pid)
    held.set()
    assert await worker.dies() == 0, hands.log[-2000:]
    verdict = await judge(store, wire.journal.read())
    assert (verdict.copies, verdict.accepted, verdict.marks) == (CONNECTIONS, CONNECTIONS, {})
    assert verdict.states == {State.ACCEPTED: CONNECTIONS, State.READY: 50 - CONNECTIONS}
    wire.script.clear()
    await hands.start()
    await all_done(store)
    await hands.finish()
    verdict = await judge(store, wire.journal.read())
    assert (verdict.faults, verdict.extras) == ({}, 0)


async def test_case_062_told_to_stop_twice(hands: Crew, store: Store, wire: Wire) -> None:
    """A second SIGTERM: connections are dropped, and what was in flight is in doubt."""
    await stock.fill(store, 50)
    never = asyncio.Event()
    wire.script.add(Rule(Stage.DOT, until=never, keep=True))
    worker = await hands.start()
    await wire.reached(Stage.DOT, CONNECTIONS)
    worker.send(signal.SIGTERM)
    await told(hands, worker.pid)
    worker.send(signal.SIGTERM)
    assert await asyncio.wait_for(worker.dies(), 20) >= 0  # by itself: no signal was needed
    async with store.read() as tx:
        doubts = (await tx.execute(select(func.sum(notices.c.doubts)))).scalar_one()
    assert doubts == CONNECTIONS
    wire.script.clear()
    await hands.start()
    await all_done(store)
    verdict = await judge(store, wire.journal.read())
    assert verdict.faults == {}
    assert verdict.extras == CONNECTIONS


async def told(hands: Crew, pid: int) -> None:
    """Wait until a signal that was sent has reached its process: none is pending any more."""
    proc = Path(f"/proc/{pid}/status")

    async def taken() -> bool:
        status = dict(line.split(":\t", 1) for line in (await asyncio.to_thread(proc.read_text)).splitlines())
        return int(status["ShdPnd"], 16) == int(status["SigPnd"], 16) == 0

    await until(taken)


async def test_case_064_a_notice_that_kills_its_worker(hands: Crew, store: Store, wire: Wire) -> None:
    """After a crash what was under way is claimed one by one; the third crash sets it aside, and all else is sent."""
    await stock.fill(store, 30)
    poison = "reader000003@example.org"
    wire.script.add(Rule(Stage.CONTENT, recipient=poison, strike=Strike.KILL))
    deaths = 0
    async with asyncio.timeout(60):
        while True:
            worker = await hands.start()
            done = asyncio.ensure_future(all_done(store))
            await asyncio.wait({done, worker.ended}, return_when=asyncio.FIRST_COMPLETED)
            if done.done():
                break
            done.cancel()
            deaths += 1
    await hands.finish()
    verdict = await judge(store, wire.journal.read())
    assert verdict.faults == {}
    assert verdict.states == {State.ACCEPTED: 29, State.QUARANTINE: 1}
    assert deaths <= 4
    async with store.read() as tx:
        aside = select(subscribers.c.address).join(notices, notices.c.subscriber_id == subscribers.c.id)
        found = (await tx.execute(aside.where(notices.c.state == State.QUARANTINE))).scalars().all()
    assert found == [poison]
    assert verdict.extras <= CONNECTIONS * deaths


async def test_case_065_an_event_loop_that_is_blocked(hands: Crew, store: Store, wire: Wire) -> None:
    """Signs of life are tied to the loop's progress: when it hangs, the lease ends and others take over."""
    await stock.fill(store, 60)
    os.mkfifo(pipe := hands.folder / "pipe")
    await hands.start({"after_intent": (10, str(pipe))}, lease=1.5)
    await wire.reached(Stage.DOT, 5)
    await hands.start(lease=1.5)
    await all_done(store)
    accepted = len(wire.journal.read())
    await asyncio.to_thread(pipe.write_bytes, b"")
    await until(lambda: came_back(hands))
    await hands.finish()
    verdict = await judge(store, wire.journal.read())
    assert verdict.faults == {}
    # What was in the kernel's hands when it hung may have been a whole letter; nothing is begun after that.
    assert verdict.copies == accepted
    assert verdict.extras <= CONNECTIONS


async def came_back(hands: Crew) -> bool:
    """Say whether a worker has noticed that it was given up."""
    return bool(hands.logged("worker_came_back_late"))


async def test_case_066_ten_workers_claim_at_once(database_url: str, store: Store) -> None:
    """No notice is taken twice in a generation, and nobody gets more than was asked for."""
    now = at("2026-09-27T05:00")
    ids = await stock.fill(store, 3000, now=now)
    taken: list[tuple[str, int]] = []
    sizes: list[int] = []

    async def work() -> None:
        own = Store(database_url)
        owner = new_id()
        async with own.write() as tx:
            row = {"id": owner, "host": "here", "started_at": now, "lease_until": 2.0**60}
            await tx.execute(workers.insert().values(row))
        while claims := await own.group(lambda tx: handing.claim(tx, owner, now, 37)):
            taken.extend((claim.id, claim.generation) for claim in claims)
            sizes.append(len(claims))
        await own.close()

    await asyncio.gather(*(work() for _ in range(10)))
    assert max(Counter(taken).values()) == 1
    assert max(sizes) == 37
    assert sorted(id_ for id_, _ in taken) == ids


async def test_case_067_an_old_worker_and_a_newer_database(hands: Crew, store: Store, wire: Wire) -> None:
    """A worker that finds another version of the tables claims nothing more; what is ready waits for a new one."""
    await stock.fill(store, 400)
    held = asyncio.Event()
    wire.script.add(Rule(Stage.DOT, until=held))
    old = await hands.start()
    await wire.reached(Stage.DOT, CONNECTIONS)
    async with store.write() as tx:
        before = (await tx.execute(select(alembic_version.c.version_num))).scalar_one()
        await tx.execute(update(alembic_version).values(version_num="9999"))
    held.set()
    await until(lambda: refused(hands))
    await until(lambda: nobody_holds(store))
    counted = len(wire.journal.read())
    assert counted < 400
    old.send(signal.SIGTERM)
    await old.dies()
    told = hands.log.count("9999")
    fresh = await hands.start()
    await until(lambda: refused(hands, times=told + 1))
    assert len(wire.journal.read()) == counted
    async with store.write() as tx:
        await tx.execute(update(alembic_version).values(version_num=before))
    await followed(hands, fresh, store)
    await all_done(store)
    verdict = await judge(store, wire.journal.read())
    assert (verdict.faults, verdict.extras) == ({}, 0)


async def nobody_holds(store: Store) -> bool:
    """Say whether no notice is in the hands of a worker."""
    found = await states(store)
    return not found.keys() & {State.CLAIMED, State.SENDING}


async def refused(hands: Crew, times: int = 1) -> bool:
    """Say whether workers have told that the database is not of their version."""
    return hands.log.count("9999") >= times


async def test_case_068_no_file_descriptors(hands: Crew, store: Store, wire: Wire) -> None:
    """No connection can be opened: claims stop, no notice is blamed, and when there are descriptors all is sent."""
    worker = await hands.start()
    await until(lambda: began(hands, store))
    soft, hard = resource.prlimit(worker.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(worker.pid, resource.RLIMIT_NOFILE, (3, hard))
    await stock.fill(store, 30)
    await until(lambda: complained(hands))
    async with store.read() as tx:
        tried = (await tx.execute(select(func.sum(notices.c.attempts), func.sum(notices.c.crashes)))).one()
    assert tuple(tried) == (0, 0)
    assert wire.journal.read() == []
    resource.prlimit(worker.pid, resource.RLIMIT_NOFILE, (soft, hard))
    hands.clocks.turn(wall=600)
    await all_done(store)
    await hands.finish()
    verdict = await judge(store, wire.journal.read())
    assert (verdict.faults, verdict.extras, verdict.accepted) == ({}, 0, 30)


async def began(hands: Crew, store: Store) -> bool:
    """Say whether a worker lives, and has noted in its folder that it does."""
    noted = hands.folder / "var" / "workers" / "epoch"
    return await entered(store) and await asyncio.to_thread(noted.is_file)


async def entered(store: Store) -> bool:
    """Say whether a worker lives."""
    async with store.read() as tx:
        return bool((await tx.execute(select(func.count()).select_from(workers))).scalar_one())


async def complained(hands: Crew) -> bool:
    """Say whether a worker has told that it cannot reach the relay, or cannot do its round."""
    return bool(hands.logged("relay_unreached") or hands.logged("turn_failed"))


async def test_case_063_what_renders_is_killed_for_its_memory(database_url: str, wire: Wire, tmp_path: Path) -> None:
    """As the kernel does it, without a warning: the template is blamed, and everything else goes out."""
    settings = read_settings(database_url=database_url, smtp_url=wire.url, data_dir=tmp_path / "var", secret_key=KEY)
    app = build(settings)
    await stock.fill(app.store, 5)
    subject = "letters/confirmation/subject.txt"
    bad = app.templates.altered({subject: COMPARED.source})
    now = app.clock()
    plans = [
        editions.Plan(Kind.CONFIRMATION, "en", now.date(), one.version, "", (), ()) for one in (bad, app.templates)
    ]
    async with app.store.write() as tx:
        blamed, good = [await editions.ensure(tx, plan, now) for plan in plans]
    rendering = asyncio.create_task(replace(app.press, sets=Sets(bad)).render(blamed, now))

    async def rendered() -> set[int]:
        """Give the process in which the letter is rendered: a child of the chamber's."""
        process = app.chambers[0]._children[0]._process if app.chambers[0]._children else None
        return children_of(process.pid) if process else set()

    os.kill((await until(rendered)).pop(), signal.SIGKILL)
    await rendering
    assert await app.press.render(good, now)
    async with app.store.read() as tx:
        kept = [await editions.named(tx, id_) for id_ in (blamed, good)]
    assert [one.words is None for one in kept if one] == [True, False]
    assert kept[0] is not None
    assert "the process that renders it ended" in kept[0].findings[0]
    assert (await app.sender.drain()).accepted == len(wire.journal.read()) == 5
    await app.close()


def children_of(process: int) -> set[int]:
    """Give the processes that one has begun."""
    found = Path(f"/proc/{process}/task").glob("*/children")
    return {int(word) for file in found for word in file.read_text().split()}


async def test_case_069_a_clock_that_has_stopped(store: Store, database_url: str, tmp_path: Path) -> None:
    """The scheduler is gone, and within a minute the health address says so, which a supervisor acts on."""
    clocks = Clocks(tmp_path / "clocks")
    settings = read_settings(database_url=database_url, data_dir=tmp_path / "var", secret_key=KEY)
    app = build(settings, clock=clocks.wall)
    *_, ready = health.routes(store, clocks.wall, ticks=True)

    async def status() -> int:
        return (await ready.endpoint(None)).status_code

    assert await status() == 503
    timetable = app.timetable()
    timetable.start()

    async def is_well() -> bool:
        return await status() == 200

    await until(is_well)
    await timetable.stop()
    clocks.turn(wall=SUPERVISED_SECONDS)
    assert await status() == 503
    await app.close()


async def test_a_worker_that_was_given_up_claims_nothing_under_its_old_name(store: Store) -> None:
    """Whoever wakes does not know yet: what it claimed would have an owner whom nobody looks after (P6)."""
    given_up = new_id()
    assert not (await store.group(lambda tx: handing.gate(tx, given_up))).entered
