"""Files are tried before they are brought in, whole or not at all; collections are edited and exported."""

from service.actions import csv_files, yaml_files
from service.domain.notice import InDoubt
from service.store import audit, events
from tests.builders import a_collection, an_event
from tests.unit.rendering.letters import LANGUAGES
from tests.unit.web.admin.record_room import Form, Room, words

FILE = yaml_files.write([a_collection(an_event(title={"en": "The war"}), an_event(id="fire"))]).encode()


async def bring(room: Room) -> str:
    fields = Form((await room.get("/admin/import")).text, "").fields
    page = await room.after("/admin/import", fields, "bring")
    return page.text


async def test_a_file_shows_the_fate_of_each_row_and_one_click_brings_all_of_it_in(room: Room):
    page = await room.upload("wars.yaml", FILE)
    told = words(page.text)
    assert "New: 1 · Changed: 1 · Unchanged: 1" in told
    assert "wars.yaml:21 fire New" in told
    assert "<del>A</del>" in page.text
    assert await room.event("fire") is None
    assert "Everything in the file is brought in." in await bring(room)
    kept = await room.event()
    assert kept is not None
    assert (kept.title["en"], (await room.event("fire")) is not None) == ("The war", True)
    assert "Imported from wars.yaml." in (await room.get("/admin/events/war/versions")).text
    assert "There is nothing new in it." in (await room.upload("wars.yaml", FILE)).text


async def test_one_row_that_is_refused_keeps_the_whole_file_out(room: Room):
    page = await room.upload("wars.yaml", FILE.replace(b"2020-09-27", b"2020-09-31", 1))
    told = words(page.text)
    assert "wars.yaml:13" in told
    assert "As long as a row is refused, nothing of the file can be brought in." in told
    assert "Bring everything in" not in told
    fields = {"digest": Form(page.text, "").fields.get("digest", "")}
    await room.after("/admin/import", fields, "bring")
    assert await room.event("fire") is None


async def test_a_record_that_changed_since_the_file_was_tried_is_looked_at_again(room: Room):
    digest = Form((await room.upload("wars.yaml", FILE)).text, "").fields
    await room.grounds.record(an_event(title={"en": "Theirs"}))
    page = await room.after("/admin/import", digest, "bring")
    assert "The record has changed since the file was tried" in page.text
    assert await room.event("fire") is None


async def test_a_table_and_a_calendar_are_read_too(room: Room):
    table = "id,title.en,first_day\r\nwar,The war,2020-09-28\r\n"
    assert "Changed: 1" in words((await room.upload("wars.csv", table.encode())).text)
    calendar = (
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nSUMMARY:A war\r\nDTSTART;VALUE=DATE:20200927\r\n"
        "RRULE:FREQ=YEARLY\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:b\r\nSUMMARY:Tea\r\nDTSTART:20200927T150000Z\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    told = words((await room.upload("wars.ics", calendar.encode())).text)
    assert "New: 1 · Left out: 1" in told
    assert "The record has an event of the same title and day: war" in told


async def test_case_079_files_that_are_no_files_of_events_are_refused_in_words(room: Room):
    for name, content, said in (
        ("wars.yaml", b"\xff\xfe", "this is not UTF-8"),
        ("wars.yaml", b"a: \0", "characters with the number 0"),
        ("wars.exe", b"MZ", "this is none of the files that can be read"),
        ("wars.yaml", b"a: &a [*a]", "than any record is"),
        ("wars.yaml", b"&a [" * 9 + b"[]" + b"]" * 9, "second occurrence"),
        ("wars.yaml", b"[" * 20_000, "this is not YAML"),
        ("wars.csv", b"x" * 1_600_000, "The file is too large for this page."),
        ("", b"", "Please choose a file."),
    ):
        page = await room.upload(name, content)
        assert said in words(page.text).replace("&#39;", "'"), (name, content[:20], words(page.text))


async def test_a_collection_is_begun_changed_and_put_in_order(room: Room):
    await room.grounds.record(an_event(), an_event(id="fire"), an_event(id="flood"))
    path = "/admin/collections/wars"
    fields = await room.form(path)
    fields |= {"title.hy": "Պատերազմներ", "in_doubt": "hold", "place.flood": "1", "place.war": "2", "place.fire": "3"}
    page = await room.after(path, fields)
    assert "The collection is saved." in page.text
    await room.after(path, await room.form(path), "raise:fire")
    async with room.grounds.store.read() as tx:
        assert [kept.event.id for kept in await events.events_in(tx, "wars")] == ["flood", "fire", "war"]
        (shelf,) = await events.shelves(tx)
        assert (shelf.title["hy"], shelf.in_doubt) == ("Պատերազմներ", InDoubt.HOLD)
        done = await audit.entries(tx, audit.Asked(), 1)
        assert done[0].subject == "collection wars"
    new = await room.form("/admin/new-collection")
    await room.after("/admin/new-collection", new | {"title.en": "The fires", "description.en": "Some."})
    assert (await room.get("/admin/collections/fires")).status == 200


async def test_a_collection_that_somebody_changed_meanwhile_shows_both_and_keeps_what_was_typed(room: Room):
    path = "/admin/collections/wars"
    fields = await room.form(path)
    await room.after(path, fields | {"title.en": "Theirs"})
    answer = await room.send(path, fields | {"title.en": "Mine"})
    assert answer.status == 409
    assert "<del>Theirs</del>" in answer.text
    assert Form(answer.text).fields["title.en"] == "Mine"
    await room.after(path, Form(answer.text).fields)


async def test_what_is_wrong_with_a_collection_is_said_beside_its_field(room: Room):
    path = "/admin/collections/wars"
    fields = await room.form(path)
    for wrong in ({"title.en": ""}, {"title.en": "a\u2028b"}, {"approve_days": "900"}, {"approval": "never"}):
        answer = await room.send(path, fields | wrong)
        assert answer.status == 400, wrong
        assert f'id="{next(iter(wrong))}-error"' in answer.text
    taken = await room.send("/admin/new-collection", {"id": "wars", "title.en": "X", "description.en": "X."})
    assert taken.status == 409
    assert (
        await room.send("/admin/new-collection", {"id": "a/b", "title.en": "X", "description.en": "X"})
    ).status == 400


async def test_a_collection_is_exported_as_yaml_and_as_a_table(room: Room):
    yaml = await room.get("/admin/collections/wars/export.yaml")
    table = await room.get("/admin/collections/wars/export.csv")
    assert yaml.headers["content-disposition"] == 'attachment; filename="wars.yaml"'
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert [one.event for one in yaml_files.read("x", yaml.text).entries] == [an_event()]
    found = csv_files.read("x", table.text.removeprefix("\ufeff"), "wars", {})
    assert [one.event for one in found.entries] == [an_event()]
    assert (await room.get("/admin/collections/wars/export.exe")).status == 404


async def test_events_are_found_by_what_they_lack(room: Room):
    whole = {"title": dict.fromkeys(LANGUAGES.codes, "Whole"), "summary": dict.fromkeys(LANGUAGES.codes, "S.")}
    await room.grounds.record(an_event(**whole), an_event(id="never", rules=[]))
    await room.grounds.reader()

    async def found(query: str) -> list[str]:
        page = await room.get(f"/admin/events?{query}")
        return [id_ for id_ in ("war", "never") if f'href="/admin/events/{id_}"' in page.text]

    assert await found("") == ["war", "never"]
    assert await found("lack=translation") == ["never"]
    assert await found("lack=day") == ["never"]
    assert await found("lack=subscribers") == []
    assert await found("text=whole") == ["war"]
    assert await found("collection=peace") == []
