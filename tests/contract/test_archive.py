"""What comes into the archive, on both databases: what was taken by a relay, once, and nothing of one person alone."""

from datetime import date

from sqlalchemy import select

from service.domain.event import Link, LinkKind
from service.domain.notice import Kind, State
from service.scheduling.planner import Planner
from service.store import archive, editions, events, links, returning
from service.store.dialect import Store
from service.store.tables import editions as edition_rows
from service.store.tables import notices
from tests.builders import a_collection, a_habit, an_event, at
from tests.contract.conftest import Posting
from tests.smtp_server import Stage

NINE = at("2026-09-27T05:30")
NOW = at("2026-09-01T08:00")


async def test_an_edition_is_in_the_archive_as_soon_as_one_letter_of_it_was_taken(posting: Posting) -> None:
    await posting.record()
    for name in ("ani", "bella"):
        await posting.reader(f"{name}@example.org", a_habit())
    await posting.reader("carine@example.org", a_habit(language="hy"))
    posting.now = NINE
    planner: Planner = posting.app.planner
    await planner.plan(NINE)
    async with posting.app.store.read() as tx:
        assert await archive.listed(tx, None, None, 10) == []
    assert await posting.send() == 3
    async with posting.app.store.read() as tx:
        found = await archive.listed(tx, None, None, 10)
        assert sorted(one.language for one in found) == ["en", "hy"]
        assert await archive.languages(tx) == ["en", "hy"]
        assert [one.language for one in await archive.listed(tx, "hy", None, 10)] == ["hy"]
        assert await archive.telling_of(tx, "war", "en", 10) == [one for one in found if one.language == "en"]
        english = await editions.named(tx, next(one.id for one in found if one.language == "en"))
        assert english is not None
        assert [one.language for one in await archive.others(tx, english)] == ["hy"]


async def test_a_letter_that_was_refused_lets_nothing_into_the_archive(posting: Posting) -> None:
    await posting.record()
    await posting.reader("ani@example.org", a_habit())
    posting.relay.once(Stage.RCPT, "550 5.1.1 no such mailbox")
    posting.now = NINE
    await posting.app.planner.plan(NINE)
    assert await posting.send() == 0
    async with posting.app.store.read() as tx:
        assert (await tx.execute(select(notices.c.state))).scalars().all() == [State.FAILED]
        assert await archive.listed(tx, None, None, 10) == []


async def test_it_is_marked_once_and_its_place_in_the_list_is_found_again(store: Store) -> None:
    ids = []
    for number in range(5):
        plan = editions.Plan(
            Kind.NOTICE,
            "en",
            date(2026, 9, 20 + number // 2),
            "w",
            f"k{number}",
            (editions.Told("war", "yearly", date(2026, 9, 27), 6), editions.Told("war", "end", date(2026, 9, 27), 6)),
            (),
        )
        async with store.write() as tx:
            ids.append(await editions.ensure(tx, plan, NOW))
        assert await store.group(lambda tx, id_=ids[-1]: archive.mark_sent(tx, id_, NOW))
        assert not await store.group(lambda tx, id_=ids[-1]: archive.mark_sent(tx, id_, NINE))
    assert not await store.group(lambda tx: archive.mark_sent(tx, "none", NOW))
    async with store.read() as tx:
        assert set((await tx.execute(select(edition_rows.c.sent_at))).scalars()) == {NOW}
        first = await archive.listed(tx, None, None, 2)
        second = await archive.listed(tx, None, (first[-1].day, first[-1].id), 2)
        third = await archive.listed(tx, None, (second[-1].day, second[-1].id), 2)
        assert [one.id for one in (*first, *second, *third)] == [ids[4], ids[3], ids[2], ids[1], ids[0]]
        assert len(await archive.telling_of(tx, "war", None, 10)) == 5


async def test_links_are_told_from_both_ends_and_go_with_their_event(store: Store) -> None:
    peace = an_event(id="peace", links=[{"kind": "part_of", "event": "war"}, {"kind": "followed_by", "event": "war"}])
    async with store.write() as tx:
        await events.save_collection(tx, a_collection(), NOW)
        await events.save_event(tx, an_event(), "wars", 0, NOW)
        await events.save_event(tx, peace, "wars", 1, NOW)
    async with store.read() as tx:
        assert await links.leading_to(tx, "war", 10) == [
            Link(LinkKind.PART_OF, "peace"),
            Link(LinkKind.FOLLOWED_BY, "peace"),
        ]
        assert await links.leading_to(tx, "peace", 10) == []
    async with store.write() as tx:
        await events.save_event(tx, an_event(id="peace"), "wars", 1, NINE)
        assert await links.leading_to(tx, "war", 10) == []
        await events.save_event(tx, peace, "wars", 1, NOW)
        await events.remove(tx, "peace")
        assert await links.leading_to(tx, "war", 10) == []


async def test_days_are_read_without_their_stories_and_a_change_is_seen(store: Store) -> None:
    rules = [{"kind": "yearly"}, {"kind": "day-count", "days": 40}]
    async with store.write() as tx:
        empty = await returning.stamp(tx)
        await events.save_collection(tx, a_collection(), NOW)
        await events.save_event(tx, an_event(id="b", rules=rules, last_day="2020-11-09"), "wars", 0, NOW)
        await events.save_event(tx, an_event(id="a", observance=True, rules=[]), "wars", 1, NOW)
    async with store.read() as tx:
        before = await returning.stamp(tx)
        first, second = await returning.after(tx, "", 10)
        assert [one.id for one in await returning.after(tx, "a", 1)] == ["b"]
        assert await returning.after(tx, "b", 10) == []
    assert empty != before
    assert (first.id, first.observance, first.rules) == ("a", True, ())
    assert (second.id, second.observance) == ("b", False)
    assert second.rules == an_event(rules=rules).rules
    assert (second.first, second.last) == (an_event().first, an_event(last_day="2020-11-09").last)
    async with store.write() as tx:
        await events.save_event(tx, an_event(id="a"), "wars", 1, NINE)
        assert await returning.stamp(tx) != before
