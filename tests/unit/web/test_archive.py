"""The archive: what was sent to somebody, by page and language, with its corrections and in other languages."""

import json
import re
from datetime import timedelta

import pytest

from service.domain.editor import Editor, Role
from service.domain.notice import Kind
from service.store import errata
from tests.builders import at, on
from tests.unit.web.given import Grounds

EDITOR = Editor("e1", "editor@example.org", "Ani", Role.OWNER, "en")


async def test_only_what_was_sent_to_somebody_is_listed(grounds: Grounds) -> None:
    sent = await grounds.edition("<p>x</p>")
    rendered = await grounds.edition("<p>x</p>", key="b", sent=False)
    text = (await grounds.client().get("/editions")).text
    assert sent in text
    assert rendered not in text


async def test_a_letter_links_to_the_same_in_other_languages_and_to_nothing_else(grounds: Grounds) -> None:
    english = await grounds.edition("<html><body><p>x</p></body></html>")
    armenian = await grounds.edition("<p>x</p>", language="hy")
    other = await grounds.edition("<p>x</p>", key="b", language="hy")
    summary = await grounds.edition("<p>x</p>", Kind.WEEKLY, language="hy")
    unsent = await grounds.edition("<p>x</p>", language="ru", sent=False)
    text = (await grounds.client().get(f"/editions/{english}")).text
    assert f'href="/editions/{armenian}" lang="hy" hreflang="hy"' in text
    assert "Հայերեն" in text
    assert 'href="/editions"' in text
    assert not any(id_ in text for id_ in (other, summary, unsent))


async def test_the_list_is_of_one_language_if_that_is_asked_for(grounds: Grounds) -> None:
    english, armenian = await grounds.edition("<p>x</p>"), await grounds.edition("<p>x</p>", language="hy")
    client = grounds.client()
    both, only = (await client.get("/editions")).text, (await client.get("/editions?language=hy")).text
    assert english in both
    assert armenian in both
    assert english not in only
    assert armenian in only
    assert english in (await client.get("/editions?language=%22%3E%3Cscript%3E")).text


async def test_the_list_goes_on_to_the_oldest_letter_page_by_page(grounds: Grounds) -> None:
    days = [on("2024-09-20") - timedelta(days=number // 3) for number in range(120)]
    ids = [await grounds.edition("<p>x</p>", key=f"k{number}", day=day) for number, day in enumerate(days)]
    client, path, seen = grounds.client(), "/editions", list[str]()
    for _ in range(3):
        page = await client.get(path)
        seen += re.findall(r'href="/editions/([0-9a-f-]+)"', page.text)
        more = re.search(r'href="(/editions\?before=[^"]+)" rel="next"', page.text)
        path = more[1].replace("&amp;", "&") if more else ""
        assert len(page.body) < 60_000
    assert path == ""
    assert len(seen) == 120
    assert set(seen) == set(ids)


@pytest.mark.parametrize("before", ["x", "2024-13-01_a", "2024-09-20", "2024-09-20_", "2024-09-20_" + "a" * 5000, "_"])
async def test_what_is_no_place_in_the_list_is_said_in_words(grounds: Grounds, before: str) -> None:
    page = await grounds.client().get(f"/editions?before={before}")
    assert page.status == 400
    assert "This is no place in the list of letters." in page.text


async def test_behind_the_oldest_letter_there_is_none(grounds: Grounds) -> None:
    page = await grounds.client().get("/editions?before=0001-01-01_a")
    assert page.status == 200
    assert "There are no older letters." in page.text


async def test_what_was_corrected_later_is_marked_in_the_list_and_told_in_the_copy(grounds: Grounds) -> None:
    id_ = await grounds.edition("<body><p>x</p></body>", events=("war",))
    async with grounds.store.write() as tx:
        later = grounds.now + timedelta(hours=1)
        await errata.add(tx, "war", {"en": "It was <44> days."}, None, EDITOR, later)
    client = grounds.client()
    assert "Corrected since" in (await client.get("/editions")).text
    (item,) = json.loads((await client.get("/editions.json")).text)["items"]
    assert item["date_modified"] == f"{later:%Y-%m-%dT%H:%M:%SZ}"
    copy = (await client.get(f"/editions/{id_}")).text
    assert "It was &lt;44&gt; days." in copy
    assert copy.index("Correction") < copy.index("<p>x</p>")


async def test_an_event_tells_in_which_letters_it_was_told_and_what_was_corrected(grounds: Grounds) -> None:
    told = await grounds.edition("<p>x</p>", events=("war", "peace"))
    other = await grounds.edition("<p>x</p>", key="b", events=("peace",))
    armenian = await grounds.edition("<p>x</p>", key="c", events=("war",), language="hy")
    async with grounds.store.write() as tx:
        await errata.add(tx, "war", {"en": "It was 44 days."}, None, EDITOR, at("2024-09-21T10:00"))
        gone = await errata.add(tx, "war", {"en": "It was 45 days."}, None, EDITOR, at("2024-09-21T11:00"))
        await errata.withdraw(tx, gone, at("2024-09-21T12:00"))
    text = (await grounds.client().get("/events/war")).text
    assert f'href="/editions/{told}"' in text
    assert other not in text
    assert armenian not in text
    assert "It was 44 days." in text
    assert "It was 45 days." not in text
