"""What everybody may see: days, events, collections, copies of letters, and the words for what is not there."""

import re

import pytest

from service.domain.letter import Mark
from service.domain.notice import Kind
from tests.builders import an_event, at
from tests.unit.web.given import Grounds

HOSTILE = '<script>alert("1")</script>'


async def test_the_first_page_tells_what_is_coming_and_how_long_ago_it_was(grounds: Grounds) -> None:
    page = await grounds.client().get("/")
    assert page.status == 200
    assert "Friday, 27 September 2024" in page.text
    assert "A war" in page.text
    assert "Four years since that day" in page.text
    assert 'href="/events/war"' in page.text
    assert 'href="/collections/wars"' in page.text
    assert 'href="/subscribe"' in page.text


async def test_a_page_names_the_languages_of_what_is_not_in_its_own_once(grounds: Grounds) -> None:
    said = "الإنجليزية"
    for path in ("/", "/collections/wars", "/events/war"):
        page = await grounds.client().get(f"{path}?lang=ar")
        assert page.text.count(said) == 1
        assert '<html lang="ar" dir="rtl">' in page.text
        assert '<span lang="en" dir="ltr">A war</span>' in page.text
        assert said not in (await grounds.client().get(f"{path}?lang=en")).text


async def test_what_falls_on_today_stands_first(grounds: Grounds) -> None:
    grounds.now = at("2024-09-27T08:00")
    page = await grounds.client().get("/")
    assert "Today, 27 September 2024" in page.text
    assert "Four years ago today" in page.text


async def test_an_event_shows_what_is_recorded_of_it(grounds: Grounds) -> None:
    figure = {"id": "dead", "label": {"en": "Killed"}, "as_of": "2024-09", "source": "book"}
    war = an_event(
        id="long-war",
        last_day="2020-11-09",
        narrative={"en": "It *began*."},
        place={"name": {"en": "A valley"}},
        figures=[
            {**figure, "value": 3000, "as_of": "2021", "superseded_by": "now"},
            {**figure, "id": "now", "value": 3830},
        ],
        timeline=[{"on": "2020-09-27", "text": {"en": "The first day."}, "source": "book"}],
        unresolved=[{"text": {"en": "The missing."}, "as_of": "2024", "source": "book"}],
        links=[{"kind": "led_to", "event": "war"}],
        pictures=[{"file": "valley.jpg", "credit": "A. Hand", "alternative": {"en": "A valley in fog"}}],
    )
    await grounds.record(war, an_event(), id_="others")
    page = await grounds.client().get("/events/long-war")
    for told in (
        "27 September – 9 November 2020",
        "44 days",
        "A valley",
        "3,830",
        "3,000",
        "Earlier figures",
        "The first day.",
        "The missing.",
        "Led to",
        'href="/events/war"',
        'src="/pictures/valley.jpg"',
        'alt="A valley in fog"',
        "A. Hand",
        "A book",
        "<em>began</em>",
        "Friday, 27 September 2024",
        'href="/subscribe?event=long-war"',
    ):
        assert told in page.text
    assert page.text.count('<p class="when">') == 10


async def test_an_event_draws_its_timeline_and_tells_what_is_tied_to_it_from_there(grounds: Grounds) -> None:
    days = [{"on": day, "text": {"en": "It was."}, "source": "book"} for day in ("2020-09-27", "2022", "2023-09-19")]
    tied = [{"kind": "led_to", "event": "long-war"}]
    await grounds.record(an_event(id="long-war", timeline=days), an_event(id="before", links=tied), id_="others")
    page = await grounds.client().get("/events/long-war")
    assert page.text.count('<circle class="exact"') == 2
    assert page.text.count('<rect class="vague"') == 1
    assert 'aria-hidden="true"' in page.text
    assert "A dashed box is a time of which the day is not known." in page.text
    assert "style=" not in page.text
    assert "What led to it" in page.text
    assert 'href="/events/before"' in page.text


async def test_collections_are_listed_and_each_shows_its_coming_days(grounds: Grounds) -> None:
    await grounds.record(an_event(id="peace", title={"en": "A peace"}), id_="peaces")
    client = grounds.client()
    listed = (await client.get("/collections")).text
    assert 'href="/collections/wars"' in listed
    assert 'href="/collections/peaces"' in listed
    own = (await client.get("/collections/peaces")).text
    assert "Friday, 27 September 2024" in own
    assert "A peace" in own
    assert "A war" not in own


async def test_a_large_collection_is_shown_page_by_page(grounds: Grounds) -> None:
    await grounds.record(*[an_event(id=f"event-{number:03}") for number in range(120)], id_="many")
    client, seen = grounds.client(), set[str]()
    for number in (1, 2, 3):
        page = await client.get(f"/collections/many?page={number}")
        assert len(page.body) < 80_000
        seen |= set(re.findall(r'href="/events/(event-\d+)"', page.text))
    assert len(seen) == 120
    for wrong in ("0", "4", "x", "-1", "9" * 400, ""):
        assert (await client.get(f"/collections/many?page={wrong}")).status == 404


async def test_a_day_that_the_year_lacks_says_why_it_was_moved(grounds: Grounds) -> None:
    await grounds.record(an_event(id="leap", first_day="2016-02-29"), id_="others")
    page = await grounds.client().get("/events/leap")
    assert "The month lacks the day on which this would fall" in page.text


async def test_of_an_event_known_to_the_month_no_day_is_claimed(grounds: Grounds) -> None:
    await grounds.record(an_event(id="flight", first_day="2023-09"), id_="others")
    page = await grounds.client().get("/events/flight")
    assert "September 2025" in page.text
    assert "1 September" not in page.text


async def test_an_event_tells_its_rules_and_its_day_as_it_was_written(grounds: Grounds) -> None:
    rules = [{"kind": "yearly", "calendar": "hebrew"}, {"kind": "day-count", "days": 40}]
    parts = {"first_day": "5700-01-25", "calendar": "hebrew", "after_sunset": True, "rules": rules}
    await grounds.record(an_event(id="death", **parts), id_="others")
    page = await grounds.client().get("/events/death")
    assert "Every year on 25 Nisan of the Hebrew calendar, as a yahrzeit." in page.text
    assert "The 40th day, the day itself counted as the first." in page.text
    assert "25 Nisan 5700 of the Hebrew calendar, after sunset" in page.text
    assert "years since that day by the Hebrew calendar" in page.text


async def test_a_collection_shows_its_events(grounds: Grounds) -> None:
    page = await grounds.client().get("/collections/wars")
    assert 'href="/events/war"' in page.text
    assert 'href="/subscribe?collection=wars"' in page.text


@pytest.mark.parametrize("path", ["/events/none", "/collections/none", "/editions/none", "/none", "/events/war/"])
async def test_what_is_not_there_is_said_in_the_own_look(grounds: Grounds, path: str) -> None:
    page = await grounds.client().get(path)
    assert page.status == 404
    assert "There is nothing here" in page.text
    assert "<h1>" in page.text


async def test_hostile_texts_of_a_record_are_shown_and_not_run(grounds: Grounds) -> None:
    texts = {"en": HOSTILE}
    event = an_event(
        id="bad",
        title=texts,
        summary=texts,
        narrative=texts,
        place={"name": texts},
        timeline=[{"on": "2020", "text": texts, "source": "book"}],
        sources=[{"id": "book", "title": texts, "address": "javascript:alert(1)", "author": HOSTILE, "note": texts}],
        pictures=[{"file": '"><script>', "credit": HOSTILE, "alternative": {"en": '" onerror="alert(1)'}}],
    )
    await grounds.record(event, id_="others")
    for path in ("/", "/events/bad", "/collections/others", "/subscribe?event=bad"):
        page = await grounds.client().get(path)
        assert page.status == 200
        assert "&lt;script&gt;" in page.text
        assert not re.search(r"<script(?! src=\"/static/page\.js| type=\"application/ld\+json)", page.text)
        assert 'onerror="' not in page.text
        assert 'href="javascript:' not in page.text


async def test_the_copy_of_a_letter_has_general_links_where_a_readers_own_were(grounds: Grounds) -> None:
    html = f'<a href="{Mark.MANAGE_URL}">x</a><a href="{Mark.LEAVE_URL}">y</a><p>{Mark.ADDRESS}</p>'
    page = await grounds.client().get(f"/editions/{await grounds.edition(html)}")
    assert page.status == 200
    assert page.text.count('href="https://remember.example.org/manage"') == 2
    assert "RMBR" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy


async def test_letters_to_one_person_and_letters_not_rendered_have_no_copy(grounds: Grounds) -> None:
    confirmation = await grounds.edition("<p>x</p>", Kind.CONFIRMATION)
    waiting = await grounds.edition("<p>x</p>", key="b", rendered=False, sent=False)
    client = grounds.client()
    assert (await client.get(f"/editions/{confirmation}")).status == 404
    assert (await client.get(f"/editions/{waiting}")).status == 404
    archive = (await client.get("/editions")).text
    assert confirmation not in archive
    assert waiting not in archive


async def test_the_archive_lists_the_letters_that_were_sent(grounds: Grounds) -> None:
    id_ = await grounds.edition("<p>x</p>")
    assert f'href="/editions/{id_}"' in (await grounds.client().get("/editions")).text


async def test_the_language_is_the_browsers_or_the_one_in_the_address_and_is_kept_in_links(grounds: Grounds) -> None:
    client = grounds.client()
    assert '<html lang="en" dir="ltr">' in (await client.get("/")).text
    assert '<html lang="hy" dir="ltr">' in (await client.get("/", accept_language="hy-AM,en;q=0.5")).text
    chosen = await client.get("/?lang=hy", accept_language="en")
    assert '<html lang="hy" dir="ltr">' in chosen.text
    assert 'href="/events/war?lang=hy"' in chosen.text
    assert '<html lang="en" dir="ltr">' in (await client.get("/?lang=%22%3E")).text


async def test_every_page_of_text_has_one_heading_and_names_its_fields(grounds: Grounds) -> None:
    client = grounds.client()
    for path in ("/", "/events/war", "/collections/wars", "/editions", "/subscribe", "/subscribe/asked", "/manage"):
        text = (await client.get(path)).text
        assert text.count("<h1") == 1
        for id_ in re.findall(r'<(?:input|select) id="(\w+)"', text):
            assert f'<label class="head" for="{id_}">' in text


async def test_pages_weigh_less_than_a_hundred_kilobytes_and_fetch_nothing_from_elsewhere(grounds: Grounds) -> None:
    client = grounds.client()
    for path in ("/", "/events/war", "/subscribe"):
        page = await client.get(path)
        own = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
        weight = len(page.body) + sum([len((await client.get(file)).body) for file in own])
        assert own
        assert weight < 100_000
        assert not re.search(r'(?:src|href)="(?:https?:)?//(?!remember\.example\.org/)', page.text)


async def test_files_of_the_pages_are_kept_for_ever_by_their_digest(grounds: Grounds) -> None:
    client = grounds.client()
    address = re.findall(r'href="(/static/style[^"]+)"', (await client.get("/")).text)[0]
    file = await client.get(address)
    assert "immutable" in file.headers["cache-control"]
    assert "immutable" not in (await client.get("/static/style.css")).headers["cache-control"]
    assert (await client.get(address, if_none_match=file.headers["etag"])).status == 304
    assert (await client.get("/static/site.py")).status == 404


async def test_pictures_come_from_their_folder_and_from_nowhere_else(grounds: Grounds) -> None:
    folder = grounds.folder / "pictures"
    folder.mkdir()
    (folder / "valley.jpg").write_bytes(b"picture")
    (folder / "record.yaml").write_text("id: secret")
    (grounds.folder / "secret.jpg").write_bytes(b"secret")
    (folder / "link.jpg").symlink_to(grounds.folder / "secret.jpg")
    client = grounds.client()
    assert (await client.get("/pictures/valley.jpg")).body == b"picture"
    for name in (
        "../secret.jpg",
        "..%2fsecret.jpg",
        "./../secret.jpg",
        f"{grounds.folder}/secret.jpg",
        "link.jpg",
        "record.yaml",
        "",
        "none.jpg",
        "valley.jpg/",
        "a" * 3000 + ".jpg",
        "\x00.jpg",
    ):
        assert (await client.get(f"/pictures/{name}")).status == 404


async def test_health_says_whether_the_database_answers(grounds: Grounds) -> None:
    client = grounds.client()
    assert (await client.get("/health/live")).status == 200
    assert (await client.get("/health/ready")).text == '{"status":"ready"}'
