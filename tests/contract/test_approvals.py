"""What may leave: approved, held, cancelled, paused, for a version; on both databases, and while others plan."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from service.actions import approving
from service.actions.approving import Said
from service.domain.alert import Alert, Matter
from service.domain.approval import Approval, Fate, Verdict, version_of
from service.domain.editor import Editor, Role
from service.domain.errors import ConflictError
from service.domain.event import Event
from service.domain.subscription import Status, Wish
from service.domain.templates import Templates
from service.scheduling import horizon
from service.scheduling.planner import Planner
from service.store import approvals, audit, editions, editors, events, revisions, subscribers, subscriptions
from service.store.dialect import Store, Tx
from service.store.tables import editions as edition_table
from service.store.tables import notices as notice_table
from service.store.templates import ensure_shipped, version_in_use
from tests.builders import a_collection, a_habit, an_event, at, on

NINE = at("2026-09-27T05:00")
DAY = on("2026-09-27")
WAR, END = an_event(id="war"), an_event(id="end", first_day="2023-09-27")


@dataclass
class Room:
    """A store with a collection that asks for approval, a planner, and an editor."""

    store: Store
    editor: Editor = field(init=False)
    told: list[Alert] = field(default_factory=list)

    async def begin(self, approval: Approval, *recorded: Event) -> None:
        await self.record(*recorded or (WAR, END), approval=approval)
        async with self.store.write() as tx:
            self.editor = await editors.add(tx, "editor@example.org", "Ani", Role.APPROVER, "en", NINE)

    async def record(self, *recorded: Event, approval: Approval = Approval.HOLD) -> None:
        async with self.store.write() as tx:
            await events.save_collection(tx, replace(a_collection(*recorded), approval=approval), NINE)
            changed = [
                event.id
                for position, event in enumerate(recorded)
                if await events.save_event(tx, event, "wars", position, NINE)
            ]
            await revisions.supersede(tx, changed, NINE)

    async def reader(self, name: str, *wishes: Wish, **habit: object) -> str:
        async with self.store.write() as tx:
            arrival = subscribers.Arrival(f"{name}@example.org", a_habit(**habit), Status.ACTIVE, "import", NINE)
            id_ = await subscribers.add(tx, arrival, NINE)
            await subscriptions.add(tx, id_, wishes or (Wish(event="war"),), NINE, NINE)
        return id_

    @property
    def planner(self) -> Planner:
        async def tell(_tx: Tx, alert: Alert, _now: datetime) -> None:
            self.told.append(alert)

        return Planner(self.store, tell=tell)

    async def plan(self, now: datetime = NINE) -> None:
        await horizon.cover(self.store, DAY - timedelta(days=5), DAY + timedelta(days=40))
        await self.planner.plan(now)

    async def say(self, verdict: Verdict | None, now: datetime = NINE, event: str = "war", version: str = "") -> int:
        async with self.store.write() as tx:
            seen = version or await self.version(tx, event)
            return await approving.judge(tx, self.editor, Said(event, DAY, verdict, seen, "why"), now)

    async def version(self, tx: Tx, event: str) -> str:
        known = await approvals.versions_on(tx, [DAY])
        return version_of(known[event, DAY][0], await version_in_use(tx))

    async def states(self) -> list[tuple[str, str]]:
        """State and reason of each notice."""
        async with self.store.read() as tx:
            wanted = select(notice_table.c.state, notice_table.c.reason).order_by(notice_table.c.subscriber_id)
            return [tuple(row) for row in (await tx.execute(wanted)).all()]

    async def stopped(self) -> list[str | None]:
        async with self.store.read() as tx:
            found = await tx.execute(select(edition_table.c.stopped_reason).order_by(edition_table.c.id))
            return list(found.scalars())

    async def done(self) -> list[tuple[str, str]]:
        async with self.store.read() as tx:
            return [(one.who, one.action) for one in reversed(await audit.entries(tx, audit.Asked(), 50))]


@pytest.fixture
async def room(store: Store) -> Room:
    room = Room(store)
    await room.begin(Approval.HOLD)
    await room.reader("ani")
    return room


async def test_without_approval_by_the_hour_a_letter_is_held_and_the_approval_lets_it_leave(room: Room) -> None:
    await room.plan()
    assert await room.states() == [("held", "stopped")]
    assert await room.stopped() == [Fate.AWAITING.value]
    assert await room.say(Verdict.APPROVED, NINE + timedelta(hours=1)) == 1
    assert await room.states() == [("planned", "")]
    assert await room.stopped() == [None]
    done = [("program", "held"), ("Ani <editor@example.org>", "approved")]
    assert (await room.done())[-2:] == done


async def test_what_is_approved_before_the_hour_leaves_at_the_hour(room: Room) -> None:
    await horizon.cover(room.store, DAY - timedelta(days=5), DAY + timedelta(days=40))
    await room.say(Verdict.APPROVED, NINE - timedelta(days=2))
    await room.plan()
    assert await room.states() == [("planned", "")]


@pytest.mark.parametrize("approval", [Approval.NONE, Approval.SEND])
async def test_a_collection_that_does_not_hold_lets_it_leave_and_says_so_once_if_it_asked(
    store: Store, approval: Approval
) -> None:
    room = Room(store)
    await room.begin(approval)
    await room.reader("ani")
    await room.reader("lusine", hour="10:00")
    await room.plan()
    await room.plan(NINE + timedelta(hours=1))
    assert await room.states() == [("planned", ""), ("planned", "")]
    asked = [*[("program", "asked for approval")] * 2, ("program", "left unapproved")]
    assert await room.done() == ([] if approval is Approval.NONE else asked)


async def test_a_letter_of_two_events_waits_for_both(room: Room) -> None:
    await room.reader("both", Wish(event="war"), Wish(event="end"))
    await room.plan()
    assert await room.say(Verdict.APPROVED) == 1
    assert await room.say(Verdict.APPROVED, event="end") == 1
    assert await room.states() == [("planned", ""), ("planned", "")]


async def test_an_edit_after_the_approval_asks_anew(room: Room) -> None:
    await horizon.cover(room.store, DAY - timedelta(days=5), DAY + timedelta(days=40))
    await room.say(Verdict.APPROVED)
    await room.record(an_event(id="war", title={"en": "The war"}), END)
    await room.plan()
    assert await room.states() == [("held", "stopped")]
    assert await room.say(Verdict.APPROVED) == 1


async def test_case_057_an_edit_of_what_is_held_leaves_no_letter_of_the_old_words(room: Room) -> None:
    await room.plan()
    await room.record(an_event(id="war", title={"en": "The war"}), END)
    await room.plan(NINE + timedelta(minutes=1))
    await room.say(Verdict.APPROVED, NINE + timedelta(minutes=2))
    async with room.store.read() as tx:
        known = await events.events_named(tx, ["war"])
        kept = (await tx.execute(select(edition_table).where(edition_table.c.stopped_at.is_(None)))).all()
        ours = (await tx.execute(select(notice_table.c.edition_id))).scalars().all()
    assert [row.id for row in kept] == ours
    assert known["war"].event.title == {"en": "The war"}
    assert await room.states() == [("planned", "")]


async def test_case_090_other_templates_ask_anew_and_what_is_held_follows_them(room: Room) -> None:
    await room.plan()
    async with room.store.write() as tx:
        await ensure_shipped(tx, Templates({"letters/notice/body.txt": "Another"}), NINE)
        words = await version_in_use(tx)
    await room.plan(NINE + timedelta(minutes=1))
    assert await room.states() == [("held", "stopped")]
    await room.say(Verdict.APPROVED, NINE + timedelta(minutes=2))
    await room.plan(NINE + timedelta(minutes=3))
    async with room.store.read() as tx:
        joined = select(edition_table.c.template_version).join(notice_table)
        assert (await tx.execute(joined)).scalars().all() == [words]
    assert await room.states() == [("planned", "")]


async def test_what_was_changed_since_somebody_looked_cannot_be_approved(room: Room) -> None:
    await room.plan()
    async with room.store.read() as tx:
        seen = await room.version(tx, "war")
    await room.record(an_event(id="war", title={"en": "The war"}), END)
    with pytest.raises(ConflictError):
        await room.say(Verdict.APPROVED, version=seen)


async def test_approve_then_withdraw_holds_what_has_not_started(room: Room) -> None:
    await room.plan()
    await room.say(Verdict.APPROVED)
    await room.say(None)
    assert await room.states() == [("held", "stopped")]
    assert await room.stopped() == [Fate.AWAITING.value]
    await room.say(Verdict.APPROVED)
    assert await room.states() == [("planned", "")]


async def test_an_editor_holds_and_lets_go_what_nobody_asked_about(store: Store) -> None:
    room = Room(store)
    await room.begin(Approval.NONE)
    await room.reader("ani")
    await room.plan()
    await room.say(Verdict.HELD)
    assert await room.states() == [("held", "stopped")]
    await room.record(an_event(id="war", title={"en": "The war"}), END, approval=Approval.NONE)
    await room.plan(NINE + timedelta(minutes=1))
    assert await room.states() == [("held", "stopped")]
    assert await room.say(None, NINE + timedelta(minutes=2)) == 1


async def test_a_cancelled_day_is_told_to_nobody_and_the_rest_of_the_letter_leaves(room: Room) -> None:
    await room.reader("both", Wish(event="war"), Wish(event="end"))
    await room.plan()
    await room.say(Verdict.CANCELLED)
    await room.plan(NINE + timedelta(minutes=1))
    assert await room.states() == [("dropped", "superseded"), ("held", "stopped")]
    await room.say(Verdict.APPROVED, event="end")
    assert await room.states() == [("dropped", "superseded"), ("planned", "")]


async def test_what_was_cancelled_may_be_told_after_all(room: Room) -> None:
    await room.plan()
    await room.say(Verdict.CANCELLED)
    await room.plan(NINE + timedelta(minutes=1))
    assert await room.states() == [("dropped", "superseded")]
    await room.say(Verdict.APPROVED, NINE + timedelta(minutes=2))
    await room.plan(NINE + timedelta(minutes=3))
    assert await room.states() == [("planned", "")]
    async with room.store.read() as tx:
        assert len(await editions.unrendered(tx)) == 1


async def test_a_paused_collection_holds_and_goes_on(store: Store) -> None:
    room = Room(store)
    await room.begin(Approval.NONE)
    await room.reader("ani")
    await room.reader("late", hour="10:00")
    await room.plan()
    async with store.write() as tx:
        await approving.pause(tx, room.editor, "collection:wars", "a doubt", NINE)
    await room.plan(NINE + timedelta(hours=1))
    assert await room.states() == [("held", "stopped"), ("held", "stopped")]
    async with store.write() as tx:
        assert await approving.resume(tx, room.editor, "collection:wars", NINE + timedelta(hours=2)) == 2
    assert await room.states() == [("planned", ""), ("planned", "")]


async def test_what_is_held_until_it_is_of_no_use_is_reported(room: Room) -> None:
    await room.plan()
    await room.plan(at("2026-09-27T20:01"))
    assert await room.states() == [("dropped", "expired while held")]
    assert ("program", "expired") in await room.done()
    await room.say(Verdict.APPROVED, at("2026-09-27T20:02"))
    assert await room.states() == [("dropped", "expired while held")]


async def test_editors_are_asked_once_so_many_days_before_and_told_of_what_is_held_and_what_expired(room: Room) -> None:
    await room.plan(NINE - timedelta(days=4))
    assert room.told == []
    for days in (3, 2, 1, 0):
        await room.plan(NINE - timedelta(days=days))
    await room.plan(at("2026-09-27T20:01"))
    asked = [alert for alert in room.told if len(alert.facts) == 1 and "2026-09-27," in alert.about]
    assert sorted(alert.facts[0].words["en"] for alert in asked) == ["A war", "A war"]  # of both events
    assert {alert.path for alert in room.told} == {"/admin/days/2026-09-27"}
    assert {alert.facts[0].words["en"] for alert in room.told[-2:]} == {"A war"}
    assert [alert.matter for alert in room.told[-2:]] == [Matter.APPROVAL, Matter.EXPIRED]


async def test_a_collection_that_asks_no_more_lets_go_what_it_held(room: Room) -> None:
    await room.plan()
    await room.record(WAR, END, approval=Approval.NONE)
    await room.plan(NINE + timedelta(minutes=1))
    assert await room.states() == [("planned", "")]


@asynccontextmanager
async def _planning(room: Room) -> AsyncIterator[asyncio.Event]:
    """A page is being planned: it has looked at the verdicts, and waits to commit until it is told."""
    looked, may_end = asyncio.Event(), asyncio.Event()

    async def announce(tx: Tx, works: object) -> None:
        looked.set()
        await may_end.wait()

    await horizon.cover(room.store, DAY - timedelta(days=5), DAY + timedelta(days=40))
    task = asyncio.create_task(replace(room.planner, announce=announce).plan(NINE))
    await asyncio.wait_for(looked.wait(), 20)
    yield may_end
    may_end.set()
    await task


async def test_an_approval_while_the_slot_is_being_planned_leaves_nothing_held(room: Room) -> None:
    async with _planning(room) as may_end:
        approving_now = asyncio.create_task(room.say(Verdict.APPROVED))
        done, _ = await asyncio.wait({approving_now}, timeout=0.3)
        assert not done
        may_end.set()
        assert await approving_now == 1
    assert await room.states() == [("planned", "")]


async def test_a_withdrawal_while_the_slot_is_being_planned_lets_nothing_leave(room: Room) -> None:
    await horizon.cover(room.store, DAY - timedelta(days=5), DAY + timedelta(days=40))
    await room.say(Verdict.APPROVED)
    async with _planning(room) as may_end:
        withdrawing = asyncio.create_task(room.say(None))
        await asyncio.wait({withdrawing}, timeout=0.3)
        may_end.set()
        await withdrawing
    assert await room.states() == [("held", "stopped")]
