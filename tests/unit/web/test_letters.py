"""The letters that somebody was sent: what became of each, why it came, and how to end only that."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from service.domain.letter import Words
from service.domain.notice import Kind, State
from service.domain.subscription import Status, Wish
from service.mail.tokens import Purpose
from service.store import editions, notices, tables
from service.store.editions import Plan, Told
from tests.builders import an_event, at, on
from tests.unit.web.given import NOW, Grounds

WAR_DAY = on("2024-09-27")


async def letter(grounds: Grounds, reader: str, kind: Kind = Kind.NOTICE, told: str = "war", **row: object) -> str:
    """Have a letter made for somebody, of the war or of another event, and give the notice's id."""
    plan = Plan(
        kind, "en", WAR_DAY, "words", f"{kind} {told}", (Told(told, "yearly", WAR_DAY, 4),), ("collection:wars",)
    )
    if not kind.remembers:
        plan = Plan(kind, "en", WAR_DAY, "words", kind.value, (), ())
    async with grounds.store.write() as tx:
        edition = await editions.ensure(tx, plan, NOW)
        await editions.freeze(
            tx, edition, Words("A war: <four> years ago today", "<p>It began.</p>", "It began."), (), NOW
        )
        single = notices.Single(reader, kind, WAR_DAY, edition, NOW, NOW + timedelta(days=1))
        await notices.add_single(tx, single)
        await tx.execute(update(tables.notices).where(tables.notices.c.id == single.id).values(row))
    return single.id


async def test_the_list_tells_what_became_of_each_letter_by_the_readers_clock(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    await letter(grounds, id_, state=State.ACCEPTED, finished_at=at("2024-09-27T05:00"))
    await letter(grounds, id_, Kind.LINK, state=State.FAILED, reason="mailbox full")
    await letter(grounds, id_, Kind.WELCOME, state=State.READY, reason="deferred", due_at=at("2024-09-27T06:30"))
    await letter(grounds, id_, Kind.WEEKLY, state=State.DROPPED, reason="expired")
    await letter(grounds, id_, Kind.MONTHLY, state=State.READY, due_at=at("2024-10-01T05:00"))
    text = (await grounds.client().get(f"{grounds.link(Purpose.MANAGE, id_)}/letters")).text
    for told in (
        "It was sent on 27 September 2024, 09:00.",
        "It could not be delivered: the mailbox is full.",
        "It was put off, and is tried again on 27 September 2024, 10:30: put off by the server.",
        "It was not sent: its day is over.",
        "It leaves on 1 October 2024, 09:00.",
        "A war: &lt;four&gt; years ago today",
        "You remember: Wars.",
    ):
        assert told in text


async def test_a_letter_says_why_it_came_and_what_it_came_by_can_be_ended_there(grounds: Grounds) -> None:
    id_ = await grounds.reader(
        "ani@example.org", Status.ACTIVE, Wish(collection="wars"), Wish(event="war", lead_days=7)
    )
    link = grounds.link(Purpose.MANAGE, id_)
    notice = await letter(grounds, id_, state=State.ACCEPTED, finished_at=at("2024-09-27T05:00"))
    text = (await grounds.client().get(f"{link}/letters/{notice}")).text
    assert "Friday, 27 September 2024: four years ago today" in text
    assert "You asked to remember this: Wars. On the day itself." in text
    assert 'value="collection:wars"' in text
    await grounds.client().post(link, [("action", "leave-one"), ("target", "collection:wars")])
    text = (await grounds.client().get(f"{link}/letters/{notice}")).text
    assert "You have ended it since." in text
    assert 'value="collection:wars"' not in text


async def test_a_letter_that_remembers_nothing_says_who_asked(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    notice = await letter(grounds, id_, Kind.LINK, state=State.ACCEPTED, finished_at=NOW)
    text = (await grounds.client().get(f"{grounds.link(Purpose.MANAGE, id_)}/letters/{notice}")).text
    assert "The link to your own pages was asked for with your address." in text
    assert "/editions/" not in text.split("<main")[1].split("</main")[0]


async def test_a_letter_of_an_event_that_is_no_longer_recorded_is_shown_all_the_same(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    notice = await letter(grounds, id_, told="gone", state=State.ACCEPTED, finished_at=NOW)
    answer = await grounds.client().get(f"{grounds.link(Purpose.MANAGE, id_)}/letters/{notice}")
    assert answer.status == 200


async def test_nobody_sees_the_letters_of_somebody_else(grounds: Grounds) -> None:
    ani, eve = await grounds.reader(), await grounds.reader("eve@example.org")
    notice = await letter(grounds, ani, state=State.ACCEPTED, finished_at=NOW)
    link = grounds.link(Purpose.MANAGE, eve)
    assert (await grounds.client().get(f"{link}/letters/{notice}")).status == 404
    assert "A war" not in (await grounds.client().get(f"{link}/letters")).text
    for other in ("x" * 200, "%2e%2e", "'; --", "0"):
        assert (await grounds.client().get(f"{link}/letters/{other}")).status == 404


async def test_who_has_left_still_sees_what_came(grounds: Grounds) -> None:
    id_ = await grounds.reader(status=Status.LEFT)
    await letter(grounds, id_, state=State.ACCEPTED, finished_at=NOW)
    answer = await grounds.client().get(f"{grounds.link(Purpose.MANAGE, id_)}/letters")
    assert (answer.status, "A war" in answer.text) == (200, True)


@pytest.mark.parametrize("target", ["collection:wars", "event:war"])
async def test_the_letters_own_link_to_leave_says_why_it_came_and_ends_only_that(grounds: Grounds, target: str) -> None:
    await grounds.record(an_event(id="peace"), id_="others")
    kind, _, name = target.partition(":")
    other = Wish(event="peace")
    id_ = await grounds.reader("ani@example.org", Status.ACTIVE, Wish(**{kind: name}), other)
    notice = await letter(grounds, id_, state=State.READY)
    async with grounds.store.write() as tx:
        await tx.execute(update(tables.editions).values(because=[target]))
    link = f"/leave/{grounds.tokens.sign(Purpose.LEAVE, id_, notice)}"
    text = (await grounds.client().get(link)).text
    section = text.split('id="why"')[1].split("</section>")[0]
    assert f'name="target" value="{target}"' in section
    assert "event:peace" not in section
    answer = await grounds.client().post(link, [("action", "leave-one"), ("target", target)])
    assert "It is ended" in answer.text
    assert await grounds.wishes(id_) == [other]
