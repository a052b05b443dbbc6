"""What public pages say to programs: data without a way out of it, whole addresses, other languages, pictures."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from service.domain.edtf import parse_day
from service.store import events
from service.web.structured import iso_of
from tests.builders import an_event, at
from tests.unit.web.given import Grounds

PAGES = ("/", "/days/09-27", "/days/09-27?year=2030", "/years/2024", "/events/war", "/collections", "/collections/wars")


def data_in(text: str) -> Any:
    (found,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)
    return json.loads(found)


@pytest.mark.parametrize("path", [*PAGES, "/editions"])
async def test_every_public_page_says_what_it_is(grounds: Grounds, path: str) -> None:
    text = (await grounds.client(outbox=None).get(path)).text
    joint = "&amp;" if "?" in path else "?"
    own = f"https://remember.example.org{path}"
    assert f'<link rel="canonical" href="{own}">' in text
    chosen = (await grounds.client(outbox=None).get(f"{path}{'&' if '?' in path else '?'}lang=hy")).text
    assert f'<link rel="canonical" href="{own}{joint}lang=hy">' in chosen
    assert f'hreflang="hy" href="{own}{joint}lang=hy">' in text
    assert f'hreflang="x-default" href="{own}">' in text
    assert re.search(r'<meta name="description" content="[^"]{3,300}">', text)
    for name in ("title", "description", "url", "image", "site_name", "type"):
        assert re.search(rf'<meta property="og:{name}" content="[^"]+">', text)
    for address in re.findall(r'property="og:(?:url|image)" content="([^"]+)"', text):
        assert address.startswith("https://remember.example.org/")
    data = data_in(text)
    assert data["@context"] == "https://schema.org"
    assert data["inLanguage"] == "en"


async def test_a_page_of_a_foreign_host_still_names_our_own_address(grounds: Grounds) -> None:
    page = await grounds.client(outbox=None).get("/events/war", host="evil.example")
    assert "evil.example" not in page.text


async def test_an_event_is_told_as_schema_org_has_it(grounds: Grounds) -> None:
    place = {"name": {"en": "A valley"}, "latitude": 39.8, "longitude": 46.75}
    tied = [{"kind": "part_of", "event": "war"}]
    source = {
        "id": "book",
        "title": {"en": "A book"},
        "author": "A. Hand",
        "date": "2024-09",
        "address": "https://x.org",
    }
    parts = {"last_day": "2020-11-09", "place": place, "links": tied, "sources": [source]}
    await grounds.record(an_event(), an_event(id="long", **parts), id_="others")
    data = data_in((await grounds.client().get("/events/long")).text)
    assert data["@type"] == "Event"
    assert (data["startDate"], data["endDate"]) == ("2020-09-27", "2020-11-09")
    assert data["location"]["geo"]["latitude"] == 39.8
    assert data["superEvent"] == [{"@type": "Event", "url": "https://remember.example.org/events/war?lang=en"}]
    (cited,) = data["subjectOf"]["citation"]
    assert cited["datePublished"] == "2024-09"
    assert cited["url"] == "https://x.org"


async def test_a_day_that_is_only_kept_is_no_event_with_a_date(grounds: Grounds) -> None:
    await grounds.record(an_event(id="kept", observance=True), id_="others")
    data = data_in((await grounds.client().get("/events/kept")).text)
    assert data["@type"] == "WebPage"
    assert "startDate" not in data


@pytest.mark.parametrize(
    ("day", "calendar", "said"),
    [
        ("2020-09-27", "gregorian", "2020-09-27"),
        ("2020-09", "gregorian", "2020-09"),
        ("0988", "gregorian", "0988"),
        ("1915-04-24~", "gregorian", None),
        ("198X", "gregorian", None),
        ("-0043-03-15", "gregorian", None),
        ("Y-17000", "gregorian", None),
        ("5730-01-25", "hebrew", "1970-05-01"),
        ("5730-01", "hebrew", None),
        ("5730", "hebrew", None),
    ],
)
def test_a_day_is_told_to_programs_as_exactly_as_it_is_known(day: str, calendar: str, said: str | None) -> None:
    assert iso_of(parse_day(day), calendar) == said


async def test_no_text_of_a_record_leaves_its_data(grounds: Grounds) -> None:
    hostile = '</script><script>alert("1")</script><!-- \u2028 &quot; {{ 7 * 7 }}'
    texts = {"en": hostile}
    event = an_event(id="bad", title=texts, summary=texts, place={"name": texts})
    await grounds.record(event, id_="others")
    client = grounds.client(outbox=None)
    for path in ("/", "/events/bad", "/collections/others", "/days/09-27", "/years/2024"):
        text = (await client.get(path)).text
        assert "alert(" in text
        assert "<script>alert" not in text
        assert "<!--" not in text
        assert data_in(text)
    data = data_in((await client.get("/events/bad")).text)
    assert data["name"] == " ".join(hostile.split())


async def test_who_has_a_page_already_is_told_so_until_it_changes(grounds: Grounds) -> None:
    client = grounds.client(outbox=None)
    for path in PAGES:
        page = await client.get(path)
        assert page.headers["cache-control"] == "public, no-cache"
        again = await client.get(path, if_none_match=page.headers["etag"])
        assert (again.status, again.body) == (304, b"")
        other = await client.get(path, accept_language="hy", if_none_match=page.headers["etag"])
        assert other.status == 200
        assert "Accept-Language" in other.headers["vary"]


async def test_the_page_of_today_is_kept_until_something_that_it_tells_has_changed(grounds: Grounds) -> None:
    client = grounds.client(outbox=None)
    first = await client.get("/")
    assert (await client.get("/")).body == first.body
    assert 'lang="hy"' in (await client.get("/", accept_language="hy")).text
    assert 'href="/events/war?lang=en"' in (await client.get("/?lang=en")).text
    assert 'href="/events/war"' in (await client.get("/")).text
    async with grounds.store.write() as tx:
        changed = an_event(title={"en": "A siege"})
        await events.save_event(tx, changed, "wars", 0, grounds.now + timedelta(minutes=1))
    assert "A siege" in (await client.get("/")).text
    grounds.now = at("2024-09-27T08:00")
    assert "Today, 27 September 2024" in (await client.get("/")).text


async def test_pages_of_one_person_and_of_this_machine_say_nothing_of_themselves(grounds: Grounds) -> None:
    here = await grounds.client("127.0.0.1").get("/", host="localhost")
    assert here.headers["cache-control"] == "no-store"
    for path in ("/subscribe", "/manage"):
        page = await grounds.client().get(path)
        assert page.headers["cache-control"] == "no-store"
        assert "og:title" not in page.text


async def test_pictures_of_pages_are_drawn_and_known_again_by_their_tag(grounds: Grounds) -> None:
    client = grounds.client()
    for path in ("site", "events/war", "collections/wars", "days/09-27", "years/2024"):
        page = await client.get(f"/previews/{path}.png?lang=hy")
        assert page.status == 200
        assert page.headers["content-type"] == "image/png"
        assert page.body[:8] == b"\x89PNG\r\n\x1a\n"
        assert page.body[16:24] == (1200).to_bytes(4, "big") + (630).to_bytes(4, "big")
        assert len(page.body) < 100_000
        again = await client.get(f"/previews/{path}.png?lang=hy", if_none_match=page.headers["etag"])
        assert (again.status, again.body) == (304, b"")
        assert "max-age" in page.headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["events/none", "collections/none", "days/13-01", "years/1066", "years/x", "pages/war"]
)
async def test_of_what_is_not_there_there_is_no_picture(grounds: Grounds, path: str) -> None:
    assert (await grounds.client().get(f"/previews/{path}.png")).status == 404
