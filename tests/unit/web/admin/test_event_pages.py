"""An event is edited through its form: nothing typed is lost, nobody is overwritten, and its days are seen at once."""

import pytest

from service.actions import records
from service.domain.documents import DocumentError
from service.domain.editor import Role
from service.store import audit, event_drafts
from tests.builders import an_event
from tests.unit.web.admin.record_room import Form, Room, words
from tests.unit.web.admin.test_event_fields import KINDS, SHIPPED
from tests.unit.web.editors import seated

WAR = "/admin/events/war"
NEW = "/admin/collections/wars/new"


async def test_shipped_events_that_are_opened_and_saved_stay_as_they_are(room: Room):
    await room.grounds.record(*SHIPPED)
    for event in SHIPPED[::4]:
        fields = await room.form(f"/admin/events/{event.id}")
        answer = await room.send(f"/admin/events/{event.id}", fields)
        assert answer.headers["location"].endswith("?said=saved"), event.id
        assert await room.event(event.id) == event
        async with room.grounds.store.read() as tx:
            assert await records.history(tx, event.id) == []


async def test_a_rule_of_every_kind_is_shown_with_its_keys_and_stays_as_it_is(room: Room):
    event = an_event(rules=[rule | {"id": f"r{place}"} for place, rule in enumerate(KINDS)])
    await room.grounds.record(event)
    await room.after(WAR, await room.form(WAR))
    assert await room.event() == event


async def test_what_is_changed_is_saved_with_who_and_why_and_seen_by_readers(room: Room):
    fields = await room.form(WAR) | {"title.en": "The long war", "why": "Its name."}
    page = await room.after(WAR, fields)
    assert "The long war" in page.text
    assert "The long war" in (await room.client.get("/events/war")).text
    versions = await room.get(f"{WAR}/versions")
    assert "Its name." in versions.text
    assert "<del>A</del>" in versions.text
    assert "<ins>The long</ins>" in versions.text


async def test_an_event_is_recorded_with_only_what_it_needs(room: Room):
    fields = await room.form(NEW)
    fields |= {
        "title.en": "The harbour fire",
        "summary.en": "It burned.",
        "first_day": "1911-03-03",
        "sources.0.title.en": "The Gazette",
    }
    page = await room.after(NEW, fields)
    assert "The event is saved." in page.text
    kept = await room.event("harbour-fire-1911")
    assert kept is not None
    assert (kept.sources[0].id, kept.rules[0].kind) == ("gazette", "yearly")
    async with room.grounds.store.read() as tx:
        done = await audit.entries(tx, audit.Asked(), 1)
    assert [(one.action, one.subject) for one in done] == [("recorded", "event harbour-fire-1911")]


async def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(room: Room):
    fields = await room.form(WAR)
    fields |= {"first_day": "2020-02-30", "title.hy": "Պատերազմ", "figures.0.id": "killed", "figures.0.value": "many"}
    page = await room.after(WAR, fields | {"figures.0.source": "book", "figures.0.as_of": "2020"})
    told = words(page.text)
    assert "First day : 2020-02-30: month 2 of the year 2020 in the gregorian calendar has no day 30" in told
    again = Form(page.text).fields
    assert (again["first_day"], again["title.hy"], again["figures.0.value"]) == ("2020-02-30", "Պատերազմ", "many")
    assert await room.event() == an_event()


async def test_a_finding_of_a_part_stands_beside_the_part_that_was_typed(room: Room):
    """Empty parts before it are no parts of the record, and do not move it."""
    fields = await room.form(WAR) | {"timeline.0.on": "", "timeline.1.on": "soon", "timeline.1.source": "book"}
    page = await room.after(WAR, fields | {"timeline.1.text.en": "It ended."})
    assert 'id="timeline.1.on-error"' in page.text
    assert 'href="#timeline.1.on"' in page.text


async def test_another_part_is_added_and_taken_out_without_losing_what_was_typed(room: Room):
    fields = await room.form(WAR) | {"title.en": "Half a ti"}
    page = await room.after(WAR, fields, "add:sources")
    fields = Form(page.text).fields
    assert fields["title.en"] == "Half a ti"
    assert "sources.1.title.en" in fields
    fields["sources.1.title.en"] = "The Gazette"
    fields = Form((await room.after(WAR, fields, "raise:sources:1")).text).fields
    assert (fields["sources.0.title.en"], fields["sources.1.title.en"]) == ("The Gazette", "A book")
    fields = Form((await room.after(WAR, fields, "remove:sources:0")).text).fields
    assert (fields["sources.0.title.en"], fields["title.en"]) == ("A book", "Half a ti")
    assert "sources.1.title.en" not in fields


async def test_a_newer_figure_is_one_click_and_the_earlier_one_is_kept(room: Room):
    killed = {"id": "killed", "label": {"en": "Killed"}, "unit": {"en": "people"}, "value": 3750, "as_of": "2021"}
    await room.grounds.record(an_event(figures=[killed | {"source": "book"}]))
    fields = Form((await room.after(WAR, await room.form(WAR), "newer:figures:0")).text).fields
    assert (fields["figures.1.label.en"], fields["figures.1.unit.en"]) == ("Killed", "people")
    fields |= {"figures.1.value": "3,830", "figures.1.as_of": "2024", "figures.1.source": "book"}
    await room.after(WAR, fields)
    kept = await room.event()
    assert kept is not None
    assert [(one.id, one.value, one.superseded_by) for one in kept.figures] == [
        ("killed", 3750, "killed-2"),
        ("killed-2", 3830, None),
    ]


async def test_what_has_changed_since_the_last_anniversary_is_told(room: Room):
    fields = await room.form(WAR) | {"summary.en": "It began early."}
    await room.after(WAR, fields)  # on 20 September 2024
    room.grounds.now = room.grounds.now.replace(year=2025, month=3)
    cookies = await seated(room.grounds.store, Role.VIEWER, room.grounds.now)
    page = await room.client.get(WAR, **cookies)
    assert "Nothing in the record has changed since it was last remembered." in page.text
    async with room.grounds.store.write() as tx:
        changed = an_event(summary={"en": "It began late."})
        await records.save(tx, "program", "wars", changed, 2, "", room.grounds.now)
    page = await room.client.get(WAR, **cookies)
    assert "Since the last day, 27 September 2024" in page.text
    assert "<del>early.</del>" in page.text


async def test_its_next_days_are_seen_with_the_reason_of_each_before_anything_is_saved(room: Room):
    fields = await room.form(WAR) | {"first_day": "2020-02-29", "title.en": ""}
    seen = await room.send(f"{WAR}/look", fields, "look")
    assert seen.status == 200
    assert "<html" not in seen.text
    told = words(seen.text)
    assert "Every year on 29 February. In a year that lacks the day, on the last day of that month." in told
    assert "28 February 2025" in told
    assert "29 February 2028" in told
    assert "The month lacks the day on which this would fall" in told
    assert "Title (English) : this is required" in told
    assert await room.event() == an_event()
    assert (await room.form(WAR))["first_day"] == "2020-02-29"


async def test_the_letter_that_it_will_make_is_seen_before_it_is_saved(room: Room):
    assert "A war: four years ago" in (await room.get(f"{WAR}/letter?form=text")).text
    fields = await room.form(WAR) | {"title.en": "The <b>long</b> war"}
    await room.send(f"{WAR}/look", fields, "look")
    letter = await room.get(f"{WAR}/letter?form=text")
    assert "The <b>long</b> war" in letter.text
    html = await room.get(f"{WAR}/letter?language=hy")
    assert "The &lt;b&gt;long&lt;/b&gt; war" in html.text
    assert html.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    await room.send(f"{WAR}/look", fields | {"title.en": ""}, "look")
    assert "as soon as nothing is missing" in (await room.get(f"{WAR}/letter")).text
    await room.send(f"{WAR}/look", fields | {"rules.0.kind": ""}, "look")
    assert "No day is kept for this event" in (await room.get(f"{WAR}/letter")).text
    assert await room.event() == an_event()


async def test_the_second_of_two_editors_sees_both_side_by_side_and_loses_nothing(room: Room):
    mine = await room.form(WAR) | {"title.en": "Mine"}
    other = Room(room.grounds, await seated(room.grounds.store, Role.EDITOR, address="ben@example.org"))
    await other.after(WAR, await other.form(WAR) | {"title.en": "Theirs"})
    page = await room.after(WAR, mine)
    assert "Somebody saved a newer version while you were writing." in page.text
    assert "<del>Theirs</del>" in page.text
    assert "<ins>Mine</ins>" in page.text
    kept = await room.event()
    assert kept is not None
    assert kept.title["en"] == "Theirs"
    again = Form(page.text).fields
    assert again["title.en"] == "Mine"
    again = Form((await room.after(WAR, again, "rebase")).text).fields
    await room.after(WAR, again)
    kept = await room.event()
    assert kept is not None
    assert kept.title["en"] == "Mine"


async def test_a_draft_is_there_again_and_can_be_dropped(room: Room):
    await room.after(WAR, await room.form(WAR) | {"title.en": "Half"}, "look")
    assert (await room.form(WAR))["title.en"] == "Half"
    assert "Your drafts" in (await room.get("/admin/events")).text
    page = await room.after(WAR, {"based_on": "1", "collection": "wars"}, "drop")
    assert Form(page.text).fields["title.en"] == "A war"
    async with room.grounds.store.read() as tx:
        assert await event_drafts.draft_of(tx, "nobody", "war") is None


async def test_an_event_is_withdrawn_and_returned_to_in_one_click(room: Room):
    await room.after(f"{WAR}/versions", {"based_on": "1", "why": "A mistake."}, "withdraw")
    assert await room.event() is None
    assert "A mistake." in (await room.get("/admin/events")).text
    page = await room.get(WAR)
    assert page.status == 303
    back = await room.after(f"{WAR}/versions", {"based_on": "2", "number": "1"}, "return")
    assert "The event is as it was in that version" in back.text
    assert await room.event() == an_event()


async def test_a_version_that_would_be_refused_today_does_not_come_back(room: Room, monkeypatch: pytest.MonkeyPatch):
    async def refused(*_: object) -> None:
        raise DocumentError(())

    monkeypatch.setattr(records, "version_of", refused)
    page = await room.after(f"{WAR}/versions", {"based_on": "1", "number": "1"}, "return")
    assert "That version cannot come back" in page.text
    assert await room.event() == an_event()


async def test_a_day_that_there_is_not_is_refused_beside_its_figure(room: Room):
    lost = {"id": "lost", "label": {"en": "Lost"}, "value": 1, "as_of": "2024-12", "source": "book"}
    await room.grounds.record(an_event(figures=[lost]))
    page = await room.after(WAR, await room.form(WAR) | {"figures.0.as_of": "2024-13"})
    assert 'id="figures.0.as_of-error"' in page.text


async def test_an_id_that_is_taken_is_refused_and_nothing_is_overwritten(room: Room):
    fields = await room.form(NEW)
    fields |= {"id": "war", "title.en": "X", "summary.en": "X.", "first_day": "1911", "sources.0.title.en": "B"}
    page = await room.after(NEW, fields)
    assert "there is an event" in page.text
    assert await room.event() == an_event()


async def test_case_070_characters_that_end_a_line_are_refused_at_the_form(room: Room):
    fields = await room.form(NEW)
    fields |= {"title.en": "X", "summary.en": "X.", "first_day": "1911", "sources.0.title.en": "B"}
    for odd in ("\r\n", "\u2028", "\u0085", "\u0007"):
        for name in ("title.en", "sources.0.author", "figures.0.label.en", "place.name.en", "id"):
            answer = await room.send(NEW, fields | {name: f"evil{odd}Bcc: all@example.org"})
            assert answer.headers["location"] == NEW, (odd, name)
    assert "Something needs another look." in (await room.get(NEW)).text
    assert (await room.send(NEW, fields | {"title.en": "nul\0"})).status == 400
    async with room.grounds.store.read() as tx:
        assert await audit.entries(tx, audit.Asked(), 9) == []


async def test_case_077_scripts_and_marks_of_direction_in_what_is_typed_are_only_text(room: Room):
    name = '"Ani" <script>alert(1)</script>, \u202egpj.exe'
    fields = await room.form(WAR) | {"title.en": name, "why": name, "sources.0.author": name, "pictures.0.file": name}
    page = await room.after(WAR, fields | {"pictures.0.credit": name, "pictures.0.alternative.en": name})
    listed = await room.get("/admin/events")
    versions = await room.get(f"{WAR}/versions")
    for shown in (page, listed, versions):
        assert "<script>alert" not in shown.text
        assert "&lt;script&gt;" in shown.text


async def test_an_endless_rule_is_refused_before_its_days_are_counted(room: Room):
    fields = await room.form(WAR) | {"first_day": "0001-01-01", "last_day": "9000-01-01", "rules.0.anchor": "every_day"}
    told = words((await room.send(f"{WAR}/look", fields, "look")).text)
    assert "each day is kept of spans of up to 3660 days only" in told


async def test_a_form_that_is_not_ours_changes_nothing(room: Room):
    fields = await room.form(WAR)
    for sent in ({"based_on": "x"}, {"collection": "peace"}, {"based_on": ""}, {"based_on": "9" * 30}):
        assert (await room.send(WAR, fields | sent)).status == 400


async def test_a_record_larger_than_a_page_of_readers_may_send_can_be_saved(room: Room):
    long = "Ամեն ինչ։ " * 9000
    await room.after(WAR, await room.form(WAR) | {"narrative.hy": long.strip()})
    kept = await room.event()
    assert kept is not None
    assert kept.narrative["hy"] == long.strip()


async def test_a_viewer_sees_the_record_and_can_change_nothing(room: Room):
    viewer = Room(room.grounds, await seated(room.grounds.store, Role.VIEWER))
    page = await viewer.get(WAR)
    assert page.status == 200
    assert "Save the event" not in page.text
    fields = Form(page.text).fields
    for path in (WAR, f"{WAR}/look", f"{WAR}/versions", "/admin/collections/wars", "/admin/import"):
        assert (await viewer.send(path, fields)).status == 403
    assert (await viewer.get(NEW)).status == 403
    assert await room.event() == an_event()
