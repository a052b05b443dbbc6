"""Private events: each reader's own, told with the public ones in one letter, and to nobody else; on both databases."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from service.actions import managing, remembering, sharing
from service.actions.remembering import Told
from service.domain.consent import Came
from service.domain.documents import read_private
from service.domain.private_event import PrivateEvent
from service.domain.subscription import Cadence, Rhythm, Wish
from service.domain.targets import target_of
from service.scheduling import horizon
from service.scheduling.planner import Planner
from service.store import (
    archive,
    due,
    editions,
    erasing,
    events,
    private_events,
    private_shares,
    subscribers,
    subscriptions,
    template_uses,
)
from service.store.dialect import Store
from service.store.tables import editions as edition_table
from service.store.tables import notices as notice_table
from tests.builders import a_collection, a_habit, an_event, at, on
from tests.contract.conftest import Posting

NOW = at("2026-09-01T08:00")
GRANDMOTHER = {"name": "Grandmother Tamar", "words": "She sang.", "first_day": "1990-09-27"}


def private(**parts: Any) -> PrivateEvent:
    return read_private({**GRANDMOTHER, "rules": [{"kind": "yearly"}], **parts})


@dataclass
class House:
    """Readers with what they remember, planned for day by day."""

    store: Store

    async def reader(self, name: str = "r", wishes: Sequence[Wish] = (), **habit: object) -> str:
        async with self.store.write() as tx:
            arrival = subscribers.Arrival(f"{name}@example.org", a_habit(**habit), "active", "page", NOW)
            id_ = await subscribers.add(tx, arrival, NOW)
            await subscriptions.add(tx, id_, wishes, NOW, NOW)
        return id_

    async def keep(self, owner: str, event: PrivateEvent, *leads: int) -> str:
        async with self.store.write() as tx:
            id_ = await private_events.add(tx, owner, event, NOW)
            await subscriptions.set_private(tx, owner, target_of(id_), leads or (0,), NOW)
        return id_

    async def plan(self, *days: str) -> list[tuple[str, str, list[str]]]:
        """Plan these days at nine in Yerevan; give each notice that waits: its day, kind, and what it tells."""
        for day in days:
            now = at(f"{day}T05:00")
            await horizon.cover(self.store, now.date() - timedelta(days=5), now.date() + timedelta(days=60))
            await Planner(self.store).plan(now)
        return await self.waiting()

    async def waiting(self) -> list[tuple[str, str, list[str]]]:
        wanted = select(notice_table.c.day, notice_table.c.kind, edition_table.c.dues).join_from(
            notice_table, edition_table
        )
        wanted = wanted.where(notice_table.c.reason != "superseded").order_by(notice_table.c.day, notice_table.c.kind)
        async with self.store.read() as tx:
            rows = (await tx.execute(wanted)).all()
        return [(row.day.isoformat(), row.kind, [due[0].partition(":")[0] for due in row.dues]) for row in rows]


@pytest.fixture
async def house(store: Store) -> House:
    async with store.write() as tx:
        await events.save_collection(tx, a_collection(), NOW)
        await events.save_event(tx, an_event(), "wars", 0, NOW)
    await horizon.cover(store, on("2026-08-25"), on("2026-11-30"))
    return House(store)


async def test_what_is_private_and_what_is_public_come_on_one_day_in_one_letter(house: House) -> None:
    owner = await house.reader(wishes=[Wish(event="war")])
    await house.reader("other", wishes=[Wish(event="war")])
    await house.keep(owner, private())
    told = await house.plan("2026-09-27")
    assert sorted(events for _, _, events in told) == [["private", "war"], ["war"]]
    assert {(day, kind) for day, kind, _ in told} == {("2026-09-27", "notice")}


async def test_who_asked_for_nothing_public_is_told_of_their_own(house: House) -> None:
    await house.keep(await house.reader(), private())
    assert await house.plan("2026-09-26", "2026-09-27", "2026-09-28") == [("2026-09-27", "notice", ["private"])]


async def test_two_readers_never_share_an_edition_that_tells_of_what_is_private(house: House) -> None:
    ids = [await house.keep(await house.reader(name), private()) for name in ("a", "b")]
    await house.plan("2026-09-27")
    async with house.store.read() as tx:
        rows = (await tx.execute(select(edition_table.c.subscriber_id, edition_table.c.dues))).all()
        owners = {id_: own.owner for id_, own in (await private_events.named(tx, ids)).items()}
    assert {row.subscriber_id: [due[0] for due in row.dues] for row in rows} == {
        owner: [target_of(id_)] for id_, owner in owners.items()
    }


async def test_days_ahead_bring_the_letter_so_much_earlier(house: House) -> None:
    await house.keep(await house.reader(), private(), 0, 7)
    told = await house.plan(*(f"2026-09-{day}" for day in range(19, 29)))
    assert [day for day, _, _ in told] == ["2026-09-20", "2026-09-27"]


async def test_summaries_tell_of_what_is_private_too(house: House) -> None:
    await house.keep(await house.reader("w", rhythm=Rhythm(Cadence.WEEKLY, 1)), private())
    await house.keep(await house.reader("m", rhythm=Rhythm(Cadence.MONTHLY, 1)), private())
    told = await house.plan("2026-09-01", "2026-09-21", "2026-09-27")
    assert [(day, kind) for day, kind, _ in told] == [("2026-09-01", "monthly"), ("2026-09-21", "weekly")]


async def test_a_day_of_joy_does_not_share_a_letter_with_mourning(house: House) -> None:
    owner = await house.reader()
    await house.keep(owner, private())
    await house.keep(owner, private(tone="festive"))
    assert [kind for _, kind, _ in await house.plan("2026-09-27")] == ["notice", "notice-festive"]


@pytest.mark.parametrize(
    ("parts", "days"),
    [
        # 7 September 1999 was 26 Elul; after sunset, the 27th had begun. 26 Elul 5786 is 8 September 2026.
        ({"first_day": "1999-09-07", "rules": [{"kind": "yearly", "calendar": "hebrew"}]}, ["2026-09-08"]),
        (
            {
                "first_day": "1999-09-07",
                "after_sunset": True,
                "rules": [{"kind": "yearly", "calendar": "hebrew"}],
            },
            ["2026-09-09"],
        ),
        ({"first_day": "2026-08-01", "rules": [{"kind": "day-count", "days": 40}]}, ["2026-09-09"]),
        ({"first_day": "2026-08-15", "rules": [{"kind": "nenki", "days": [7, 49]}]}, ["2026-10-02"]),
        ({"first_day": "2024-09-15", "rules": [{"kind": "nenki"}]}, ["2026-09-15"]),
    ],
    ids=["yahrzeit", "yahrzeit after sunset", "the 40th day", "nenki, the 49th day", "nenki, the third"],
)
async def test_every_rule_brings_its_letter_on_its_day(house: House, parts: dict[str, Any], days: list[str]) -> None:
    await house.keep(await house.reader(), private(**parts))
    first = date.fromisoformat("2026-09-05")
    told = await house.plan(*((first + timedelta(days=step)).isoformat() for step in range(30)))
    assert [day for day, _, _ in told] == days


async def test_a_29_february_is_kept_as_its_owner_says_in_a_year_that_lacks_it(house: House) -> None:
    owner = await house.reader()
    await house.keep(owner, private(first_day="2000-02-29"))
    await house.keep(owner, private(first_day="2000-02-29", rules=[{"kind": "yearly", "missing_day": "next"}]))
    await house.keep(owner, private(first_day="2000-02-29", rules=[{"kind": "yearly", "missing_day": "skip"}]))
    told = await house.plan("2027-02-27", "2027-02-28", "2027-03-01")
    assert told == [("2027-02-28", "notice", ["private"]), ("2027-03-01", "notice", ["private"])]


async def test_the_horizon_grows_over_what_is_private(house: House) -> None:
    id_ = await house.keep(await house.reader(), private())
    await house.plan("2027-09-27")
    assert [day for day, _, _ in await house.waiting()] == ["2027-09-27"]
    async with house.store.read() as tx:
        assert (await private_events.named(tx, [id_]))[id_].event == private()


async def test_what_its_owner_changes_is_told_as_it_is_now_and_what_is_removed_not_at_all(house: House) -> None:
    owner = await house.reader(wishes=[Wish(event="war")])
    id_ = await house.keep(owner, private())
    await house.plan("2026-09-27")
    async with house.store.write() as tx:
        await private_events.remove(tx, id_, at("2026-09-27T05:01"))
    await Planner(house.store).plan(at("2026-09-27T05:02"))
    assert await house.waiting() == [("2026-09-27", "notice", ["war"])]


async def test_a_paused_reader_and_one_who_left_are_not_told(house: House) -> None:
    paused, left = await house.reader("paused"), await house.reader("left")
    for owner in (paused, left):
        await house.keep(owner, private())
    async with house.store.write() as tx:
        await subscribers.pause(tx, paused, on("2026-10-01"))
        await subscribers.set_status(tx, left, "left", NOW)
    assert await house.plan("2026-09-27") == []


async def test_changing_what_is_public_leaves_what_is_private_alone(house: House) -> None:
    owner = await house.reader(wishes=[Wish(event="war")])
    await house.keep(owner, private())
    async with house.store.write() as tx:
        await subscriptions.keep_only(tx, owner, [Wish(collection="wars")], NOW)
        assert await subscriptions.wishes_of(tx, owner) == [Wish(collection="wars")]
        assert list((await subscriptions.leads_private(tx, owner)).values()) == [(0,)]


async def test_only_the_press_is_given_an_edition_that_is_a_readers_own(house: House) -> None:
    await house.keep(await house.reader(), private())
    await house.plan("2026-09-27")
    async with house.store.write() as tx:
        (id_,) = (await tx.execute(select(edition_table.c.id))).scalars()
        await tx.execute(update(edition_table).values(subject="Grandmother Tamar", html="x", text="x"))
        assert await editions.named(tx, id_) is None
        edition = await editions.to_render(tx, id_)
        assert edition is not None
        assert not archive.is_public(edition)
        assert await due.editions_on(tx, on("2026-09-27")) == []
        assert await due.edition(tx, id_) is None
        assert await template_uses.counted(tx, "letters/notice/body.txt") == {}


async def test_who_is_erased_takes_their_own_and_what_was_told_of_it_along(house: House) -> None:
    owner = await house.reader()
    await house.keep(owner, private())
    await house.plan("2026-09-27")
    async with house.store.write() as tx:
        await erasing.remove(tx, owner, NOW)
        assert list(await tx.execute(select(edition_table.c.id))) == []
        assert await private_events.of_owner(tx, owner, removed=True) == []


async def test_the_letter_says_the_name_how_long_ago_and_the_owners_words(posting: Posting) -> None:
    owner = await posting.reader("ani@example.org", a_habit())
    await posting.record()
    async with posting.app.store.write() as tx:
        id_ = await private_events.add(tx, owner, private(words="She sang.\n\nEvery *morning*.", picture="At sea"), NOW)
        await subscriptions.set_private(tx, owner, target_of(id_), (0,), NOW)
    posting.now = at("2026-09-27T05:00")
    await posting.app.planner.plan(posting.now)
    assert await posting.send() == 1
    ((to, letter),) = posting.letters()
    assert to == "ani@example.org"
    assert letter.subject.startswith("Grandmother Tamar: thirty-six years ago today")
    for part in (letter.text, letter.html):
        assert "She sang." in part
        assert "This is a private date. See its picture and its coming days" in part
        assert "/manage/" in part
        assert "/dates" in part
        assert "A war" in part
        assert "RMBR" not in part


async def test_an_invitation_is_sent_accepted_and_told_at_the_readers_own_hour(posting: Posting) -> None:
    app = posting.app
    owner = await posting.reader("ani@example.org", a_habit())
    await posting.record()
    async with app.store.write() as tx:
        ani = await subscribers.by_id(tx, owner)
        assert ani is not None
        id_ = await remembering.record(tx, ani, Told(private(name="PILLS"), (0,)), NOW)
        await sharing.invite(tx, app.desk, ani, id_, "sona@example.org", NOW)
    assert await posting.send() == 1
    ((to, letter),) = posting.letters()
    assert to == "sona@example.org"
    for part in (letter.subject, letter.text, letter.html):
        assert "PILLS" not in part
        assert "ani@example.org" not in part
    (link,) = set(re.findall(r"https://remember\.example/invitation/([\w.-]+)", letter.text))
    async with app.store.write() as tx:
        sona = await sharing.accept(tx, app.desk, link, NOW, Came("invitation"))
        assert sona is not None
        await subscribers.change_habit(tx, sona.id, a_habit(zone="Europe/Paris"))
    posting.now = at("2026-09-27T05:00")
    await app.planner.plan(posting.now)
    await posting.send()
    assert [to for to, _ in posting.letters()[1:]] == ["ani@example.org"]
    posting.now = at("2026-09-27T07:00")
    await app.planner.plan(posting.now)
    await posting.send()
    assert [to for to, _ in posting.letters()[1:]] == ["ani@example.org", "sona@example.org"]
    assert "PILLS" in posting.letters()[2][1].text


async def test_who_no_longer_shares_is_not_told_by_a_letter_that_waits(posting: Posting) -> None:
    app = posting.app
    owner, relative = (
        await posting.reader("ani@example.org", a_habit()),
        await posting.reader("sona@example.org", a_habit()),
    )
    await posting.record()
    async with app.store.write() as tx:
        id_ = await private_events.add(tx, owner, private(name="PILLS"), NOW)
        await private_shares.invite(tx, id_, "sona@example.org", None, NOW)
        (share,) = await private_shares.of_event(tx, id_)
        await private_shares.accept(tx, share, relative, NOW)
        await subscriptions.set_private(tx, relative, target_of(id_), (0,), NOW)
    posting.now = at("2026-09-27T05:00")
    await app.planner.plan(posting.now)
    await app.press.render_all(posting.now)
    async with app.store.write() as tx:
        sona = await subscribers.by_id(tx, relative)
        assert sona is not None
        await sharing.stop(tx, sona, id_, posting.now)
    posting.now += timedelta(minutes=1)
    await app.planner.plan(posting.now)
    await posting.send()
    assert sorted(to for to, _ in posting.letters()) == ["ani@example.org", "sona@example.org"]
    assert all("PILLS" not in letter.text + letter.html + letter.subject for _, letter in posting.letters())


async def test_who_erases_themselves_is_not_told_of_in_the_letters_of_relatives(posting: Posting) -> None:
    app = posting.app
    owner, relative = (
        await posting.reader("ani@example.org", a_habit()),
        await posting.reader("sona@example.org", a_habit()),
    )
    await posting.record()
    async with app.store.write() as tx:
        id_ = await private_events.add(tx, owner, private(name="PILLS"), NOW)
        await subscriptions.set_private(tx, relative, target_of(id_), (0,), NOW)
    posting.now = at("2026-09-27T05:00")
    await app.planner.plan(posting.now)
    await posting.send()
    assert any("PILLS" in letter.text for _, letter in posting.letters())
    async with app.store.write() as tx:
        await managing.erase(tx, app.desk, "ani@example.org", posting.now)
        rows = (await tx.execute(select(edition_table))).all()
    assert "PILLS" not in repr(rows)
    assert target_of(id_) not in repr(rows)
