"""A day in any year and a year as a calendar: what happened, what is kept, and what is no day at all."""

import re

import pytest

from service.store import events
from tests.builders import an_event, at
from tests.unit.web.given import Grounds


async def test_a_day_tells_what_happened_on_it_and_what_is_kept_on_it_this_year(grounds: Grounds) -> None:
    page = await grounds.client().get("/days/09-27")
    assert page.status == 200
    assert "<h1>27 September</h1>" in page.text
    assert "Kept in 2024" in page.text
    assert "Four years since that day" in page.text
    assert "What happened on 27 September" in page.text
    assert "27 September 2020" in page.text
    assert 'href="/days/09-26"' in page.text
    assert 'href="/days/09-28"' in page.text


async def test_a_day_of_another_year_counts_from_what_happened(grounds: Grounds) -> None:
    page = await grounds.client().get("/days/09-27?year=2050")
    assert "<h1>Tuesday, 27 September 2050</h1>" in page.text
    assert "30 years since that day" in page.text or "Thirty years since that day" in page.text
    assert 'href="/days/09-26?year=2050"' in page.text
    assert 'href="/years/2050"' in page.text


async def test_a_day_that_moves_is_found_where_it_falls_in_that_year(grounds: Grounds) -> None:
    easter = an_event(id="easter", title={"en": "Easter"}, observance=True, rules=[{"kind": "easter"}])
    await grounds.record(easter, id_="feasts")
    client = grounds.client()
    assert "Easter" in (await client.get("/days/04-05?year=2026")).text
    assert "Easter" not in (await client.get("/days/04-05?year=2027")).text


async def test_a_year_that_ended_or_began_on_a_day_is_told_on_both(grounds: Grounds) -> None:
    await grounds.record(an_event(id="long", title={"en": "A long war"}, last_day="2020-11-09"), id_="others")
    page = await grounds.client().get("/days/11-09")
    assert "A long war" in page.text
    assert "It ended on this day." in page.text


async def test_the_turn_of_the_year_leads_into_the_next(grounds: Grounds) -> None:
    client = grounds.client()
    assert 'href="/days/01-01?year=2025"' in (await client.get("/days/12-31?year=2024")).text
    assert 'href="/days/12-31?year=2023"' in (await client.get("/days/01-01?year=2024")).text
    assert 'href="/days/01-01"' in (await client.get("/days/12-31")).text


async def test_the_29th_of_february_is_a_day_of_its_own(grounds: Grounds) -> None:
    await grounds.record(an_event(id="leap", title={"en": "A leap day"}, first_day="2016-02-29"), id_="others")
    client = grounds.client()
    own = (await client.get("/days/02-29")).text
    assert "A leap day" in own
    assert 'href="/days/02-28"' in own
    assert 'href="/days/03-01"' in own
    assert "Eight years since that day" in own
    moved = (await client.get("/days/02-28?year=2025")).text
    assert "The month lacks the day on which this would fall" in moved
    missing = await client.get("/days/02-29?year=2025")
    assert missing.status == 404
    assert "The year 2025 has no 29 February." in missing.text


async def test_in_a_common_year_the_29th_of_february_says_that_it_is_missing(grounds: Grounds) -> None:
    grounds.now = at("2025-09-20T08:00")
    page = await grounds.client().get("/days/02-29")
    assert page.status == 200
    assert "The year 2025 has no 29 February." in page.text


@pytest.mark.parametrize("day", ["13-01", "00-10", "04-31", "02-30", "9-27", "0927", "09-27x", "٠٩-٢٧", "today", "%00"])
async def test_what_is_no_day_is_said_in_words(grounds: Grounds, day: str) -> None:
    page = await grounds.client().get(f"/days/{day}")
    assert page.status == 404
    assert "<h1>" in page.text
    assert '<script>"' not in page.text


@pytest.mark.parametrize("year", ["", "0", "99999", "1066", "-2024", "20x4", "٢٠٢٤", "9" * 5000, "2024.0"])
async def test_what_is_no_year_is_said_in_words(grounds: Grounds, year: str) -> None:
    client = grounds.client()
    assert (await client.get(f"/years/{year}")).status == 404
    asked = await client.get(f"/days/09-27?year={year}")
    assert asked.status == (400 if year else 200)
    if year:
        assert "It is a number from 1924 to 2124." in asked.text


async def test_a_year_is_a_calendar_with_every_commemoration(grounds: Grounds) -> None:
    await grounds.record(an_event(id="peace", title={"en": "A peace"}, first_day="2000-05-01"), id_="others")
    page = await grounds.client().get("/years/2024")
    assert page.status == 200
    assert page.text.count("<table>") == 12
    assert "2 commemorations fall into this year." in page.text
    assert 'href="/days/09-27?year=2024"' in page.text
    assert 'href="/events/peace"' in page.text
    assert 'href="/years/2023" rel="prev"' in page.text
    assert 'href="/years/2025" rel="next"' in page.text
    assert len(page.body) < 80_000
    for row in re.findall(r"<tr>(.*?)</tr>", page.text):
        assert row.count("<t") == 7


async def test_years_end_where_nobody_will_keep_them(grounds: Grounds) -> None:
    client = grounds.client()
    assert 'rel="prev"' not in (await client.get("/years/1924")).text
    assert 'rel="next"' not in (await client.get("/years/2124")).text
    assert (await client.get("/years/1923")).status == 404
    assert (await client.get("/years/2125")).status == 404


async def test_a_year_of_very_many_is_marked_and_not_listed(grounds: Grounds) -> None:
    many = [an_event(id=f"event-{number}", title={"en": "Many"}) for number in range(260)]
    await grounds.record(*many, id_="many")
    page = await grounds.client().get("/years/2024")
    assert "261 commemorations" in page.text or "260 commemorations" in page.text
    assert "on the days that are marked" in page.text
    assert len(page.body) < 80_000
    of_day = await grounds.client().get("/days/09-27")
    assert of_day.text.count('href="/events/') == 240
    assert "more are in the record" in of_day.text
    assert len(of_day.body) < 90_000


async def test_a_change_of_an_event_changes_the_year(grounds: Grounds) -> None:
    client = grounds.client()
    assert "A war" in (await client.get("/years/2024")).text
    async with grounds.store.write() as tx:
        await events.remove(tx, "war")
    assert "A war" not in (await client.get("/years/2024")).text


async def test_pages_lead_to_the_calendar(grounds: Grounds) -> None:
    page = (await grounds.client().get("/")).text
    assert 'href="/years/2024"' in page
    assert 'href="/days/09-20"' in page


async def test_hostile_titles_of_a_day_are_shown_and_not_run(grounds: Grounds) -> None:
    await grounds.record(an_event(id="bad", title={"en": "<script>alert(1)</script>"}), id_="others")
    for path in ("/days/09-27", "/years/2024"):
        page = (await grounds.client().get(path)).text
        assert "<script>" not in page
        assert "&lt;script&gt;alert(1)" in page
