"""Planning: who is to have which letter on which day, on both databases."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from service.domain.event import Event
from service.domain.letter import Variant, Words
from service.domain.notice import InDoubt
from service.domain.subscription import LATE_HOURS, Cadence, Habit, Rhythm, Status, Wish
from service.scheduling import horizon
from service.scheduling.planner import Planned, Planner
from service.store import editions, events, subscribers, subscriptions
from service.store.dialect import Store
from service.store.tables import editions as edition_table
from service.store.tables import notices as notice_table
from service.store.tables import slot_runs
from tests.builders import a_collection, a_habit, an_event, at, on

WAR = an_event(
    id="war", rules=[{"kind": "yearly"}, {"kind": "yearly", "id": "end", "anchor": "last_day"}], last_day="2020-11-09"
)
FEAST = an_event(id="feast", first_day="1991-09-27", tone="festive")
NINE_IN_YEREVAN = at("2026-09-27T05:00")
ALL_WARS = Wish(collection="wars")


@dataclass
class Desk:
    """A store with a record and readers, and a planner."""

    store: Store
    planner: Planner = field(init=False)

    def __post_init__(self) -> None:
        self.planner = Planner(self.store)

    async def record(self, *recorded: Event, collection: str = "wars") -> None:
        async with self.store.write() as tx:
            await events.save_collection(tx, a_collection(*recorded, id_=collection), NINE_IN_YEREVAN)
            for position, event in enumerate(recorded):
                await events.save_event(tx, event, collection, position, NINE_IN_YEREVAN)

    async def reader(self, *wishes: Wish, status: Status = Status.ACTIVE, name: str = "r", **habit: object) -> str:
        async with self.store.write() as tx:
            arrival = subscribers.Arrival(f"{name}@example.org", a_habit(**habit), status, "import", NINE_IN_YEREVAN)
            id_ = await subscribers.add(tx, arrival, NINE_IN_YEREVAN)
            await subscriptions.add(tx, id_, wishes or (ALL_WARS,), NINE_IN_YEREVAN, NINE_IN_YEREVAN)
        return id_

    async def plan(self, now: datetime) -> Planned:
        await horizon.cover(self.store, now.date() - timedelta(days=5), now.date() + timedelta(days=120))
        return await self.planner.plan(now)

    async def notices(self) -> Sequence[tuple[str, str, date]]:
        columns = (notice_table.c.subscriber_id, notice_table.c.kind, notice_table.c.day)
        async with self.store.read() as tx:
            return [tuple(row) for row in (await tx.execute(select(*columns).order_by(*columns))).all()]

    async def told(self) -> list[list[str]]:
        """What each edition tells: event and date."""
        async with self.store.read() as tx:
            ids = list((await tx.execute(select(edition_table.c.id).order_by(edition_table.c.id))).scalars())
            found = [await editions.named(tx, id_) for id_ in ids]
        return [[f"{told.event} {told.on}" for told in edition.plan.told] for edition in found if edition]


@pytest.fixture
async def desk(store: Store) -> Desk:
    desk = Desk(store)
    await desk.record(WAR, FEAST)
    return desk


async def test_a_reader_gets_a_notice_when_their_clock_reaches_the_hour_and_not_before(desk: Desk) -> None:
    reader = await desk.reader(Wish(event="war"))
    assert (await desk.plan(NINE_IN_YEREVAN - timedelta(seconds=1))).notices == 0
    assert (await desk.plan(NINE_IN_YEREVAN)).notices == 1
    assert await desk.notices() == [(reader, "notice", on("2026-09-27"))]


async def test_planning_twice_changes_nothing(desk: Desk) -> None:
    await desk.reader()
    first = await desk.plan(NINE_IN_YEREVAN)
    assert (first.slots, first.notices) == (1, 2)
    again = await desk.plan(NINE_IN_YEREVAN + timedelta(hours=1))
    assert (again.slots, again.notices) == (0, 0)


async def test_solemn_and_festive_never_share_a_letter(desk: Desk) -> None:
    await desk.reader()
    await desk.plan(NINE_IN_YEREVAN)
    assert [kind for _, kind, _ in await desk.notices()] == ["notice", "notice-festive"]
    assert await desk.told() == [["war 2026-09-27"], ["feast 2026-09-27"]]


async def test_what_was_asked_for_twice_is_told_once(desk: Desk) -> None:
    await desk.reader(ALL_WARS, Wish(event="war"))
    await desk.plan(NINE_IN_YEREVAN)
    assert ["war 2026-09-27"] in await desk.told()


async def test_readers_who_asked_for_the_same_in_one_language_share_an_edition(desk: Desk) -> None:
    for number, language in enumerate(["en", "en", "hy"]):
        await desk.reader(Wish(event="war"), name=f"r{number}", language=language)
    await desk.plan(NINE_IN_YEREVAN)
    assert len(await desk.notices()) == 3
    assert len(await desk.told()) == 2


async def test_days_ahead_bring_the_letter_so_much_earlier(desk: Desk) -> None:
    await desk.reader(Wish(event="war", lead_days=0), Wish(event="war", lead_days=7))
    for day in range(15, 30):
        await desk.plan(at(f"2026-09-{day}T05:00"))
    assert [day.isoformat() for _, _, day in await desk.notices()] == ["2026-09-20", "2026-09-27"]


async def test_several_events_on_one_day_and_ahead_make_one_letter(desk: Desk) -> None:
    await desk.record(an_event(id="later", first_day="2023-09-30"), collection="others")
    await desk.reader(Wish(event="war"), Wish(event="later", lead_days=3))
    await desk.plan(NINE_IN_YEREVAN)
    assert await desk.told() == [["war 2026-09-27", "later 2026-09-30"]]


async def test_a_weekly_reader_gets_the_seven_days_from_monday(desk: Desk) -> None:
    await desk.reader(Wish(event="war"), rhythm=Rhythm(Cadence.WEEKLY))
    for day in range(14, 29):
        await desk.plan(at(f"2026-09-{day}T05:00"))
    assert [(kind, day.isoformat()) for _, kind, day in await desk.notices()] == [("weekly", "2026-09-21")]


async def test_a_monthly_reader_gets_the_month_from_its_first(desk: Desk) -> None:
    await desk.reader(Wish(event="war"), rhythm=Rhythm(Cadence.MONTHLY))
    for day in (31, 1, 2):
        await desk.plan(at(f"2026-{'08' if day == 31 else '09'}-{day:02}T05:00"))
    assert [(kind, day.isoformat()) for _, kind, day in await desk.notices()] == [("monthly", "2026-09-01")]


async def test_summaries_come_on_the_day_that_each_reader_chose(desk: Desk) -> None:
    """The war is told on Sunday 27 September 2026, and its end on Monday 9 November."""
    rhythms = {
        "thursday": Rhythm(Cadence.WEEKLY, 4),
        "sunday": Rhythm(Cadence.WEEKLY, 7),
        "tenth": Rhythm(Cadence.MONTHLY, 10),
        "last": Rhythm(Cadence.MONTHLY, 31),
    }
    ids = {name: await desk.reader(Wish(event="war"), name=name, rhythm=rhythm) for name, rhythm in rhythms.items()}
    for step in range(100):
        await desk.plan(at("2026-08-30T05:00") + timedelta(days=step))
    days: dict[str, list[str]] = {}
    for id_, _, day in await desk.notices():
        days.setdefault(id_, []).append(day.isoformat())
    assert {name: days[id_] for name, id_ in ids.items()} == {
        "thursday": ["2026-09-24", "2026-11-05"],
        "sunday": ["2026-09-27", "2026-11-08"],
        "tenth": ["2026-09-10", "2026-10-10"],
        "last": ["2026-08-31", "2026-10-31"],
    }


async def test_on_the_last_day_of_a_short_month_each_reader_is_told_until_their_own_next_one(desk: Desk) -> None:
    await desk.record(
        an_event(id="thirtieth", first_day="2020-03-30"), an_event(id="before", first_day="2020-03-29"), collection="c"
    )
    for day in (29, 31):
        await desk.reader(Wish(collection="c"), name=f"on-{day}", rhythm=Rhythm(Cadence.MONTHLY, day))
    await desk.plan(at("2027-02-28T05:00"))
    assert await desk.told() == [["before 2027-03-29", "thirtieth 2027-03-30"]]
    await desk.plan(at("2027-03-29T05:00"))
    assert min(await desk.told()) == ["before 2027-03-29", "thirtieth 2027-03-30"]
    assert len(await desk.notices()) == 2


async def test_who_moves_from_one_day_of_the_week_to_another_hears_of_a_day_in_both(desk: Desk) -> None:
    """Told twice is better than not at all."""
    reader = await desk.reader(Wish(event="war"), rhythm=Rhythm(Cadence.WEEKLY, 3))
    await desk.plan(at("2026-09-23T05:00"))
    async with desk.store.write() as tx:
        await subscribers.change_habit(tx, reader, a_habit(rhythm=Rhythm(Cadence.WEEKLY, 5)))
    for day in (23, 24, 25, 30):
        await desk.plan(at(f"2026-09-{day}T06:00"))
    assert [day.isoformat() for _, _, day in await desk.notices()] == ["2026-09-23", "2026-09-25"]


async def test_a_notice_ends_when_its_reader_wants_no_later_letter(desk: Desk) -> None:
    for hours in LATE_HOURS:
        await desk.reader(Wish(event="war"), name=f"r{hours}", late_hours=hours, hour="15:00")
    await desk.plan(at("2026-09-27T13:00"))  # the clock in Yerevan says 17:00
    columns = (notice_table.c.due_at, notice_table.c.expires_at, notice_table.c.state, notice_table.c.reason)
    async with desk.store.read() as tx:
        found = (await tx.execute(select(*columns).order_by(notice_table.c.expires_at))).all()
    assert {row.due_at for row in found} == {at("2026-09-27T11:00")}
    ends = [row.expires_at for row in found]
    midnight = at("2026-09-27T20:00")
    assert ends == [at("2026-09-27T12:00"), at("2026-09-27T14:00"), at("2026-09-27T17:00"), midnight, midnight]
    assert [(row.state, row.reason) for row in found] == [("dropped", "expired"), *[("planned", "")] * 4]


async def test_a_notice_keeps_what_its_letter_is_made_of_when_its_reader_thinks_otherwise(desk: Desk) -> None:
    reader = await desk.reader(Wish(event="war"), variant=Variant.PLAIN)
    await desk.plan(NINE_IN_YEREVAN)
    async with desk.store.write() as tx:
        await subscribers.change_habit(tx, reader, a_habit(variant=Variant.CALENDAR))
    await desk.plan(NINE_IN_YEREVAN + timedelta(minutes=1))
    await desk.plan(at("2026-11-09T05:00"))
    async with desk.store.read() as tx:
        found = await tx.execute(select(notice_table.c.variant).order_by(notice_table.c.day))
    assert list(found.scalars()) == [Variant.PLAIN, Variant.CALENDAR]


@pytest.mark.parametrize("status", [Status.PENDING, Status.LEFT, Status.SUPPRESSED])
async def test_whoever_is_not_confirmed_or_has_left_gets_nothing(desk: Desk, status: Status) -> None:
    await desk.reader(status=status)
    await desk.plan(NINE_IN_YEREVAN)
    assert await desk.notices() == []


async def test_a_pause_lasts_until_its_day(desk: Desk) -> None:
    reader = await desk.reader(Wish(event="war"))
    async with desk.store.write() as tx:
        await subscribers.pause(tx, reader, on("2026-11-09"))
    await desk.plan(NINE_IN_YEREVAN)
    await desk.plan(at("2026-11-09T05:00"))
    assert [day.isoformat() for _, _, day in await desk.notices()] == ["2026-11-09"]


async def test_who_confirms_after_the_hour_still_gets_the_letter_of_the_day_once(desk: Desk) -> None:
    await desk.reader(name="early")
    await desk.plan(NINE_IN_YEREVAN)
    late = await desk.reader(Wish(event="war"), name="late")
    assert (await desk.plan(NINE_IN_YEREVAN + timedelta(hours=6))).notices == 1
    assert (await desk.plan(NINE_IN_YEREVAN + timedelta(hours=7))).notices == 0
    assert (late, "notice", on("2026-09-27")) in await desk.notices()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"hour": "09:00"}, {"hour": "11:00"}),
        ({"hour": "11:00"}, {"hour": "09:00"}),
        ({"zone": "Europe/Paris"}, {"zone": "Asia/Yerevan"}),
        ({"zone": "Asia/Yerevan"}, {"zone": "Europe/Paris"}),
    ],
)
async def test_who_moves_to_another_slot_on_the_day_gets_the_letter_once(
    desk: Desk, before: dict[str, str], after: dict[str, str]
) -> None:
    await desk.reader(name="stays", hour="09:00")  # so that the slot has run
    reader = await desk.reader(Wish(event="war"), name="moves", **before)
    await desk.plan(at("2026-09-27T05:30"))
    async with desk.store.write() as tx:
        await subscribers.change_habit(tx, reader, a_habit(**after))
    for hour in range(6, 20):
        await desk.plan(at(f"2026-09-27T{hour:02}:00"))
    assert [one for one in await desk.notices() if one[0] == reader] == [(reader, "notice", on("2026-09-27"))]


async def test_a_day_on_which_nobody_was_there_is_recorded_as_missed_and_not_made_up_for(desk: Desk) -> None:
    await desk.reader()
    await desk.plan(at("2026-09-25T05:00"))
    done = await desk.plan(at("2026-09-30T05:00"))
    assert (done.missed, done.notices) == (1, 0)
    async with desk.store.read() as tx:
        missed = (await tx.execute(select(slot_runs.c.day).where(slot_runs.c.state == "missed"))).scalars().all()
    assert missed == [on("2026-09-27")]


async def test_days_without_anybody_there_are_missed_by_those_slots_that_had_something_to_tell(desk: Desk) -> None:
    await desk.record(an_event(id="spring", first_day="2000-03-21"), collection="others")
    await desk.reader(name="daily")
    await desk.reader(name="weekly", zone="Europe/Paris", rhythm=Rhythm(Cadence.WEEKLY, 1))
    await desk.reader(Wish(event="war", lead_days=3), name="ahead", zone="Asia/Kolkata")
    await desk.reader(Wish(event="spring"), name="spring", zone="America/Lima")
    await desk.plan(at("2026-09-18T15:00"))
    assert (await desk.plan(at("2026-10-01T15:00"))).missed == 3
    runs = select(slot_runs.c.zone, slot_runs.c.day).where(slot_runs.c.state == "missed").order_by(slot_runs.c.day)
    async with desk.store.read() as tx:
        missed = [tuple(row) for row in (await tx.execute(runs)).all()]
    on_days = ("Europe/Paris", "2026-09-21"), ("Asia/Kolkata", "2026-09-24"), ("Asia/Yerevan", "2026-09-27")
    assert missed == [(zone, on(day)) for zone, day in on_days]


async def test_a_late_start_still_runs_the_slot_while_the_local_day_lasts(desk: Desk) -> None:
    await desk.reader(Wish(event="war"))
    assert (await desk.plan(at("2026-09-27T19:59"))).notices == 1


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
async def test_half_past_two_in_paris_comes_once_on_both_days_of_the_clock_change(desk: Desk, day: str) -> None:
    await desk.record(an_event(id="dark", first_day=f"2020-{day[5:]}"), collection="others")
    await desk.reader(Wish(event="dark"), zone="Europe/Paris", hour="02:30")
    start = at(f"{day}T00:00") - timedelta(hours=2)
    made = [(await desk.plan(start + timedelta(minutes=30 * step))).notices for step in range(12)]
    assert sum(made) == 1


async def test_more_lines_than_a_number_has_bits_are_told_all(desk: Desk) -> None:
    many = [an_event(id=f"e{number:03}", first_day="2000-09-27") for number in range(150)]
    await desk.record(*many, collection="others")
    await desk.reader(*(Wish(event=event.id) for event in many))
    await desk.reader(Wish(event="e149"), name="one")
    await desk.plan(NINE_IN_YEREVAN)
    assert sorted(map(len, await desk.told())) == [1, 150]


async def test_an_event_that_is_edited_between_two_slots_is_told_in_its_new_words(desk: Desk) -> None:
    await desk.reader(Wish(event="war"), name="first")
    await desk.reader(Wish(event="war"), name="second", hour="10:00")
    await desk.plan(NINE_IN_YEREVAN)
    await desk.record(an_event(id="war", title={"en": "The war"}))
    await desk.plan(NINE_IN_YEREVAN + timedelta(hours=1))
    assert len(await desk.told()) == 2


async def test_a_slot_s_habit_is_a_plain_value() -> None:
    assert Habit("en", "Asia/Yerevan", "09:00").slot.due_at(on("2026-09-27")) == NINE_IN_YEREVAN


async def test_a_day_recorded_as_missed_is_run_when_it_is_tried_as_if_it_were_then(desk: Desk) -> None:
    await desk.reader(Wish(event="war"))
    await desk.plan(at("2026-09-20T05:00"))
    assert (await desk.plan(at("2026-10-05T05:00"))).missed == 1
    assert (await desk.plan(NINE_IN_YEREVAN)).notices == 1
    assert (await desk.plan(NINE_IN_YEREVAN)).notices == 0


@pytest.mark.parametrize(("asked", "kept"), [({"war": "hold"}, "hold"), ({}, "resend")])
async def test_an_edition_is_held_in_doubt_if_a_collection_that_it_tells_of_says_so(
    desk: Desk, asked: dict[str, str], kept: str
) -> None:
    async with desk.store.write() as tx:
        wars = a_collection(WAR, id_="wars")
        await events.save_collection(tx, replace(wars, in_doubt=InDoubt(asked.get("war", "resend"))), NINE_IN_YEREVAN)
    await desk.record(an_event(id="later", first_day="2023-09-30"), collection="others")
    await desk.reader(Wish(event="war"), Wish(event="later", lead_days=3))
    await desk.plan(NINE_IN_YEREVAN)
    async with desk.store.read() as tx:
        (in_doubt,) = (await tx.execute(select(edition_table.c.in_doubt))).scalars()
    assert in_doubt == kept


async def test_what_of_a_slot_is_planned_is_told_after_each_page_and_the_first_is_short(desk: Desk) -> None:
    for number in range(9):
        await desk.reader(Wish(event="war"), name=f"r{number}")
    so_far = []

    async def planned() -> None:
        so_far.append(len(await desk.notices()))

    desk.planner = replace(desk.planner, first_page=1, page=5, planned=planned)
    await desk.plan(NINE_IN_YEREVAN)
    assert so_far == [1, 6, 9]


async def test_a_long_slot_keeps_no_other_waiting(desk: Desk) -> None:
    for number in range(9):
        await desk.reader(Wish(event="war"), name=f"r{number}")
    other = await desk.reader(Wish(event="war"), name="other", zone="Asia/Tbilisi")
    first_seen = []

    async def planned() -> None:
        first_seen.append(other in {reader for reader, _, _ in await desk.notices()})

    desk.planner = replace(desk.planner, first_page=1, page=2, planned=planned)
    await desk.plan(NINE_IN_YEREVAN)
    assert first_seen.index(True) <= 1


async def test_notices_are_ready_at_once_where_their_edition_is_rendered(desk: Desk) -> None:
    for number in range(4):
        await desk.reader(Wish(event="war"), name=f"r{number}")

    async def rendered() -> None:
        async with desk.store.write() as tx:
            for edition in await editions.unrendered(tx):
                await editions.freeze(tx, edition.id, Words("s", "h", "t"), (), NINE_IN_YEREVAN)

    desk.planner = replace(desk.planner, first_page=1, planned=rendered)
    await desk.plan(NINE_IN_YEREVAN)
    async with desk.store.read() as tx:
        states = sorted((await tx.execute(select(notice_table.c.state))).scalars())
    assert states == ["planned", "ready", "ready", "ready"]


async def test_many_who_confirm_after_the_hour_are_planned_in_pages_too(desk: Desk) -> None:
    await desk.reader(Wish(event="war"), name="early")
    await desk.plan(NINE_IN_YEREVAN)
    for number in range(7):
        await desk.reader(Wish(event="war"), name=f"r{number}")
    desk.planner = replace(desk.planner, first_page=1, page=2)
    assert (await desk.plan(NINE_IN_YEREVAN + timedelta(hours=1))).notices == 7
    assert (await desk.plan(NINE_IN_YEREVAN + timedelta(hours=2))).notices == 0
