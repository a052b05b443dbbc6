"""Private dates on pages: recorded, changed, removed, had back, shared by invitation, and kept from all others."""

import io
import json
import struct
import zipfile
import zlib
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from service.actions import managing, remembering
from service.domain.notice import Kind
from service.domain.private_event import MOST_EVENTS
from service.domain.subscription import Status
from service.mail.tokens import Purpose, stamp
from service.store import own, private_events, subscribers
from service.store.tables import editions, notices
from service.store.tables import subscribers as subscriber_table
from tests.unit.web.client import HERE, Answer, Client
from tests.unit.web.given import Grounds

DATE = {
    "name": "Grandmother Tamar",
    "words": "She sang.",
    "calendar": "gregorian",
    "day": "27",
    "month": "9",
    "year": "1990",
    "ways": "yearly",
    "missing_day": "clip",
    "lead_days": "0",
}


def png(*more: tuple[bytes, bytes]) -> bytes:
    """A picture of one point, with more chunks before its end."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", head), *more, (b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b"")]
    told = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(told)


async def send(
    client: Client, path: str, fields: dict[str, str], file: bytes | None = None, field: str = "picture"
) -> Answer:
    """Send a form as a browser does that may bring a file."""
    line = b"----here"
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    if file is not None:
        name = "a.png" if field == "picture" else fields["name"]
        head = f'Content-Disposition: form-data; name="{field}"; filename="{name}"\r\nContent-Type: image/png\r\n\r\n'
        parts.append(head.encode() + file)
    body = b"".join(b"--" + line + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + line + b"--\r\n"
    headers = {"content-type": f"multipart/form-data; boundary={line.decode()}", **HERE}
    return await client.ask("POST", path, body, headers)


async def record(grounds: Grounds, owner: str, **changes: str) -> str:
    """Record a date by the form; gives the path of its page."""
    link = grounds.link(Purpose.MANAGE, owner)
    answer = await send(grounds.client(), f"{link}/dates/new", {**DATE, "action": "keep", **changes})
    assert answer.status == 303, answer.text
    return answer.headers["location"].split("?")[0].removeprefix("https://remember.example.org")


async def test_a_date_is_recorded_and_stands_in_the_list_with_its_next_day(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    path = await record(grounds, id_)
    text = (await grounds.client().get(f"{grounds.link(Purpose.MANAGE, id_)}/dates")).text
    for told in ("Grandmother Tamar", "27 September 1990", "Friday, 27 September 2024", "thirty-four years"):
        assert told in text
    page = (await grounds.client().get(path)).text
    assert 'value="Grandmother Tamar"' in page
    assert "She sang." in page
    assert '<option value="9" selected>September</option>' in page
    assert grounds.woken == 1


async def test_its_coming_days_are_shown_before_it_is_kept(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    link = grounds.link(Purpose.MANAGE, id_)
    typed = {**DATE, "ways": "yahrzeit", "year": "1999", "day": "7", "after_sunset": "yes"}
    before = await grounds.everything()
    text = (await grounds.client().post(f"{link}/dates/look", list(typed.items()))).text
    assert "Monday, 30 September 2024" in text  # 27 Elul 5784
    assert "It begins at sunset on Sunday, 29 September." in text
    text = (await send(grounds.client(), f"{link}/dates/new", {**typed, "action": "look"})).text
    assert "Monday, 30 September 2024" in text
    assert await grounds.everything() == before


async def test_the_months_are_those_of_the_chosen_calendar(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    look = f"{grounds.link(Purpose.MANAGE, id_)}/dates/look"
    text = (await grounds.client().post(look, [("calendar", "hebrew"), ("year", "5784"), ("month", "9")])).text
    assert '<option value="9" selected>Kislev</option>' in text
    assert "Adar II" in text
    text = (await grounds.client().post(look, [("calendar", "chinese"), ("year", "2020"), ("month", "4L")])).text
    assert '<option value="4L" selected>' in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Please write whom or what you remember"),
        ({"name": "x" * 121}, "Please write whom or what you remember"),
        ({"words": "x" * 2001}, "These words are too long"),
        ({"day": "31"}, "There is no such day in this calendar"),
        ({"month": ""}, "There is no such day in this calendar"),
        ({"year": "99999999999999999999"}, "There is no such day in this calendar"),
        ({"year": "²"}, "There is no such day in this calendar"),
        ({"calendar": "mayan"}, "There is no such day in this calendar"),
        ({"calendar": "islamic-umalqura"}, "There is no such day in this calendar"),
        ({"ways": "never"}, "Please choose at least one way"),
        ({"missing_day": "never"}, "Please choose one of these"),
        ({"lead_days": "5"}, "Please choose on the day itself"),
    ],
)
async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(
    grounds: Grounds, changes: dict[str, str], words: str
) -> None:
    id_ = await grounds.reader()
    link = grounds.link(Purpose.MANAGE, id_)
    typed = {**DATE, "words": "She <b>sang</b>.", "action": "keep", **changes}
    answer = await send(grounds.client(), f"{link}/dates/new", typed)
    assert answer.status == 422
    assert words in answer.text
    kept = unescape(answer.text)
    assert all(value in kept for value in (typed["name"], typed["words"], typed["day"]))
    assert "<b>sang" not in answer.text
    async with grounds.store.read() as tx:
        assert await private_events.of_owner(tx, id_) == []


async def test_a_date_is_changed_and_what_was_ticked_is_found_again(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    path = await record(grounds, id_, ways="day-40", lead_days="7", joy="yes")
    page = (await grounds.client().get(path)).text
    assert 'value="day-40" checked' in page
    assert 'value="7" checked' in page
    assert 'name="joy" value="yes" checked' in page
    answer = await send(grounds.client(), path, {**DATE, "action": "keep", "name": "Aunt Sirvard"})
    assert answer.status == 303
    async with grounds.store.read() as tx:
        (kept,) = await private_events.of_owner(tx, id_)
    assert (kept.event.name, [rule.id for rule in kept.event.rules], kept.event.tone) == (
        "Aunt Sirvard",
        ["yearly"],
        "solemn",
    )


async def test_what_is_removed_can_be_had_back_for_a_while(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    date_id = (await record(grounds, id_)).rpartition("/")[2]
    dates = f"{grounds.link(Purpose.MANAGE, id_)}/dates"
    answer = await grounds.client().post(dates, [("action", "remove"), ("id", date_id)])
    text = (await grounds.client().get(answer.headers["location"])).text
    assert "Grandmother Tamar" not in text
    assert 'value="back"' in text
    assert (await grounds.client().get(f"{dates}/{date_id}")).status == 404
    await grounds.client().post(dates, [("action", "back"), ("id", date_id)])
    assert "Grandmother Tamar" in (await grounds.client().get(dates)).text
    await grounds.client().post(dates, [("action", "remove"), ("id", date_id)])
    grounds.now += timedelta(days=31)
    assert (await grounds.client().post(dates, [("action", "back"), ("id", date_id)])).status == 404
    async with grounds.store.write() as tx:
        assert await remembering.purge(tx, grounds.now) == 1
        assert await private_events.named(tx, [date_id]) == {}


async def test_nobody_else_sees_or_changes_it(grounds: Grounds) -> None:
    id_, other = await grounds.reader(), await grounds.reader("vahan@example.org")
    date_id = (await record(grounds, id_)).rpartition("/")[2]
    before = await grounds.everything()
    theirs = f"{grounds.link(Purpose.MANAGE, other)}/dates"
    assert "Tamar" not in (await grounds.client().get(theirs)).text
    for path in (f"{theirs}/{date_id}", f"{theirs}/{date_id}/picture"):
        assert (await grounds.client().get(path)).status == 404
    assert (await send(grounds.client(), f"{theirs}/{date_id}", {**DATE, "action": "keep"})).status == 404
    for action in ("remove", "back"):
        assert (await grounds.client().post(theirs, [("action", action), ("id", date_id)])).status == 404
    share = [("action", "invite"), ("address", "x@example.org")]
    assert (await grounds.client().post(f"{theirs}/{date_id}/sharing", share)).status == 404
    wrong = grounds.link(Purpose.LEAVE, id_).replace("/leave/", "/manage/")
    assert (await grounds.client().get(f"{wrong}/dates")).status == 404
    assert await grounds.everything() == before


async def test_there_are_only_so_many(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    await record(grounds, id_)
    async with grounds.store.write() as tx:
        (kept,) = await private_events.of_owner(tx, id_)
        for _ in range(MOST_EVENTS - 1):
            await private_events.add(tx, id_, kept.event, grounds.now)
    link = grounds.link(Purpose.MANAGE, id_)
    answer = await send(grounds.client(), f"{link}/dates/new", {**DATE, "action": "keep"})
    assert answer.status == 422
    assert "There is no room for another one" in answer.text


async def test_a_picture_is_kept_without_what_is_said_in_it_and_shown_behind_the_link(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    link = grounds.link(Purpose.MANAGE, id_)
    fields = {**DATE, "action": "keep", "alternative": "She at the window"}
    answer = await send(
        grounds.client(), f"{link}/dates/new", fields, png((b"tEXt", b"GPS\x0040.18N"), (b"eXIf", b"x"))
    )
    path = answer.headers["location"].split("?")[0]
    assert 'alt="She at the window"' in (await grounds.client().get(path)).text
    picture = await grounds.client().get(f"{path}/picture")
    assert picture.body == png()
    assert picture.headers["content-type"] == "image/png"
    assert "sandbox" in picture.headers["content-security-policy"]
    assert picture.headers["cache-control"] == "no-store"
    await send(grounds.client(), path, {**fields, "drop_picture": "yes"})
    assert (await grounds.client().get(f"{path}/picture")).status == 404


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"GIF89a",
        b"<svg onload=alert(1)>",
        png()[:-6],
        png()[:40] + b"x" + png()[41:],
        b"\xff\xd8\xff\xd9",
        b"\x89PNG\r\n\x1a\n",
        png(*[(b"tEXt", b"")] * 4_000),
    ],
)
async def test_what_is_no_picture_is_refused_at_its_field(grounds: Grounds, file: bytes) -> None:
    link = grounds.link(Purpose.MANAGE, await grounds.reader())
    fields = {**DATE, "action": "keep", "alternative": "She at the window"}
    answer = await send(grounds.client(), f"{link}/dates/new", fields, file)
    assert answer.status == 422
    assert "This is not a JPEG or PNG picture" in answer.text
    assert "She at the window" in answer.text


async def test_a_large_body_is_taken_only_behind_a_link_of_ours(grounds: Grounds) -> None:
    large = png((b"tEXt", b"x" * 300_000))
    fields = {**DATE, "action": "keep", "alternative": "x"}
    assert (await send(grounds.client(), "/manage/nobody/dates/new", fields, large)).status == 413
    link = grounds.link(Purpose.MANAGE, await grounds.reader())
    assert (await send(grounds.client(), f"{link}/habits", fields, large)).status == 413
    assert (await send(grounds.client(), f"{link}/dates/new", fields, large)).status == 303


async def invite(grounds: Grounds, path: str, address: str = "sona@example.org") -> str:
    """Invite somebody; gives the link of the letter that was written, "" if none was."""
    answer = await grounds.client().post(f"{path}/sharing", [("action", "invite"), ("address", address)])
    assert answer.status == 303
    async with grounds.store.read() as tx:
        invited = subscriber_table.c.address_key.startswith("invitation:")
        wanted = select(subscriber_table.c.id).where(invited, subscriber_table.c.address == address)
        addressee = (await tx.execute(wanted)).scalar()
    seal = (
        grounds.tokens.sign(Purpose.INVITATION, addressee, stamp(grounds.now + timedelta(days=7))) if addressee else ""
    )
    return f"/invitation/{seal}" if seal else ""


async def test_case_101_an_invitation_holds_nothing_that_the_inviter_wrote(grounds: Grounds) -> None:
    path = await record(grounds, await grounds.reader(), name="BUY PILLS https://evil.example")
    assert await invite(grounds, path)
    async with grounds.store.read() as tx:
        (edition,) = (await tx.execute(select(editions).where(editions.c.kind == "invitation"))).all()
        (notice,) = (await tx.execute(select(notices).where(notices.c.kind == "invitation"))).all()
    assert (edition.dues, edition.because, edition.facts, edition.subscriber_id) == ([], [], None, None)
    assert notice.edition_id == edition.id


async def test_whoever_accepts_remembers_too_and_nobody_before(grounds: Grounds) -> None:
    owner = await grounds.reader()
    path = await record(grounds, owner)
    link = await invite(grounds, path)
    before = await grounds.everything()
    page = (await grounds.client().get(link)).text
    assert "ani@example.org" in page
    assert "Tamar" not in page
    assert await grounds.everything() == before
    answer = await grounds.client().post(link)
    assert answer.status == 303
    seen = await grounds.client().get(answer.headers["location"])
    assert "Grandmother Tamar" in seen.text
    assert "She sang." in seen.text
    assert 'name="name"' not in seen.text
    assert "remembers with you" in (await grounds.client().get(path)).text
    async with grounds.store.read() as tx:
        sona = await subscribers.by_address(tx, "sona@example.org")
        assert sona is not None
        assert sona.status is Status.ACTIVE
        assert [one.is_owner for one in await remembering.recorded(tx, sona)] == [False]
    after = await grounds.everything()
    await grounds.client().post(link)
    assert await grounds.everything() == after


async def test_either_side_can_end_it(grounds: Grounds) -> None:
    owner = await grounds.reader()
    path = await record(grounds, owner)
    shared = (await grounds.client().post(await invite(grounds, path))).headers["location"].split("?")[0]
    answer = await grounds.client().post(f"{shared}/sharing", [("action", "stop")])
    assert "no longer shared with you" in (await grounds.client().get(answer.headers["location"])).text
    assert (await grounds.client().get(shared)).status == 404
    assert "sona@example.org" not in (await grounds.client().get(path)).text
    shared = (
        (await grounds.client().post(await invite(grounds, path, "nare@example.org"))).headers["location"].split("?")[0]
    )
    page = (await grounds.client().get(path)).text
    share = page.partition('name="share" value="')[2].partition('"')[0]
    await grounds.client().post(f"{path}/sharing", [("action", "end"), ("share", share)])
    assert (await grounds.client().get(shared)).status == 404


async def test_an_invitation_ends_with_its_date_its_time_or_a_word_of_the_owner(grounds: Grounds) -> None:
    owner = await grounds.reader()
    path = await record(grounds, owner)
    link = await invite(grounds, path)
    page = (await grounds.client().get(path)).text
    share = page.partition('name="share" value="')[2].partition('"')[0]
    await grounds.client().post(f"{path}/sharing", [("action", "end"), ("share", share)])
    assert (await grounds.client().get(link)).status == 404
    link = await invite(grounds, path, "nare@example.org")
    grounds.now += timedelta(days=8)
    assert (await grounds.client().post(link)).status == 404


async def test_whether_an_address_may_be_written_to_is_told_to_nobody(grounds: Grounds) -> None:
    owner = await grounds.reader()
    path = await record(grounds, owner)
    await grounds.reader("no@example.org", Status.SUPPRESSED)
    assert await invite(grounds, path, "no@example.org") == ""
    text = (await grounds.client().get(path)).text
    assert "no@example.org" in text
    wrong = await grounds.client().post(f"{path}/sharing", [("action", "invite"), ("address", "ani@example.org")])
    assert wrong.status == 422
    assert "of somebody else" in wrong.text
    wrong = await grounds.client().post(f"{path}/sharing", [("action", "invite"), ("address", "a b@c\r\nBcc: x")])
    assert wrong.status == 422


async def test_so_many_invitations_and_no_more_are_written(grounds: Grounds) -> None:
    path = await record(grounds, await grounds.reader())
    links = [await invite(grounds, path, f"r{number}@example.org") for number in range(12)]
    assert [bool(link) for link in links] == [True] * 10 + [False] * 2


async def test_a_table_of_them_is_brought_in_whole_or_not_at_all(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    link = f"{grounds.link(Purpose.MANAGE, id_)}/dates"
    table = b"name,first_day,way,calendar\nTamar,1990-09-27,yearly yahrzeit,\nAram,5700-09-30,yearly,hebrew\n"
    wrong = table + b"Nobody,1990-13-01,,\n"
    answer = await send(grounds.client(), f"{link}/import", {"name": "d.csv", "action": "try"}, wrong, "file")
    assert "Refused" in answer.text
    assert "d.csv:4" in answer.text
    assert 'value="bring"' not in answer.text
    answer = await send(grounds.client(), f"{link}/import", {"name": "d.csv", "action": "bring"}, wrong, "file")
    assert "Nothing was brought in" in answer.text
    answer = await send(grounds.client(), f"{link}/import", {"name": "d.csv", "action": "try"}, table, "file")
    assert "Bring in these 2 dates" in answer.text
    content = answer.text.partition('name="content" value="')[2].partition('"')[0]
    fields = [("name", "d.csv"), ("content", content), ("action", "bring")]
    assert (await grounds.client().post(f"{link}/import", fields)).status == 303
    again = await grounds.client().post(f"{link}/import", [*fields[:2], ("action", "try")])
    assert again.text.count("Already there") == 2


async def test_a_table_of_hebcals_is_shown_first_and_then_brought_in_as_one_date(grounds: Grounds) -> None:
    link = f"{grounds.link(Purpose.MANAGE, await grounds.reader())}/dates"
    header = "Subject,Start Date,Start Time,End Date,End Time,All day event,Description,Show time as,Location"
    days = {5: "3/18/2025", 6: "3/7/2026", 7: "2/25/2027"}
    lines = [f"Tamar’s {n}th Yahrzeit,{day},,,,true,,3,Personal" for n, day in days.items()]
    table = "\r\n".join([header, *lines, "Yizkor (Yom Kippur),10/2/2025,,,,true,,3,Personal", ""]).encode()
    answer = await send(grounds.client(), f"{link}/import", {"name": "y_usa.csv", "action": "try"}, table, "file")
    assert "Bring in this 1 date" in answer.text
    assert "Left out" in answer.text
    content = answer.text.partition('name="content" value="')[2].partition('"')[0]
    fields = [("name", "y_usa.csv"), ("content", content), ("action", "bring")]
    assert (await grounds.client().post(f"{link}/import", fields)).status == 303
    again = await grounds.client().post(f"{link}/import", [*fields[:2], ("action", "try")])
    assert "Already there" in again.text


@pytest.mark.parametrize("ending", ["csv", "ics"])
async def test_what_is_taken_out_comes_in_again_as_it_was(grounds: Grounds, ending: str) -> None:
    id_, other = await grounds.reader(), await grounds.reader("vahan@example.org")
    await record(grounds, id_, name="=HYPERLINK(1)", words="One.\n\nTwo; three, \\four", ways="yahrzeit", lead_days="7")
    await record(grounds, id_, calendar="hebrew", year="5700", after_sunset="yes", ways="nenki")
    await record(grounds, id_, joy="yes", month="2", day="29", year="2000", missing_day="next")
    taken = await grounds.client().get(f"{grounds.link(Purpose.MANAGE, id_)}/dates/export.{ending}")
    assert "attachment" in taken.headers["content-disposition"]
    assert b"\n=HYPERLINK" not in taken.body
    link = f"{grounds.link(Purpose.MANAGE, other)}/dates/import"
    answer = await send(grounds.client(), link, {"name": f"d.{ending}", "action": "bring"}, taken.body, "file")
    assert answer.status == 303, answer.text
    async with grounds.store.read() as tx:
        mine, theirs = [await private_events.of_owner(tx, one) for one in (id_, other)]
    assert [one.event for one in theirs] == [one.event for one in mine]
    assert len(mine) == 3


async def test_a_calendar_of_another_program_is_read_and_its_meetings_are_left_out(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    entries = (
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:19700501\nRRULE:FREQ=YEARLY\n"
        "SUMMARY:Birthday\nEND:VEVENT\nBEGIN:VEVENT\nUID:2\nDTSTART:20240101T100000Z\nSUMMARY:Dentist\nEND:VEVENT\n"
        "END:VCALENDAR\n"
    )
    link = f"{grounds.link(Purpose.MANAGE, id_)}/dates/import"
    text = (await send(grounds.client(), link, {"name": "c.ics", "action": "try"}, entries.encode(), "file")).text
    assert "Birthday" in text
    assert "Left out" in text
    assert "Bring in this 1 date" in text


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("d.csv", b""),
        ("d.csv", b"\xff\xfe"),
        ("d.exe", b"MZ"),
        ("d.csv", b"name,first_day,evil\na,b,c\n"),
        ("d.csv", b'name,first_day\n"a'),
        ("d.csv", b"name,first_day,rules\na,1990-01-01,[[[[\n"),
        ("d.csv", b"name,first_day,lead_days\na,1990-01-01,9999\n"),
        ("d.ics", b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nX-REMEMBRANCER-RECORD:{}\nEND:VEVENT\nEND:VCALENDAR\n"),
        ("d.ics", b"hello"),
        ("d.ics", b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nUID:1\nEND:VEVENT\n" * 2_001 + b"END:VCALENDAR\n"),
    ],
)
async def test_a_hostile_file_is_refused_in_words(grounds: Grounds, name: str, content: bytes) -> None:
    id_ = await grounds.reader()
    link = f"{grounds.link(Purpose.MANAGE, id_)}/dates/import"
    answer = await send(grounds.client(), link, {"name": name, "action": "bring"}, content, "file")
    assert answer.status == 422
    async with grounds.store.read() as tx:
        assert await private_events.of_owner(tx, id_) == []


async def test_a_calendar_may_have_as_many_entries_as_are_written_and_what_is_left_out_counts_too(
    grounds: Grounds,
) -> None:
    link = f"{grounds.link(Purpose.MANAGE, await grounds.reader())}/dates/import"
    meeting = "BEGIN:VEVENT\nUID:1\nDTSTART:20240101T100000Z\nSUMMARY:Dentist\nEND:VEVENT\n"
    fields = {"name": "c.ics", "action": "try"}
    for many, told in ((2_000, "Left out"), (2_001, "a file may have 2,000 entries; please part it")):
        calendar = f"BEGIN:VCALENDAR\n{meeting * many}END:VCALENDAR\n".encode()
        answer = await send(grounds.client(), link, fields, calendar, "file")
        assert told in answer.text
        assert answer.text.count("c.ics:") == (many if many == 2_000 else 1)


async def test_files_are_read_so_many_times_a_minute_for_a_network(grounds: Grounds) -> None:
    link = f"{grounds.link(Purpose.MANAGE, await grounds.reader())}/dates/import"
    client = grounds.client()
    statuses = [(await send(client, link, {"name": "c.csv"}, b"name,first_day\n", "file")).status for _ in range(13)]
    assert statuses == [200] * 12 + [429]


async def test_all_of_it_is_in_a_download_and_gone_with_an_erasure(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    path = await record(grounds, id_)
    await grounds.client().post(await invite(grounds, path))
    await invite(grounds, path, "nare@example.org")
    async with grounds.store.write() as tx:
        data = await own.everything_of(tx, id_)
        assert data["private_events"][0]["document"]["name"] == "Grandmother Tamar"
        assert [one["address"] for one in data["private_shares"]] == ["sona@example.org", "nare@example.org"]
        await managing.erase(tx, grounds.site().desk, "ani@example.org", grounds.now)
    rows = repr(await grounds.everything())
    for trace in ("Tamar", "She sang", "nare@example.org", "ani@example.org", "private:"):
        assert trace not in rows


async def test_pictures_are_files_of_their_own_in_a_download(grounds: Grounds) -> None:
    id_ = await grounds.reader()
    link = grounds.link(Purpose.MANAGE, id_)
    fields = {**DATE, "action": "keep", "alternative": "She at the window"}
    await send(grounds.client(), f"{link}/dates/new", fields, png())
    await grounds.client().post(f"{link}/data", [("action", "download")])
    async with grounds.store.read() as tx:
        of_data = subscriber_table.c.address_key.startswith(f"{Kind.DATA}:")
        (addressee,) = (await tx.execute(select(subscriber_table.c.id).where(of_data))).scalars()
    seal = grounds.tokens.sign(Purpose.DOWNLOAD, addressee, stamp(grounds.now + timedelta(minutes=30)))
    answer = await grounds.client().post(f"/download/{seal}")
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        files = {name.removeprefix("remembrancer-data/"): archive.read(name) for name in archive.namelist()}
    assert set(files) == {"data.json", "data.html", "private_pictures/1.png"}
    assert files["private_pictures/1.png"] == png()
    (row,) = json.loads(files["data.json"])["private_pictures"]
    assert (row["media_type"], row["content"]) == ("image/png", "private_pictures/1.png")
    assert b"private_pictures/1.png" in files["data.html"]


async def test_who_asks_to_be_erased_takes_an_invitation_to_them_along(grounds: Grounds) -> None:
    path = await record(grounds, await grounds.reader())
    await invite(grounds, path, "Nare@example.org")
    async with grounds.store.write() as tx:
        await managing.erase(tx, grounds.site().desk, "nare@example.org", grounds.now)
    assert "are@example.org" not in repr(await grounds.everything())
