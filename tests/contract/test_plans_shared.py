"""A clock offers the slots that are due to other processes, and plans by itself what comes back to it."""

from collections.abc import Iterable

from sqlalchemy import func, select

from service.domain.slot import Slot
from service.domain.work import Task, Work
from service.scheduling.planner import Planned, Planner
from service.store.dialect import Store, Tx
from service.store.tables import notices as notice_table
from tests.builders import on
from tests.contract.test_planner import NINE_IN_YEREVAN, WAR, Desk

DAY = on("2026-09-27")
SLOT = Slot("Asia/Yerevan", "09:00")


class Others:
    """Other processes, which take what is offered to them, or give it back."""

    def __init__(self, *, take: bool) -> None:
        self.take = take
        self.offered: list[Work] = []
        self.told: list[Work] = []

    async def share(self, works: Iterable[Work]) -> list[Work]:
        self.offered += works
        return [] if self.take else list(self.offered)

    async def announce(self, _tx: Tx, works: Iterable[Work]) -> None:
        self.told += works


async def made(store: Store) -> int:
    async with store.read() as tx:
        return int((await tx.execute(select(func.count()).select_from(notice_table))).scalar_one())


async def a_reader(store: Store) -> None:
    desk = Desk(store)
    await desk.record(WAR)
    await desk.reader()
    await desk.plan(NINE_IN_YEREVAN.replace(hour=4))  # reckons what falls on the days ahead; nothing is due yet


async def test_what_others_take_is_not_planned_here_and_is_offered_again_until_it_is_done(store: Store) -> None:
    await a_reader(store)
    others = Others(take=True)
    planner = Planner(store, others.announce)
    for _ in range(2):
        assert await planner.plan(NINE_IN_YEREVAN, others.share) == Planned()
    assert (others.offered, await made(store)) == ([Work.plan(SLOT, DAY)] * 2, 0)
    (first, *_) = others.offered
    assert await planner.plan_slot(*first.slot_day, NINE_IN_YEREVAN) == Planned(slots=1, notices=1)
    await planner.plan(NINE_IN_YEREVAN, others.share)
    assert (len(others.offered), await made(store)) == (2, 1)


async def test_what_comes_back_is_planned_here(store: Store) -> None:
    await a_reader(store)
    others = Others(take=False)
    assert await Planner(store).plan(NINE_IN_YEREVAN, others.share) == Planned(slots=1, notices=1)


async def test_a_slot_that_is_not_due_or_has_run_is_not_planned_for_a_late_job(store: Store) -> None:
    await a_reader(store)
    planner = Planner(store)
    assert await planner.plan_slot(SLOT, DAY, NINE_IN_YEREVAN.replace(hour=4)) == Planned()
    assert await planner.plan_slot(SLOT, DAY, NINE_IN_YEREVAN) == Planned(slots=1, notices=1)
    assert await planner.plan_slot(SLOT, DAY, NINE_IN_YEREVAN) == Planned()


async def test_a_page_announces_in_its_transaction_what_is_to_be_rendered(store: Store) -> None:
    await a_reader(store)
    others = Others(take=False)
    await Planner(store, others.announce).plan(NINE_IN_YEREVAN)
    assert [work.task for work in others.told] == [Task.RENDER]
