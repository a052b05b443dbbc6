"""The page of one's own: everything can be changed there, paused, ended, left and brought back."""

from datetime import date, timedelta

import pytest

from service.domain.subscription import Cadence, Habit, Status, Wish
from service.mail.tokens import Purpose
from service.store import subscribers
from tests.builders import an_event
from tests.unit.web.client import Answer
from tests.unit.web.given import Grounds, a_form


async def save(grounds: Grounds, id_: str, **changes: str) -> Answer:
    """Send the form of the page."""
    fields = [("action", "save"), *a_form(address="", **changes)]
    return await grounds.client().post(grounds.link(Purpose.MANAGE, id_), fields)


async def test_the_page_shows_everything_and_what_is_coming(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    text = (await grounds.client().get(grounds.link(Purpose.MANAGE, id_))).text
    for told in (
        "ani@example.org",
        'value="collection:wars" checked',
        '<option value="Asia/Yerevan" selected>',
        'value="09:00"',
        "Friday, 27 September 2024",
        "Leave everything",
    ):
        assert told in text


async def test_everything_can_be_changed(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    changes = {"language": "hy", "zone": "Europe/Paris", "hour": "18:00", "cadence": "monthly", "lead_days": "7"}
    answer = await save(grounds, id_, targets="event:war", paused_until="2024-12-24", **changes)
    assert answer.status == 303
    assert "Your changes are kept" in (await grounds.client().get(answer.headers["location"] + "&lang=en")).text
    async with grounds.store.read() as tx:
        found = await subscribers.by_id(tx, id_)
    assert found is not None
    assert found.habit == Habit("hy", "Europe/Paris", "18:00", Cadence.MONTHLY)
    assert found.paused_until == date(2024, 12, 24)
    assert await grounds.wishes(id_) == [Wish(event="war", lead_days=7)]


async def test_the_page_speaks_the_language_of_the_letters(grounds: Grounds) -> None:
    id_ = await grounds.reader(habit=Habit("hy", "Asia/Yerevan"))
    link = grounds.link(Purpose.MANAGE, id_)
    assert '<html lang="hy"' in (await grounds.client().get(link, accept_language="en")).text
    assert '<html lang="en"' in (await grounds.client().get(f"{link}?lang=en")).text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"targets": ""}, "targets"),
        ({"targets": "event:none"}, "targets"),
        ({"zone": "Mars"}, "zone"),
        ({"hour": "x"}, "hour"),
        ({"paused_until": "2024-09-20"}, "paused_until"),
        ({"paused_until": "soon"}, "paused_until"),
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


async def test_each_choice_keeps_the_days_ahead_that_are_its_own(grounds: Grounds) -> None:
    await grounds.record(an_event(id="peace"), id_="others")
    wishes = (Wish(collection="wars"), Wish(event="war", lead_days=7), Wish(event="war", lead_days=30))
    id_ = await grounds.reader("ani@example.org", Status.ACTIVE, *wishes)
    fields = [
        ("action", "save"),
        *a_form(address="", lead_days="3"),
        ("targets", "event:war"),
        ("targets", "event:peace"),
    ]
    link = grounds.link(Purpose.MANAGE, id_)
    page = (await grounds.client().get(link)).text
    assert 'id="own:event:war" name="own:event:war"' in page
    assert 'value="7, 30"' in page
    own = [("own:event:war", "7, 30"), ("own:collection:wars", "0")]
    await grounds.client().post(link, [*fields, *own])
    assert set(await grounds.wishes(id_)) == {*wishes, Wish(event="peace", lead_days=3)}
    await grounds.client().post(link, fields)
    assert {wish.lead_days for wish in await grounds.wishes(id_)} == {3}


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
