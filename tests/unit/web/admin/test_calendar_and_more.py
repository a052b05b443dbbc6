"""The calendar, corrections and rehearsal pages."""

import re

import pytest

from service.domain.editor import Role
from service.domain.letter import Words
from service.domain.notice import Kind
from service.store import editions
from tests.builders import an_event, on
from tests.unit.web.admin.room import DAY, NOW, Room, a_room
from tests.unit.web.given import Grounds


@pytest.fixture
async def room(grounds: Grounds) -> Room:
    return await a_room(grounds)


async def test_the_calendar_shows_a_year_and_a_month_of_any_time(room: Room) -> None:
    year = (await room.get("/admin/calendar?year=2025")).text
    assert "Saturday, 27 September" in year
    assert "A peace" in year
    far = (await room.get("/admin/calendar?year=2500&month=9")).text
    assert "27 September" in far
    assert "A peace" not in (await room.get("/admin/calendar?year=2025&month=8")).text.split("lacking-list")[0]


async def test_a_typed_day_leads_to_its_page_and_what_is_none_is_said(room: Room) -> None:
    answer = await room.get("/admin/calendar?day=1915-04-24")
    assert (answer.status, answer.headers["location"]) == (303, "/admin/days/1915-04-24")
    wrong = await room.get("/admin/calendar?day=soon")
    assert wrong.status == 422
    assert 'value="soon"' in wrong.text


async def test_events_without_words_readers_or_coming_day_are_named(room: Room) -> None:
    once = an_event(id="once", title={"en": "Once", "hy": "Մեկ"}, summary={"en": "a", "hy": "ա"}, rules=[])
    await room.grounds.record(once, id_="others")
    page = (await room.get("/admin/calendar")).text
    assert re.search(r"not in [^<]*Armenian", page)
    assert "nobody asks for it; no coming day" in page
    only = (await room.get("/admin/calendar?collection=others&lacking=1")).text
    assert "A war" not in only.split("<main")[1]


async def test_a_calendar_that_is_asked_for_oddly_is_shown_all_the_same(room: Room) -> None:
    for query in ["year=0", "year=99999", "month=13", "month=x", "tone=loud", "collection=none"]:
        assert (await room.get(f"/admin/calendar?{query}")).status == 200


async def test_a_correction_is_published_shown_on_the_web_copy_and_withdrawn(room: Room) -> None:
    told = editions.Told("war", "yearly", on("2023-09-27"), 3)
    plan = editions.Plan(Kind.NOTICE, "hy", on("2023-09-27"), "words-1", "old", (told,), ())
    async with room.grounds.store.write() as tx:
        old = await editions.ensure(tx, plan, NOW)
        await editions.freeze(tx, old, Words("A war", "<body><p>43 days</p>", "43 days"), (), NOW)
    typed = {"words-en": "44 days, not 43.", "words-hy": "44 օր, ոչ թե 43։"}
    room.grounds.now = NOW.replace(minute=40)
    answer = await room.post("/admin/corrections/war", **typed)
    assert answer.status == 303
    copy = (await room.client.get(f"/editions/{old}")).text
    assert copy.startswith("<body><aside")
    assert typed["words-hy"] in copy
    page = (await room.get(answer.headers["location"])).text
    assert "comes with letters up to 27 September 2025" in page
    id_ = page.split('name="id" value="')[1].split('"')[0]
    assert (await room.post("/admin/corrections/war/withdraw", id=id_)).status == 303
    assert "aside" not in (await room.client.get(f"/editions/{old}")).text


async def test_a_correction_without_words_keeps_the_form(room: Room) -> None:
    answer = await room.post("/admin/corrections/war", **{"words-en": " ", "words-hy": "x" * 3000})
    assert answer.status == 422
    assert "x" * 3000 in answer.text
    assert (await room.post("/admin/corrections/none", **{"words-en": "a"})).status == 404


async def test_a_rehearsal_of_a_collection_shows_days_hours_and_clock_changes(room: Room) -> None:
    page = (await room.get("/admin/rehearsal?collection=wars&zone=Europe/Paris&hour=09:00&months=14")).text
    assert "Saturday, 27 September 2025, 09:00" in page
    assert "2025-09-27 07:00 UTC" in page
    assert str(DAY.year) in page


async def test_a_rehearsal_of_a_subscriber_is_sent_as_a_form(room: Room) -> None:
    page = await room.post("/admin/rehearsal", subscriber="r0@example.org")
    assert page.status == 200
    assert "A peace" in page.text
    nobody = await room.post("/admin/rehearsal", subscriber="nobody@example.org")
    assert nobody.status == 422
    assert "Nobody with this address is kept" in nobody.text
    assert (await room.post("/admin/rehearsal", subscriber=" ")).status == 422


async def test_what_cannot_be_rehearsed_is_said_beside_its_field(room: Room) -> None:
    for query in ["zone=Mars", "hour=25", "months=0", "months=x", "months=9999", "cadence=hourly"]:
        name = query.partition("=")[0]
        answer = await room.get(f"/admin/rehearsal?collection=wars&{query}")
        assert answer.status == 422
        assert f'id="{name}-error"' in answer.text


async def test_a_viewer_rehearses_nobody(grounds: Grounds) -> None:
    room = await a_room(grounds, Role.VIEWER)
    assert (await room.post("/admin/rehearsal", subscriber="r0@example.org")).status == 403
