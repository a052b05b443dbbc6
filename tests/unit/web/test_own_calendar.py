"""The page of one's own calendar, and what the calendar keeps to itself."""

import pytest

from service.actions import own_calendar
from service.domain.subscription import Status
from service.mail.tokens import Purpose
from service.store import own_calendars, subscribers
from tests.builders import a_habit
from tests.unit.web.given import Grounds


async def calendar_of(grounds: Grounds, id_: str) -> str:
    """Give somebody a calendar, and the path of its address."""
    async with grounds.store.write() as tx:
        await own_calendars.renew(tx, id_)
        subscriber = await subscribers.by_id(tx, id_)
        assert subscriber is not None
        return f"/calendar/{await own_calendar.token_of(tx, grounds.site().desk, subscriber)}.ics"


async def test_the_page_offers_an_address_shows_it_and_says_what_it_is(grounds: Grounds) -> None:
    manage = grounds.link(Purpose.MANAGE, await grounds.reader())
    client = grounds.client()
    assert f'href="{manage}/calendar"' in (await client.get(manage)).text
    before = (await client.get(f"{manage}/calendar")).text
    assert "Make the address" in before
    assert "/calendar/" not in before.replace(manage, "")
    done = await client.post(f"{manage}/calendar", [("action", "renew")])
    after = (await client.get(done.headers["location"])).text
    assert "The address is made." in after
    assert 'href="webcal://remember.example.org/calendar/' in after
    assert '<label class="head" for="calendar">' in after
    again = await client.post(f"{manage}/calendar", [("action", "renew")])
    assert "The old address has ended." in (await client.get(again.headers["location"])).text


async def test_looking_makes_no_address(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    before = await grounds.everything()
    for method in ("GET", "HEAD"):
        assert (await grounds.client().get(f"{grounds.link(Purpose.MANAGE, id_)}/calendar", method)).status == 200
    assert await grounds.everything() == before


async def test_a_calendar_says_nothing_of_whose_it_is_and_is_in_no_index(grounds: Grounds) -> None:
    id_ = await grounds.reader("ani.petrosyan@example.org")
    path = await calendar_of(grounds, id_)
    answer = await grounds.client().get(path)
    assert answer.status == 200
    for own in ("ani", "petrosyan", id_, path.split("/")[2].split(".")[0]):
        assert own not in answer.text
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_a_calendar_speaks_the_language_of_its_reader_or_the_one_asked_for(grounds: Grounds) -> None:
    id_ = await grounds.reader("ani@example.org", habit=a_habit(language="hy"))
    path = await calendar_of(grounds, id_)
    assert "DESCRIPTION;LANGUAGE=hy" in (await grounds.client().get(path, accept_language="en")).text
    assert "DESCRIPTION;LANGUAGE=en" in (await grounds.client().get(f"{path}?lang=en")).text


async def test_the_links_of_letters_open_no_calendar_and_the_calendar_opens_no_page(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    path, client = await calendar_of(grounds, id_), grounds.client()
    token = path.removeprefix("/calendar/").removesuffix(".ics")
    for page in (f"/manage/{token}", f"/leave/{token}", f"/manage/{token}/calendar", f"/confirm/{token}"):
        assert (await client.get(page)).status == 404
    for purpose in (Purpose.MANAGE, Purpose.LEAVE):
        assert (await client.get(f"/calendar/{grounds.link(purpose, id_).rpartition('/')[2]}.ics")).status == 404


@pytest.mark.parametrize("token", ["", ".", "a", "a.b", "%00", "'--", "é", "x" * 5000, "..%2f..", "calendar"])
async def test_all_that_is_no_address_is_answered_alike(grounds: Grounds, token: str) -> None:
    nothing = await grounds.client().get("/calendar/never.ics")
    answer = await grounds.client().get(f"/calendar/{token}.ics")
    assert answer.status == nothing.status == 404
    assert "There is nothing here" in answer.text


@pytest.mark.parametrize("action", ["", "delete", "renew\x00"])
async def test_a_button_that_the_page_has_not_is_refused(grounds: Grounds, action: str) -> None:
    manage = grounds.link(Purpose.MANAGE, await grounds.reader())
    assert (await grounds.client().post(f"{manage}/calendar", [("action", action)])).status == 400


async def test_who_has_not_confirmed_or_has_left_makes_none(grounds: Grounds) -> None:
    for status in (Status.PENDING, Status.LEFT, Status.SUPPRESSED):
        id_ = await grounds.reader(f"{status}@example.org", status)
        manage = grounds.link(Purpose.MANAGE, id_)
        await grounds.client().post(f"{manage}/calendar", [("action", "renew")])
        page = await grounds.client().get(f"{manage}/calendar")
        assert (page.status, page.headers["location"]) == (303, manage)
        assert "webcal" not in (await grounds.client().get(manage)).text.partition("<footer")[0]
    assert (await grounds.client().get("/manage/wrong/calendar")).status == 404
    assert (await grounds.client().post("/manage/wrong/calendar", [("action", "renew")])).status == 404
