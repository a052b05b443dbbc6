"""Feeds of collections and events: the same bytes for the same record, in every language, for whoever asks."""

import json
from typing import Any

import feedparser
import pytest
import vobject

from service.store import events
from service.store.events import Kept
from service.web.feeds.making import chosen
from tests.builders import a_collection, an_event, at, on
from tests.unit.web.given import Grounds

WHOLE = ("/collections.ics", "/collections.atom", "/collections.json")
OF_ONE = tuple(
    f"{path}.{ending}" for path in ("/collections/wars", "/events/war") for ending in ("ics", "atom", "json")
)
ALL = (*WHOLE, *OF_ONE)
HOSTILE = "A war]]></title><script>alert(1)</script>\x00\x0b\ud800\r\nBEGIN:VALARM\u2028&amp;"


@pytest.mark.parametrize("path", ALL)
async def test_a_second_answer_has_the_same_bytes_at_another_hour_and_from_another_process(
    grounds: Grounds, path: str
) -> None:
    first = await grounds.client().get(path)
    grounds.now = at("2024-09-20T23:59")
    second = await grounds.client().get(path)
    assert first.status == second.status == 200
    assert first.body == second.body
    assert first.headers["etag"] == second.headers["etag"]


@pytest.mark.parametrize("path", ALL)
async def test_whoever_has_a_feed_already_is_told_so_and_gets_nothing_again(grounds: Grounds, path: str) -> None:
    client = grounds.client()
    tag = (await client.get(path)).headers["etag"]
    for known in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        answer = await client.get(path, if_none_match=known)
        assert (answer.status, answer.body) == (304, b"")
        assert answer.headers["etag"] == tag
    for other in ('"other"', "", tag.strip('"'), "\u00a0"):
        assert (await client.get(path, if_none_match=other)).status == 200


@pytest.mark.parametrize("path", ALL)
async def test_a_feed_is_read_and_nothing_else(grounds: Grounds, path: str) -> None:
    client = grounds.client()
    assert (await client.get(path, "HEAD")).status == 200
    assert (await client.post(path, [("a", "b")])).status == 405
    assert (await client.get(path)).headers["cache-control"] == "public, max-age=900"


async def test_a_change_of_the_record_changes_the_feed_and_its_tag_but_no_name_in_it(grounds: Grounds) -> None:
    client = grounds.client()
    before = [await client.get(path) for path in ALL]
    grounds.now = at("2024-09-20T09:00")
    await grounds.record(an_event(title={"en": "Another name"}))
    after = [await client.get(path) for path in ALL]
    for old, new in zip(before, after, strict=True):
        assert old.headers["etag"] != new.headers["etag"]
    names = [{line for line in one.text.splitlines() if line.startswith("UID:war")} for one in (before[0], after[0])]
    assert names[0] == names[1]
    (old_number,), (new_number,) = [
        {int(line[9:]) for line in one.text.splitlines() if line.startswith("SEQUENCE:")}
        for one in (before[0], after[0])
    ]
    assert new_number - old_number == 3600
    assert "LAST-MODIFIED:20240920T090000Z" in after[0].text


async def test_a_calendar_tells_whole_years_so_that_its_days_stay_when_the_clock_goes_on(grounds: Grounds) -> None:
    client = grounds.client()
    first = await client.get("/events/war.ics")
    years = [item.dtstart.value.year for item in vobject.readOne(first.text).vevent_list]
    assert years == [2023, 2024, 2025, 2026, 2027, 2028, 2029]
    grounds.now = at("2024-12-31T23:00")
    assert (await client.get("/events/war.ics")).body == first.body
    grounds.now = at("2025-01-01T00:00")
    assert (await client.get("/events/war.ics")).body != first.body


async def test_an_independent_reader_of_calendars_reads_every_text(grounds: Grounds) -> None:
    read: Any = vobject.readOne((await grounds.client().get("/collections/wars.ics")).text, validate=True)
    item = next(one for one in read.vevent_list if one.dtstart.value.year == 2024)
    assert read.x_wr_calname.value == "Wars"
    assert item.summary.value == "A war"
    assert item.summary.language_param == "en"
    assert item.description.value.startswith("Four years since that day\nIt began.")
    assert item.dtend.value.isoformat() == "2024-09-28"


async def test_an_independent_reader_of_feeds_reads_atom_without_a_complaint(grounds: Grounds) -> None:
    grounds.now = at("2024-09-27T08:00")
    answer = await grounds.client().get("/collections/wars.atom?lang=en")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    read = feedparser.parse(answer.body)
    assert not read.bozo
    assert read.version == "atom10"
    assert read.feed.id == "tag:remember.example.org,2026:collections/wars/en"
    assert read.feed.language == "en"
    assert {(one.rel, one.href) for one in read.feed.links} == {
        ("self", "https://remember.example.org/collections/wars.atom?lang=en"),
        ("alternate", "https://remember.example.org/collections/wars?lang=en"),
    }
    entry, _a_year_before = read.entries
    assert entry.id == "tag:remember.example.org,2026:war/yearly/4/1/en"
    assert entry.title == "A war: four years ago today"
    assert entry.published == "2024-09-27T00:00:00Z"
    assert entry.link == "https://remember.example.org/events/war"
    assert "Friday, 27 September 2024" in entry.content[0].value


async def test_json_feed_tells_the_same_as_atom(grounds: Grounds) -> None:
    grounds.now = at("2024-09-27T08:00")
    client = grounds.client()
    answer = await client.get("/collections/wars.json?lang=en")
    told, atom = json.loads(answer.body), feedparser.parse((await client.get("/collections/wars.atom?lang=en")).body)
    assert answer.headers["content-type"] == "application/feed+json; charset=utf-8"
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert told["feed_url"] == "https://remember.example.org/collections/wars.json?lang=en"
    assert [(one["id"], one["title"], one["date_published"]) for one in told["items"]] == [
        (one.id, one.title, one.published) for one in atom.entries
    ]


async def test_a_day_enters_the_news_when_it_comes_and_not_before(grounds: Grounds) -> None:
    grounds.now = at("2024-09-26T23:59")
    eve = feedparser.parse((await grounds.client().get("/collections/wars.atom")).body)
    grounds.now = at("2024-09-27T00:00")
    day = feedparser.parse((await grounds.client().get("/collections/wars.atom")).body)
    assert [one.published[:4] for one in eve.entries] == ["2023"]
    assert [one.published[:4] for one in day.entries] == ["2024", "2023"]


async def test_each_language_has_a_feed_of_its_own_with_names_of_its_own(grounds: Grounds) -> None:
    client = grounds.client()
    both = [await client.get(f"/collections/wars.atom?lang={code}") for code in ("en", "hy")]
    read = [feedparser.parse(answer.body) for answer in both]
    ids = [{one.feed.id, *(entry.id for entry in one.entries)} for one in read]
    assert len(ids[0]) == len(ids[1]) == 2
    assert not ids[0] & ids[1]
    assert "vary" not in both[0].headers
    asked = await client.get("/collections/wars.atom", accept_language="hy")
    assert asked.body == both[1].body
    assert asked.headers["vary"] == "Accept-Language"
    assert "SUMMARY;LANGUAGE=en:A war" in (await client.get("/events/war.ics?lang=hy")).text


async def test_hostile_texts_are_texts_for_every_reader(grounds: Grounds) -> None:
    texts = {"en": HOSTILE.replace("\ud800", "")}
    await grounds.record(an_event(title=texts, summary=texts, narrative=texts))
    client = grounds.client()
    read = feedparser.parse((await client.get("/collections/wars.atom")).body)
    assert not read.bozo
    assert read.entries[0].title.startswith("A war]]></title><script>alert(1)</script>")
    assert "<script" not in read.entries[0].content[0].value
    told = json.loads((await client.get("/collections/wars.json")).body)
    assert "<script" not in told["items"][0]["content_html"]
    calendar: Any = vobject.readOne((await client.get("/collections/wars.ics")).text)
    assert {one.name for event in calendar.vevent_list for one in event.getChildren()} <= {
        *("UID", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "URL"),
        *("CLASS", "STATUS", "TRANSP"),
    }


async def test_a_collection_without_events_has_feeds_too(grounds: Grounds) -> None:
    async with grounds.store.write() as tx:
        await events.save_collection(tx, a_collection(id_="empty"), grounds.now)
    client = grounds.client()
    assert not feedparser.parse((await client.get("/collections/empty.atom")).body).bozo
    assert json.loads((await client.get("/collections/empty.json")).body)["items"] == []
    assert "BEGIN:VEVENT" not in (await client.get("/collections/empty.ics")).text


@pytest.mark.parametrize(
    "path",
    ["/collections/none.ics", "/collections/none.atom", "/collections/.json", "/events/none.ics", "/events/a%22.ics"],
)
async def test_what_is_not_there_has_no_feed(grounds: Grounds, path: str) -> None:
    assert (await grounds.client().get(path)).status == 404


async def test_pages_name_their_feeds_to_programs_and_to_people(grounds: Grounds) -> None:
    client = grounds.client()
    collection, event, today = [(await client.get(path)).text for path in ("/collections/wars", "/events/war", "/")]
    assert 'href="webcal://remember.example.org/collections/wars.ics?lang=en"' in collection
    for kind, ending in (("text/calendar", "ics"), ("application/atom+xml", "atom"), ("application/feed+json", "json")):
        told = f'<link rel="alternate" type="{kind}" title="Wars" href="/collections/wars.{ending}?lang=en">'
        assert told in collection
        assert told in today
    assert 'href="webcal://remember.example.org/events/war.ics?lang=en"' in event
    assert '<link rel="alternate" type="text/calendar" title="A war" href="/events/war.ics?lang=en">' in event


async def test_one_feed_tells_the_days_of_all_collections(grounds: Grounds) -> None:
    await grounds.record(an_event(id="peace", title={"en": "A peace"}), id_="peaces")
    calendar, atom, told = [(await grounds.client().get(path, accept_language="hy")) for path in WHOLE]
    named = {item.uid.value.partition("/")[0] for item in vobject.readOne(calendar.text).vevent_list}
    assert named == {"war", "peace"}
    grounds.now = at("2024-09-27T08:00")
    atom, told = [(await grounds.client().get(path)) for path in WHOLE[1:]]
    read = feedparser.parse(atom.body)
    assert (read.bozo, read.feed.title) == (False, "Remembrancer")
    links = {"https://remember.example.org/events/war", "https://remember.example.org/events/peace"}
    assert {entry.link for entry in read.entries} == links
    assert {one["url"] for one in json.loads(told.text)["items"]} == links
    assert (
        'href="webcal://remember.example.org/collections.ics?lang=en"'
        in (await grounds.client().get("/years/2024")).text
    )


async def test_letters_that_were_sent_are_a_feed_in_each_language_and_in_all(grounds: Grounds) -> None:
    english = await grounds.edition("<p>It began.</p>", events=("war",))
    armenian = await grounds.edition("<p>Սկսվեց։</p>", language="hy", key="b", events=("war",))
    await grounds.edition("<p>It is a secret.</p>", key="c", sent=False)
    client, at_ = grounds.client(), "https://remember.example.org/editions/"
    for asked, ids in (("", {english, armenian}), ("?language=hy", {armenian}), ("?language=fr", set())):
        read = feedparser.parse((await client.get(f"/editions.atom{asked}")).body)
        assert not read.bozo
        assert {entry.link for entry in read.entries} == {at_ + id_ for id_ in ids}
        items = json.loads((await client.get(f"/editions.json{asked}")).text)["items"]
        assert {(one["url"], one["language"]) for one in items} == {
            (at_ + id_, "en" if id_ == english else "hy") for id_ in ids
        }
        assert all(one["title"] == one["content_text"] == "A war" for one in items)
    assert (await client.get("/editions.atom?language=tlh")).status == 404
    page = (await client.get("/editions?language=hy")).text
    for kind, ending in (("application/atom+xml", "atom"), ("application/feed+json", "json")):
        assert f'type="{kind}" title="Letters sent" href="/editions.{ending}?lang=en"' in page
        assert f'href="/editions.{ending}?lang=en&amp;language=hy"' in page
    tag = (await client.get("/editions.atom")).headers["etag"]
    assert (await client.get("/editions.atom", if_none_match=tag)).status == 304


def test_of_very_many_days_the_next_are_told() -> None:
    every_day = {"last_day": "2021-09-26", "rules": [{"kind": "yearly", "anchor": "every_day"}]}
    kept = [Kept(an_event(id=f"war-{n}", **every_day), "wars", "v", at("2024-01-01T00:00")) for n in range(2)]
    days = [occasion.on for _, _, occasion in chosen(kept, on("2024-09-20"))]
    assert len(days) == 2000
    assert days[0] == on("2024-09-20")
    assert days == sorted(days)
