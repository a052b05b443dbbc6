"""What is due: the dashboard, a day, an edition, a notice, as editors see them and what they may do there."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from service.domain.approval import Approval
from service.domain.editor import Role
from service.domain.notice import State
from service.store import audit, installation
from service.store.tables import notices
from tests.unit.web.admin.room import DAY, NOW, Room, a_room
from tests.unit.web.given import Grounds

HERE = f"/admin/days/{DAY}"


@pytest.fixture
async def room(grounds: Grounds) -> Room:
    return await a_room(grounds)


async def _counts(room: Room) -> dict[State, int]:
    found: dict[State, int] = {}
    for one in await room.editions():
        for state, count in one.counts.items():
            found[state] = found.get(state, 0) + count
    return found


async def test_the_dashboard_tells_what_leaves_to_how_many_in_which_languages_and_what_waits(room: Room) -> None:
    page = (await room.get("/admin")).text
    assert "English 2, Armenian 1" in page
    assert "3 letters" in page
    assert "waits for approval" in page
    assert "2 letters are held" in page
    assert "Monday, 30 September 2024" in page
    assert "<svg" in page
    assert "The same as a table" in page


async def test_numbers_of_the_drawing_are_counted_from_rows(room: Room) -> None:
    page = (await room.get("/admin")).text
    assert "sent 0, put off at least once 0, refused or failed 0" in page


async def test_an_editor_approves_a_day_and_what_waited_leaves(room: Room) -> None:
    version = await room.version()
    answer = await room.post(HERE, action="approve", event="war", version=version, why="read it")
    assert answer.status == 303
    assert "3 letters leave now" in (await room.get(answer.headers["location"])).text
    assert await _counts(room) == {State.PLANNED: 3}
    assert room.grounds.woken == 1
    page = (await room.get(HERE)).text
    assert "Approved by An approver" in page
    assert "read it" in page


async def test_hold_cancel_and_taking_it_back(room: Room) -> None:
    await room.post(HERE, action="approve", event="war", version=await room.version())
    await room.post(HERE, action="hold", event="war", why="a doubt")
    assert await _counts(room) == {State.HELD: 3}
    await room.post(HERE, action="cancel", event="war")
    await room.plan(1)
    assert await _counts(room) == {State.DROPPED: 3}
    await room.post(HERE, action="back", event="war")
    await room.plan(2)
    assert await _counts(room) == {State.HELD: 3}


async def test_what_has_changed_since_the_page_was_opened_is_shown_again_instead_of_approved(room: Room) -> None:
    version = await room.version()
    await room.post("/admin/corrections/war", **{"words-en": "44 days."})
    answer = await room.post(HERE, action="approve", event="war", version=version)
    assert answer.status == 409
    assert "changed since you looked" in answer.text


async def test_case_115_many_letters_leave_only_by_their_typed_number_and_a_fresh_proof(grounds: Grounds) -> None:
    room = await a_room(grounds, readers=30)
    version = await room.version()
    asked = await room.post(HERE, action="approve", event="war", version=version)
    assert asked.status == 422
    assert "how many letters will leave: 30" in asked.text
    wrong = await room.post(f"{HERE}/many", action="approve", event="war", version=version, count="29")
    assert wrong.status == 422
    grounds.now = NOW + timedelta(minutes=11)
    unproved = await room.post(f"{HERE}/many", action="approve", event="war", version=version, count="30")
    assert unproved.status != 303
    assert await _counts(room) == {State.HELD: 30}
    grounds.now = NOW + timedelta(minutes=1)
    done = await room.post(f"{HERE}/many", action="approve", event="war", version=version, count="30")
    assert done.status == 303
    assert await _counts(room) == {State.PLANNED: 30}


async def test_case_115_the_rest_of_an_edition_is_sent_by_its_number_and_can_be_stopped(grounds: Grounds) -> None:
    room = await a_room(grounds, approval=Approval.NONE, readers=36)
    await room.render()
    (one,) = [one for one in await room.editions() if one.language == "en"]
    path = f"/admin/editions/{one.id}"
    assert (await room.post(path, action="stop", why="a fault in it")).status == 303
    page = (await room.get(path)).text
    assert "24 letters are held" in page
    assert (await room.post(f"{path}/send", why="mended", count="7")).status == 422
    assert (await room.post(f"{path}/send", why="mended", count="24")).status == 303
    (one,) = [one for one in await room.editions() if one.language == "en"]
    assert one.counts == {State.READY: 24}
    assert (await room.post(path, action="stop", why="again")).status == 303
    (one,) = [one for one in await room.editions() if one.language == "en"]
    assert one.counts == {State.HELD: 24}


async def test_a_few_letters_of_a_held_edition_leave_ahead_and_the_others_wait(grounds: Grounds) -> None:
    room = await a_room(grounds, approval=Approval.HOLD, readers=36)
    (one,) = [one for one in await room.editions() if one.language == "en"]
    path = f"/admin/editions/{one.id}"
    assert (await room.get(path)).text.count('name="first"') == 1
    for wrong in ("", "0", "25", "-1", "many"):
        refused = await room.post(f"{path}/first", first=wrong, why="kept")
        assert refused.status == 422
        assert "a number from 1 to 24" in refused.text
        assert 'value="kept"' in refused.text
    assert (await room.post(f"{path}/first", first="5", why="to see how they arrive")).status == 303
    await room.render()
    (one,) = [one for one in await room.editions() if one.language == "en"]
    assert one.counts == {State.READY: 5, State.HELD: 19}
    assert one.stopped_reason == "awaiting approval"
    await room.post(HERE, action="hold", event="war", why="a fault in it")
    (one,) = [one for one in await room.editions() if one.language == "en"]
    assert one.counts == {State.HELD: 24}


async def test_an_edition_is_ended_and_what_has_not_left_never_will(room: Room) -> None:
    await room.render()
    for one in await room.editions():
        await room.post(f"/admin/editions/{one.id}", action="cancel", why="not today")
    assert await _counts(room) == {State.DROPPED: 3}


async def test_sending_the_rest_of_what_waits_for_approval_approves_what_it_tells(room: Room) -> None:
    for one in await room.editions():
        await room.post(f"/admin/editions/{one.id}/send", why="read")
    assert await _counts(room) == {State.PLANNED: 3}
    assert "Approved by" in (await room.get(HERE)).text


async def test_one_switch_pauses_everything_and_one_event_or_collection(room: Room) -> None:
    assert (await room.post("/admin/post", action="pause", why="the relay is moved")).status == 303
    async with room.grounds.store.read() as tx:
        post = await installation.state(tx)
    assert post is not None
    assert post.paused_reason == "the relay is moved"
    assert "The post is paused since" in (await room.get("/admin")).text
    await room.post("/admin/post", action="resume")
    await room.post(HERE, action="approve", event="war", version=await room.version())
    await room.post("/admin/pauses", action="pause", target="collection:wars", why="a doubt")
    assert await _counts(room) == {State.HELD: 3}
    assert "a doubt" in (await room.get("/admin")).text
    await room.post("/admin/pauses", action="resume", target="collection:wars")
    assert await _counts(room) == {State.PLANNED: 3}


async def test_every_change_stands_in_the_audit(room: Room) -> None:
    version = await room.version()
    await room.post(HERE, action="approve", event="war", version=version)
    await room.post("/admin/post", action="pause", why="x")
    await room.post("/admin/post", action="resume")
    async with room.grounds.store.read() as tx:
        done = [one.action for one in await audit.entries(tx, audit.Asked(), 9)]
        assert await audit.broken_at(tx) is None
    assert done[:3] == ["resumed", "paused", "approved"]


async def test_a_day_of_any_year_can_be_looked_at(room: Room) -> None:
    for year, is_told in [("1915-04-24", False), ("2020-09-27", False), ("9000-09-27", True)]:
        page = await room.get(f"/admin/days/{year}")
        assert page.status == 200
        assert 'name="action"' not in page.text
        assert ("A war" in page.text) == is_told


async def test_what_is_not_there_is_not_found(room: Room) -> None:
    for path in ["/admin/days/tomorrow", "/admin/editions/none", "/admin/notices/none"]:
        assert (await room.get(path)).status == 404


async def test_a_notice_is_shown_with_its_history_and_no_address_beyond_the_at(room: Room) -> None:
    async with room.grounds.store.read() as tx:
        id_ = (await tx.execute(select(notices.c.id))).scalars().first()
    page = (await room.get(f"/admin/notices/{id_}")).text
    assert "example.org" in page
    assert "r0@" not in page
    assert "r1@" not in page


@pytest.mark.parametrize("role", [Role.VIEWER, Role.EDITOR])
async def test_who_may_not_approve_sees_all_and_changes_nothing(grounds: Grounds, role: Role) -> None:
    room = await a_room(grounds, role)
    before = await _counts(room)
    assert 'value="approve"' not in (await room.get(HERE)).text
    (edition, *_) = await room.editions()
    assert '<form method="post" action="/admin/post"' not in (await room.get("/admin")).text
    for path in [
        HERE,
        "/admin/post",
        "/admin/pauses",
        f"/admin/editions/{edition.id}",
        f"/admin/editions/{edition.id}/send",
    ]:
        assert (await room.post(path, action="pause")).status == 403
    assert await _counts(room) == before


async def test_pages_change_nothing_by_being_looked_at(room: Room) -> None:
    paths = ["/admin", HERE, "/admin/calendar", "/admin/corrections", "/admin/corrections/war", "/admin/rehearsal"]
    before = await room.grounds.everything()
    for path in paths:
        assert (await room.get(path)).status == 200
    assert await room.grounds.everything() == before


async def test_the_letter_is_shown_as_it_will_leave_from_an_address_of_its_own(room: Room) -> None:
    page = (await room.get(f"{HERE}/letters/war?in=hy")).text
    assert "sandbox=" in page
    html = await room.get(f"{HERE}/letters/war/html?in=en")
    assert "It began." in html.text
    assert html.headers["content-security-policy"].startswith("sandbox;")
    none = await room.get("/admin/days/2024-09-28/letters/war")
    assert "does not fall on 2024-09-28" in none.text
    assert (await room.get(f"{HERE}/letters/none")).status == 404
