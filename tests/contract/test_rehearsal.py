"""A rehearsal agrees with what the planner then plans, over days with a 29 February and a clock change."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from service.actions import rehearsing
from service.domain.rehearsal import Hour
from service.domain.slot import Slot
from service.domain.subscription import Cadence, Rhythm, Status, Wish
from service.scheduling import horizon
from service.scheduling.planner import Planner
from service.store import events, subscribers, subscriptions
from service.store.dialect import Store, Tx
from service.store.tables import editions, notices
from service.store.tables import subscribers as subscribers_table
from tests.builders import a_collection, a_habit, an_event, at, on

BEGAN = at("2028-02-26T00:00")
LEAP = an_event(id="leap", first_day="2004-02-29")
MARCH = an_event(id="march", first_day="2011-03-26")
FEAST = an_event(id="feast", first_day="1992-02-29", tone="festive")
SIEGE = an_event(
    id="siege", first_day="2020-02-25", last_day="2020-03-03", rules=[{"kind": "yearly", "anchor": "every_day"}]
)
READERS = [
    ("daily", {"zone": "Asia/Yerevan"}, [Wish(collection="wars")]),
    (
        "ahead",
        {"zone": "America/New_York", "hour": "21:30"},
        [Wish(collection="wars", lead_days=2), Wish(event="march")],
    ),
    ("dark", {"zone": "Europe/Berlin", "hour": "02:30"}, [Wish(event="march"), Wish(event="march", lead_days=1)]),
    (
        "weekly",
        {"zone": "Europe/Paris", "rhythm": Rhythm(Cadence.WEEKLY, 4)},
        [Wish(collection="wars"), Wish(event="march", lead_days=3)],
    ),
    ("monthly", {"zone": "Pacific/Auckland", "rhythm": Rhythm(Cadence.MONTHLY, 30)}, [Wish(collection="wars")]),
    ("pause", {"zone": "Europe/London"}, [Wish(collection="wars")]),
]
Letter = tuple[str, str, date, datetime, tuple[tuple[str, str], ...]]


async def _stock(store: Store) -> None:
    async with store.write() as tx:
        await events.save_collection(tx, a_collection(), BEGAN)
        for position, event in enumerate([LEAP, MARCH, FEAST, SIEGE]):
            await events.save_event(tx, event, "wars", position, BEGAN)
        for name, habit, wishes in READERS:
            arrival = subscribers.Arrival(f"{name}@example.org", a_habit(**habit), Status.ACTIVE, "import", BEGAN)
            id_ = await subscribers.add(tx, arrival, BEGAN)
            await subscriptions.add(tx, id_, wishes, BEGAN, BEGAN)
            if name == "pause":
                await subscribers.pause(tx, id_, on("2028-03-01"))


async def _planned(tx: Tx, first: datetime, last: datetime) -> set[Letter]:
    wanted = (
        select(subscribers_table.c.address, notices.c.kind, notices.c.day, notices.c.due_at, editions.c.dues)
        .join_from(notices, editions)
        .join(subscribers_table, subscribers_table.c.id == notices.c.subscriber_id)
        .where(notices.c.due_at.between(first, last))
    )
    return {
        (row.address, row.kind, row.day, row.due_at, tuple((event, day) for event, _, day, _ in row.dues))
        for row in (await tx.execute(wanted)).all()
    }


async def _rehearsed(tx: Tx, first: datetime, last: datetime) -> set[Letter]:
    found: set[Letter] = set()
    for name, _, _ in READERS:
        address = f"{name}@example.org"
        rehearsal = await rehearsing.of_subscriber(tx, address, 2, first)
        for one in rehearsal.letters:
            told = tuple((told.event, told.occasion.on.isoformat()) for told in one.told)
            if first <= one.due_at <= last and not one.paused:
                found.add((address, one.kind, one.day, one.due_at, told))
    return found


@pytest.mark.parametrize(("first", "hours"), [("2028-02-26T00:00", 24 * 6), ("2028-03-24T12:00", 24 * 4)])
async def test_a_rehearsal_agrees_with_what_is_planned(store: Store, first: str, hours: int) -> None:
    await _stock(store)
    begin = at(first)
    end = begin + timedelta(hours=hours)
    async with store.read() as tx:
        rehearsed = await _rehearsed(tx, begin, end)
    await horizon.cover(store, begin.date() - timedelta(days=3), end.date() + timedelta(days=40))
    planner = Planner(store)
    for hour in range(hours + 1):
        await planner.plan(begin + timedelta(hours=hour))
    async with store.read() as tx:
        assert await _planned(tx, begin, end) == rehearsed
    assert len(rehearsed) > 5


async def test_a_collection_is_rehearsed_with_clock_changes_moved_days_and_leap_days(store: Store) -> None:
    await _stock(store)
    async with store.read() as tx:
        found = await rehearsing.of_collection(tx, "wars", Slot("Europe/Berlin", "02:30"), Rhythm(), 36, BEGAN)
    assert (found.first, found.last) == (on("2028-02-26"), on("2031-02-26"))
    by_day = {one.day: one for one in found.letters if one.kind == "notice"}
    assert by_day[on("2028-03-26")].hour is Hour.SKIPPED
    assert f"{by_day[on('2028-03-26')].local:%H:%M}" == "03:30"
    assert by_day[on("2028-03-26")].clock_moved == timedelta(hours=1)
    (moved,) = [told for told in by_day[on("2029-02-28")].told if told.event == "leap"]
    assert moved.occasion.reason == "missing-day-clip"
    merged = by_day[on("2028-02-29")].told
    assert sorted({told.event for told in merged}) == ["leap", "siege"]


async def test_a_pause_is_shown_and_letters_of_it_are_marked(store: Store) -> None:
    await _stock(store)
    async with store.read() as tx:
        found = await rehearsing.of_subscriber(tx, "pause@example.org", 1, BEGAN)
    assert {one.day.isoformat(): one.paused for one in found.letters}["2028-02-29"] is True
    assert {one.day.isoformat(): one.paused for one in found.letters}["2028-03-01"] is False
