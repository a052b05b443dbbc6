"""The page of one's own: everything can be changed there, paused, ended, left and brought back."""

from datetime import timedelta

import pytest

from service.domain.letter import Variant
from service.domain.subscription import Cadence, Habit, Rhythm, Status, Wish
from service.mail.tokens import Purpose
from service.store import subscribers
from tests.builders import an_event
from tests.unit.web.client import Answer
from tests.unit.web.given import Grounds, a_form


async def save(grounds: Grounds, id_: str, **changes: str) -> Answer:
    """Send the form of how letters come."""
    return await grounds.client().post(f"{grounds.link(Purpose.MANAGE, id_)}/habits", a_form(**changes))


async def pause(grounds: Grounds, id_: str, until: str) -> Answer:
    """Send the form of the pause."""
    fields = [("action", "pause"), ("paused_until", until)]
    return await grounds.client().post(grounds.link(Purpose.MANAGE, id_), fields)


async def test_the_page_shows_everything_and_what_is_coming(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    text = (await grounds.client().get(grounds.link(Purpose.MANAGE, id_))).text
    for told in (
        "ani@example.org",
        'value="collection:wars"',
        "On the day itself",
        "at 09:00 by the clock of Asia/Yerevan",
        "Friday, 27 September 2024, 09:00",
        "Leave everything",
    ):
        assert told in text


async def test_how_letters_come_can_be_changed(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    page = (await grounds.client().get(f"{grounds.link(Purpose.MANAGE, id_)}/habits")).text
    assert '<option value="Asia/Yerevan" selected>' in page
    assert 'value="09:00"' in page
    changes = {"language": "hy", "zone": "Europe/Paris", "hour": "18:00", "cadence": "monthly"}
    changes |= {"monthday": "31", "late_hours": "3", "plain_text": "yes", "calendar_file": "yes"}
    answer = await save(grounds, id_, **changes)
    assert answer.status == 303
    assert "Your changes are kept" in (await grounds.client().get(answer.headers["location"] + "&lang=en")).text
    async with grounds.store.read() as tx:
        found = await subscribers.by_id(tx, id_)
    assert found is not None
    both = Variant.PLAIN | Variant.CALENDAR
    assert found.habit == Habit("hy", "Europe/Paris", "18:00", Rhythm(Cadence.MONTHLY, 31), both, 3)
    assert await grounds.wishes(id_) == [Wish(collection="wars")]


async def test_a_pause_holds_until_its_day_and_can_be_ended_at_once(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    link = grounds.link(Purpose.MANAGE, id_)
    paused = await pause(grounds, id_, "2024-12-24")
    page = (await grounds.client().get(paused.headers["location"])).text
    assert "paused until 24 December 2024" in page
    assert "27 September 2024" not in page
    assert "27 September 2025" in page
    await grounds.client().post(link, [("action", "resume")])
    page = (await grounds.client().get(link)).text
    assert "paused until" not in page
    assert "27 September 2024" in page


@pytest.mark.parametrize("until", ["", "soon", "2024-09-20", "2024-02-30", "1e9"])
async def test_a_pause_until_no_coming_day_is_refused_with_what_was_typed(grounds: Grounds, until: str) -> None:
    id_ = await grounds.reader()
    before = await grounds.everything()
    answer = await pause(grounds, id_, until)
    assert answer.status == 422
    assert 'id="paused_until-error"' in answer.text
    assert f'type="date" value="{until}"' in answer.text
    assert await grounds.everything() == before


async def test_something_is_added_with_its_own_days_ahead(grounds: Grounds) -> None:
    await grounds.record(an_event(id="peace"), id_="others")
    id_ = await grounds.reader()
    topics = f"{grounds.link(Purpose.MANAGE, id_)}/topics"
    page = (await grounds.client().get(topics)).text
    assert 'name="targets" value="collection:wars"' not in page
    fields = [("action", "add"), ("targets", "event:peace"), ("lead_days", "3"), ("lead_days", "14")]
    assert (await grounds.client().post(topics, fields)).status == 303
    added = {Wish(event="peace", lead_days=3), Wish(event="peace", lead_days=14)}
    assert set(await grounds.wishes(id_)) == {Wish(collection="wars"), *added}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ([("lead_days", "0")], "targets"),
        ([("targets", "event:none"), ("lead_days", "0")], "targets"),
        ([("targets", "nothing"), ("lead_days", "0")], "targets"),
        ([("targets", "event:war")], "lead_days"),
        ([("targets", "event:war"), ("lead_days", "61")], "lead_days"),
    ],
)
async def test_what_cannot_be_added_is_refused_at_its_field(
    grounds: Grounds, fields: list[tuple[str, str]], field: str
) -> None:
    id_ = await grounds.reader()
    before = await grounds.everything()
    answer = await grounds.client().post(f"{grounds.link(Purpose.MANAGE, id_)}/topics", [("action", "add"), *fields])
    assert answer.status == 422
    assert f'id="{field}-error"' in answer.text
    assert ("targets", "event:war") not in fields or 'value="event:war" checked' in answer.text
    assert await grounds.everything() == before


async def test_events_are_looked_for_and_may_be_added_with_days_ahead_of_their_own(grounds: Grounds) -> None:
    await grounds.record(an_event(id="peace"), an_event(id="flight"), id_="others")
    id_ = await grounds.reader()
    topics = f"{grounds.link(Purpose.MANAGE, id_)}/topics"
    ticked = [
        ("targets", "event:peace"),
        ("targets", "event:flight"),
        ("own:event:flight", "0, 60"),
        ("lead_days", "1"),
    ]
    before = await grounds.everything()
    found = await grounds.client().post(topics, [*ticked, ("action", "find"), ("find", "no such thing")])
    assert found.status == 200
    assert 'value="event:flight" checked' in found.text
    assert 'value="0, 60"' in found.text
    assert await grounds.everything() == before
    await grounds.client().post(topics, [*ticked, ("action", "add")])
    own = {Wish(event="peace", lead_days=1), Wish(event="flight"), Wish(event="flight", lead_days=60)}
    assert set(await grounds.wishes(id_)) == {Wish(collection="wars"), *own}


async def test_each_thing_has_days_ahead_of_its_own(grounds: Grounds) -> None:
    wishes = (Wish(collection="wars"), Wish(event="war", lead_days=7))
    id_ = await grounds.reader("ani@example.org", Status.ACTIVE, *wishes)
    topic = f"{grounds.link(Purpose.MANAGE, id_)}/topics/event:war"
    page = (await grounds.client().get(topic)).text
    assert 'name="lead_days" value="7" checked' in page
    assert 'name="lead_days" value="0" checked' not in page
    assert (await grounds.client().post(topic, [("lead_days", "0"), ("lead_days", "30")])).status == 303
    assert set(await grounds.wishes(id_)) == {
        wishes[0],
        Wish(event="war", lead_days=0),
        Wish(event="war", lead_days=30),
    }
    before = await grounds.everything()
    assert (await grounds.client().post(topic, [])).status == 422
    other = f"{grounds.link(Purpose.MANAGE, id_)}/topics/event:none"
    assert (await grounds.client().post(other, [("lead_days", "0")])).status == 404
    assert (await grounds.client().get(other)).status == 303
    assert await grounds.everything() == before


async def test_the_page_speaks_the_language_of_the_letters(grounds: Grounds) -> None:
    id_ = await grounds.reader(habit=Habit("hy", "Asia/Yerevan"))
    link = grounds.link(Purpose.MANAGE, id_)
    assert '<html lang="hy"' in (await grounds.client().get(link, accept_language="en")).text
    assert '<html lang="en"' in (await grounds.client().get(f"{link}?lang=en")).text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"zone": "Mars"}, "zone"),
        ({"hour": "x"}, "hour"),
        ({"language": "xx"}, "language"),
        ({"cadence": "hourly"}, "cadence"),
    ],
)
async def test_a_wrong_change_changes_nothing_and_keeps_what_was_typed(
    grounds: Grounds, changes: dict[str, str], field: str
) -> None:
    id_ = await grounds.reader()
    before = await grounds.everything()
    answer = await save(grounds, id_, **{"hour": "18:45", **changes})
    assert answer.status == 422
    assert f'id="{field}-error"' in answer.text
    assert "hour" in changes or 'value="18:45"' in answer.text
    assert await grounds.everything() == before


async def test_one_thing_can_be_ended_and_brought_back(grounds: Grounds) -> None:
    wishes = (Wish(collection="wars"), Wish(event="war", lead_days=0), Wish(event="war", lead_days=7))
    id_ = await grounds.reader("ani@example.org", Status.ACTIVE, *wishes)
    link = grounds.link(Purpose.MANAGE, id_)
    ended = await grounds.client().post(link, [("action", "leave-one"), ("target", "event:war")])
    assert await grounds.wishes(id_) == [Wish(collection="wars")]
    page = await grounds.client().get(ended.headers["location"])
    assert "It is ended" in page.text
    undo = page.text.split('name="undo" value="')[1].split('"')[0]
    await grounds.client().post(link, [("action", "come-back"), ("undo", undo)])
    assert set(await grounds.wishes(id_)) == set(wishes)


async def test_an_undo_is_its_owners_and_holds_for_a_day(grounds: Grounds) -> None:
    wishes = (Wish(collection="wars"), Wish(event="war"))
    ani = await grounds.reader("ani@example.org", Status.ACTIVE, *wishes)
    eve = await grounds.reader("eve@example.org", Status.ACTIVE, Wish(collection="wars"))
    link = grounds.link(Purpose.MANAGE, ani)
    ended = await grounds.client().post(link, [("action", "leave-one"), ("target", "event:war")])
    undo = ended.headers["location"].split("undo=")[1]
    await grounds.client().post(grounds.link(Purpose.MANAGE, eve), [("action", "come-back"), ("undo", undo)])
    assert await grounds.wishes(eve) == [Wish(collection="wars")]
    grounds.now += timedelta(days=2)
    await grounds.client().post(link, [("action", "come-back"), ("undo", undo)])
    assert await grounds.wishes(ani) == [Wish(collection="wars")]


async def test_everything_can_be_left_and_brought_back(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    link = grounds.link(Purpose.MANAGE, id_)
    left = await grounds.client().post(link, [("action", "leave")])
    assert await grounds.status(id_) is Status.LEFT
    assert "You have left" in (await grounds.client().get(left.headers["location"])).text
    await grounds.client().post(link, [("action", "come-back")])
    assert await grounds.status(id_) is Status.ACTIVE
    assert await grounds.wishes(id_) == [Wish(collection="wars")]


async def test_a_suppressed_address_is_not_brought_back(grounds: Grounds) -> None:
    id_ = await grounds.reader(status=Status.SUPPRESSED)
    link = grounds.link(Purpose.MANAGE, id_)
    assert "cannot be delivered" in (await grounds.client().get(link)).text
    await grounds.client().post(link, [("action", "come-back")])
    await save(grounds, id_)
    assert await grounds.status(id_) is Status.SUPPRESSED


async def test_a_button_that_the_page_does_not_have_does_nothing(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    before = await grounds.everything()
    for fields in ([], [("action", "erase")], [("List-Unsubscribe", "One-Click")]):
        assert (await grounds.client().post(grounds.link(Purpose.MANAGE, id_), fields)).status == 400
    assert await grounds.everything() == before


async def test_a_lost_link_is_sent_again_to_its_owner_only(grounds: Grounds) -> None:
    await grounds.reader()
    answer = await grounds.client().post("/manage", [("address", "ANI@example.org")])
    assert answer.headers["location"] == "/manage/asked"
    assert grounds.woken == 1
    assert "ani@" not in (await grounds.client().get("/manage/asked")).text
    rows = await grounds.everything()
    assert len(rows["notices"]) == 1
    wrong = await grounds.client().post("/manage", [("address", "<b>")])
    assert wrong.status == 422
    assert 'value="&lt;b&gt;"' in wrong.text
