"""The scheduler and the time: faults.md, cases 42 and 45 to 58, through the real planner with clocks turned by hand."""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import SecretStr
from sqlalchemy import update

from service.actions import records
from service.app import build
from service.domain.slot import Slot, zones
from service.mail.reading import letters
from service.scheduling import horizon
from service.scheduling.watch import Watch
from service.settings import Settings
from service.store import installation, subscribers
from service.store.dialect import Store
from service.store.tables import editions, notices
from tests.builders import a_habit, an_event, at, on
from tests.databases import on_either
from tests.faults.planning import PlanningDesk, change
from tests.peers import ROOT

NINE_IN_YEREVAN = at("2026-09-27T05:00")
DAY = on("2026-09-27")


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """A new store with all tables, of both kinds in turn."""
    store = Store(database_url)
    yield store
    await store.close()


@pytest.fixture
async def desk(store: Store) -> PlanningDesk:
    """The war, and nobody yet."""
    desk = PlanningDesk(store)
    await desk.record(an_event())
    return desk


async def test_case_042_planning_stopped_at_twenty_points_adds_exactly_what_is_missing(desk: PlanningDesk) -> None:
    readers = [await desk.reader(f"r{number:02}") for number in range(60)]
    chance = random.Random(42)  # noqa: S311  the same twenty points each time
    desk.planner = replace(desk.planner, first_page=1, page=3)
    for _ in range(20):
        planning = asyncio.create_task(desk.plan(NINE_IN_YEREVAN))
        for _ in range(chance.randrange(1, 60)):
            await asyncio.sleep(0)
        planning.cancel()
        with suppress(asyncio.CancelledError):
            await planning
    await desk.plan(NINE_IN_YEREVAN)
    assert await desk.made("subscriber_id", "day") == sorted((reader, DAY) for reader in readers)
    assert await desk.runs() == [(DAY, "run")]


async def test_case_042_a_page_that_is_planned_stays_when_what_follows_it_fails(desk: PlanningDesk) -> None:
    for number in range(7):
        await desk.reader(f"r{number}")
    pages = 0

    async def failing() -> None:
        nonlocal pages
        pages += 1
        raise ConnectionError

    desk.planner = replace(desk.planner, first_page=2, planned=failing)
    for so_far, state in ((2, "running"), (4, "running"), (6, "running"), (7, "run")):
        with suppress(ConnectionError):
            await desk.plan(NINE_IN_YEREVAN)
        assert len(await desk.made("id")) == so_far
        assert await desk.runs() == [(DAY, state)]
    assert pages == 4


async def test_case_062_told_to_stop_amid_planning_it_ends_with_the_page_and_whoever_comes_next_goes_on(
    desk: PlanningDesk,
) -> None:
    for number in range(50):
        await desk.reader(f"r{number}")
    told = asyncio.Event()

    async def tell() -> None:
        told.set()

    ending = replace(desk.planner, first_page=5, page=10, planned=tell, is_ending=told.is_set)
    await horizon.cover(desk.store, DAY - timedelta(days=5), DAY + timedelta(days=5))
    assert (await ending.plan(NINE_IN_YEREVAN)).notices == 5
    assert await desk.runs() == [(DAY, "running")]
    assert (await desk.plan(NINE_IN_YEREVAN)).notices == 45
    assert await desk.runs() == [(DAY, "run")]


async def test_case_042_a_run_that_is_not_ended_on_its_day_is_recorded_as_missed(desk: PlanningDesk) -> None:
    for number in range(3):
        await desk.reader(f"r{number}")

    async def failing() -> None:
        raise ConnectionError

    desk.planner = replace(desk.planner, first_page=1, planned=failing)
    with suppress(ConnectionError):
        await desk.plan(NINE_IN_YEREVAN)
    await desk.plan(at("2026-09-28T00:00"))
    assert await desk.runs() == [(DAY, "missed")]
    assert len(await desk.made("id")) == 1


async def test_case_045_down_for_an_hour_it_is_sent_late_and_unsent_on_its_day_it_is_expired(
    desk: PlanningDesk,
) -> None:
    await desk.reader()
    assert (await desk.plan(NINE_IN_YEREVAN + timedelta(hours=1))).notices == 1
    assert (await desk.plan(NINE_IN_YEREVAN + timedelta(days=1))).expired == 1
    assert await desk.made("state", "reason") == [("dropped", "expired")]


async def test_case_045_down_for_three_days_it_is_reported_as_missed(desk: PlanningDesk) -> None:
    await desk.reader()
    await desk.plan(NINE_IN_YEREVAN - timedelta(days=1))
    done = await desk.plan(NINE_IN_YEREVAN + timedelta(days=2))
    assert (done.missed, done.notices) == (1, 0)
    assert (DAY, "missed") in await desk.runs()


async def test_case_046_two_schedulers_plan_each_notice_once(desk: PlanningDesk, database_url: str) -> None:
    readers = [await desk.reader(f"r{number:02}") for number in range(40)]
    await desk.plan(NINE_IN_YEREVAN - timedelta(hours=1))
    other = PlanningDesk(Store(database_url))
    for one in (desk, other):
        one.planner = replace(one.planner, first_page=1, page=3)
    done = await asyncio.gather(desk.plan(NINE_IN_YEREVAN), other.plan(NINE_IN_YEREVAN))
    await other.store.close()
    assert sum(one.notices for one in done) == len(readers)
    assert await desk.made("subscriber_id") == sorted((reader,) for reader in readers)


@dataclass
class Clocks:
    """A wall clock and a boot-time clock, each movable by itself."""

    wall: datetime
    boot: float = 1000.0

    def go_on(self, **span: float) -> None:
        """Let time pass on both, as it does."""
        self.wall += timedelta(**span)
        self.boot += timedelta(**span).total_seconds()

    def turn(self, **span: float) -> None:
        """Turn the wall clock alone."""
        self.wall += timedelta(**span)

    def watch(self, store: Store) -> Watch:
        """Watch these clocks."""
        return Watch(store, lambda: self.wall, lambda: self.boot)


async def look_and_plan(desk: PlanningDesk, watch: Watch) -> int | None:
    """Do what each minute does; gives how many notices were made, None if planning was held."""
    now = await watch.look()
    return None if now is None else (await desk.plan(now)).notices


async def test_case_047_a_wall_clock_a_day_ahead_and_back_makes_nothing_early(desk: PlanningDesk) -> None:
    await desk.reader()
    clocks = Clocks(NINE_IN_YEREVAN - timedelta(hours=24, minutes=-5))
    watch = clocks.watch(desk.store)
    assert await look_and_plan(desk, watch) == 0
    clocks.go_on(minutes=1)
    clocks.turn(days=1)
    assert await look_and_plan(desk, watch) is None
    clocks.go_on(minutes=1)
    clocks.turn(days=-1)
    assert await look_and_plan(desk, watch) is None  # turned again: two looks have not agreed yet
    clocks.go_on(minutes=1)
    assert await look_and_plan(desk, watch) == 0
    assert await desk.made("id") == []


async def test_case_047_a_clock_that_was_wrong_and_is_put_right_is_believed_at_the_second_look(
    desk: PlanningDesk,
) -> None:
    await desk.reader()
    clocks = Clocks(NINE_IN_YEREVAN - timedelta(days=1))
    watch = clocks.watch(desk.store)
    await look_and_plan(desk, watch)
    clocks.turn(days=1)
    clocks.go_on(minutes=1)
    assert await look_and_plan(desk, watch) is None
    clocks.go_on(minutes=1)
    assert await look_and_plan(desk, watch) == 1


@pytest.mark.parametrize("seconds", [-599, 0, 599])
async def test_case_047_what_a_time_server_corrects_holds_nothing(store: Store, seconds: int) -> None:
    clocks = Clocks(NINE_IN_YEREVAN)
    watch = clocks.watch(store)
    assert await watch.look() == clocks.wall
    clocks.go_on(minutes=1)
    clocks.turn(seconds=seconds)
    assert await watch.look() == clocks.wall


@on_either
async def test_case_048_a_wall_clock_two_hours_back_plans_nothing_twice(desk: PlanningDesk) -> None:
    await desk.reader()
    clocks = Clocks(NINE_IN_YEREVAN)
    watch = clocks.watch(desk.store)
    assert await look_and_plan(desk, watch) == 1
    clocks.turn(hours=-2)
    planned = []
    for _ in range(150):
        clocks.go_on(minutes=1)
        planned.append(await look_and_plan(desk, watch))
    assert planned == [None] + [0] * 149
    assert len(await desk.made("id")) == 1


@on_either
async def test_case_048_a_process_that_starts_before_the_last_look_waits_for_a_second_one(store: Store) -> None:
    await store.group(lambda tx: installation.begin(tx, "here"))
    clocks = Clocks(NINE_IN_YEREVAN)
    assert await clocks.watch(store).look() == NINE_IN_YEREVAN
    clocks.turn(hours=-2)
    watch = clocks.watch(store)  # of a new process
    assert await watch.look() is None
    clocks.go_on(minutes=1)
    assert await watch.look() == clocks.wall
    async with store.read() as tx:
        assert (await installation.state(tx)).ticked_at == clocks.wall


async def test_case_049_a_host_asleep_over_the_hour_sends_when_it_wakes_on_the_same_day(desk: PlanningDesk) -> None:
    await desk.reader()
    clocks = Clocks(NINE_IN_YEREVAN - timedelta(hours=2))
    watch = clocks.watch(desk.store)
    await look_and_plan(desk, watch)
    clocks.go_on(hours=8)  # boot time counts what was slept
    assert await look_and_plan(desk, watch) == 1


@on_either
@pytest.mark.parametrize(
    ("zone", "hour", "day", "due"),
    [
        ("Europe/Madrid", "09:00", "2026-03-29", "2026-03-29T07:00"),
        ("Europe/Madrid", "02:30", "2026-03-29", "2026-03-29T01:30"),
        ("America/Sao_Paulo", "00:00", "2018-11-04", "2018-11-04T03:00"),
        ("Australia/Lord_Howe", "02:15", "2026-10-04", "2026-10-03T15:45"),
    ],
)
async def test_case_050_an_hour_that_a_gap_skips_comes_once_moved_by_the_gap(
    desk: PlanningDesk, zone: str, hour: str, day: str, due: str
) -> None:
    await desk.record(an_event(first_day=f"2000{day[4:]}"))
    await desk.reader(zone=zone, hour=hour)
    await desk.hourly(f"{on(day) - timedelta(days=1)}T06:00", f"{on(day) + timedelta(days=1)}T18:00")
    assert await desk.made("day", "due_at") == [(on(day), at(due))]


@on_either
async def test_case_051_an_hour_that_comes_twice_brings_one_at_the_first(desk: PlanningDesk) -> None:
    await desk.record(an_event(first_day="2000-10-25"))
    await desk.reader(zone="Europe/Madrid", hour="02:30")
    await desk.hourly("2026-10-24T20:00", "2026-10-25T23:00")
    assert await desk.made("due_at") == [(at("2026-10-25T00:30"),)]


@on_either
async def test_case_052_a_day_that_a_zone_left_out_is_kept_on_the_next_at_the_same_hour(desk: PlanningDesk) -> None:
    await desk.record(an_event(first_day="2000-12-30"))
    await desk.reader(zone="Pacific/Apia")
    await desk.hourly("2011-12-29T00:00", "2012-01-01T00:00")
    assert await desk.made("day", "due_at") == [(on("2011-12-30"), at("2011-12-30T19:00"))]
    assert at("2011-12-30T19:00").astimezone(ZoneInfo("Pacific/Apia")).isoformat() == "2011-12-31T09:00:00+14:00"


@on_either
@pytest.mark.parametrize(
    ("policy", "days"), [("clip", ["2027-02-28"]), ("next", ["2027-03-01"]), ("skip", [])], ids=["clip", "next", "skip"]
)
async def test_case_053_29_february_in_a_common_year_comes_as_its_rule_says(
    desk: PlanningDesk, policy: str, days: list[str]
) -> None:
    await desk.record(an_event(first_day="2020-02-29", rules=[{"kind": "yearly", "missing_day": policy}]))
    await desk.reader(zone="UTC")
    await desk.hourly("2027-02-27T09:00", "2027-03-02T09:00", timedelta(days=1))
    assert await desk.made("day") == [(on(day),) for day in days]


@on_either
@pytest.mark.parametrize("moves_at", range(0, 24, 3))
async def test_case_054_who_moves_eastwards_on_the_day_gets_it_once(desk: PlanningDesk, moves_at: int) -> None:
    reader = await desk.reader(zone="America/New_York")
    for hour in range(-12, 36):
        if hour == moves_at:
            async with desk.store.write() as tx:
                await subscribers.change_habit(tx, reader, a_habit(zone="Asia/Tokyo"))
        await desk.plan(at("2026-09-27T00:00") + timedelta(hours=hour))
    # At 13:00 it has come in New York; until 15:00 the day lasts in Tokyo. Who moves later on has had it.
    assert await desk.made("subscriber_id", "day") == [(reader, DAY)]


_ASK = """
import sys
from datetime import date
from service.domain.slot import Slot
print(Slot("Asia/Yerevan", "09:00").due_at(date(2026, 9, 27)).isoformat())
"""


def test_case_055_a_new_definition_of_a_zone_moves_what_is_not_planned_yet(tmp_path: Path) -> None:
    """What is planned keeps its time: it is in its row. The rest is reckoned from day, hour and zone each minute."""
    found = []
    for version, zone in (("before", "Asia/Yerevan"), ("after", "Asia/Tbilisi"), ("later", "Europe/Moscow")):
        path = tmp_path / version / "Asia"
        path.mkdir(parents=True)
        (path / "Yerevan").write_bytes(_zone_file(zone))
        environment = os.environ | {"PYTHONTZPATH": str(tmp_path / version), "PYTHONPATH": str(ROOT)}
        asked = subprocess.run(
            [sys.executable, "-c", _ASK], env=environment, capture_output=True, text=True, check=True
        )
        found.append(asked.stdout.strip())
    assert found == ["2026-09-27T05:00:00+00:00", "2026-09-27T05:00:00+00:00", "2026-09-27T06:00:00+00:00"]


def _zone_file(zone: str) -> bytes:
    for folder in TZPATH:
        if (path := Path(folder) / zone).is_file():
            return path.read_bytes()
    from importlib.resources import files  # noqa: PLC0415  no zones of the system's own here

    return files("tzdata").joinpath("zoneinfo", *zone.split("/")).read_bytes()


@given(
    zone=some.sampled_from(sorted(zones())),
    first=some.dates(date(1997, 1, 1), date(2036, 12, 28)),
    hour=some.times().map(lambda time: f"{time.hour:02}:{time.minute:02}"),
)
def test_case_056_every_local_day_has_exactly_one_moment(zone: str, first: date, hour: str) -> None:
    """All zones, forty years, any hour: each day is due once, on its day, at its hour; later by a gap at most."""
    slot = Slot(zone, hour)
    due = [slot.due_at(first + timedelta(days=step)) for step in range(4)]
    assert due == sorted(due)
    for day, moment in zip((first + timedelta(days=step) for step in range(4)), due, strict=True):
        local = moment.astimezone(ZoneInfo(zone))
        wanted = datetime.combine(day, datetime.strptime(hour, "%H:%M").time())  # noqa: DTZ007  as on a wall clock
        late = local.replace(tzinfo=None) - wanted
        assert timedelta(0) <= late <= timedelta(days=1)
        if late:  # only because the zone never showed that time
            assert (
                wanted.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
                != wanted
            )
        assert local.fold == 0
        assert day in slot.days_due(moment)
        assert day not in slot.days_due(moment - timedelta(seconds=1))
        assert day not in slot.days_due(slot.useful_until(day))


LATER = an_event(title={"en": "The war, told anew"})
ELSEWHEN = an_event(first_day="2020-11-09")


async def planned_for_two(desk: PlanningDesk) -> tuple[str, str]:
    """Plan for two readers, and have one of the letters tried before."""
    readers = await desk.reader("one"), await desk.reader("two")
    await desk.plan(NINE_IN_YEREVAN)
    async with desk.store.write() as tx:
        await tx.execute(update(editions).values(subject="s", html="h", text="t", rendered_at=NINE_IN_YEREVAN))
        await tx.execute(update(notices).values(state="ready"))
        own = notices.c.subscriber_id == readers[0]
        await tx.execute(update(notices).where(own).values(attempts=1, dated_at=NINE_IN_YEREVAN, reason="deferred"))
    return readers


async def test_case_057_an_edited_event_is_told_in_its_new_words_by_what_has_not_started(
    desk: PlanningDesk, tmp_path: Path
) -> None:
    tried, untried = await planned_for_two(desk)
    (old,) = set(await desk.made("edition_id"))
    await change(desk, LATER, now=NINE_IN_YEREVAN + timedelta(minutes=1), folder=tmp_path)
    done = await desk.plan(NINE_IN_YEREVAN + timedelta(minutes=2))
    assert done.notices == 1
    by_reader = dict(await desk.made("subscriber_id", "edition_id"))
    assert by_reader[tried] == old[0]
    assert by_reader[untried] != old[0]
    assert await desk.made("subscriber_id", "state") == sorted([(tried, "ready"), (untried, "planned")])
    assert (await desk.plan(NINE_IN_YEREVAN + timedelta(minutes=3))).notices == 0


@pytest.mark.parametrize("how", ["moved", "deleted"])
async def test_case_057_of_an_event_moved_or_deleted_what_has_not_started_is_cancelled(
    desk: PlanningDesk, tmp_path: Path, how: str
) -> None:
    tried, untried = await planned_for_two(desk)
    now = NINE_IN_YEREVAN + timedelta(minutes=1)
    if how == "moved":
        await change(desk, ELSEWHEN, now=now, folder=tmp_path)
    else:
        async with desk.store.write() as tx:
            await records.withdraw(tx, "program", "war", None, "", now)
    assert (await desk.plan(now + timedelta(minutes=1))).notices == 0
    assert await desk.made("subscriber_id", "state", "reason") == sorted(
        [(tried, "ready", "deferred"), (untried, "dropped", "superseded")]
    )


async def test_case_057_an_edit_that_is_taken_back_tells_everybody_the_old_words_once(
    desk: PlanningDesk, tmp_path: Path
) -> None:
    await planned_for_two(desk)
    for minute, event in enumerate((LATER, an_event()), 1):
        await change(desk, event, now=NINE_IN_YEREVAN + timedelta(minutes=minute), folder=tmp_path)
        await desk.plan(NINE_IN_YEREVAN + timedelta(minutes=minute, seconds=30))
    assert [state for (state,) in await desk.made("state")] == ["ready", "ready"]
    assert len(set(await desk.made("edition_id"))) == 1


@pytest.mark.parametrize(
    ("first_day", "now", "said"),
    [
        ("2020-09-27", "2038-09-27T05:00", "eighteen years ago today"),
        ("0001-09-27", "2026-09-27T05:00", "2,025 years ago today"),
        ("-0043-03-15", "2026-03-15T05:00", "2,069 years ago today"),  # 44 BC; there was no year 0
        ("1950-09-27~", "2026-09-27T05:00", "seventy-six years ago, kept today"),
        ("2020", "2026-09-27T05:00", None),  # no day is invented
    ],
)
async def test_case_058_far_years_are_counted_right_and_of_an_unknown_day_nothing_is_told(
    tmp_path: Path, database_url: str, first_day: str, now: str, said: str | None
) -> None:
    key = SecretStr("of no other use, but long enough")
    settings = Settings(data_dir=tmp_path, database_url=SecretStr(database_url), secret_key=key)
    app = build(settings, clock=lambda: at(now))
    desk = PlanningDesk(app.store)
    await desk.record(an_event(first_day=first_day))
    await desk.reader()
    done = await app.round(at(now))
    await app.close()
    assert (done.sent, done.failed) == (1 if said else 0, 0)
    subjects = [letter.opened.subject for letter in letters(settings.outbox)]
    assert subjects == ([f"A war: {said}"] if said else [])
